/**
 * A node is a thread as the journal sees it: main or a host, with a link each way. It collects the
 * signals of one round into frames and keeps what the ring cannot take now.
 *
 * What I own: the frame being built, the frames that wait for room. Deliveries never wait here: the
 * router asks `hasRoom` first and leaves mail in its queue. What waits is bounded by what the node
 * itself has in flight (acks, results, replies).
 */
import { limits } from '../core/limits.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import { PatientWriter } from '../core/patient-writer.js';
import { ReturnQueue } from './return-queue.js';
import type { ActorRow } from './row.js';
import { SignalWriter } from './signals.js';

/** What a node may do. */
export type NodeKind = 'main' | 'host';

/** Small enough for a host to look up between two: what is in one may be dozens of actors to be brought up. */
const frameBytesMax = 1 << 15;

/** One attached thread. */
export class JournalNode {
  readonly signals = new SignalWriter();
  private readonly writer: PatientWriter;
  /** Rows that could not be delivered for want of room. */
  stalled: ActorRow[] = [];
  /** Rows given to it to start that have not started yet. */
  starting = 0;
  /** Its thread runs, and takes what it is given. */
  isUp = false;
  /** Another host is up. */
  isSpared = false;
  /** Messages it has handled. */
  handled = 0;
  /** Rows given back to it that have not handled a message yet. */
  comingBack = 0;
  /** Rows that are to come back here, and nowhere else, when there is a place. */
  readonly returning = new ReturnQueue();
  /** Rows running on this node. */
  readonly resident = new Set<ActorRow>();
  /** Frames with another epoch are from before a reset and are passed over. */
  epoch = 0;
  /** The last frame of this node in the group being gathered, 0 for none. */
  ackFrameNo = 0;
  /** Somebody waits for that acknowledgement, or it has been held back for a round already. */
  isAckDue = false;
  /** The last of its frames that is committed and not acknowledged, 0 for none. */
  heldAckNo = 0;
  /** A frame already read whose level did not fit the group. */
  carry: Buffer | undefined;
  /** The failure this node was last reset for. */
  resetFor: unknown;
  /** Its thread is gone; what is left in its link is still read. */
  retired = false;

  constructor(
    readonly index: number,
    readonly session: number,
    readonly kind: NodeKind,
    readonly reader: LinkReader,
    writer: LinkWriter,
  ) {
    this.writer = new PatientWriter(writer);
  }

  /** How many actors run on it. */
  get actors(): number {
    return this.resident.size;
  }

  /** It can be given an actor that comes back, and soon runs it. Where no other is up, it need not be up itself. */
  get hasPlace(): boolean {
    const { comingBackMax, comingBackFirst } = limits;
    if (!this.isSpared) return this.comingBack < comingBackMax;
    return this.isUp && this.comingBack < Math.min(comingBackMax, comingBackFirst + this.handled);
  }

  /** True when a delivery of so many bytes may be written now. */
  hasRoom(bytes: number): boolean {
    if (this.writer.isBlocked || this.retired) return false;
    const queued = this.signals.out.length;
    return queued + bytes + 64 <= this.writer.room || (queued === 0 && bytes > this.writer.room && this.isIdle);
  }

  /** Something is in the frame being built. */
  get hasSignals(): boolean {
    return this.signals.out.length > 0;
  }

  /** Close the frame being built and hand it to the link. */
  flush(): void {
    const { signals } = this;
    if (signals.out.length === 0) return;
    if (!this.retired) this.writer.write(signals.out.view8());
    signals.clear();
  }

  /** Flush when the frame has grown large. */
  flushIfLarge(): void {
    if (this.signals.out.length >= frameBytesMax) this.flush();
  }

  /** Write what waited. Returns false while something still waits. */
  drain(): boolean {
    return this.writer.drain();
  }

  /** Ask to be woken when the link has room again. */
  wantRoom(): void {
    this.writer.wantRoom();
  }

  /** Nothing runs on it, and nothing waits for it. */
  vacate(): void {
    this.resident.clear();
    this.stalled = [];
    this.starting = 0;
    this.comingBack = 0;
    this.returning.clear();
    this.ackFrameNo = 0;
    this.isAckDue = false;
  }

  /** Drop everything not yet written: the thread is gone or will start anew. */
  forget(): void {
    this.writer.clear();
    this.signals.clear();
  }

  private get isIdle(): boolean {
    return this.signals.out.length === 0;
  }
}
