/**
 * How actors end: on request, by themselves, or because they gave up; always their children first, in reverse order of
 * their start, and each only when the one before has ended. Part of the model's fold: no time and no I/O of its own.
 *
 * What I own: the list of stops that can go on. What the model owns: rows, numbers, dead letters.
 *
 * N1  A row ends once; its mail then becomes dead letters, its timers are gone, its watchers are told.
 * N2  A row that may be on a host ends by that host's word, after its stop hook, so that no turn of it comes after its
 *     end; one that has not started and is nowhere ends by the router's (`Router.takeUnborn`); one that cannot be run
 *     ends at once.
 * N3  A stop is not undone: whoever fails while stopping has ended.
 * N4  Who has not stopped in its time is killed: the thread that is at it goes, and it ends without its stop hook. So
 *     does at once who has no time. That it was killed is what it ends with, unless it has ended by itself before.
 * N5  A supervised row that exits is held, with everything it has, and ends when its supervisor says so, or when that
 *     ends for good itself.
 */
import { ByteWriter } from '../core/bytes.js';
import { encode } from '../core/codec.js';
import { EnvelopeKind, type EnvelopeKindValue, writeEnvelope } from '../core/envelope.js';
import type { JournalModel } from './model.js';
import { EndKind, type EndKindValue, Supervises } from './ops.js';
import { refusal } from './refusal.js';
import { type ActorRow, RowStatus } from './row.js';

const nobody = Buffer.alloc(0);

/** The timer of a row that is to stop in time; it has no message. */
export const shutdownTimerId = 'troupe.shutdown';

/** N4: what it ends with. */
function killed({ path, shutdownMs }: ActorRow): Buffer {
  if (shutdownMs <= 0) return refusal('SHUTDOWN_KILL', `${path} was killed at once, as was declared`);
  return refusal('SHUTDOWN_TIMEOUT', `${path} had not stopped after ${shutdownMs} ms and was killed`);
}

/** Ends rows. */
export class Ending {
  private readonly stopping: ActorRow[] = [];
  private isStopping = false;

  constructor(private readonly books: JournalModel) {}

  /** Somebody who is not above it stops a row, or it stops itself: who has no time is not killed for that. */
  ask(row: ActorRow): void {
    this.begin(row, true);
  }

  /**
   * Stop a row: its children first, in reverse order, then itself.
   * @param isAsked nobody above it stops it
   */
  begin(row: ActorRow, isAsked = false): void {
    const isKilled = row.shutdownMs <= 0 && !isAsked;
    if (row.status === RowStatus.stopping && isKilled) this.overdue(row);
    if (row.status === RowStatus.stopping || row.status === RowStatus.ended) return;
    // It has stopped already; what becomes of it is its supervisor's business, unless that goes for good too.
    if (row.status === RowStatus.held) {
      if (!this.isHeldAtEnd(row)) this.over(row);
      return;
    }
    // A host may be at its first turn already: also of one that has not started only the router knows.
    const mayBeUp = (row.status === RowStatus.running && !row.isVolatile) || this.books.mayBeginHere(row);
    if (row.status === RowStatus.quarantined) this.books.outcomes.notice({ kind: 'unquarantined', aid: row.aid });
    if (row.damage !== undefined) row.children ??= this.books.findChildren(row.aid);
    row.status = RowStatus.stopping;
    if (!mayBeUp) row.end = { how: EndKind.stopped, value: Buffer.alloc(0) };
    this.books.touch(row);
    if (isKilled) this.overdue(row);
    else this.setShutdownTimer(row);
    this.goOn(row);
  }

  /** Its time to stop begins now. */
  setShutdownTimer(row: ActorRow): void {
    if (row.status !== RowStatus.stopping || row.shutdownMs <= 0 || !Number.isFinite(row.shutdownMs)) return;
    this.books.touch(row);
    this.books.setTimer(row, shutdownTimerId, this.books.time + row.shutdownMs, nobody);
  }

  /** N4: its time to stop is over. */
  overdue(row: ActorRow): void {
    // Who has ended by itself may still wait for its children: they have times of their own.
    if (row.status !== RowStatus.stopping || row.killed || row.end !== undefined) return;
    row.killed = true;
    this.books.touch(row);
    const { aid, path } = row;
    this.books.outcomes.notice({ kind: 'kill', aid, path, shutdownMs: row.shutdownMs });
    this.books.outcomes.wake(row);
  }

