/**
 * The judgement of a dynamic supervisor (OTP's simple-one-for-one): one template, any number of children. Its books
 * hold only what is out of the ordinary, so that a message costs the same with ten children as with a million; who
 * the children are stands in the kernel's own books.
 *
 * Y1  `count` is what the kernel has: a start adds one, and every word that a child is gone, or never came, takes one.
 */
import {
  type ActorRef,
  type ChildDecision,
  type ChildWord,
  idOfPath,
  type ReplyTo,
  TroupeError,
} from '../src/index.js';
import { type Backoff, backoffMs, scattered } from './backoff.js';
import type { WaitIsOver } from './books.js';
import type { Deed } from './deeds.js';
import { hintOf, onFailureBy, pauseMs, type RecoveryByCode } from './recovery.js';
import { type RestartIntensity, restartIntensity } from './restart-intensity.js';
import type { OnFailure, RestartType } from './spec.js';
import { decisionFor, isRestarted } from './strategy.js';

/** What a dynamic supervisor is, checked. */
export interface DynamicRules {
  restart: RestartType;
  onFailure: OnFailure;
  /** A child is a supervisor itself. */
  isSupervisor: boolean;
  intensity: RestartIntensity;
  backoff: Backoff | undefined;
  recovery: RecoveryByCode;
}

/** A child that is to be restarted, and how. */
export interface DynamicWait {
  ref: ActorRef;
  seq: number;
  decision: ChildDecision;
  why: string;
  /** What tells it that the wait is over. Absent in books from before this was asked. */
  waker?: WaitIsOver['type'];
}

/** Its books. */
export interface DynamicBooks {
  /** `early`: its life has not begun; words of children are of an earlier one. */
  phase: 'early' | 'running' | 'over';
  count: number;
  recent: readonly number[];
  /** Children whose backoff is not over, by id. */
  waiting: ReadonlyMap<string, DynamicWait>;
  /** Children that were stopped on request, by id, and who waits for their end. */
  stopping: ReadonlyMap<string, readonly ReplyTo[]>;
}

/** Books of a supervisor whose life begins. */
export const noDynamicBooks: DynamicBooks = {
  phase: 'early',
  count: 0,
  recent: [],
  waiting: new Map(),
  stopping: new Map(),
};

/** What it hears. */
export type DynamicHeard =
  | { type: 'troupe.begin' }
  | ChildWord
  | WaitIsOver
  | { type: 'startChild' }
  | { type: 'stopChild'; id: string; ref: ActorRef; asker: ReplyTo };

/** What is to be done. Starts are asked for by the machine: they come with an input. */
export type DynamicDeed = Exclude<Deed, { do: 'start' | 'declared' | 'forgetWait' | 'forward' | 'refuse' }>;

/** A judgement's outcome. */
export interface DynamicVerdict {
  books: DynamicBooks;
  deeds: DynamicDeed[];
}

/** Judge. @param where who judges */
export function judgeDynamic(
  books: DynamicBooks,
  heard: DynamicHeard,
  rules: DynamicRules,
  where: { scatter: string },
): DynamicVerdict {
  if (books.phase === 'over') return { books, deeds: [] };
  switch (heard.type) {
    case 'troupe.begin':
      return { books: { ...books, phase: 'running' }, deeds: [{ do: 'up' }] };
    case 'startChild':
      return { books: { ...books, count: books.count + 1 }, deeds: [] };
    case 'stopChild':
      return stopped(books, heard);
    case 'troupe.again':
    case 'again':
      return waited(books, heard);
    case 'troupe.child':
      return books.phase === 'early' ? { books, deeds: [] } : childSays(books, heard, rules, where);
  }
}

function stopped(books: DynamicBooks, { id, ref, asker }: DynamicHeard & { type: 'stopChild' }): DynamicVerdict {
  if (books.phase === 'early') {
    // It was said to an earlier life, whose children end when this one begins: word of it would come too late.
    return { books, deeds: [{ do: 'reply', asker, answer: { ok: false, reason: 'ending' } }] };
  }
  const waiting = books.waiting.get(id);
  if (waiting === undefined) {
    const askers = books.stopping.get(id) ?? [];
    const next = { ...books, stopping: added(books.stopping, id, [...askers, asker]) };
    return { books: next, deeds: askers.length === 0 ? [{ do: 'stop', ref }] : [] };
  }
  const { seq } = waiting;
  const deeds: DynamicDeed[] = [
    { do: 'decide', ref: waiting.ref, seq, decision: 'stop', why: 'its stop was asked for' },
    { do: 'reply', asker, answer: { ok: true } },
  ];
  return { books: { ...books, waiting: without(books.waiting, id), count: books.count - 1 }, deeds };
}

function waited(books: DynamicBooks, { type, id }: WaitIsOver): DynamicVerdict {
  const waiting = books.waiting.get(id);
  if (waiting === undefined || (waiting.waker ?? 'again') !== type) return { books, deeds: [] };
  const { ref, seq, decision, why } = waiting;
  const next = { ...books, waiting: without(books.waiting, id) };
  return { books: next, deeds: [{ do: 'decide', ref, seq, decision, why }] };
}

