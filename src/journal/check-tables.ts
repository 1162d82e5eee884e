/**
 * The check of the tables a checkpoint writes: each record for itself, then whether they agree: parents with children,
 * mail with its owners, paths with actors, the mark with all of them.
 */
import { decode } from '../core/codec.js';
import { EnvelopeKind } from '../core/envelope.js';
import { parentPath } from '../core/path.js';
import { type Findings, sentenceOf } from './check-findings.js';
import type { CheckpointMark } from './checkpoint.js';
import { shutdownTimerId } from './ending.js';
import { isPath, pathInDamagedRow } from './damaged.js';
import { decodeChunk, type MailItem } from './mail-queue.js';
import { readDeadLetter } from './queries.js';
import { type DecodedRow, decodeRow, RowStatus } from './row.js';
import { isAwake, readPathEntry } from './row-table.js';
import type { JournalReader } from './store.js';

/** Checks the tables of one checkpoint. */
export class TablesCheck {
  /** The chunk of mail seen last, to compare the next one with. */
  private lastChunk = { aid: 0, lastSeq: 0 };

  /** @param mark of the checkpoint; undefined: there has been none */
  constructor(
    private readonly findings: Findings,
    private readonly reader: JournalReader,
    private readonly mark: CheckpointMark | undefined,
  ) {}

  /** Walk them all. Never throws. */
  run(): void {
    const { reader } = this;
    const tables = {
      rows: (key: number, value: Buffer) => this.checkRow(key, value),
      mail: (key: readonly [number, number], value: Buffer) => this.checkMail(key, value),
      paths: (key: string, value: Buffer) => this.checkPath(key, value),
      dead: (key: number, value: Buffer) => this.checkDeadLetter(key, value),
      awake: (key: number) => this.checkAwake(key),
      ended: (key: readonly [number, number]) => this.checkEnded(key),
    };
    for (const [table, check] of Object.entries(tables) as [keyof typeof tables, (...args: unknown[]) => void][]) {
      this.findings.attempt({ record: `table ${table}` }, () => {
        for (const { key, value } of reader.scan(table)) {
          this.findings.attempt({ record: `${table} ${String(key)}` }, () => check(key, value));
        }
      });
    }
  }

  // Rows

  private checkRow(key: number, value: Buffer): void {
    const record = `row ${key}`;
    this.findings.counts.actors += 1;
    let decoded: DecodedRow;
    try {
      decoded = decodeRow(value, record);
    } catch (error) {
      const actor = pathInDamagedRow(value);
      const problem = { record, what: sentenceOf(error) };
      this.findings.report(actor === undefined ? problem : { ...problem, actor });
      return;
    }
    const { row } = decoded;
    const say = (what: string): void => this.findings.report({ record, actor: row.path, what });
    if (row.aid !== key) say(`it holds actor ${row.aid}`);
    if (this.mark !== undefined && row.aid > this.mark.aid) say(`the mark knows only ${this.mark.aid} actors`);
    if (!statuses.has(row.status)) say(`its status ${row.status} is not known`);
    if (!isPath(row.path)) say('its path is not legal');
    if (row.status !== RowStatus.ended) this.findings.counts.living += 1;
    if (this.isAtWork(decoded) && this.reader.get('awake', key) === undefined)
      say('it has work and is not marked as awake: a start would not find it');
    this.checkValues(decoded, say);
    this.checkFamily(decoded, say);
    this.checkInline(decoded, say);
    this.checkTimers(decoded, say);
  }

  private checkValues({ row, state }: DecodedRow, say: (what: string) => void): void {
    const values = { state, input: row.input, failure: row.failure?.error, end: row.end?.value };
    for (const [name, bytes] of Object.entries(values)) {
      if (bytes === undefined || bytes.length === 0) continue;
      try {
        const value = decode(bytes);
        if (name === 'state' && !Array.isArray(value)) say('its state is of no known form');
      } catch (error) {
        say(`its ${name} cannot be read: ${sentenceOf(error)}`);
      }
    }
  }

  private checkFamily({ row }: DecodedRow, say: (what: string) => void): void {
    const isAlive = row.status !== RowStatus.ended;
    const parent = row.parent === 0 ? undefined : this.rowOf(row.parent);
    if (row.parent !== 0 && parent === undefined) say(`its parent, actor ${row.parent}, is not there`);
    if (parent !== undefined && parent.path !== parentPath(row.path)) say(`its parent is ${parent.path}`);
    if (row.status === RowStatus.held && parent?.status === RowStatus.ended)
      say(`it is held for ${parent.path}, which has ended`);
    if (isAlive && parent !== undefined && !parent.children?.has(row.aid))
      say(`${parent.path} does not know it as a child`);
    for (const aid of row.children ?? []) {
      const child = this.rowOf(aid);
      if (child === undefined) say(`its child, actor ${aid}, is not there`);
      else if (child.parent !== row.aid) say(`its child ${child.path} has another parent`);
      else if (child.status === RowStatus.ended) say(`its child ${child.path} has ended`);
    }
    for (const aid of row.watchers ?? [])
      if (this.rowOf(aid) === undefined) say(`its watcher, actor ${aid}, is not there`);
  }

  private checkInline({ row, inline }: DecodedRow, say: (what: string) => void): void {
    this.findings.counts.waiting += inline.length;
    if (row.status === RowStatus.ended && inline.length > 0)
      say(`it has ended and has ${inline.length} messages waiting`);
    this.checkItems(inline, row.consumedSeq, { record: `row ${row.aid}`, actor: row.path });
  }

