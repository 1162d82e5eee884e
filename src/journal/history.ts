/**
 * An actor's history, read from the log: what it was told, what it did, which state led to which. Nothing is kept
 * beside the log for it and no user code runs; an entry holds bytes, for others to decode.
 *
 * A turn is what committed together: one record of one host, in which the actor may have handled several messages. Its
 * state is written once, so the messages of a turn share the state after it. Turn 0 is the spawn, turn 1 the first
 * state. What left no trace in the state (failures, decisions, the request to stop) is an entry of its own, with the
 * number of the turn whose state it left as it was.
 *
 * H1  Memory does not grow with the log: one record, its index, the timers the actor has set, one entry.
 * H2  When the spawn itself is no longer kept, nobody can say how many turns came before: then the position in the
 *     log stands for the turn's number, and `numbering` says so. Two turns of one record then share a number.
 * H3  What cannot be told any more is undefined and has a reason; nothing is guessed.
 */
import { type Envelope, envelopeAt, parseEnvelope } from '../core/envelope.js';
import { TroupeError } from '../core/errors.js';
import { EnvelopeFinder } from './envelope-finder.js';
import { readGroup } from './group.js';
import type { HistoryEntry, HistoryNumbering, HistorySubject } from './history-entry.js';
import { ActorFold } from './history-fold.js';
import { Decision } from './ops.js';
import { type ActorRow, RowStatus } from './row.js';
import type { Standing } from './standing.js';

/** One actor's history. Made by `historyOf`. */
export class ActorHistory {
  readonly numbering: HistoryNumbering;

  /** @internal */
  constructor(
    private readonly standing: Standing,
    readonly subject: HistorySubject,
    /** Position of the oldest record there is; undefined: the log is empty. */
    readonly first: number | undefined,
    isWhole: boolean,
  ) {
    this.numbering = isWhole ? 'turns' : 'positions';
  }

  /** Every entry, oldest first. @throws TroupeError JOURNAL_CORRUPT naming the record */
  *entries(): Generator<HistoryEntry> {
    const { standing, subject, first } = this;
    if (first === undefined) return;
    const { reader } = standing;
    const fold = new ActorFold(subject, this.numbering, new EnvelopeFinder(reader, first), (record, at) =>
      this.isForSubject(record, at),
    );
    for (const { position, bytes } of reader.readLog(first)) {
      fold.take(bytes, readGroup(bytes, `log record ${position}`));
      yield* fold.drain();
    }
    fold.finish();
    yield* fold.drain();
  }

  /** The paths of the numbers in some entries. */
  pathsIn(entries: readonly HistoryEntry[]): [aid: number, path: string][] {
    const found = new Map<number, string>();
    const add = (aid: number) => {
      const path = aid === 0 || found.has(aid) ? undefined : this.standing.pathOf(aid);
      if (path !== undefined) found.set(aid, path);
    };
    for (const entry of entries) for (const aid of numbersIn(entry)) add(aid);
    return [...found];
  }

  /** Was an envelope that was handled in its sender's turn handled by this actor, if somebody at its path was? */
  private isForSubject(record: Buffer, at: number): boolean {
    const { aid, path } = this.subject;
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const to = envelopeAt.to(view, at);
    if (to === aid) return true;
    const toPath = to === 0 ? parseEnvelope(record.subarray(at)).toPath : this.standing.pathOf(to);
    return toPath === path;
  }
}

/**
 * The history of an actor.
 * @param target its path, or `#` and its number
 * @throws TroupeError ACTOR_UNKNOWN; JOURNAL_CORRUPT
 */
export function historyOf(standing: Standing, target: string): ActorHistory {
  const row = standing.find(target);
  if (row === undefined)
    throw new TroupeError('ACTOR_UNKNOWN', `no actor at ${target}`, { field: 'path', value: target });
  for (const { position, bytes } of standing.reader.readLog()) {
    const { before } = readGroup(bytes, `log record ${position}`);
    return new ActorHistory(standing, subjectOf(row), position, before.aid < row.aid);
  }
  return new ActorHistory(standing, subjectOf(row), undefined, false);
}