function childSays(
  books: DynamicBooks,
  word: ChildWord,
  rules: DynamicRules,
  where: { scatter: string },
): DynamicVerdict {
  if (word.what === 'started') return { books, deeds: [] };
  const id = idOfPath(word.child.path);
  if (word.what === 'refused' && word.reason !== 'not-found') {
    return { books: { ...books, count: books.count - 1 }, deeds: [] };
  }
  const askers = books.stopping.get(id);
  if (word.what === 'refused') {
    if (askers === undefined) return { books, deeds: [] };
    const answer = { ok: false, reason: 'not-found' } as const;
    const deeds = askers.map((asker): DynamicDeed => ({ do: 'reply', asker, answer }));
    return { books: { ...books, stopping: without(books.stopping, id) }, deeds };
  }
  const seq = word.what === 'failed' ? word.seq : 0;
  if (askers !== undefined) {
    // A failure on the way to its end is followed by the end.
    if (word.what === 'failed') return { books, deeds: [] };
    const gone = { ...books, stopping: without(books.stopping, id), count: books.count - 1 };
    const end: DynamicDeed = { do: 'decide', ref: word.child, seq, decision: 'stop', why: 'its stop was asked for' };
    return {
      books: gone,
      deeds: [end, ...askers.map((asker): DynamicDeed => ({ do: 'reply', asker, answer: { ok: true } }))],
    };
  }
  const ending = word.what === 'failed' ? 'failed' : word.how;
  const isNew = word.what === 'failed' && word.isNew;
  const asked = ending === 'failed' && !isNew ? hintOf(word.error, rules.recovery) : undefined;
  if (asked?.hint === 'ignore' && word.what === 'failed' && seq !== 0) {
    return { books, deeds: [{ do: 'decide', ref: word.child, seq, decision: 'resume', why: asksFor(id, asked) }] };
  }
  if (isNew || !isRestarted(rules.restart, ending) || asked?.hint === 'reload') {
    const notRestarted = asked === undefined ? `${rules.restart}: not restarted when ${ending}` : asksFor(id, asked);
    const why = isNew ? 'it could not start' : notRestarted;
    const deeds: DynamicDeed[] = [{ do: 'decide', ref: word.child, seq, decision: 'stop', why }];
    return { books: { ...books, count: books.count - 1 }, deeds };
  }
  if (asked?.hint === 'escalate') {
    const error = new TroupeError('SUPERVISOR_ESCALATED', asksFor(id, asked), { cause: word.error });
    return over(books, error);
  }
  return restarted(books, word, { id, seq, asked }, rules, where);
}

/** It ends as failed. Whoever waits for an answer gets none from this life any more. */
function over(books: DynamicBooks, error: Error): DynamicVerdict {
  const answer = { ok: false, reason: 'ending' } as const;
  const replies = [...books.stopping.values()].flat().map((asker): DynamicDeed => ({ do: 'reply', asker, answer }));
  return { books: { ...books, phase: 'over', stopping: new Map() }, deeds: [...replies, { do: 'end', error }] };
}

type Asked = ReturnType<typeof hintOf>;

function asksFor(id: string, asked: Exclude<Asked, undefined>): string {
  return `${id} failed: ${asked.code} asks for ${asked.hint}`;
}

function restarted(
  books: DynamicBooks,
  word: ChildWord,
  { id, seq, asked }: { id: string; seq: number; asked: Asked },
  rules: DynamicRules,
  where: { scatter: string },
): DynamicVerdict {
  const { restarts, periodMs } = rules.intensity;
  const now = Math.max(word.at, books.recent[0] ?? 0);
  const { granted, recent } = restartIntensity(books.recent, now, rules.intensity);
  if (!granted) {
    const message = `${id} failed, and more than ${restarts} restarts in ${periodMs} ms are not granted`;
    const error = new TroupeError('SUPERVISOR_GAVE_UP', message);
    return over({ ...books, recent }, error);
  }
  const failure =
    word.what === 'failed' ? { seq, mayRetry: word.retry && word.attempts < word.attemptsMax } : undefined;
  const decision = decisionFor(onFailureBy(asked?.hint, rules.onFailure), rules.isSupervisor, failure);
  const what = asked === undefined ? `${id} ${word.what === 'failed' ? 'failed' : 'ended'}` : asksFor(id, asked);
  const why = `${what}; restart ${recent.length} of ${restarts} in ${periodMs} ms`;
  const isPaused = asked?.hint === 'breaker';
  if (rules.backoff === undefined && !isPaused) {
    const deeds: DynamicDeed[] = [{ do: 'decide', ref: word.child, seq, decision, why }];
    return { books: { ...books, recent }, deeds };
  }
  // How often this child failed in a row is not remembered; how often the supervisor restarts is.
  const ms =
    isPaused || rules.backoff === undefined
      ? pauseMs(rules.backoff)
      : backoffMs(recent.length, rules.backoff, scattered(`${where.scatter}/${id} ${now}`));
  const waiting = added(books.waiting, id, { ref: word.child, seq, decision, why, waker: 'troupe.again' });
  return { books: { ...books, recent, waiting }, deeds: [{ do: 'wait', id, ms }] };
}

function added<T>(map: ReadonlyMap<string, T>, id: string, value: T): ReadonlyMap<string, T> {
  return new Map([...map, [id, value]]);
}

function without<T>(map: ReadonlyMap<string, T>, id: string): ReadonlyMap<string, T> {
  const rest = new Map(map);
  rest.delete(id);
  return rest;
}
