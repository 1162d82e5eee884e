/**
 * What a run of an agent remembers, and what follows from what it hears: pure functions over plain data. What is to be
 * done outside comes back as deeds, which `machine.ts` has done within the turn.
 *
 * B1  Every call of a tool that a model made is answered in the conversation exactly once, in the order of the calls,
 *     before the model is asked again: by the tool, by an agent, or by the reason why it was not made.
 * B2  What was used by whoever worked for the run is counted once, also when it failed.
 * B3  Before each call of a model, and before the calls of tools and agents it asks for, the limits are looked at; the
 *     one that was reached is the reason the run stops. So nothing is done whose outcome no model could read.
 * B4  A run that is given up is over when whoever worked for it has said what it used; who does not say so in time is
 *     taken to have used what it was asked, about.
 * B5  A model that hands over and calls tools with the same breath has the tools called first: nothing it asked for is
 *     dropped, and no approval is passed over. Of several handoffs the first counts.
 */
import { encode } from '../../src/core/codec.js';
import type { PlainError } from '../../src/core/errors.js';
import type { ActorRef } from '../../src/index.js';
import { TroupeError } from '../../src/index.js';
import { estimatedUsage, tokensOfRequest } from '../model/estimate.js';
import type { ModelMessage, Prices, ToolCall, ToolFacts, Usage } from '../model/index.js';
import { usageOfError } from '../model/model-error.js';
import { checkMessages } from '../model/request.js';
import { noUsage } from '../model/usage.js';
import type { Waiting } from '../run/waiting.js';
import type { SchemaIssue } from '../schema/index.js';
import type { ToolBusEvents, ToolOutcome } from '../tools/index.js';
import type { AgentCost, AgentDefinition, AgentInput, AgentNews, AgentResult, Stopped } from './agent.js';
import { fitWindow } from './context-window.js';
import { callIdOf, childIdOf, withIds } from './call-ids.js';
import { type AgentLimits, limitError, reachedLimit, type Used, usedMore, whatIsLeft } from './limits.js';
import type { Hearing } from './pieces.js';
import type { Thought } from './think.js';

/** What of an agent's options its runs need, checked and with defaults. */
export interface AgentRules {
  name: string;
  principal: string;
  instructions: string;
  tools: readonly string[] | undefined;
  agents: Readonly<Record<string, AgentDefinition>>;
  handoffs: Readonly<Record<string, AgentDefinition>>;
  handoffFilter: (messages: readonly ModelMessage[]) => readonly ModelMessage[];
  limits: AgentLimits;
  depthMax: number;
  contextTokensMax: number;
  summarize: boolean;
  outputAttemptsMax: number;
  /** Of its model, where they are known. */
  prices: Prices | undefined;
}

/** A call of a tool that is not answered yet. */
interface Open {
  /** The model's id of the call. */
  id: string;
  name: string;
  kind: 'tool' | 'agent';
}

/** Where a run goes next. */
export type Next = 'think' | 'sum' | 'act' | 'hand' | 'close' | 'over';

/** A run. */
export interface Books {
  next: Next;
  messages: readonly ModelMessage[];
  used: Used;
  costs: readonly AgentCost[];
  limits: AgentLimits;
  startedAt: number;
  endedAt?: number;
  depth: number;
  bus?: ActorRef<ToolBusEvents>;
  streamTo?: ActorRef<AgentNews>;
  /** What its calls have shown of that listener. */
  hearing?: Hearing;
  /** Tools the bus has shown. */
  facts: readonly ToolFacts[];
  /** Calls the model made last, and the answers there are so far, by the model's ids. */
  calls: readonly ToolCall[];
  answers: Readonly<Record<string, { text: string; failed: boolean }>>;
  /** By the name the call has outside: its `callId` at the bus, or the path of the agent. */
  open: Readonly<Record<string, Open>>;
  /** The call of its model that is under way. */
  asking?: { step: number; for: 'think' | 'sum' } | undefined;
  /** Wrong answers so far, in a row. */
  wrong: number;
  stopped?: Stopped;
  result?: AgentResult;
  error?: PlainError;
  /** Who waits for the result, and since when. */
  waiting: readonly Waiting[];
}

