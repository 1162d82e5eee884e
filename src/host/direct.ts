/**
 * Links straight from thread to thread, for messages that need no commit: to actors that are not journaled, from
 * callers and from actors that are not journaled either, and the replies to them. Which way a pair uses follows from
 * the two actors' durability alone, so the order per pair holds.
 *
 * What I own: one lane per thread I write to, and where I believe each receiver lives. What the machine owns: opening
 * links, telling me that a thread is gone.
 *
 * D1  Messages to one receiver leave in the order asked for, also those that wait for its whereabouts.
 * D2  A full link makes callers wait (`tell` resolves later); what waits is bounded by `limits.clientInFlightMax`.
 * D3  A receiver that is not where it was believed to be costs nothing but a detour through the journal.
 * D4  A thread has no link to itself: what is for an actor of this thread goes into its mailbox, and waits here when
 *     the actor is still on its way.
 * D5  A thread is linked once: who writes to it while the link is being opened waits for that one.
 */
import { ByteWriter } from '../core/bytes.js';
import { encode } from '../core/codec.js';
import { type Envelope, writeEnvelope, writeEnvelopeOf } from '../core/envelope.js';
import { TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { LinkWriter } from '../core/link.js';
import type { ActorRef } from '../core/ref.js';
import { Signal } from '../journal/signals.js';

/** What the machine does for a thread's direct links. */
export interface DirectPort {
  /** The session of the thread that runs an actor, 0 for none. */
  locate(path: string): Promise<number>;
  /** A link to a thread, undefined when it is gone. */
  open(session: number): Promise<LinkWriter | undefined>;
  /** The thread's own actors; undefined: it runs none. */
  readonly here?: Neighbourhood;
}

/** The actors of the thread that writes. */
export interface Neighbourhood {
  readonly session: number;
  /** Put a message into an actor's mailbox. @returns false when it does not live here (yet) */
  deliver(path: string, envelope: Envelope): boolean;
}

/** One link and what waits for it. */
interface Lane {
  session: number;
  writer: LinkWriter | undefined;
  /** D5 */
  opening: Promise<LinkWriter | undefined> | undefined;
  out: ByteWriter;
  /** Frames the link had no room for. */
  blocked: Buffer[];
  /** Callers to be told when their message is in the link. */
  waiting: (() => void)[];
  /** In the list of lanes with something to send. */
  isDirty: boolean;
}

const frameBytesMax = 1 << 16;

/** One thread's direct links. */
export class Direct {
  private readonly lanes = new Map<number, Lane>();
  private readonly routes = new Map<string, Lane>();
  private readonly locating = new Map<
    string,
    { envelope: Envelope; resolve: () => void; reject: (error: unknown) => void }[]
  >();
  private dirty: Lane[] = [];
  private scheduled = false;
  private waitingCount = 0;

  /**
   * @param fallback what to do with a message whose receiver lives nowhere: send it through the journal, which
   *   knows why
   */
  constructor(
    private readonly port: DirectPort,
    private readonly fallback: (target: ActorRef, envelope: Envelope) => Promise<unknown>,
  ) {}

  /**
   * Send one message, its payload still a value. Resolves when it is in the link; undefined: it is.
   * @throws TroupeError PAYLOAD_NOT_CARRIABLE
   */
  sendValue(
    target: ActorRef,
    envelope: Omit<Envelope, 'payload'>,
    value: unknown,
    what: string,
  ): Promise<void> | undefined {
    const lane = this.routes.get(target.path);
    if (lane === undefined) return this.sendUnlocated(target, { ...envelope, payload: encode(value, what) });
    const { out } = lane;
    const before = out.length;
    beginDeliver(out, target.aid);
    try {
      writeEnvelopeOf(out, envelope, value, what);
    } catch (error) {
      out.truncate(before);
      throw error;
    }
    return this.written(lane);
  }

  /** Send one message. Resolves when it is in the link; undefined: it is. */
  send(target: ActorRef, envelope: Envelope): Promise<void> | undefined {
    const lane = this.routes.get(target.path);
    if (lane === undefined) return this.sendUnlocated(target, envelope);
    beginDeliver(lane.out, target.aid);
    writeEnvelope(lane.out, envelope);
    return this.written(lane);
  }

  /** Answer a caller's question. @returns false when there is no link to that thread (yet) */
  reply(session: number, askId: number, ok: boolean, value: Uint8Array): boolean {
    const lane = this.lanes.get(session);
    if (lane === undefined || lane.writer === undefined) return false;
    const { out } = lane;
    out.u8(Signal.reply);
    out.f64(askId);
    out.u8(ok ? 1 : 0);
    out.bytes(value);
    void this.written(lane);
    return true;
  }

  /** A link the machine opened at the start, or a replacement's. */
  addLane(session: number, writer: LinkWriter): void {
    const lane = this.laneOf(session);
    lane.writer = writer;
    this.markDirty(lane);
  }

  /** A thread is gone: what waited for it is lost, as everything not journaled is with its thread. */
  dropLane(session: number): void {
    const lane = this.lanes.get(session);
    if (lane === undefined) return;
    this.lanes.delete(session);
    for (const [path, route] of this.routes) if (route === lane) this.routes.delete(path);
    lane.blocked.length = 0;
    this.settle(lane);
  }

  /** Do messages to this actor wait until it is known where it lives? */
  isSeeking(path: string): boolean {
    return this.locating.size > 0 && this.locating.has(path);
  }

  /** An actor has come to live on this thread: what waits for it is its first mail (D1, D4). */
  arrived(path: string): void {
    const waiting = this.locating.get(path);
    if (waiting === undefined || this.port.here === undefined) return;
    this.locating.delete(path);
    for (const { envelope, resolve } of waiting) {
      this.port.here.deliver(path, envelope);
      resolve();
    }
  }

  /** Forget where an actor was believed to live. */
  forget(path: string): void {
    this.routes.delete(path);
  }

  /** Hand everything gathered to the links. Returns true when nothing waits any more. */
  flush(): boolean {
    this.scheduled = false;
    const lanes = this.dirty;
    this.dirty = [];
    for (const lane of lanes) {
      lane.isDirty = false;
      if (!this.flushLane(lane)) this.markDirty(lane);
    }
    return this.dirty.length === 0;
  }

  private written(lane: Lane): Promise<void> | undefined {
    this.markDirty(lane);
    if (lane.out.length > frameBytesMax) this.flushLane(lane);
    else this.schedule();
    if (lane.blocked.length === 0) return undefined;
    if (this.waitingCount >= limits.clientInFlightMax) return Promise.reject(busy(this.waitingCount));
    this.waitingCount += 1;
    return new Promise((resolve) => lane.waiting.push(resolve));
  }

  private flushLane(lane: Lane): boolean {
    const { writer, out, blocked } = lane;
    if (writer === undefined) return false;
    while (blocked.length > 0) {
      if (!writer.write(blocked[0] as Buffer)) {
        writer.wantRoom();
        return false;
      }
      blocked.shift();
    }
    if (out.length > 0) {
      if (!writer.write(out.view8())) {
        blocked.push(out.copy());
        writer.wantRoom();
      }
      out.reset();
    }
    if (blocked.length === 0) this.settle(lane);
    return blocked.length === 0;
  }

  private settle(lane: Lane): void {
    this.waitingCount -= lane.waiting.length;
    for (const resolve of lane.waiting) resolve();
    lane.waiting = [];
  }

  private markDirty(lane: Lane): void {
    if (lane.isDirty) return;
    lane.isDirty = true;
    this.dirty.push(lane);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => this.flush());
  }

  private laneOf(session: number): Lane {
    let lane = this.lanes.get(session);
    if (lane === undefined) {
      lane = {
        session,
        writer: undefined,
        opening: undefined,
        out: new ByteWriter(),
        blocked: [],
        waiting: [],
        isDirty: false,
      };
      this.lanes.set(session, lane);
    }
    return lane;
  }

  /** D1: the first message to an unknown place asks for it; later ones wait behind. */
  private sendUnlocated(target: ActorRef, envelope: Envelope): Promise<void> | undefined {
    if (!this.isSeeking(target.path) && this.port.here?.deliver(target.path, envelope)) return undefined;
    return new Promise((resolve, reject) => {
      const kept = { envelope: { ...envelope, payload: Buffer.from(envelope.payload) }, resolve, reject };
      const waiting = this.locating.get(target.path);
      if (waiting !== undefined) {
        if (waiting.length >= limits.clientInFlightMax) reject(busy(waiting.length));
        else waiting.push(kept);
        return;
      }
      this.locating.set(target.path, [kept]);
      void this.locate(target);
    });
  }

  private async locate(target: ActorRef): Promise<void> {
    let lane = await this.findLane(target.path).catch(() => undefined);
    // It is on its way here (`arrived`), or its end is on its way to the journal.
    while (lane === 'here' && this.isSeeking(target.path)) {
      lane = await this.findLane(target.path).catch(() => undefined);
    }
    if (lane === 'here') return;
    const waiting = this.locating.get(target.path) ?? [];
    this.locating.delete(target.path);
    if (lane !== undefined) this.routes.set(target.path, lane);
    for (const { envelope, resolve, reject } of waiting) {
      const sent = lane === undefined ? this.fallback(target, envelope) : this.send(target, envelope);
      if (sent === undefined) resolve();
      else sent.then(() => resolve(), reject);
    }
  }

  private async findLane(path: string): Promise<Lane | 'here' | undefined> {
    const session = await this.port.locate(path);
    if (session === 0) return undefined;
    if (session === this.port.here?.session) return 'here';
    const lane = this.laneOf(session);
    if (lane.writer !== undefined) return lane;
    lane.opening ??= this.port.open(session);
    lane.writer ??= await lane.opening;
    if (lane.writer !== undefined) return lane;
    this.lanes.delete(session);
    return undefined;
  }
}

/** As `SignalWriter.deliver` begins: receiver, no number, nothing left behind. */
function beginDeliver(out: ByteWriter, aid: number): void {
  const at = out.grow(18);
  const { memory } = out;
  memory.setUint8(at, Signal.deliver);
  memory.setFloat64(at + 1, aid, true);
  memory.setFloat64(at + 9, 0, true);
  memory.setUint8(at + 17, 0);
}

function busy(count: number): TroupeError {
  const message = `${count} messages of this thread wait for room; await some before sending more`;
  return new TroupeError('SYSTEM_BUSY', message);
}
