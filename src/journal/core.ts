/**
 * The journal's loop: drain all links, apply, commit once, publish. It runs in the journal thread
 * (`thread/journal-entry.ts` turns the crank and waits on the bell) or, in a system on one thread, under
 * that system's scheduler. It runs no user code and waits for nobody.
 *
 * What I own: the model, the router, the store, the group being gathered. What the driver owns: when to
 * call `step`, and the waiting in between.
 *
 * K1  A group has one level; a frame whose level differs opens the next group.
 * K2  Frames of one link are applied in the order written; nothing of a node is lost when it retires.
 * K3  A failed commit leaves model and nodes as the store has them: the model is read anew, every node is
 *     reset, and their callers are told. Work goes on when a probe write succeeds.
 */
import { encode } from '../core/codec.js';
import type { Clock } from '../core/clock.js';
import { TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import { afterCheckpoint, checkpointChanges, type Segment, segmentsToDrop, withSegment } from './checkpoint.js';
import { hitFailpoint } from '../core/failpoint.js';
import { shutdownTimerId } from './ending.js';
import { GroupBuilder } from './group.js';
import type { JournalWarning } from './file-system.js';
import { JournalTime } from './journal-time.js';
import type { JournalModel } from './model.js';
import { JournalNode, type NodeKind } from './node.js';
import { Decision, EndKind, FrameWriter, isQuiet } from './ops.js';
import type { Placement } from './placement.js';
import { recover } from './recovery.js';
import { Router } from './router.js';
import { RowStatus } from './row.js';
import type { Change, CommitLevel, JournalStore, MaybePromise } from './store.js';

/** What the loop is made of. */
export interface JournalCoreOptions {
  store: JournalStore;
  clock: Clock;
  place: Placement;
  /** A group is closed when it has this many bytes. */
  groupBytesMax: number;
  /** A checkpoint follows this many bytes of log. */
  checkpointBytes: number;
  /** History kept behind the last checkpoint. */
  retentionBytes: number;
  /** Deliveries ahead of consumption, per actor. */
  windowItems: number;
  /**
   * How long nothing must have been written before what is only committed is flushed, and acknowledged to those who do
   * not wait for it, in milliseconds: both hold others up, and an answer may be on its way. Default 0.
   */
  quietMs?: number;
  /** What is known of the store that the program should hear of when it opens. Default: nothing. */
  warnings?: readonly JournalWarning[];
}

/** How the loop stands after a step. */
export interface StepResult {
  /** Something was done: step again without waiting. */
  worked: boolean;
  /** Otherwise: wait for the bell at most this long, in milliseconds. */
  waitMs: number;
}

const busy: StepResult = { worked: true, waitMs: 0 };
/** What is only committed is flushed after this time at the latest, however busy the journal is. */
const flushEveryMs = 500;
/** Of what the journal does by itself, timers for instance, one group has so many at most. */
const ownOpsMax = 1_000;

/** The journal's loop. */
export class JournalCore {
  model: JournalModel;
  readonly router: Router;
  private readonly group = new GroupBuilder();
  private readonly own = new FrameWriter();
  private segments: Segment[];
  private sinceCheckpointBytes: number;
  private checkpointPosition: number;
  private before = { position: 0, seq: 0, aid: 0, session: 0 };
  private level: CommitLevel = 'flushed';
  /** Nodes whose thread is gone, with what to say when their link is empty. */
  private readonly retiring: {
    node: JournalNode;
    blamedAid: number;
    blamedSeq: number;
    report: Uint8Array;
    done: () => void;
  }[] = [];
  private degraded: TroupeError | undefined;
  /** Since when something is committed that a power cut may take, by the machine's clock; undefined: nothing is. */
  private unflushedSince: number | undefined;
  private readonly time: JournalTime;
  /** When the last group was committed, by the machine's clock. */
  private workedAt = 0;
  private firstNode = 0;
  /** Totals since the start. */
  readonly stats = { groups: 0, frames: 0, bytes: 0, checkpoints: 0, failedCommits: 0 };

  constructor(private readonly options: JournalCoreOptions) {
    const { store, place, windowItems } = options;
    this.router = new Router(() => this.model, store, place, windowItems);
    const recovered = recover(store, this.router);
    this.model = recovered.model;
    this.segments = recovered.mark.segments;
    this.checkpointPosition = recovered.mark.position;
    this.sinceCheckpointBytes = recovered.tailBytes;
    this.time = new JournalTime(options.clock, recovered.time);
  }

  /**
   * A thread joins; its session number is new for ever. Not while a step is running.
   * @param isUp it takes what it is given from now on, and not only after `hostUp`
   * @throws JOURNAL_FULL, JOURNAL_WRITE: try again later
   */
  attach(kind: NodeKind, reader: LinkReader, writer: LinkWriter, isUp = true): JournalNode {
    if (this.degraded !== undefined) throw this.degraded;
    try {
      this.writeOwn((frame) => frame.session(kind === 'main' ? 0 : 1), 'flushed');
    } catch (error) {
      this.commitFailed(asJournalError(error));
      throw error;
    }
    const index = this.router.nodes.length;
    const node = new JournalNode(index, this.model.counters.session, kind, reader, writer);
    node.isUp = isUp;
    this.router.attach(node);
    return node;
  }

  /** The thread of a host that was attached before it ran now runs: the next step gives it what waits for a place. */
  hostUp(session: number): void {
    const node = this.router.nodes.find((candidate) => candidate.session === session);
    if (node !== undefined) this.router.hostUp(node);
  }

  /**
   * Begin to run actors: wake whoever has work, and bring open failures before the guardian again.
   * @param actorsMax more living actors are refused from here on
   */
  open(actorsMax = Number.POSITIVE_INFINITY): void {
    if (actorsMax !== this.model.limitOfActors) this.writeOwn((frame) => frame.actorsMax(actorsMax), 'flushed');
    const quarantined = [...this.model.rows.inMemory()].filter(
      (row) => row.status === RowStatus.quarantined && row.damage === undefined,
    );
    if (quarantined.length > 0) {
      this.writeOwn((frame) => {
        for (const row of quarantined) frame.decide(row.aid, row.failure?.seq ?? 0, Decision.restore, 'a new start');
      }, 'flushed');
    }
    this.openRouter();
  }

  /** Wake whoever has work. Decisions that are not in the journal were never made: the guardian is asked again. */
  private openRouter(): void {
    this.router.open();
    const { warnings = [] } = this.options;
    for (const { code, message } of this.warned ? [] : warnings) this.router.notice({ kind: 'warning', code, message });
    this.warned = true;
    for (const row of this.model.rows.inMemory()) {
      const { aid, path, name, failure } = row;
      if (row.damage !== undefined) this.model.tellQuarantined(row);
      // A supervisor has it in its mail.
      if (row.status !== RowStatus.failed || failure === undefined || row.supervised) continue;
      const { seq, attempts, error } = failure;
      this.router.notice({ kind: 'failed', aid, path, name, seq, attempts, report: error });
    }
    this.router.publish();
  }

  /**
   * A thread is gone. What it wrote is still applied; then its actors are released and, when one was
   * running, the guilty one is charged with one attempt.
   * @param blamedSeq the message it was handling, 0 for its start
   * @returns resolves when its actors may run elsewhere
   */
  retire(session: number, blamedAid: number, blamedSeq: number, report: Uint8Array): Promise<void> {
    const node = this.router.nodes.find((candidate) => candidate.session === session);
    if (node === undefined) return Promise.resolve();
    return new Promise((done) => {
      this.retiring.push({ node, blamedAid, blamedSeq, report, done });
    });
  }

  /** Dead letters from a sequence number on. */
  *scanDead(from: number): Generator<{ key: number; value: Buffer }> {
    for (const { key, value } of this.options.store.scan('dead', from)) yield { key: key as number, value };
  }

  /** Rows as the last checkpoint stored them, oldest first. */
  *storedRows(): Generator<{ key: number; value: Buffer }> {
    for (const { key, value } of this.options.store.scan('rows')) yield { key: key as number, value };
  }

  /** One round: gather, commit, publish. */
  step(): MaybePromise<StepResult> {
    if (this.degraded !== undefined && !this.probe()) {
      this.refuseAll(this.degraded);
      return { worked: false, waitMs: limits.storeRetryMs };
    }
    let moved = false;
    this.watchClock();
    try {
      // Both each time: what waits for a dead host must not keep it from being buried.
      const retired = this.finishRetiring();
      moved = this.router.retry() || retired;
      this.gather();
    } catch (error) {
      return this.commitFailed(asJournalError(error));
    }
    if (this.group.frames === 0) return this.idle(moved);
    return this.commit();
  }

  /** Between two groups: nothing of one that is not committed can be published here (R1). */
  private watchClock(): void {
    const behindMs = this.time.newlyBehindMs();
    if (behindMs === undefined) return;
    const message = `the machine's clock is ${behindMs} ms behind the journal's last record; was it set back?`;
    this.router.notice({ kind: 'warning', code: 'CLOCK_WENT_BACK', message });
    this.router.publish();
  }

  /** Flush, write a last checkpoint and let go of the store. */
  async close(): Promise<void> {
    if (this.degraded === undefined) {
      this.begin('flushed');
      await this.commitGroup(true);
    }
    await this.options.store.close();
  }

  private idle(moved: boolean): MaybePromise<StepResult> {
    const isUnflushed = this.unflushedSince !== undefined;
    const isLate = isUnflushed || this.router.holdsAcks;
    const quietAt = isLate ? this.workedAt + (this.options.quietMs ?? 0) : Number.POSITIVE_INFINITY;
    // Also when the machine's clock has gone back meanwhile.
    if (isLate && !moved && (quietAt <= this.options.clock.now() || this.workedAt > this.options.clock.now())) {
      this.router.settleAcks();
      return isUnflushed ? this.flush() : busy;
    }
    if (!moved) this.model.rows.release();
    // A question may have met a damaged row.
    if (this.router.hasNews) this.router.publish();
    const now = this.options.clock.now();
    const checkpointAt = this.idleCheckpointAt();
    if (!moved && checkpointAt <= now) return this.idleCheckpoint();
    const nextAt = Math.min(this.model.nextTimer()?.dueAt ?? Number.POSITIVE_INFINITY, checkpointAt, quietAt);
    return { worked: moved, waitMs: Math.max(0, nextAt - now) };
  }

  private idleCheckpointAt(): number {
    if (this.sinceCheckpointBytes < limits.idleCheckpointBytesMin) return Number.POSITIVE_INFINITY;
    return this.workedAt + limits.idleCheckpointMs;
  }

  /** Nobody waits now: what the log holds in RAM may go, and a start after a crash will have less to read. */
  private idleCheckpoint(): MaybePromise<StepResult> {
    const failed = (error: unknown) => this.commitFailed(asJournalError(error));
    try {
      this.begin('flushed');
      const committed = this.commitGroup(true);
      return committed === undefined ? busy : committed.then(() => busy, failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** Nothing else to do: let what is only committed survive a power cut too. */
  private flush(): MaybePromise<StepResult> {
    this.unflushedSince = undefined;
    const failed = (error: unknown) => this.commitFailed(asJournalError(error));
    try {
      const flushed = this.options.store.flush();
      return flushed === undefined ? busy : flushed.then(() => busy, failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** Take frames from every link in turn, timers first, until the group is full or nothing is left. */
  private gather(): void {
    this.begin('flushed');
    this.gatherUnborn();
    this.gatherTimers();
    const now = this.time.now();
    // Another node begins each time: a stream of one level must not keep the other level out for ever.
    const { nodes } = this.router;
    this.firstNode += 1;
    let more = true;
    while (more && this.group.length < this.options.groupBytesMax) {
      more = false;
      for (let turn = 0; turn < nodes.length; turn += 1) {
        const node = nodes[(this.firstNode + turn) % nodes.length] as JournalNode;
        if (this.take(node, now)) more = true;
        if (this.group.length >= this.options.groupBytesMax) break;
      }
    }
  }

  private begin(level: CommitLevel): void {
    this.before = { ...this.model.counters };
    this.level = level;
    this.group.begin();
  }

  private gatherUnborn(): void {
    if (!this.router.hasUnborn) return;
    this.own.begin('flushed');
    for (const aid of this.router.takeUnborn(ownOpsMax)) this.own.ended(aid, EndKind.stopped, Buffer.alloc(0));
    this.applyOwn(this.time.now());
  }

  /** By the machine's clock: see T2 of `journal-time.ts`. */
  private gatherTimers(): void {
    const now = this.options.clock.now();
    const first = this.model.nextTimer();
    if (first === undefined || first.dueAt > now) return;
    this.own.begin('flushed');
    let count = 0;
    for (const { aid, timerId } of this.model.due(now)) {
      if (timerId === shutdownTimerId) this.own.overdue(aid, this.model.rows.awake(aid)?.node !== -1);
      else this.own.timerDue(aid, timerId);
      count += 1;
      if (count >= ownOpsMax) break;
    }
    this.applyOwn(this.time.now());
  }

  private applyOwn(now: number): void {
    const bytes = this.own.view();
    const at = this.group.frame(0, bytes.length);
    this.group.buffer.set(bytes, at);
    this.router.currentNode = undefined;
    this.model.apply(this.group.buffer, at, bytes.length, now);
  }

  /** Take one frame of a node into the group. Returns false when it has none that fits. */
  private take(node: JournalNode, now: number): boolean {
    const carried = node.carry;
    const length = carried?.length ?? node.reader.nextLength();
    if (length < 0) return false;
    const { group } = this;
    const isFirst = group.frames === 0;
    const at = group.frame(node.session, length);
    if (at < 0) return false;
    if (carried !== undefined) group.buffer.set(carried, at);
    else node.reader.readInto(group.buffer, at);
    node.carry = undefined;
    const frameLevel: CommitLevel = group.buffer[at] === 1 ? 'flushed' : 'committed';
    const isStale = group.buffer.readUInt32LE(at + 4) !== node.epoch;
    // What comes of it waits for the disk, or it has waited for a group already: timers could keep it out for ever.
    const mayWait = isQuiet(group.buffer, at) || carried !== undefined;
    const fits = isFirst || frameLevel === this.level || (this.level === 'flushed' && mayWait);
    if (isStale || !fits) {
      if (!isStale) node.carry = Buffer.from(group.buffer.subarray(at, at + length));
      group.unframe(length);
      return isStale;
    }
    if (isFirst) this.level = frameLevel;
    const frameNo = group.buffer.readUInt32LE(at + 8);
    this.router.currentNode = node;
    this.router.currentFrameNo = frameNo;
    node.ackFrameNo = frameNo;
    if (!isQuiet(group.buffer, at)) node.isAckDue = true;
    this.model.apply(group.buffer, at, length, now);
    this.stats.frames += 1;
    return true;
  }

  private commit(): MaybePromise<StepResult> {
    hitFailpoint('journal.beforeCommit');
    let committed: MaybePromise<void>;
    try {
      const isLong = this.sinceCheckpointBytes + this.group.length >= this.options.checkpointBytes;
      committed = this.commitGroup(isLong || this.model.dirty.size >= limits.checkpointRowsMax, this.handOut);
    } catch (error) {
      return this.commitFailed(asJournalError(error));
    }
    const publish = (): StepResult => {
      hitFailpoint('journal.afterCommitBeforeRoute');
      this.router.publish();
      hitFailpoint('journal.afterRoute');
      return { worked: true, waitMs: 0 };
    };
    if (committed === undefined) return publish();
    return committed.then(publish, (error: unknown) => this.commitFailed(asJournalError(error)));
  }

  private readonly handOut = (): void => {
    this.router.handOut();
    hitFailpoint('journal.beforeFlush');
  };

  /**
   * Write the gathered group, with a checkpoint when it is time, as one transaction.
   * @param written what to do while it is still to be flushed
   */
  private commitGroup(withCheckpoint: boolean, written?: () => void): MaybePromise<void> {
    const { store, clock } = this.options;
    const { counters } = this.model;
    const now = clock.now();
    const since = this.unflushedSince ?? now;
    // A clock that went back says nothing about how long ago that was.
    if (now - since > flushEveryMs || now < since) this.level = 'flushed';
    this.workedAt = now;
    const notes = this.model.notes.take();
    if (notes !== undefined) this.group.append(0, notes);
    const record = this.group.finish(this.before, this.level, this.time.now());
    const position = this.before.position + 1;
    counters.position = position;
    const level = withCheckpoint ? 'flushed' : this.level;
    const checkpoint = withCheckpoint ? this.prepareCheckpoint(position, record.length) : undefined;
    const log = { position, bytes: record };
    const committed = store.commit(this.model.takeChanges(), level, log, checkpoint, written);
    const done = () => {
      this.sinceCheckpointBytes += record.length;
      this.unflushedSince = this.level === 'committed' && !withCheckpoint ? since : undefined;
      this.stats.groups += 1;
      this.stats.bytes += record.length;
      return withCheckpoint ? this.finishCheckpoint(position) : undefined;
    };
    return committed === undefined ? done() : committed.then(done);
  }

  private prepareCheckpoint(position: number, recordBytes: number): Iterable<Change> {
    const { model } = this;
    const closing = {
      first: this.checkpointPosition + 1,
      last: position,
      bytes: this.sinceCheckpointBytes + recordBytes,
      keepUntil: model.keepHistoryMs === 0 ? 0 : this.time.now() + model.keepHistoryMs,
    };
    const { retentionBytes } = this.options;
    this.segments = withSegment(this.segments, closing, Math.min(limits.segmentBytes, retentionBytes / 8));
    const drop = segmentsToDrop(this.segments, retentionBytes, this.time.now());
    this.droppable = this.segments.slice(0, drop);
    this.segments = this.segments.slice(drop);
    const mark = { ...model.counters, segments: this.segments, time: this.time.now() };
    return checkpointChanges(model, this.options.store, mark, this.droppable.at(-1)?.last ?? 0);
  }

  private droppable: Segment[] = [];
  private warned = false;

  private finishCheckpoint(position: number): MaybePromise<void> {
    afterCheckpoint(this.model);
    this.checkpointPosition = position;
    this.sinceCheckpointBytes = 0;
    this.stats.checkpoints += 1;
    const last = this.droppable.at(-1);
    this.droppable = [];
    return last === undefined ? undefined : this.options.store.dropLog(last.last + 1);
  }

  /** Commit one frame of the journal's own at once. */
  private writeOwn(fill: (frame: FrameWriter) => void, level: CommitLevel): void {
    this.begin(level);
    this.own.begin(level);
    fill(this.own);
    this.applyOwn(this.time.now());
    const committed = this.commitGroup(false);
    if (committed !== undefined) throw new TroupeError('JOURNAL_WRITE', 'attach needs a store that commits at once');
  }

  /** Nodes that are gone and whose links are empty: charge the guilty, release the others. */
  private finishRetiring(): boolean {
    const ready = this.retiring.filter(({ node }) => node.carry === undefined && node.reader.nextLength() < 0);
    for (const entry of ready) {
      const { node, blamedAid, blamedSeq, report } = entry;
      const blamed = this.model.rows.awake(blamedAid);
      if (blamed !== undefined && blamed.node === node.index) {
        this.router.released(blamed);
        const isGuilty = this.model.isAt(blamed, blamedSeq);
        if (isGuilty) blamed.carefulLeft = 0;
        else this.router.suspect(blamed, blamedSeq);
        const guilty = isGuilty ? blamedAid : 0;
        this.writeOwn((frame) => frame.hostDown(node.session, guilty, blamedSeq, report), 'flushed');
        this.router.wake(blamed);
      }
      // Only now: if the write failed, it is tried again when the store can.
      this.retiring.splice(this.retiring.indexOf(entry), 1);
      this.router.detach(node);
      this.router.publish();
      entry.done();
    }
    return ready.length > 0;
  }

  private commitFailed(error: TroupeError): StepResult {
    this.stats.failedCommits += 1;
    this.degraded = error;
    this.router.abandon();
    this.router.close();
    const recovered = recover(this.options.store, this.router);
    this.model = recovered.model;
    this.segments = recovered.mark.segments;
    this.checkpointPosition = recovered.mark.position;
    this.sinceCheckpointBytes = recovered.tailBytes;
    for (const node of this.router.nodes) node.vacate();
    this.refuseAll(error);
    return { worked: false, waitMs: limits.storeRetryMs };
  }

  /** Tell every node that what it sent and was not acknowledged has not happened. */
  private refuseAll(error: TroupeError): void {
    const value = encode(TroupeError.toPlain(error), 'error');
    for (const node of this.router.nodes) {
      if (node.retired) continue;
      const hadFrames = node.reader.nextLength() >= 0 || node.carry !== undefined;
      if (!hadFrames && node.resetFor === error) continue;
      node.resetFor = error;
      while (node.reader.nextLength() >= 0) node.reader.read();
      this.router.reset(node, value);
    }
  }

  /** Can the store take a write again? */
  private probe(): boolean {
    try {
      const probed = this.options.store.commit([{ table: 'meta', key: 'probe', value: Buffer.alloc(8) }], 'flushed');
      if (probed !== undefined) return false;
    } catch {
      return false;
    }
    this.degraded = undefined;
    for (const node of this.router.nodes) node.resetFor = undefined;
    this.router.notice({ kind: 'writable' });
    this.openRouter();
    return true;
  }
}

function asJournalError(error: unknown): TroupeError {
  if (error instanceof TroupeError && error.code !== 'JOURNAL_CORRUPT') return error;
  if (error instanceof TroupeError) throw error;
  return new TroupeError('JOURNAL_WRITE', `the journal could not commit: ${String(error)}`, { cause: error });
}