/** Something to be done within the turn. */
export type AgentDeed =
  | { do: 'call'; callId: string; tool: string; args: unknown }
  | { do: 'cancelCall'; callId: string }
  | { do: 'spawn'; agent: AgentDefinition; id: string; input: AgentInput }
  | { do: 'stopAgent'; path: string }
  | { do: 'cancelAgent'; path: string; reason: string }
  | { do: 'news'; does: 'think' | 'act' | 'handoff' | 'answer'; names: string[] };

/** What follows. */
export interface Follows {
  books: Books;
  deeds: AgentDeed[];
}

/** Of whom and when. */
export interface Moment {
  /** The path of the run's actor. */
  self: string;
  now: number;
}

/** A run that begins. @param limits the lesser of the agent's and the input's */
export function newBooks(rules: AgentRules, input: AgentInput, limits: AgentLimits, { now }: Moment): Books {
  const { messages = [], text, bus, streamTo, depth = 0 } = input;
  const system: ModelMessage = { role: 'system', text: rules.instructions };
  const said: ModelMessage[] = text === undefined ? [] : [{ role: 'user', text }];
  const books: Books = {
    next: 'think',
    messages: [system, ...messages.filter(({ role }) => role !== 'system'), ...said],
    used: { steps: 0, usage: noUsage },
    costs: [{ agent: rules.name, calls: 0, tools: 0, usage: noUsage }],
    limits,
    startedAt: now,
    depth,
    facts: [],
    calls: [],
    answers: {},
    open: {},
    wrong: 0,
    waiting: [],
  };
  if (bus !== undefined) books.bus = bus;
  if (streamTo !== undefined) books.streamTo = streamTo;
  return books;
}

/**
 * The run begins with the tools that the bus has shown; without a bus there are none. It fails when the agent names
 * one that is not among them: it was declared for another bus, or its principal lacks a grant.
 */
export function begin(books: Books, rules: AgentRules, facts: readonly ToolFacts[], moment: Moment): Follows {
  const names = facts.map(nameOf);
  const missing = (rules.tools ?? []).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const known = names.join(', ') || 'none';
    const why =
      books.bus === undefined
        ? 'and the run has no tool bus: give it one as `bus` in its input'
        : `which ${books.bus.path} does not show to ${rules.principal}; known are ${known}`;
    const message = `${rules.name}: tools names ${missing.join(', ')}, ${why}`;
    return fail(books, new TroupeError('AGENT_TOOL_UNKNOWN', message, { field: 'tools', value: missing }), moment);
  }
  const wanted = facts.filter(({ name }) => rules.tools === undefined || rules.tools.includes(name));
  const known = wanted.map(({ name, description, input }) => ({ name, description, input }));
  return towardsThought({ ...books, facts: known }, rules, moment);
}

/** B3: the model is to be asked; or not any more. */
function towardsThought(books: Books, rules: AgentRules, moment: Moment): Follows {
  const limit = reachedLimit(books.used, books.limits);
  if (limit !== undefined) return stop(books, limit, moment);
  const { kept, dropped } = fitWindow(books.messages, rules.contextTokensMax);
  if (dropped.length > 0 && rules.summarize) return { books: asks(books, 'sum'), deeds: [] };
  const deeds: AgentDeed[] = [{ do: 'news', does: 'think', names: [] }];
  return { books: asks({ ...books, messages: kept }, 'think'), deeds };
}

function asks(books: Books, what: 'think' | 'sum'): Books {
  return { ...books, next: what, asking: { step: books.used.steps + 1, for: what } };
}

/** The call of its model is over. */
function hasAsked(books: Books): Books {
  return { ...books, asking: undefined };
}

/** What no longer fits was summed up. */
export function summedUp(books: Books, rules: AgentRules, text: string, usage: Usage, moment: Moment): Follows {
  const { kept } = fitWindow(books.messages, rules.contextTokensMax);
  const system = kept.filter(({ role }) => role === 'system');
  const rest = kept.filter(({ role }) => role !== 'system');
  const summary: ModelMessage = { role: 'user', text: `What was said before, summed up: ${text}` };
  const counted = countOwn({ ...hasAsked(books), messages: [...system, summary, ...rest] }, 1, 0, usage);
  const limit = reachedLimit(counted.used, counted.limits);
  if (limit !== undefined) return stop(counted, limit, moment);
  return { books: asks(counted, 'think'), deeds: [{ do: 'news', does: 'think', names: [] }] };
}

