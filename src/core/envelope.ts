/**
 * An envelope: one message with its metadata, as bytes. The sender writes it once; the journal,
 * the store and the receiver's thread pass the same bytes on and read only the header they need.
 *
 *   u32 bytes of the whole envelope     u8 kind   u8 flags   u16 zero (kept for priority)
 *   f64 to        receiver's number, 0: by path
 *   f64 from      sender's number, 0: from outside
 *   f64 id        unique: sender's session * 2^32 + a counter
 *   f64 sentAt    milliseconds since the epoch
 *   [reply]       f64 session, f64 askId: where the reply goes
 *   [deadline]    f64 when the asker stops waiting
 *   [cause]       f64 causationId, f64 correlationId
 *   [path]        str the receiver's path
 *   [trace]       str traceparent
 *   [effect]      str effectId whose report this is
 *   payload       the event, as the codec wrote it
 *
 * The sequence number is not inside: it is the envelope's place in the journal.
 */
import { ByteReader, type ByteWriter } from './bytes.js';
import { decode, decodeAt, encode, encodeTo } from './codec.js';

/** What an envelope is to its receiver. */
export const EnvelopeKind = {
  /** A message from an actor or from outside. */
  event: 0,
  /** An effect of the receiver reports. */
  settle: 1,
  /** A timer of the receiver fired. */
  timer: 2,
  /** A watched actor ended. */
  terminated: 3,
  /** Word of a supervised child, or of the receiver's own life as a supervisor. */
  child: 4,
} as const;

/** One of `EnvelopeKind`'s numbers. */
export type EnvelopeKindValue = (typeof EnvelopeKind)[keyof typeof EnvelopeKind];

const kindAt = 4;
const flagsAt = 5;
const toAt = 8;

const flagReply = 1;
const flagDeadline = 2;
const flagCause = 4;
const flagPath = 8;
const flagTrace = 16;
const flagEffect = 32;
const flagReceipt = 64;

/** An envelope's header, read. */
export interface Envelope {
  kind: EnvelopeKindValue;
  /** Receiver's number, 0 when only the path is known. */
  to: number;
  /** Receiver's path, when the number was not known to the sender. */
  toPath?: string | undefined;
  /** Sender's number, 0 from outside. */
  from: number;
  id: number;
  sentAt: number;
  /** The asking thread's session and its number for the question. */
  replyTo?: { session: number; askId: number } | undefined;
  deadline?: number | undefined;
  causationId: number;
  correlationId: number;
  traceparent?: string | undefined;
  effectId?: string | undefined;
  /** The sender waits for the word that it was accepted or refused. */
  receipt: boolean;
  /** The encoded event; a view into the record. */
  readonly payload: Buffer;
  /** What the payload says, when there is a shorter way to it than `decode`; see the function of this name. */
  takeEvent?(): unknown;
}

/** Append an envelope. */
export function writeEnvelope(out: ByteWriter, envelope: Envelope): void {
  const start = writeHeader(out, envelope);
  out.raw(envelope.payload);
  out.patchU32(start, out.length - start);
}

/**
 * Append an envelope with this value as its payload, encoded in place.
 * @throws TroupeError PAYLOAD_NOT_CARRIABLE; nothing is appended then
 */
export function writeEnvelopeOf(
  out: ByteWriter,
  envelope: Omit<Envelope, 'payload'>,
  value: unknown,
  what: string,
): void {
  const before = out.length;
  try {
    const start = writeHeader(out, envelope);
    encodeTo(out, value, what);
    out.patchU32(start, out.length - start);
  } catch (error) {
    out.truncate(before);
    throw error;
  }
}

const fixedBytes = 40;

/** Everything before the payload. Returns where the envelope begins. */
function writeHeader(out: ByteWriter, envelope: Omit<Envelope, 'payload'>): number {
  const { replyTo, deadline, toPath, traceparent, effectId, causationId } = envelope;
  const start = out.grow(fixedBytes);
  const { memory } = out;
  memory.setUint8(start + kindAt, envelope.kind);
  memory.setUint8(
    start + flagsAt,
    (replyTo === undefined ? 0 : flagReply) |
      (deadline === undefined ? 0 : flagDeadline) |
      (causationId === 0 ? 0 : flagCause) |
      (toPath === undefined ? 0 : flagPath) |
      (traceparent === undefined ? 0 : flagTrace) |
      (effectId === undefined ? 0 : flagEffect) |
      (envelope.receipt ? flagReceipt : 0),
  );
  memory.setUint16(start + 6, 0, true);
  memory.setFloat64(start + toAt, envelope.to, true);
  memory.setFloat64(start + 16, envelope.from, true);
  memory.setFloat64(start + 24, envelope.id, true);
  memory.setFloat64(start + 32, envelope.sentAt, true);
  if (replyTo !== undefined) {
    out.f64(replyTo.session);
    out.f64(replyTo.askId);
  }
  if (deadline !== undefined) out.f64(deadline);
  if (causationId !== 0) {
    out.f64(causationId);
    out.f64(envelope.correlationId);
  }
  if (toPath !== undefined) out.str(toPath);
  if (traceparent !== undefined) out.str(traceparent);
  if (effectId !== undefined) out.str(effectId);
  return start;
}

