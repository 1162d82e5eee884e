/** Failures and ends as records: what a host writes of them, what a watcher reads. */
import { type ActorDefinition, lookupDefinition } from '../cell/define.js';
import type { ChildWord, SupervisorBegins, SupervisorDeclared } from '../cell/supervise.js';
import { decode, encode } from '../core/codec.js';
import { type ErrorCode, fromPlain, type PlainError, TroupeError, toPlain } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { ActorRef } from '../core/ref.js';
import { errorIn } from '../journal/deciding.js';
import { EndKind, type EndKindValue, type FailureReport } from '../journal/ops.js';

/** What a watcher gets when a watched actor ends. Told exactly once, also when it watches late. */
export interface Terminated {
  type: 'troupe.terminated';
  /** Who ended. */
  path: string;
  /** `done`: reached its final state; `failed`: gave up with an error; `stopped`: was told to. */
  how: 'done' | 'failed' | 'stopped';
  output?: unknown;
  /** What it gave up with; of one that was stopped: why it was killed. */
  error?: Error;
}

/** Errors that come back every time the same message is handled. */
const hopeless: ReadonlySet<string> = new Set<ErrorCode>([
  'PAYLOAD_NOT_CARRIABLE',
  'REPLY_OUTSIDE_REQUEST',
  'EVENT_SHAPE',
  'OPTION_RANGE',
  'OPTION_TYPE',
  'OPTION_UNKNOWN',
  'EFFECT_RUNNING',
  'EFFECT_UNKNOWN',
  'NO_PARENT',
  // Word of what has happened: to hear it again changes nothing.
  'EFFECT_UNCAUGHT',
  'INLINE_CHILD',
  'PATH_ILLEGAL',
]);

/** The record of a failure. */
export function failureReport(definition: ActorDefinition | undefined, error: unknown): Uint8Array {
  const attemptsMax = definition?.options.maxAttempts ?? limits.attemptsDefault;
  const retry = !(TroupeError.is(error) && hopeless.has(error.code));
  return encode({ error: toPlain(error), attemptsMax, retry } satisfies FailureReport, 'failure');
}

/** Word of a child as the journal's model writes it: its number, path and definition, what happened, and facts. */
export type ChildRecord = [aid: number, path: string, definition: string, what: string, ...facts: unknown[]];

/** The event a supervisor gets. @param at when it was told, in milliseconds since the epoch */
export function childEvent(record: ChildRecord, at: number): ChildWord | SupervisorBegins | SupervisorDeclared {
  const [aid, path, definition, what, ...facts] = record;
  if (what === 'begin') return { type: 'troupe.begin' };
  if (what === 'declared') return { type: 'troupe.declared' };
  const word = { type: 'troupe.child', child: new ActorRef(path, aid), definition, at } as const;
  if (what === 'failed') {
    const [seq, attempts, report, isNew] = facts as [number, number, Buffer, boolean];
    const { error, attemptsMax, retry } = decode(report) as FailureReport;
    const max = attemptsMax || (lookupDefinition(definition)?.options.maxAttempts ?? limits.attemptsDefault);
    return { ...word, what, seq, attempts, attemptsMax: max, isNew, retry, error: fromPlain(error) };
  }
  if (what === 'refused') {
    const [reason, error] = facts as ['already-started', Buffer];
    return { ...word, what, reason, error: fromPlain(decode(error) as PlainError) };
  }
  if (what === 'exited') return { ...word, what, ...endOf(...(facts as [EndKindValue, Buffer])) };
  return { ...word, what: 'started' };
}

const endNames = ['done', 'failed', 'stopped'] as const;

/** The event a watcher gets. */
export function terminatedEvent([path, how, value]: [string, number, Buffer]): Terminated {
  return { type: 'troupe.terminated', path, ...endOf(how as EndKindValue, value) };
}

/** How an actor ended, from its stored record. */
export function endOf(how: EndKindValue, value: Buffer): Omit<Terminated, 'type' | 'path'> {
  const name = endNames[how];
  if (how === EndKind.done) return { how: name, output: value.length === 0 ? undefined : decode(value) };
  if (value.length === 0) return { how: name };
  const error = errorIn(value);
  return error === undefined ? { how: name } : { how: name, error };
}