/** The model has answered. */
export function thought(books: Books, rules: AgentRules, { reply, read, hearing }: Thought, moment: Moment): Follows {
  const knowing = hearing === undefined ? books : { ...books, hearing };
  const counted = countOwn(hasAsked(knowing), 1, 0, reply.usage);
  if (reply.finish === 'refused')
    return fail(counted, new TroupeError('AGENT_FAILED', 'the model refused to answer', { value: reply.text }), moment);
  if (reply.toolCalls.length > 0) {
    const limit = reachedLimit(counted.used, counted.limits);
    if (limit !== undefined) return stop(counted, limit, moment, '', reply.toolCalls.map(nameOf));
    const calling = countOwn(counted, 0, reply.toolCalls.length, noUsage);
    return act(calling, rules, reply.text, reply.toolCalls, moment);
  }
  const issues = issuesOf(reply.text, read);
  if (issues === undefined) {
    const answer = read?.ok ? read.value : reply.text;
    return answered(counted, rules.name, answer, reply.text, moment);
  }
  const wrong = counted.wrong + 1;
  if (wrong >= rules.outputAttemptsMax) return fail(counted, wrongAnswer(reply.text, issues, read), moment);
  const list = issues.map(({ path, message }) => `- ${path === '' ? 'the answer' : path}: ${message}`).join('\n');
  const messages: ModelMessage[] = [
    ...counted.messages,
    { role: 'assistant', text: reply.text },
    { role: 'user', text: `That is not an answer of the form asked for:\n${list}\nAnswer again.` },
  ];
  return towardsThought({ ...counted, wrong, messages }, rules, moment);
}

function issuesOf(text: string, read: Thought['read']): readonly SchemaIssue[] | undefined {
  if (read !== undefined) return read.ok ? undefined : read.issues;
  return text.trim() === '' ? [{ path: '', message: 'it is empty' }] : undefined;
}

function wrongAnswer(raw: string, issues: readonly SchemaIssue[], read: Thought['read']): TroupeError {
  if (read === undefined) return new TroupeError('AGENT_EMPTY', 'the model answered with nothing');
  const message = 'the model came to no answer of the form asked for';
  return new TroupeError('MODEL_OUTPUT_INVALID', message, { value: { raw, issues } });
}

/** B1 */
function act(books: Books, rules: AgentRules, text: string, toolCalls: readonly ToolCall[], moment: Moment): Follows {
  const calls = withIds(toolCalls, books.used.steps);
  const messages: ModelMessage[] = [...books.messages, { role: 'assistant', text, toolCalls: calls }];
  const begun: Books = { ...books, messages, calls, answers: {}, open: {}, wrong: 0, next: 'act' };
  const handoff = calls.find((call) => isHandoff(call, rules));
  const others = calls.filter((call) => call !== handoff);
  const deeds: AgentDeed[] = others.length === 0 ? [] : [{ do: 'news', does: 'act', names: others.map(nameOf) }];
  const answers: Record<string, { text: string; failed: boolean }> = {};
  const open: Record<string, Open> = {};
  const agents = others.filter(({ name }) => Object.hasOwn(rules.agents, name)).length;
  for (const call of others) {
    const made = makeCall(begun, rules, call, agents, moment);
    if (typeof made === 'string') {
      answers[call.id] = { text: made, failed: true };
      continue;
    }
    const { name, deed, kind } = made;
    open[name] = { id: call.id, name: call.name, kind };
    deeds.push(deed);
  }
  return goOn({ ...begun, answers, open }, rules, moment, deeds);
}

function isHandoff({ name }: ToolCall, { handoffs }: AgentRules): boolean {
  return Object.hasOwn(handoffs, name);
}

function nameOf({ name }: { name: string }): string {
  return name;
}