/** An envelope as it was read: its payload stays where it is until somebody wants it. */
class ReadEnvelope implements Envelope {
  toPath: string | undefined = undefined;
  replyTo: Envelope['replyTo'] = undefined;
  deadline: number | undefined = undefined;
  causationId = 0;
  correlationId = 0;
  traceparent: string | undefined = undefined;
  effectId: string | undefined = undefined;
  payloadAt = 0;

  constructor(
    readonly kind: EnvelopeKindValue,
    public receipt: boolean,
    readonly to: number,
    readonly from: number,
    readonly id: number,
    readonly sentAt: number,
    private readonly source: Buffer,
    private readonly end: number,
  ) {}

  get payload(): Buffer {
    return this.source.subarray(this.payloadAt, this.end);
  }

  takeEvent(): unknown {
    return decodeAt(this.source, this.payloadAt, this.end);
  }
}

/** Read the envelope that begins at the reader's place, and move behind it. It shares the reader's memory. */
export function readEnvelope(from: ByteReader): Envelope {
  const end = from.at + from.u32();
  const kind = from.u8() as EnvelopeKindValue;
  const flags = from.u8();
  from.u16();
  const receipt = (flags & flagReceipt) !== 0;
  const envelope = new ReadEnvelope(kind, receipt, from.f64(), from.f64(), from.f64(), from.f64(), from.source, end);
  if (flags & flagReply) envelope.replyTo = { session: from.f64(), askId: from.f64() };
  if (flags & flagDeadline) envelope.deadline = from.f64();
  if (flags & flagCause) {
    envelope.causationId = from.f64();
    envelope.correlationId = from.f64();
  }
  if (flags & flagPath) envelope.toPath = from.str();
  if (flags & flagTrace) envelope.traceparent = from.str();
  if (flags & flagEffect) envelope.effectId = from.str();
  envelope.payloadAt = from.at;
  from.skip(end - from.at);
  return envelope;
}

/** A message that stays on its thread: the receiver has a copy of its own, and there are no bytes unless asked for. */
export class CarriedEnvelope implements Envelope {
  readonly kind = EnvelopeKind.event;
  readonly toPath = undefined;
  readonly deadline = undefined;
  readonly replyTo = undefined;
  readonly effectId = undefined;
  readonly receipt = false;

  /** @param event belongs to the receiver */
  constructor(
    readonly to: number,
    readonly from: number,
    readonly id: number,
    readonly sentAt: number,
    readonly causationId: number,
    readonly correlationId: number,
    readonly traceparent: string | undefined,
    private readonly event: { readonly type: string },
  ) {}

  /** As the receiver has left it. */
  get payload(): Buffer {
    return encode(this.event, this.event.type);
  }

  takeEvent(): unknown {
    return this.event;
  }
}

/** What an envelope carries: for one receiver, once. */
export function takeEvent(envelope: Envelope): unknown {
  return envelope.takeEvent === undefined ? decode(envelope.payload) : envelope.takeEvent();
}

/** Read an envelope from bytes that hold just it. */
export function parseEnvelope(bytes: Buffer): Envelope {
  return readEnvelope(new ByteReader(bytes));
}

/** What the router needs of an envelope, read in place. */
export const envelopeAt = {
  bytes: (view: DataView, at: number): number => view.getUint32(at, true),
  kind: (view: DataView, at: number): number => view.getUint8(at + kindAt),
  to: (view: DataView, at: number): number => view.getFloat64(at + toAt, true),
  hasPath: (view: DataView, at: number): boolean => (view.getUint8(at + flagsAt) & flagPath) !== 0,
  wantsReceipt: (view: DataView, at: number): boolean => (view.getUint8(at + flagsAt) & flagReceipt) !== 0,
  hasEffect: (view: DataView, at: number): boolean => (view.getUint8(at + flagsAt) & flagEffect) !== 0,
};
