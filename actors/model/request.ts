/** Requests are checked where they enter, so that no adapter sends half a request, or a wrong one, to a paid server. */
import { describeBriefly, TroupeError } from '../../src/core/errors.js';
import { nearestName } from '../../src/core/options.js';
import type { ModelCall, ModelRequest, ToolFacts } from './model.js';

/** What the servers we know accept as the name of a tool or of an output. */
const nameLegal = /^[A-Za-z0-9_-]{1,64}$/;
const nameRule = 'must be 1 to 64 letters, digits, _ and -';

const fields: readonly (keyof ModelRequest)[] = [
  'messages',
  'tools',
  'toolChoice',
  'output',
  'temperature',
  'maxOutputTokens',
  'seed',
  'stop',
];

function refuse(field: string, value: unknown, expected: string): never {
  const message = `a request to a model: ${field} ${expected}, but is ${describeBriefly(value)}`;
  throw new TroupeError('MODEL_REQUEST', message, { field, value });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireText(value: unknown, field: string): void {
  if (typeof value !== 'string') refuse(field, value, 'must be a string');
}

/**
 * Refuse what is no request, or no call.
 * @throws TroupeError MODEL_REQUEST naming the field and the value
 */
export function checkRequest(request: ModelRequest, call: ModelCall): void {
  if (!isObject(request)) refuse('request', request, 'must be an object');
  for (const name of Object.keys(request)) {
    if ((fields as readonly string[]).includes(name)) continue;
    const near = nearestName(name, fields);
    refuse(name, request[name as keyof ModelRequest], near === undefined ? 'is not known' : `should be "${near}"`);
  }
  checkMessages(request.messages);
  checkTools(request);
  checkNumbers(request);
  const { output } = request;
  if (output !== undefined) {
    if (!nameLegal.test(output.name)) refuse('output.name', output.name, nameRule);
    if (!isObject(output.schema)) refuse('output.schema', output.schema, 'must be a JSON Schema');
  }
  checkCall(call);
}

function checkCall(call: ModelCall): void {
  if (!isObject(call)) refuse('call', call, 'must be an object');
  if (typeof call.callId !== 'string' || call.callId === '') refuse('call.callId', call.callId, 'must be a string');
  const { signal } = call;
  if (typeof signal?.addEventListener !== 'function') refuse('call.signal', signal, 'must be an AbortSignal');
}

/** Refuse what is no conversation. @throws TroupeError MODEL_REQUEST naming the field and the value */
export function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    refuse('messages', messages, 'must be an array of at least one message');
  }
  for (const [index, message] of (messages as unknown[]).entries()) checkMessage(message, `messages[${index}]`);
}

function checkMessage(message: unknown, field: string): void {
  if (!isObject(message)) return refuse(field, message, 'must be a message');
  const { role, text, callId, name, toolCalls } = message;
  if (!['system', 'user', 'assistant', 'tool'].includes(role as string)) {
    refuse(`${field}.role`, role, 'must be system, user, assistant or tool');
  }
  requireText(text, `${field}.text`);
  if (role === 'tool') {
    requireText(callId, `${field}.callId`);
    requireText(name, `${field}.name`);
  }
  if (toolCalls === undefined) return;
  if (role !== 'assistant') refuse(`${field}.toolCalls`, toolCalls, 'belongs to assistant messages');
  if (!Array.isArray(toolCalls)) refuse(`${field}.toolCalls`, toolCalls, 'must be an array');
  for (const [index, call] of (toolCalls as unknown[]).entries()) {
    const place = `${field}.toolCalls[${index}]`;
    if (!isObject(call)) return refuse(place, call, 'must be a tool call');
    requireText(call.id, `${place}.id`);
    requireText(call.name, `${place}.name`);
  }
}

function checkTools({ tools, toolChoice }: ModelRequest): void {
  if (tools !== undefined && !Array.isArray(tools)) refuse('tools', tools, 'must be an array');
  const names = new Set<string>();
  const given: readonly ToolFacts[] = tools ?? [];
  for (const [index, tool] of given.entries()) {
    const field = `tools[${index}]`;
    if (typeof tool !== 'object' || tool === null) refuse(field, tool, 'must be the facts of a tool');
    if (!nameLegal.test(tool.name)) refuse(`${field}.name`, tool.name, nameRule);
    if (names.has(tool.name)) refuse(`${field}.name`, tool.name, 'must be the only tool of this name');
    names.add(tool.name);
    requireText(tool.description, `${field}.description`);
    if (!isObject(tool.input)) refuse(`${field}.input`, tool.input, 'must be a JSON Schema');
  }
  if (toolChoice === undefined || toolChoice === 'auto' || toolChoice === 'none') return;
  if (toolChoice === 'required') {
    if (names.size === 0) refuse('toolChoice', toolChoice, 'needs tools');
  } else if (!isObject(toolChoice)) refuse('toolChoice', toolChoice, 'must be auto, none, required or { name }');
  else if (!names.has(toolChoice.name)) refuse('toolChoice.name', toolChoice.name, 'must be one of the tools');
}

function checkNumbers({ temperature, maxOutputTokens, seed, stop }: ModelRequest): void {
  if (temperature !== undefined && !(temperature >= 0 && temperature < Infinity)) {
    refuse('temperature', temperature, 'must be at least 0');
  }
  if (maxOutputTokens !== undefined && !(Number.isSafeInteger(maxOutputTokens) && maxOutputTokens >= 1)) {
    refuse('maxOutputTokens', maxOutputTokens, 'must be a whole number of at least 1');
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) refuse('seed', seed, 'must be a whole number');
  if (stop === undefined) return;
  const isTexts = Array.isArray(stop) && stop.every((each) => typeof each === 'string' && each !== '');
  if (!isTexts) refuse('stop', stop, 'must be an array of texts that are not empty');
}
