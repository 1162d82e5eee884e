/** Questions about the journal as it stands: read-only, answered between two groups. */
import { TroupeError } from '../core/errors.js';
import { decode } from '../core/codec.js';
import type { JournalCore } from './core.js';
import { durabilityNames, type EndKindValue } from './ops.js';
import { type ActorRow, RowStatus, statusNames } from './row.js';
import { unseal } from './sealed.js';

/** What the journal says of one actor. */
export interface ActorInfo {
  path: string;
  aid: number;
  name: string;
  url: string;
  status: (typeof statusNames)[number];
  durability: (typeof durabilityNames)[number];
  /** Messages accepted and not handled. */
  mail: number;
  timers: number;
  children: number;
  /** The committed state's bytes, if it has one. */
  state: Uint8Array | undefined;
  /** Why it failed or is quarantined: an encoded failure report. */
  failure: Uint8Array | undefined;
  end: { how: EndKindValue; value: Uint8Array } | undefined;
}

/** A dead letter: a message that nobody will handle. */
export interface DeadLetter {
  /** Its place in the journal. */
  seq: number;
  /** When it was given up, in milliseconds since the epoch. */
  at: number;
  /** Whom it was for. */
  path: string;
  /** Why: ACTOR_UNKNOWN, ACTOR_STOPPED, MESSAGE_FAILED, or what its actor refused it with. */
  code: string;
  /** An encoded plain error or failure report. */
  why: Uint8Array;
  /** The envelope's bytes. */
  envelope: Uint8Array;
}

/** What there is at a path; also actors that have ended. */
export function actorInfo(core: JournalCore, path: string): ActorInfo | undefined {
  const row = core.model.current(path);
  if (row === undefined) return undefined;
  const state = core.router.stateOf(row);
  return {
    path: row.path,
    aid: row.aid,
    name: row.name,
    url: row.url,
    status: statusNames[row.status],
    durability: durabilityNames[row.durability],
    mail: row.hasMail ? row.mail.length : 0,
    timers: row.timers?.size ?? 0,
    children: row.children?.size ?? 0,
    state: state && Uint8Array.from(state),
    failure: row.failure && Uint8Array.from(row.failure.error),
    end: row.end && { how: row.end.how, value: Uint8Array.from(row.end.value) },
  };
}

/** One actor among many. */
export interface ActorSummary {
  path: string;
  name: string;
  status: (typeof statusNames)[number];
  mail: number;
}

/** Living actors, children of `parent` or all, in the order they were spawned; at most `limit`. */
export function listActors(core: JournalCore, parent: string | undefined, limit: number): ActorSummary[] {
  const list: ActorSummary[] = [];
  const rows = parent === undefined ? allRows(core) : childrenOf(core, parent);
  for (const row of rows) {
    if (row.status === RowStatus.ended) continue;
    if (list.length >= limit) break;
    list.push({
      path: row.path,
      name: row.name,
      status: statusNames[row.status],
      mail: row.hasMail ? row.mail.length : 0,
    });
  }
  return list;
}

/** Dead letters from sequence number `from` on, oldest first; at most `limit`. */
export function listDeadLetters(core: JournalCore, from: number, limit: number): DeadLetter[] {
  const list: DeadLetter[] = [];
  for (const { key, value } of core.scanDead(from)) {
    if (list.length >= limit) break;
    list.push(readDeadLetter(key, value));
  }
  return list;
}

/** A dead letter as stored. @throws TroupeError JOURNAL_CORRUPT */
export function readDeadLetter(seq: number, value: Buffer): DeadLetter {
  const body = unseal(value, `dead letter ${seq}`);
  const [at, path, code, why, envelope] = decode(body) as [number, string, string, Uint8Array, Uint8Array];
  return { seq, at, path, code, why, envelope };
}

/** Every row, in RAM or stored, oldest first: a row that is not stored yet is newer than all that are. */
function* allRows(core: JournalCore): Generator<ActorRow> {
  const { rows } = core.model;
  let last = 0;
  for (const { key, value } of core.storedRows()) {
    last = key;
    yield rows.awake(key) ?? rows.read(key, value);
  }
  for (const row of rows.inMemory()) if (row.aid > last) yield row;
}

function* childrenOf(core: JournalCore, path: string): Generator<ActorRow> {
  const parent = core.model.current(path);
  if (parent === undefined)
    throw new TroupeError('ACTOR_UNKNOWN', `no actor at ${path}`, { field: 'path', value: path });
  for (const aid of parent.children ?? []) {
    const child = core.model.rows.get(aid);
    if (child !== undefined) yield child;
  }
}