/** What is asked for. Numbers are those of `numbering`. */
export interface HistoryQuery {
  /** From this turn on. */
  from?: number | undefined;
  /** At most so many entries, from the first; the rest of the last one's turn comes along. */
  limit: number;
  /** Instead: the last so many. */
  last?: number | undefined;
}

/** A stretch of history. */
export interface HistoryPage {
  subject: HistorySubject;
  numbering: HistoryNumbering;
  entries: HistoryEntry[];
  /** The turn to go on from; undefined: there is no more. */
  next: number | undefined;
  /** Paths of the actors whose numbers the entries name, as far as they are known. */
  paths: [aid: number, path: string][];
}

/**
 * Read a stretch.
 * @throws TroupeError HISTORY_GONE naming the oldest turn there is; JOURNAL_CORRUPT
 */
export function readHistory(history: ActorHistory, { from, limit, last }: HistoryQuery): HistoryPage {
  const { subject, numbering } = history;
  const isGone = numbering === 'positions' && from !== undefined && from < (history.first ?? from + 1);
  if (isGone) throw historyGone(subject.path, from, firstOf(history.entries())?.turn);
  const entries: HistoryEntry[] = [];
  let next: number | undefined;
  for (const entry of history.entries()) {
    if (from !== undefined && entry.turn < from) continue;
    if (last === undefined && entries.length >= limit && entry.turn !== entries.at(-1)?.turn) {
      next = entry.turn;
      break;
    }
    entries.push(entry);
    if (last !== undefined && entries.length > last) entries.shift();
  }
  return { subject, numbering, entries, next, paths: history.pathsIn(entries) };
}

/**
 * The last turn at or before a number that left a state, and that state.
 * @throws TroupeError HISTORY_GONE naming the oldest turn there is; OPTION_RANGE when there is no such turn yet
 */
export function stateAtTurn(history: ActorHistory, turn: number): { turn: number; state: Uint8Array | undefined } {
  const { subject, numbering } = history;
  let found: { turn: number; state: Uint8Array | undefined } | undefined;
  let oldest: number | undefined;
  let newest = 0;
  for (const entry of history.entries()) {
    newest = entry.turn;
    if (entry.turn > turn) {
      if (entry.kind === 'turn') oldest ??= entry.turn;
      if (found !== undefined || oldest !== undefined) break;
      continue;
    }
    const isAnew = entry.kind === 'spawned' || (entry.kind === 'decided' && entry.decision === Decision.reset);
    if (isAnew) found = { turn: entry.turn, state: undefined };
    if (entry.kind === 'turn') found = { turn: entry.turn, state: entry.after };
  }
  if (numbering === 'turns' && turn > newest) {
    const message = `${subject.path} has had ${newest} turns, not ${turn}`;
    throw new TroupeError('OPTION_RANGE', message, { field: 'turn', value: turn });
  }
  if (found === undefined) throw historyGone(subject.path, turn, oldest);
  return found;
}

function historyGone(path: string, asked: number, oldest: number | undefined): TroupeError {
  const kept = oldest === undefined ? 'nothing of it is kept' : `the oldest turn kept is ${oldest}`;
  const message = `${path}: turn ${asked} is older than the journal's retention; ${kept}`;
  return new TroupeError('HISTORY_GONE', message, { field: 'turn', value: asked });
}

/** The numbers of other actors in an entry. */
function* numbersIn(entry: HistoryEntry): Generator<number> {
  if (entry.kind === 'spawned') yield entry.parent;
  if (entry.kind === 'stopping') yield entry.by;
  const messages = entry.kind === 'turn' ? entry.messages : 'message' in entry ? [entry.message] : [];
  for (const message of messages) if (message?.envelope !== undefined) yield headerOf(message.envelope).from;
  for (const deed of entry.kind === 'turn' ? entry.deeds : []) {
    if (deed.kind === 'sent') yield headerOf(deed.envelope).to;
    if (deed.kind === 'watched' || deed.kind === 'stopped') yield deed.aid;
  }
}

function headerOf(bytes: Uint8Array): Envelope {
  return parseEnvelope(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

/** What a row says of its actor. */
export function subjectOf(row: ActorRow): HistorySubject {
  const { aid, path, parent, name, url, version, durability, input } = row;
  return { aid, path, parent, name, url, version, durability, input, hasEnded: row.status === RowStatus.ended };
}