  private checkTimers({ row, timers }: DecodedRow, say: (what: string) => void): void {
    this.findings.counts.timers += timers.length;
    if (row.status === RowStatus.ended && timers.length > 0) say('it has ended and has timers');
    for (const { timerId, dueAt, envelope } of timers) {
      if (!Number.isFinite(dueAt) || dueAt < 0) say(`timer ${timerId} is due at ${dueAt}`);
      if (timerId === shutdownTimerId) continue;
      const read = this.findings.envelope(envelope, { record: `row ${row.aid}`, actor: row.path });
      if (read !== undefined && read.kind !== EnvelopeKind.timer) say(`timer ${timerId} holds no timer's message`);
    }
  }

  /** A row another record names; its own damage is reported where it is checked itself. */
  private rowOf(aid: number): DecodedRow['row'] | undefined {
    const bytes = this.reader.get('rows', aid);
    if (bytes === undefined) return undefined;
    try {
      return decodeRow(bytes, `row ${aid}`).row;
    } catch {
      // Nothing can be compared with it.
      return undefined;
    }
  }

  /** Must a start find it? Mail in chunks is looked at with the chunks. */
  private isAtWork({ row, inline, timers }: DecodedRow): boolean {
    if (row.status === RowStatus.ended) return false;
    return isAwake(row) || inline.length > 0 || timers.length > 0;
  }

  private checkAwake(aid: number): void {
    const row = this.reader.get('rows', aid);
    if (row === undefined) this.findings.report({ record: `awake ${aid}`, what: `actor ${aid} is not there` });
  }

  private checkEnded([position, aid]: readonly [number, number]): void {
    const record = `ended ${position}/${aid}`;
    const row = this.rowOf(aid);
    if (row !== undefined && row.status !== RowStatus.ended)
      this.findings.report({ record, actor: row.path, what: 'it has not ended' });
  }

  // Mail

  private checkMail([aid, firstSeq]: readonly [number, number], value: Buffer): void {
    const record = `mail ${aid}/${firstSeq}`;
    this.findings.counts.mailChunks += 1;
    const row = this.rowOf(aid);
    const actor = row === undefined ? {} : { actor: row.path };
    const say = (what: string): void => this.findings.report({ record, ...actor, what });
    const items = this.findings.attempt({ record, ...actor }, () => decodeChunk(value, record));
    if (items === undefined) return;
    if (row === undefined) say(`it belongs to actor ${aid}, which is not there`);
    else if (row.status === RowStatus.ended) say('it belongs to an actor that has ended');
    if (items.length === 0) return say('it is empty');
    if (items[0]?.seq !== firstSeq) say(`its first message is ${items[0]?.seq}`);
    const consumedSeq = row?.consumedSeq ?? 0;
    const waiting = items.filter(({ seq }) => seq > consumedSeq).length;
    this.findings.counts.waiting += waiting;
    if (waiting > 0 && this.reader.get('awake', aid) === undefined)
      say('its actor is not marked as awake: a start would not find it');
    if (aid === this.lastChunk.aid && firstSeq <= this.lastChunk.lastSeq)
      say(`it overlaps the chunk before, which ends with ${this.lastChunk.lastSeq}`);
    this.checkItems(items, 0, { record, ...actor });
    this.lastChunk = { aid, lastSeq: items.at(-1)?.seq ?? 0 };
  }

  private checkItems(items: readonly MailItem[], after: number, problem: { record: string; actor?: string }): void {
    let last = after;
    for (const { seq, bytes, offset, length } of items) {
      if (seq <= last) this.findings.report({ ...problem, offset, what: `message ${seq} comes after ${last}` });
      if (this.mark !== undefined && seq > this.mark.seq)
        this.findings.report({ ...problem, offset, what: `message ${seq} is newer than the mark's ${this.mark.seq}` });
      last = seq;
      this.findings.envelope(bytes.subarray(offset, offset + length), { ...problem, offset });
    }
  }

  // Paths and dead letters

  private checkPath(path: string, value: Buffer): void {
    const record = `path ${path}`;
    const aid = this.findings.attempt({ record, actor: path }, () => readPathEntry(value, path));
    if (aid === undefined) return;
    const say = (what: string): void => this.findings.report({ record, actor: path, what });
    const row = Number.isSafeInteger(aid) && aid > 0 ? this.rowOf(aid) : undefined;
    if (row === undefined) say(`it names actor ${aid}, which is not there`);
    else if (row.path !== path) say(`it names actor ${aid}, whose path is ${row.path}`);
  }

  private checkDeadLetter(seq: number, value: Buffer): void {
    const record = `dead letter ${seq}`;
    this.findings.counts.deadLetters += 1;
    const letter = this.findings.attempt({ record }, () => readDeadLetter(seq, value));
    if (letter === undefined) return;
    const actor = String(letter.path);
    const say = (what: string): void => this.findings.report({ record, actor, what });
    if (!Number.isFinite(letter.at) || letter.at < 0) say(`its time is ${letter.at}`);
    this.findings.envelope(Buffer.from(letter.envelope), { record, actor });
    if (letter.why.length > 0) this.findings.attempt({ record, actor }, () => decode(letter.why));
  }
}

const statuses: ReadonlySet<number> = new Set(Object.values(RowStatus));