/** How a call is made; or why it is not. */
function makeCall(
  books: Books,
  rules: AgentRules,
  { id, name, args, badArgs }: ToolCall,
  agents: number,
  moment: Moment,
): { name: string; deed: AgentDeed; kind: Open['kind'] } | string {
  if (badArgs !== undefined) return `TOOL_ARGS: the arguments are no JSON: ${badArgs.slice(0, 200)}`;
  if (Object.hasOwn(rules.handoffs, name)) return 'TOOL_ARGS: a conversation is handed over once';
  if (Object.hasOwn(rules.agents, name)) return callAgent(books, rules, id, name, args, agents, moment);
  const isShown = books.facts.some((fact) => fact.name === name);
  if (!isShown || books.bus === undefined) {
    const known = books.facts.map((fact) => fact.name).join(', ') || 'none';
    return `TOOL_UNKNOWN: there is no tool ${name}; known are ${known}`;
  }
  const callId = callIdOf(moment.self, books.used.steps, id);
  return { name: callId, deed: { do: 'call', callId, tool: name, args }, kind: 'tool' };
}

function callAgent(
  books: Books,
  rules: AgentRules,
  id: string,
  name: string,
  args: unknown,
  agents: number,
  moment: Moment,
): { name: string; deed: AgentDeed; kind: Open['kind'] } | string {
  const text = (args as { text?: unknown } | undefined)?.text;
  if (typeof text !== 'string' || text === '') return `TOOL_ARGS: ${name} needs a text that says what it is to do`;
  const input = inputFor(books, rules, moment, agents);
  if (typeof input === 'string') return input;
  const actor = childIdOf(name, books.used.steps, id);
  const agent = rules.agents[name] as AgentDefinition;
  const deed: AgentDeed = { do: 'spawn', agent, id: actor, input: { ...input, text } };
  return { name: `${moment.self}/${actor}`, deed, kind: 'agent' };
}

/** What another agent begins with, but for what it is told. */
function inputFor(books: Books, rules: AgentRules, { now }: Moment, others: number): AgentInput | string {
  const depth = books.depth + 1;
  if (depth > rules.depthMax) return `AGENT_DEPTH: there are ${books.depth} agents above this one already`;
  const limits = whatIsLeft(books.used, books.limits, { startedAt: books.startedAt, now, others });
  if (limits === undefined) return 'AGENT_LIMIT: nothing is left for another agent';
  const input: AgentInput = { limits, depth };
  if (books.bus !== undefined) input.bus = books.bus;
  if (books.streamTo !== undefined) input.streamTo = books.streamTo;
  return input;
}

/** B5: all else that the model has asked for with it is answered. */
function handOver(
  books: Books,
  rules: AgentRules,
  call: ToolCall,
  moment: Moment,
  before: readonly AgentDeed[],
): Follows {
  const input = inputFor(books, rules, moment, 1);
  if (typeof input === 'string') {
    const answers = { ...books.answers, [call.id]: { text: input, failed: true } };
    return goOn({ ...books, answers }, rules, moment, before);
  }
  const agent = rules.handoffs[call.name] as AgentDefinition;
  const id = childIdOf(call.name, books.used.steps, call.id);
  let messages: readonly ModelMessage[];
  try {
    messages = filtered(rules, withoutCall(books, call));
  } catch (cause) {
    return fail(books, cause, moment);
  }
  const open = { [`${moment.self}/${id}`]: { id: call.id, name: call.name, kind: 'agent' as const } };
  const deeds: AgentDeed[] = [
    ...before,
    { do: 'news', does: 'handoff', names: [call.name] },
    { do: 'spawn', agent, id, input: { ...input, messages } },
  ];
  return { books: { ...books, open, next: 'hand' }, deeds };
}

/** What of a conversation goes with a handoff. @throws what the filter throws, and AGENT_INPUT for what it makes up */
function filtered({ handoffFilter }: AgentRules, all: readonly ModelMessage[]): readonly ModelMessage[] {
  const kept: unknown = handoffFilter(all);
  try {
    if (!Array.isArray(kept) || kept.length > 0) checkMessages(kept);
    // It goes in a message, which can carry plain data alone.
    encode(kept, 'handoffFilter');
  } catch (cause) {
    const message = `the handoffFilter returned what is no conversation: ${TroupeError.toPlain(cause).message}`;
    throw new TroupeError('AGENT_INPUT', message, { field: 'handoffFilter', cause });
  }
  return kept as readonly ModelMessage[];
}

/** The conversation as if the call had not been made: no other model is to answer for it. */
function withoutCall(books: Books, { id }: ToolCall): ModelMessage[] {
  const toolCalls = books.calls.filter((call) => call.id !== id);
  const before = books.messages.slice(0, -1);
  if (toolCalls.length === 0) return before;
  const { text } = books.messages.at(-1) as ModelMessage;
  return [...before, { role: 'assistant', text, toolCalls }, ...saidBy(toolCalls, books)];
}

