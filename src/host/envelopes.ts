/**
 * The envelopes that actors of a host send: who sends, when, and what led to it are taken from the message that is
 * being handled. What I own: the numbers of these envelopes, and the buffer they are written in.
 */
import type { EffectFailed, LocalAddress } from '../cell/logic.js';
import { effectEndedType, effectFailedType } from '../cell/logic.js';
import { ByteWriter } from '../core/bytes.js';
import { carry } from '../core/carry.js';
import type { Clock } from '../core/clock.js';
import { encode } from '../core/codec.js';
import { CarriedEnvelope, type Envelope, EnvelopeKind, writeEnvelope, writeEnvelopeOf } from '../core/envelope.js';
import type { EventObject } from '../core/message.js';
import type { ActorRef } from '../core/ref.js';
import type { Cell } from './cell.js';
import type { Turn } from './turn.js';

/** A scratch buffer with more than this in it is not kept. */
const scratchBytesKept = 2 ** 20;

/** In whose name an envelope is written. */
export interface Sender {
  /** The cell whose message is being handled. */
  readonly running: Cell | undefined;
  /** That message. */
  readonly current: Envelope | undefined;
  readonly turn: Turn;
}

/** See the file's header. */
export class Envelopes {
  private idCount = 0;
  private scratch = new ByteWriter();

  constructor(
    private readonly host: { readonly session: number; readonly clock: Clock },
    private readonly sender: Sender,
  ) {}

  /** Of a message that stays on this thread, and is not written as bytes. */
  carried(target: ActorRef, event: EventObject): Envelope {
    const { current, running, turn } = this.sender;
    return new CarriedEnvelope(
      target.aid,
      running?.aid ?? 0,
      this.nextId(),
      turn.time,
      current?.id ?? 0,
      current === undefined ? 0 : current.correlationId || current.id,
      current?.traceparent,
      carry(event, event.type) as EventObject,
    );
  }

  /** @param asker whose question the receiver is to answer */
  of(target: ActorRef, payload: Uint8Array, asker?: Envelope['replyTo']): Envelope {
    return { ...this.header(target, asker), payload: payload as Buffer };
  }

  /** An envelope before its payload is written. */
  header(target: ActorRef, asker?: Envelope['replyTo']): Omit<Envelope, 'payload'> {
    const { current: cause, running, turn } = this.sender;
    return {
      kind: EnvelopeKind.event,
      to: target.aid,
      toPath: target.aid === 0 ? target.path : undefined,
      from: running?.aid ?? 0,
      id: this.nextId(),
      sentAt: running === undefined ? this.host.clock.now() : turn.time,
      causationId: cause?.id ?? 0,
      correlationId: cause === undefined ? 0 : cause.correlationId || cause.id,
      traceparent: cause?.traceparent,
      receipt: false,
      replyTo: asker,
      // The current request, passed on, is waited for as long as it was.
      deadline: asker?.askId === cause?.replyTo?.askId ? cause?.deadline : undefined,
    };
  }

  /** An effect's report, as bytes; one that cannot be carried is replaced by the error that says so. */
  reportBytes(to: ActorRef, address: LocalAddress, effectId: string, event: EventObject): Buffer {
    const { scratch } = this;
    const header = this.header(to);
    header.kind = EnvelopeKind.settle;
    header.effectId = effectId;
    scratch.reset();
    try {
      writeEnvelopeOf(scratch, header, [address, effectId, event], event.type);
    } catch (error) {
      const failed: EffectFailed = { type: effectFailedType, error: resultError(event, error) };
      writeEnvelopeOf(scratch, header, [address, effectId, failed], 'report');
    }
    return this.takeScratch();
  }

  /** An envelope, as bytes. */
  bytesOf(envelope: Envelope): Buffer {
    this.scratch.reset();
    writeEnvelope(this.scratch, envelope);
    return this.takeScratch();
  }

  /** What is written there; a buffer that has grown large is let go. */
  private takeScratch(): Buffer {
    const bytes = this.scratch.copy();
    if (bytes.length > scratchBytesKept) this.scratch = new ByteWriter();
    return bytes;
  }

  /** The upper half of the session's numbers; the client uses the lower. */
  private nextId(): number {
    this.idCount += 1;
    return this.host.session * 2 ** 32 + 2 ** 31 + this.idCount;
  }
}

/** Of a promise, or a named effect, only its result is the user's: an error about it names the place in that. */
function resultError(event: EventObject & { data?: unknown; output?: unknown }, error: unknown): unknown {
  if (event.type !== 'xstate.promise.resolve' && event.type !== effectEndedType) return error;
  try {
    encode(event.type === effectEndedType ? event.output : event.data, 'result');
    return error;
  } catch (about) {
    return about;
  }
}