  /** A row that is held, or has failed, ends for good, and all that are held below it. */
  over(row: ActorRow): void {
    row.isFinal = true;
    row.end ??= { how: EndKind.failed, value: row.failure?.error ?? nobody };
    row.status = RowStatus.stopping;
    this.books.touch(row);
    this.goOn(row);
  }

  /** Will somebody be there to say what becomes of this one when it has exited? */
  isHeldAtEnd(row: ActorRow): boolean {
    for (let child = row; child.supervised && !child.isFinal; ) {
      const parent = this.books.rows.get(child.parent);
      if (parent === undefined || parent.status === RowStatus.ended) return false;
      if (parent.status !== RowStatus.stopping) return true;
      child = parent;
    }
    return false;
  }

  /** N3: what it was at is left to the dead letters. */
  failedToStop(row: ActorRow): void {
    row.end = { how: EndKind.stopped, value: Buffer.alloc(0) };
    this.goOn(row);
  }

  /** Go on with every stop that can go on. A list and not a recursion: a parent may have 100,000 children. */
  goOn(first: ActorRow): void {
    this.stopping.push(first);
    if (this.isStopping) return;
    this.isStopping = true;
    for (let row = this.stopping.pop(); row !== undefined; row = this.stopping.pop()) this.stopStep(row);
    this.isStopping = false;
  }

  private stopStep(row: ActorRow): void {
    if (row.stopOrder === undefined) {
      row.stopOrder = this.inOrder(row);
      if (row.supervises === Supervises.together) this.stopTogether(row.stopOrder);
    }
    for (let last = row.stopOrder.at(-1); last !== undefined; last = row.stopOrder.at(-1)) {
      const child = this.books.rows.get(last);
      if (child !== undefined && child.status !== RowStatus.ended && !this.isHeldForGood(child)) {
        this.begin(child);
        return;
      }
      row.stopOrder.pop();
    }
    if (row.status === RowStatus.ended) return;
    if (row.end !== undefined) this.finish(row);
    else this.books.outcomes.wake(row);
  }

