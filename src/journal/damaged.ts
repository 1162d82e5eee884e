/**
 * What becomes of an actor whose stored record cannot be read: a bit has flipped in its row or in its waiting mail.
 * It is quarantined, under its path, so that everybody else goes on; and it stays so until somebody stops it, which
 * frees its path.
 *
 * What I own: the rows that stand in for damaged ones. What the check owns: saying all that is wrong with a journal.
 *
 * D1  A damaged record is left as it is, for whoever can repair it, until its actor is stopped.
 * D2  New mail is accepted and kept, as for every quarantined actor; it becomes dead letters with the stop.
 * D3  What only the damaged record knew is lost: timers, watchers, which of the mail on disk was handled already.
 */
import { encode } from '../core/codec.js';
import { TroupeError, toPlain } from '../core/errors.js';
import { parentPath, parsePath } from '../core/path.js';
import type { FailureReport } from './ops.js';
import { ActorRow, type DecodedRow, decodeRow, rowPathAt, RowStatus } from './row.js';
import type { JournalReader } from './store.js';

/** What is read to find out about a damaged row. */
export type Tables = Pick<JournalReader, 'get' | 'scan'>;

/** Sealed: a checksum, then the number. */
const pathEntryBytes = 12;
const statusAt = 1;

/** Read a stored row, or what stands in for it. @param value undefined: it is missing */
export function readRow(aid: number, value: Buffer | undefined, store: Tables): DecodedRow {
  const where = `row ${aid}`;
  if (value === undefined) return standIn(aid, Buffer.alloc(0), corrupt(`${where} is missing`), store);
  try {
    return decodeRow(value, where);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return standIn(aid, value, error, store);
  }
}

/** Quarantine a row for damage: see the file's header. */
export function markDamaged(row: ActorRow, damage: TroupeError): void {
  row.damage = damage;
  row.status = RowStatus.quarantined;
  row.timers = undefined;
  const report: FailureReport = { error: toPlain(damage) as FailureReport['error'], attemptsMax: 1, retry: false };
  row.failure = { seq: 0, attempts: 1, error: encode(report, 'failure') as Buffer };
}

/** Is this an error about damaged bytes? */
function isDamage(error: unknown): error is TroupeError {
  return TroupeError.is(error, 'JOURNAL_CORRUPT');
}

/** The path of a row whose checksum is wrong, when that part of it looks whole. */
export function pathInDamagedRow(value: Buffer): string | undefined {
  const textAt = rowPathAt + 4;
  if (value.length < textAt) return undefined;
  const end = textAt + value.readUInt32LE(rowPathAt);
  const path = end <= value.length ? value.toString('utf8', textAt, end) : '';
  return isPath(path) && path !== '/' ? path : undefined;
}

/** Is this a legal path? */
export function isPath(path: string): boolean {
  try {
    parsePath(path);
    return true;
  } catch {
    // That it is not legal is the answer.
    return false;
  }
}

function standIn(aid: number, value: Buffer, damage: TroupeError, store: Tables): DecodedRow {
  const own = pathInDamagedRow(value);
  const path = own !== undefined && aidAt(own, store) === aid ? own : (pathLeadingTo(aid, store) ?? `/#${aid}`);
  const row = new ActorRow(aid, path, parentOf(path, aid, store), '', '', 0, 2, '', 0, Buffer.alloc(0));
  row.pathStored = true;
  if (value[statusAt] === RowStatus.ended && isListedAsEnded(aid, store)) row.status = RowStatus.ended;
  else markDamaged(row, damage);
  return { row, state: undefined, inline: [], timers: [] };
}

/** The parent by the path, if it knows of the child. */
function parentOf(path: string, aid: number, store: Tables): number {
  const parent = parentPath(path);
  if (parent === undefined || parent === '/') return 0;
  const parentAid = aidAt(parent, store) ?? 0;
  const stored = parentAid === 0 ? undefined : store.get('rows', parentAid);
  const row = stored === undefined ? undefined : readable(() => decodeRow(stored, '').row);
  return row?.children?.has(aid) ? parentAid : 0;
}

function aidAt(path: string, store: Tables): number | undefined {
  const value = store.get('paths', path);
  return value?.length === pathEntryBytes ? value.readDoubleLE(4) : undefined;
}

/** The table of paths, walked: this happens when a row's own path is damaged. */
function pathLeadingTo(aid: number, store: Tables): string | undefined {
  for (const { key, value } of store.scan('paths')) {
    if (value.length === pathEntryBytes && value.readDoubleLE(4) === aid) return key as string;
  }
  return undefined;
}

function isListedAsEnded(aid: number, store: Tables): boolean {
  for (const { key } of store.scan('ended')) if ((key as readonly [number, number])[1] === aid) return true;
  return false;
}

/** The living children of an actor whose row does not say: all rows are looked through. */
export function findChildren(aid: number, store: Tables): Set<number> | undefined {
  const children = new Set<number>();
  for (const { key, value } of store.scan('rows')) {
    const row = readable(() => decodeRow(value, '').row);
    if (row?.parent === aid && row.status !== RowStatus.ended) children.add(key as number);
  }
  return children.size === 0 ? undefined : children;
}

/** What a read gives, or undefined when the bytes are damaged. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

function corrupt(message: string): TroupeError {
  return new TroupeError('JOURNAL_CORRUPT', message);
}