/** A tool has answered. Answers nobody waits for change nothing. */
export function toolAnswered(
  books: Books,
  rules: AgentRules,
  callId: string,
  outcome: ToolOutcome,
  moment: Moment,
): Follows {
  const open = books.open[callId];
  if (open === undefined || open.kind !== 'tool') return { books, deeds: [] };
  const answer = outcome.ok
    ? { text: textOf(outcome.value), failed: false }
    : { text: `${outcome.error.code}: ${outcome.error.message}`, failed: true };
  return goOn(settle(books, callId, open.id, answer), rules, moment, []);
}

/** An agent it has called, or handed over to, has ended. */
export function agentEnded(
  books: Books,
  rules: AgentRules,
  path: string,
  end: { ok: true; result: AgentResult } | { ok: false; error: Error & { code?: unknown; value?: unknown } },
  moment: Moment,
): Follows {
  const open = books.open[path];
  if (open === undefined) return { books, deeds: [] };
  const counted = countOther(books, end.ok ? end.result : (end.error.value as Partial<AgentResult> | undefined));
  if (books.next === 'close') {
    const { [path]: _ended, ...others } = counted.open;
    return { books: closed({ ...counted, open: others }), deeds: [] };
  }
  if (books.next === 'hand') {
    if (!end.ok) return fail({ ...counted, open: {} }, end.error, moment);
    const { answer, text, by } = end.result;
    return answered({ ...counted, open: {} }, by, answer, text, moment);
  }
  const answer = end.ok
    ? { text: textOf(end.result.answer), failed: false }
    : { text: `${String(end.error.code ?? 'AGENT_FAILED')}: ${end.error.message}`, failed: true };
  return goOn(settle(counted, path, open.id, answer), rules, moment, []);
}

function settle(books: Books, name: string, id: string, answer: { text: string; failed: boolean }): Books {
  const { [name]: _settled, ...open } = books.open;
  return { ...books, open, answers: { ...books.answers, [id]: answer } };
}

/** B1, B5: when every call is answered, the conversation is handed over, or the model hears of them. */
function goOn(books: Books, rules: AgentRules, moment: Moment, deeds: readonly AgentDeed[]): Follows {
  if (Object.keys(books.open).length > 0) return { books, deeds: [...deeds] };
  const handoff = books.calls.find((call) => isHandoff(call, rules) && books.answers[call.id] === undefined);
  if (handoff !== undefined) return handOver(books, rules, handoff, moment, deeds);
  const messages = [...books.messages, ...saidBy(books.calls, books)];
  const next = towardsThought({ ...books, messages, calls: [], answers: {} }, rules, moment);
  return { books: next.books, deeds: [...deeds, ...next.deeds] };
}

/** What came of calls, for the model. */
function saidBy(calls: readonly ToolCall[], { answers }: Books): ModelMessage[] {
  return calls.map(({ id, name }): ModelMessage => {
    const { text, failed } = answers[id] as { text: string; failed: boolean };
    return failed ? { role: 'tool', callId: id, name, text, failed } : { role: 'tool', callId: id, name, text };
  });
}

/**
 * The run is over, without an answer of its own, as soon as it is known what it has used (B4).
 * @param reason of whoever cancelled it
 * @param undone what its model has asked for last, and what was not called any more
 */
export function stop(
  books: Books,
  why: Exclude<Stopped, 'answer' | 'failed'>,
  moment: Moment,
  reason = '',
  undone: readonly string[] = [],
): Follows {
  const error =
    why === 'cancelled'
      ? new TroupeError('AGENT_CANCELLED', `the run was cancelled: ${reason}`, { value: reason })
      : limitError(why, books.used, books.limits, moment.now - books.startedAt, undone);
  const agents = Object.entries(books.open).filter(([, { kind }]) => kind === 'agent');
  const over: Books = { ...end(books, why, moment), open: Object.fromEntries(agents) };
  return { books: closed({ ...over, error: TroupeError.toPlain(error) }), deeds: giveUp(books, error.message) };
}

