/**
 * Decisions of supervision, read from the log: what failed or exited, who decided, by which rule, and what was done.
 * Nothing is kept beside the log for it. The log is read once, in order; the failing messages of the entries that are
 * told are looked up afterwards.
 *
 * D1  Memory: the entries asked for, what is open at one time (`decision-fold.ts`), and so many bytes of messages.
 */
import { parseEnvelope } from '../core/envelope.js';
import { isUnder } from '../core/path.js';
import type { DecisionEntry, Judged } from './decision-entry.js';
import { DecisionFold } from './decision-fold.js';
import { EnvelopeFinder } from './envelope-finder.js';
import { readGroup } from './group.js';
import type { HistoryMessage } from './history-entry.js';
import { readDeadLetter } from './queries.js';
import { RowStatus } from './row.js';
import type { Standing } from './standing.js';

/** Bytes of messages in one answer; the newest come first. */
const messageBytesMax = 64 * 2 ** 20;

/** What is asked for. */
export interface DecisionQuery {
  /** Whose failures and exits: of this path alone. */
  path?: string | undefined;
  /** Of this path and those below it. */
  under?: string | undefined;
  /** At most so many: the last ones. */
  last: number;
}

/** What is found. */
export interface DecisionPage {
  /** Oldest first. */
  entries: DecisionEntry[];
  /** How many there are, those included that were not asked for. */
  total: number;
  /** Paths of the actors whose numbers the messages name, as far as they are known. */
  paths: [aid: number, path: string][];
}

/** Read the last decisions. @throws TroupeError JOURNAL_CORRUPT */
export function readDecisions(standing: Standing, { path, under, last }: DecisionQuery): DecisionPage {
  const accept = (judged: Judged): boolean =>
    (path === undefined || judged.path === path) && (under === undefined || isUnder(judged.path, under));
  return gather(standing, accept, last, false);
}

/**
 * Read what befell some actors: decisions, quarantines, and at the end what waits for a decision now.
 * @throws TroupeError JOURNAL_CORRUPT
 */
export function readFailures(standing: Standing, accept: (judged: Judged) => boolean, last: number): DecisionPage {
  return gather(standing, accept, last, true);
}

function gather(
  standing: Standing,
  accept: (judged: Judged) => boolean,
  last: number,
  withUndecided: boolean,
): DecisionPage {
  const { reader } = standing;
  const fold = new DecisionFold(standing, accept);
  const entries: DecisionEntry[] = [];
  let [total, first] = [0, 0];
  const add = (entry: DecisionEntry): void => {
    if (entry.decision === undefined && !withUndecided) return;
    total += 1;
    if (entries.push(entry) > last) entries.shift();
  };
  for (const { position, bytes } of reader.readLog()) {
    first ||= position;
    fold.take(bytes, readGroup(bytes, `log record ${position}`));
    for (const entry of fold.drain()) add(entry);
  }
  for (const entry of fold.undecided()) if (isOpen(standing, entry)) add(entry);
  findMessages(standing, entries, first);
  return { entries, total, paths: pathsIn(standing, entries) };
}

/** Does the row say so too? A thread's death may have been charged to nobody. */
function isOpen(standing: Standing, { aid, cause }: DecisionEntry): boolean {
  const status = standing.row(aid)?.status;
  return cause === 'exit' ? status === RowStatus.held : status === RowStatus.failed;
}

function findMessages(standing: Standing, entries: readonly DecisionEntry[], first: number): void {
  const finder = new EnvelopeFinder(standing.reader, first);
  const found = new Map<number, HistoryMessage>();
  const withBytes: HistoryMessage[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const { seq } = entry;
    if (seq === undefined || seq === 0) continue;
    const message = found.get(seq) ?? findMessage(standing, finder, entry, seq);
    entry.message = message;
    if (found.has(seq)) continue;
    found.set(seq, message);
    withBytes.push(message);
    bytes += message.envelope?.byteLength ?? 0;
    while (bytes > messageBytesMax) {
      const oldest = withBytes.shift();
      if (oldest === undefined) break;
      bytes -= oldest.envelope?.byteLength ?? 0;
      oldest.envelope = undefined;
      oldest.missing ??= 'left out, because the answer would be too large';
    }
  }
}

/** Dead letters and mail first: there are messages that stand nowhere else, such as those of timers. */
function findMessage(standing: Standing, finder: EnvelopeFinder, entry: DecisionEntry, seq: number): HistoryMessage {
  const envelope =
    deadLetter(standing, seq) ?? waiting(standing, entry, seq) ?? finder.find(seq, entry.position)?.bytes;
  if (envelope !== undefined) return { seq, envelope: Uint8Array.from(envelope) };
  return { seq, envelope, missing: 'neither the log that is kept nor a dead letter has it' };
}

function deadLetter({ reader }: Standing, seq: number): Uint8Array | undefined {
  const value = reader.get('dead', seq);
  return value === undefined ? undefined : readDeadLetter(seq, value).envelope;
}

/** It is the oldest in the actor's mail as long as it is tried. */
function waiting(standing: Standing, { aid }: DecisionEntry, seq: number): Uint8Array | undefined {
  const row = standing.row(aid);
  if (row === undefined || row.damage !== undefined || !row.hasMail) return undefined;
  const item = row.mail.first(standing.model);
  return item?.seq === seq ? item.bytes.subarray(item.offset, item.offset + item.length) : undefined;
}

function pathsIn(standing: Standing, entries: readonly DecisionEntry[]): [aid: number, path: string][] {
  const found = new Map<number, string>();
  for (const { message } of entries) {
    if (message?.envelope === undefined) continue;
    const { buffer, byteOffset, byteLength } = message.envelope;
    const { from } = parseEnvelope(Buffer.from(buffer, byteOffset, byteLength));
    const path = from === 0 || found.has(from) ? undefined : standing.pathOf(from);
    if (path !== undefined) found.set(from, path);
  }
  return [...found];
}
