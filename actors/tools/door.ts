/**
 * The door of a tool bus: what anybody sends is looked at here, once, and behind it everything is what it says it is.
 * What makes no sense is refused to the sender's face: its `ask` rejects; a call it told is answered to `answerTo`, and
 * what nobody waits for becomes a dead letter.
 */
import { encode } from '../../src/core/codec.js';
import { ActorRef, type AnyEvent, describeBriefly, TroupeError } from '../../src/index.js';
import { scattered } from '../../supervisors/backoff.js';
import type { ToolCallFields } from './bus-events.js';
import { isPrincipal, wrongFacts } from './grants.js';

/** What a field must be. */
type Rule = readonly [is: (value: unknown) => boolean, what: string];

const charsMax = 512;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= charsMax;
const isDepth = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isRef = (value: unknown): boolean => value instanceof ActorRef;
const optional = ([is, what]: Rule): Rule => [(value) => value === undefined || is(value), what];

const principal: Rule = [isPrincipal, 'the name of a principal: a text of 1 to 256 characters'];
const name: Rule = [isText, `a text of 1 to ${charsMax} characters`];
const depth: Rule = [isDepth, 'a whole number from 0'];
const ref: Rule = [isRef, 'the ref of an actor'];
const text: Rule = [(value) => typeof value === 'string', 'a text'];

/** The fields of what a bus understands; others are not looked at. */
const fields: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  call: {
    from: principal,
    tool: name,
    callId: optional(name),
    depth: optional(depth),
    answerTo: optional(ref),
    progressTo: optional(ref),
  },
  cancel: { from: principal, callId: name },
  list: { from: principal },
  grant: { by: principal, principal, tool: name },
  revoke: { by: principal, principal, tool: name },
  approve: { by: principal, id: name },
  reject: { by: principal, id: name, why: optional(text) },
  pending: { by: optional(principal) },
  metrics: {},
};

/**
 * What is wrong with an event, as the error to refuse it with; undefined: nothing is, or it is none of ours.
 * @returns TOOL_CALL, with the field and the value
 */
export function whyRefused(event: AnyEvent): TroupeError | undefined {
  const rules = Object.hasOwn(fields, event.type) ? fields[event.type]! : {};
  for (const [field, [is, what]] of Object.entries(rules)) {
    const value: unknown = event[field];
    if (!is(value)) return malformed(event.type, field, value, `must be ${what}, and is ${describeBriefly(value)}`);
  }
  if (event.type !== 'grant') return undefined;
  const { approval, approvers, data } = event;
  const wrong = wrongFacts({ approval, approvers, data });
  return wrong === undefined ? undefined : malformed('grant', wrong, event[wrong], 'makes no sense');
}

/** A call under a `callId` that another one has. */
export function takenOtherwise({ from, callId }: ToolCallFields): TroupeError {
  return malformed('call', 'callId', callId, `names another call of ${from}: of another tool, or with other arguments`);
}

function malformed(type: string, field: string, value: unknown, what: string): TroupeError {
  return new TroupeError('TOOL_CALL', `${type}: ${field} ${what}`, { field, value });
}

/** How many bytes arguments are, and a number that is the same for the same arguments. */
export function printOf(args: unknown): { argsBytes: number; print: number } {
  const bytes = encode(args, 'args');
  return { argsBytes: bytes.length, print: scattered(bytes.toString('latin1')) };
}