/** B4: is anything under way that has to say what it used? */
function closed(books: Books): Books {
  const isClosed = books.asking === undefined && Object.keys(books.open).length === 0;
  return { ...books, next: isClosed ? 'over' : 'close' };
}

/** The call of its model that was given up says what it has used; undefined: it does not know. */
export function givenUp(books: Books, rules: AgentRules, step: number, usage: Usage | undefined): Follows {
  if (books.next !== 'close' || books.asking?.step !== step) return { books, deeds: [] };
  return { books: closed(countGivenUp(books, rules, usage)), deeds: [] };
}

/** It took too long to hear of the rest: what it was asked is what it has used, about. */
export function closeNow(books: Books, rules: AgentRules): Follows {
  const deeds = Object.keys(books.open).map((path): AgentDeed => ({ do: 'stopAgent', path }));
  return { books: closed({ ...countGivenUp(books, rules, undefined), open: {} }), deeds };
}

function countGivenUp(books: Books, rules: AgentRules, usage: Usage | undefined): Books {
  const { asking, messages, facts } = books;
  if (asking === undefined) return books;
  const asked = asking.for === 'think' ? messages : fitWindow(messages, rules.contextTokensMax).dropped;
  const estimate = (): Usage => estimatedUsage(tokensOfRequest({ messages: asked, tools: facts }), 0, rules.prices);
  return countOwn(hasAsked(books), 1, 0, usage ?? estimate());
}

/** The call of its model has failed: what it was paid for counts all the same (B2). */
export function callFailed(books: Books, error: unknown, moment: Moment): Follows {
  const usage = usageOfError(error);
  const isPaid = usage.inputTokens + usage.outputTokens > 0;
  return fail(isPaid ? countOwn(hasAsked(books), 1, 0, usage) : hasAsked(books), error, moment);
}

/** It has failed. */
export function fail(books: Books, cause: unknown, moment: Moment): Follows {
  const { message } = TroupeError.toPlain(cause);
  const error = new TroupeError('AGENT_FAILED', `the run came to no answer: ${message}`, { cause });
  return {
    books: { ...end(books, 'failed', moment), error: TroupeError.toPlain(error) },
    deeds: giveUp(books, error.message),
  };
}

function answered(books: Books, by: string, answer: unknown, text: string, moment: Moment): Follows {
  const { used, costs } = books;
  const result: AgentResult = { answer, text, by, steps: used.steps, usage: used.usage, costs };
  const messages: ModelMessage[] = [...books.messages, { role: 'assistant', text }];
  const over = { ...end({ ...books, messages }, 'answer', moment), result };
  return { books: over, deeds: [{ do: 'news', does: 'answer', names: [by] }] };
}

function end(books: Books, stopped: Stopped, { now }: Moment): Books {
  return { ...books, next: 'over', stopped, endedAt: now, open: {}, calls: [], answers: {} };
}

/** Whatever still works for it may stop. */
function giveUp(books: Books, reason: string): AgentDeed[] {
  return Object.entries(books.open).map(
    ([name, { kind }]): AgentDeed =>
      kind === 'tool' ? { do: 'cancelCall', callId: name } : { do: 'cancelAgent', path: name, reason },
  );
}

function countOwn(books: Books, calls: number, tools: number, usage: Usage): Books {
  const [own, ...others] = books.costs as [AgentCost, ...AgentCost[]];
  const { usage: sum } = usedMore({ steps: 0, usage: own.usage }, 0, usage);
  const more = { agent: own.agent, calls: own.calls + calls, tools: own.tools + tools, usage: sum };
  return { ...books, used: usedMore(books.used, calls, usage), costs: [more, ...others] };
}

/** B2 */
function countOther(books: Books, given: Partial<AgentResult> | undefined): Books {
  if (given?.usage === undefined) return books;
  const costs = [...books.costs];
  for (const cost of given.costs ?? []) {
    const at = costs.findIndex(({ agent }) => agent === cost.agent);
    if (at < 0) costs.push(cost);
    else {
      const known = costs[at] as AgentCost;
      const { usage } = usedMore({ steps: 0, usage: known.usage }, 0, cost.usage);
      costs[at] = { agent: cost.agent, calls: known.calls + cost.calls, tools: known.tools + cost.tools, usage };
    }
  }
  return { ...books, costs, used: usedMore(books.used, given.steps ?? 0, given.usage) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
