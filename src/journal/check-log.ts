/**
 * The check of the log: every record, frame and operation, and that each record goes on where the one before ended.
 *
 * What I own: the counters as the log itself has them. What the caller owns: the findings, the names of actors.
 */
import { decode } from '../core/codec.js';
import { type Findings, sentenceOf } from './check-findings.js';
import { type GroupHeader, readGroup } from './group.js';
import type { LmdbReader } from './lmdb-reader.js';
import type { LogDamage } from './log-walk.js';
import type { Counters } from './model.js';
import type { JournalReader, LogRecord } from './store.js';
import { type OpsVisitor, OpsWalk } from './ops-walk.js';

/** Actors named in a problem with a whole record. */
const actorsNamedMax = 3;

/** A reader that may be able to read on behind what is damaged. */
export type CheckableReader = JournalReader & Partial<Pick<LmdbReader, 'readLogAround'>>;

/** Where the log begins and ends. */
export interface LogExtent {
  first: number | undefined;
  /** The counters behind the last record that could be read; undefined: there is none. */
  end: Counters | undefined;
}

/** Checks one log. */
export class LogCheck implements OpsVisitor {
  private readonly walk = new OpsWalk(this);
  private first: number | undefined;
  private end: Counters | undefined;
  private spawns = 0;
  private sessions = 0;

  constructor(
    private readonly findings: Findings,
    private readonly pathOf: (aid: number) => string | undefined,
  ) {}

  /** Walk it all. Never throws. */
  run(reader: CheckableReader): LogExtent {
    const onDamage = ({ file, offset, what }: LogDamage): void => {
      this.end = undefined;
      this.findings.report({ record: file, offset, what });
    };
    this.findings.attempt({ record: 'log' }, () => {
      const records = reader.readLogAround?.(0, Number.POSITIVE_INFINITY, onDamage) ?? reader.readLog();
      for (const record of records) this.take(record);
    });
    return { first: this.first, end: this.end };
  }

  // OpsVisitor

  frameBegins(): void {
    this.findings.counts.frames += 1;
  }

  envelope(_seq: number, _how: string, at: number, length: number): void {
    this.findings.counts.messages += 1;
    this.checkEnvelope(this.walk.record.subarray(at, at + length), at);
  }

  timerSet(aid: number, timerId: string, dueAt: number, envelope: Buffer): void {
    if (!Number.isFinite(dueAt) || dueAt < 0) this.complain(`timer ${timerId} is due at ${dueAt}`, aid);
    this.checkEnvelope(envelope, this.walk.at);
  }

  told(aid: number, _seq: number, envelope: Buffer): void {
    if (envelope.length > 0) this.checkEnvelope(envelope, this.walk.at, aid);
  }

  state(aid: number, at: number, length: number): void {
    this.findings.counts.turns += 1;
    this.checkValue(this.walk.record.subarray(at, at + length), aid);
  }

  ended(aid: number, _how: number, value: Buffer): void {
    if (value.length > 0) this.checkValue(value, aid);
  }

  fail(aid: number, _seq: number, _kind: number, report: Buffer): void {
    this.checkValue(report, aid);
  }

  spawn(spec: { input: Uint8Array }): void {
    this.spawns += 1;
    if (spec.input.length > 0) this.checkValue(spec.input);
  }

  session(): void {
    this.sessions += 1;
  }

  private take({ position, bytes }: LogRecord): void {
    const { findings } = this;
    findings.counts.logRecords += 1;
    findings.counts.logBytes += bytes.length;
    const record = `log ${position}`;
    let header: GroupHeader;
    try {
      header = readGroup(bytes, record);
    } catch (error) {
      this.report(record, sentenceOf(error), this.actorsIn(bytes, position));
      this.end = undefined;
      return;
    }
    this.first ??= position;
    this.compare(header, position);
    [this.spawns, this.sessions] = [0, 0];
    try {
      this.walk.walk(bytes, header);
    } catch (error) {
      findings.report({ record, offset: this.walk.at, what: sentenceOf(error) });
      this.end = undefined;
      return;
    }
    const { before } = header;
    this.end = { position, seq: this.walk.seq, aid: before.aid + this.spawns, session: before.session + this.sessions };
  }

  /** Does it go on where the one before ended? Of spawns only the most is known: some are refused. */
  private compare({ position, before, time, frames }: GroupHeader, key: number): void {
    const { end } = this;
    const record = `log ${key}`;
    if (position !== key) this.report(record, `it says that it is record ${position}`);
    if (!Number.isFinite(time) || time < 0) this.report(record, `its time is ${time}`);
    if (frames < 0) this.report(record, `it counts ${frames} frames`);
    if (end === undefined) return;
    if (key !== end.position + 1) this.report(record, `it follows record ${end.position}: those between are missing`);
    else if (before.seq !== end.seq)
      this.report(record, `its messages begin behind ${before.seq}, but the record before ended with ${end.seq}`);
    else if (before.session !== end.session)
      this.report(record, `its sessions begin behind ${before.session}, not ${end.session}`);
    else if (before.aid > end.aid || before.aid < 0)
      this.report(record, `its actors begin behind ${before.aid}, but there were at most ${end.aid}`);
  }

  private checkEnvelope(bytes: Buffer, offset: number, aid?: number): void {
    const { position } = this.walk.place;
    const actor = aid === undefined ? undefined : this.pathOf(aid);
    this.findings.envelope(bytes, { record: `log ${position}`, offset, ...(actor === undefined ? {} : { actor }) });
  }

  private checkValue(bytes: Uint8Array, aid?: number): void {
    try {
      decode(bytes);
    } catch (error) {
      this.complain(sentenceOf(error), aid);
    }
  }

  private complain(what: string, aid?: number): void {
    const actor = aid === undefined ? undefined : this.pathOf(aid);
    const problem = { record: `log ${this.walk.place.position}`, offset: this.walk.at, what };
    this.findings.report(actor === undefined ? problem : { ...problem, actor });
  }

  private report(record: string, what: string, actor?: string): void {
    this.findings.report(actor === undefined ? { record, what } : { record, actor, what });
  }

  /** Whom a damaged record concerns: those whose operations can still be read. */
  private actorsIn(bytes: Buffer, position: number): string | undefined {
    const found = new Set<string>();
    const see = (aid: number) => {
      const path = found.size <= actorsNamedMax ? this.pathOf(aid) : undefined;
      if (path !== undefined) found.add(path);
    };
    const before = { position: position - 1, seq: 0, aid: 0, session: 0 };
    try {
      const header: GroupHeader = { position, level: 'flushed', frames: 0, before, time: 0 };
      new OpsWalk({ consume: see, state: see, ended: see }).walk(bytes, header);
    } catch {
      // It is damaged: what could be read up to here is all there is to say.
    }
    const names = [...found].slice(0, actorsNamedMax).join(', ');
    if (found.size === 0) return undefined;
    return found.size > actorsNamedMax ? `${names} and others` : names;
  }
}