  /** Children in the order of their start; a supervisor's as it has placed them. */
  private inOrder(row: ActorRow): number[] {
    const children = [...(row.children ?? [])];
    if (row.supervises !== Supervises.inOrder) return children;
    const rankOf = (aid: number): number => this.books.rows.get(aid)?.rank ?? 0;
    return children.sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** It has exited, and so will its parent: it waits for what becomes of both. */
  private isHeldForGood(row: ActorRow): boolean {
    return row.status === RowStatus.held && this.isHeldAtEnd(row);
  }

  private stopTogether(order: readonly number[]): void {
    for (const aid of order) {
      const child = this.books.rows.get(aid);
      if (child !== undefined && !this.isHeldForGood(child)) this.begin(child);
    }
  }

  /** The row has exited, and its children before it. */
  private finish(row: ActorRow): void {
    if (row.status !== RowStatus.stopping) return;
    if (row.killed && row.end?.how === EndKind.stopped) row.end = { how: EndKind.stopped, value: killed(row) };
    if (this.isHeldAtEnd(row)) {
      this.hold(row);
      return;
    }
    // They were held as long as their parent was to be.
    const held = this.heldChild(row);
    if (held === undefined) this.finalize(row);
    else this.over(held);
  }

  private heldChild(row: ActorRow): ActorRow | undefined {
    for (const aid of row.children ?? []) {
      const child = this.books.rows.get(aid);
      if (child?.status === RowStatus.held) return child;
    }
    return undefined;
  }

  /** A supervisor begins anew: whom it does not start again belongs to nobody. */
  leaveBehind(row: ActorRow): void {
    for (const aid of row.children ?? []) {
      const child = this.books.rows.get(aid);
      if (child === undefined || !child.supervised) continue;
      child.isStray = true;
      this.books.touch(child);
    }
  }

  /** A supervisor's new life is up: children of an earlier one that it has not started again end. */
  endUnknown(row: ActorRow): void {
    for (const aid of [...(row.children ?? [])]) {
      const child = this.books.rows.get(aid);
      if (child?.isStray !== true) continue;
      child.isFinal = true;
      this.books.touch(child);
      if (child.status === RowStatus.held) this.over(child);
      else this.begin(child);
    }
  }

  /** N5: everything of it is kept until its supervisor has decided. */
  private hold(row: ActorRow): void {
    const { how, value } = row.end ?? { how: EndKind.stopped, value: nobody };
    this.books.outcomes.dropped(row);
    row.timers?.delete(shutdownTimerId);
    row.stopOrder = undefined;
    row.status = RowStatus.held;
    this.books.touch(row);
    this.books.notes.held(row.aid, how);
    // Who asked for its stop has got what was asked for.
    this.books.outcomes.ended(row);
    this.tellSupervisor(row, 'exited', how, value);
    const parent = this.books.rows.get(row.parent);
    if (parent?.status === RowStatus.stopping) this.goOn(parent);
  }

  /** Word to the supervisor of a row: a message like any other. */
  tellSupervisor(row: ActorRow, what: string, ...facts: unknown[]): void {
    this.tellChild(row.parent, [row.aid, row.path, row.name, what, ...facts]);
  }

  /** Word of a child, to a supervisor by its number. */
  tellChild(supervisor: number, record: readonly unknown[]): void {
    this.post(supervisor, EnvelopeKind.child, encode(record, 'child') as Buffer);
  }

  /** Word to a supervisor that its life begins: what it hears before this is of an earlier one. */
  tellBegin(row: ActorRow): void {
    this.tellChild(row.aid, [row.aid, row.path, row.name, 'begin']);
  }

  /** Word to a supervisor that its declaration may be another one. */
  tellDeclared(row: ActorRow): void {
    this.tellChild(row.aid, [row.aid, row.path, row.name, 'declared']);
  }

  /** The row is over: its mail, its timers, its watchers, its place in the tree. */
  private finalize(row: ActorRow): void {
    const end = row.end ?? { how: EndKind.stopped, value: Buffer.alloc(0) };
    this.books.outcomes.dropped(row);
    const failedSeq = end.how === EndKind.failed ? row.failure?.seq : undefined;
    for (let item = row.mail.first(this.books); item !== undefined; item = row.mail.first(this.books)) {
      row.mail.consume(item.seq, this.books);
      this.books.waiting -= 1;
      if (item.seq === failedSeq) this.books.deadLetter(item, row.path, 'MESSAGE_FAILED', end.value);
      else this.books.deadLetter(item, row.path, 'ACTOR_STOPPED', refusal('ACTOR_STOPPED', `${row.path} has stopped`));
    }
    if (row.damage !== undefined) this.books.forgetMail(row.aid);
    row.isFinal = false;
    row.killed = false;
    this.books.neverStarted(row);
    row.damage = undefined;
    row.status = RowStatus.ended;
    row.stopOrder = undefined;
    this.books.livingCount -= 1;
    row.timers = undefined;
    row.settled = undefined;
    row.state = undefined;
    row.stateStored = false;
    row.failure = undefined;
    row.end = end;
    this.books.touch(row);
    this.books.notes.over(row.aid, end.how);
    for (const watcher of row.watchers ?? []) this.tell(watcher, row.path, end.how, end.value);
    row.watchers = undefined;
    this.books.outcomes.ended(row);
    this.books.outcomes.notice({
      kind: 'ended',
      aid: row.aid,
      path: row.path,
      name: row.name,
      how: end.how,
      value: end.value,
    });
    const parent = this.books.rows.get(row.parent);
    if (parent?.children?.delete(row.aid)) {
      this.books.touch(parent);
      if (parent.status === RowStatus.stopping) this.goOn(parent);
    }
  }

  /** Tell an actor of another one's end: a message like any other. */
  tell(watcher: number, path: string, how: EndKindValue, value: Buffer): void {
    this.post(watcher, EnvelopeKind.terminated, encode([path, how, value], 'terminated') as Buffer);
  }

  private post(to: number, kind: EnvelopeKindValue, payload: Buffer): void {
    const row = this.books.rows.get(to);
    const seq = this.books.nextSeq();
    if (row === undefined || row.status === RowStatus.ended || row.status === RowStatus.stopping) {
      this.books.notes.told(to, seq, nobody);
      return;
    }
    const out = new ByteWriter(128);
    writeEnvelope(out, {
      kind,
      to,
      from: 0,
      id: 0,
      sentAt: this.books.time,
      causationId: 0,
      correlationId: 0,
      receipt: false,
      payload,
    });
    const bytes = out.copy();
    this.books.notes.told(to, seq, bytes);
    // Of one that is not journaled no turn would ever take it out of the mail kept for it.
    if (row.isVolatile) this.books.outcomes.volatile(row, bytes, 0, bytes.length);
    else this.books.accept(row, { seq, bytes, offset: 0, length: bytes.length });
  }
}
