/**
 * What the journal says to a thread: acknowledgements, deliveries, activations, replies. Many signals
 * travel in one frame. Unlike the frames of `ops.ts` these are never stored.
 */
import { type ByteReader, ByteWriter, intern } from '../core/bytes.js';

/** Signal codes. */
export const Signal = {
  ack: 1,
  result: 2,
  deliver: 3,
  activate: 4,
  more: 5,
  reply: 6,
  notice: 7,
  reset: 8,
  stopCell: 9,
  dropCell: 10,
} as const;

/** What a host needs to bring an actor to life. */
export interface Activation {
  aid: number;
  parent: number;
  parentPath: string;
  parentDurability: number;
  path: string;
  name: string;
  url: string;
  version: number;
  durability: 0 | 1 | 2;
  input: Buffer;
  /** Undefined: run the initial transition first. */
  state: Buffer | undefined;
  /** Mail of this actor is still with the journal. */
  more: boolean;
  /** How many messages wait for it, at most a window of them. */
  mail: number;
  /** Effects whose report already waits in the mail. */
  settled: readonly string[];
  /** Effects whose report became a dead letter. */
  abandoned: readonly string[];
  /** Its parent decides what becomes of it when it fails. */
  supervised: boolean;
  /** A message of it has failed, and is tried again. */
  retrying: boolean;
  /** How many lives it had before this one: so often it has begun anew. Told only of one without a state. */
  life: number;
}

/** Builds one frame of signals. */
export class SignalWriter {
  readonly out = new ByteWriter();
  /** The last activation of this frame: the next one says of its definition and parent only that they are the same. */
  private last: Activation | undefined;

  /** The frame has been handed over; another one begins. */
  clear(): void {
    this.out.reset();
    this.last = undefined;
  }

  ack(frameNo: number): void {
    this.out.u8(Signal.ack);
    this.out.u32(frameNo);
  }

  result(frameNo: number, index: number, ok: boolean, value: Uint8Array): void {
    this.out.u8(Signal.result);
    this.out.u32(frameNo);
    this.out.u32(index);
    this.out.u8(ok ? 1 : 0);
    this.out.bytes(value);
  }

  /** @param more mail of this actor remains with the journal after this */
  deliver(aid: number, seq: number, more: boolean, source: Buffer, at: number, length: number): void {
    const { out } = this;
    out.u8(Signal.deliver);
    out.f64(aid);
    out.f64(seq);
    out.u8(more ? 1 : 0);
    out.raw(source.subarray(at, at + length));
  }

  activate(activation: Activation): void {
    const { out, last } = this;
    const { state, settled, abandoned } = activation;
    const isLike = last !== undefined && areAlike(last, activation);
    const hasEffects = settled.length > 0 || abandoned.length > 0;
    const hadLives = activation.life > 0 && state === undefined;
    this.last = activation;
    out.u8(Signal.activate);
    out.f64(activation.aid);
    out.u8(
      (activation.more ? Flag.more : 0) |
        (state === undefined ? 0 : Flag.state) |
        (isLike ? Flag.likeLast : 0) |
        (hasEffects ? Flag.effects : 0) |
        (activation.mail > 0 ? Flag.mail : 0) |
        (activation.supervised ? Flag.supervised : 0) |
        (activation.retrying ? Flag.retrying : 0) |
        (hadLives ? Flag.lives : 0),
    );
    if (hadLives) out.u32(activation.life);
    if (activation.mail > 0) out.u32(activation.mail);
    out.str(activation.path);
    if (!isLike) {
      out.f64(activation.parent);
      out.u32(activation.version);
      out.u8(activation.durability);
      out.u8(activation.parentDurability);
      out.str(activation.parentPath);
      out.str(activation.name);
      out.str(activation.url);
    }
    out.bytes(activation.input);
    if (state !== undefined) out.bytes(state);
    if (!hasEffects) return;
    for (const effectIds of [settled, abandoned]) {
      out.u32(effectIds.length);
      for (const effectId of effectIds) out.str(effectId);
    }
  }

  more(aid: number): void {
    this.out.u8(Signal.more);
    this.out.f64(aid);
  }

  reply(askId: number, ok: boolean, value: Uint8Array): void {
    this.out.u8(Signal.reply);
    this.out.f64(askId);
    this.out.u8(ok ? 1 : 0);
    this.out.bytes(value);
  }

  notice(value: Uint8Array): void {
    this.out.u8(Signal.notice);
    this.out.bytes(value);
  }

  reset(epoch: number, error: Uint8Array): void {
    this.out.u8(Signal.reset);
    this.out.u32(epoch);
    this.out.bytes(error);
  }

  /** @param isKilled without its stop hook */
  stopCell(aid: number, isKilled: boolean): void {
    this.out.u8(Signal.stopCell);
    this.out.f64(aid);
    this.out.u8(isKilled ? 1 : 0);
  }

  dropCell(aid: number): void {
    this.out.u8(Signal.dropCell);
    this.out.f64(aid);
  }
}

/** What an activation says of itself in one byte. */
const Flag = {
  more: 1,
  state: 2,
  likeLast: 4,
  effects: 8,
  mail: 16,
  supervised: 32,
  retrying: 64,
  lives: 128,
} as const;

/** Of one definition and one parent: thousands of them come one after the other when a thread has died. */
function areAlike(a: Activation, b: Activation): boolean {
  return (
    a.parent === b.parent &&
    a.name === b.name &&
    a.version === b.version &&
    a.durability === b.durability &&
    a.parentDurability === b.parentDurability &&
    a.url === b.url &&
    a.parentPath === b.parentPath
  );
}

/** What a thread does with each signal. Buffers are views into the frame; `envelope` stands before one. */
export interface SignalVisitor {
  ack(frameNo: number): void;
  result(frameNo: number, index: number, ok: boolean, value: Buffer): void;
  deliver(aid: number, seq: number, more: boolean, envelope: ByteReader): void;
  activate(activation: Activation): void;
  more(aid: number): void;
  reply(askId: number, ok: boolean, value: Buffer): void;
  notice(value: Buffer): void;
  reset(epoch: number, error: Buffer): void;
  /** Told once more, with `isKilled`, of one that is to stop no longer in its own way: without its stop hook. */
  stopCell(aid: number, isKilled: boolean): void;
  dropCell(aid: number): void;
}

/** Call the visitor once per signal, in order. */
export function readSignals(from: ByteReader, visitor: SignalVisitor): void {
  let last: Activation | undefined;
  while (!from.done) {
    const code = from.u8();
    switch (code) {
      case Signal.deliver: {
        const aid = from.f64();
        const seq = from.f64();
        const more = from.u8() === 1;
        const end = from.at + from.peekU32();
        visitor.deliver(aid, seq, more, from);
        from.at = end;
        break;
      }
      case Signal.ack:
        visitor.ack(from.u32());
        break;
      case Signal.result:
        visitor.result(from.u32(), from.u32(), from.u8() === 1, from.bytes());
        break;
      case Signal.activate:
        last = readActivation(from, last);
        visitor.activate(last);
        break;
      case Signal.more:
        visitor.more(from.f64());
        break;
      case Signal.reply:
        visitor.reply(from.f64(), from.u8() === 1, from.bytes());
        break;
      case Signal.notice:
        visitor.notice(from.bytes());
        break;
      case Signal.reset:
        visitor.reset(from.u32(), from.bytes());
        break;
      case Signal.stopCell:
        visitor.stopCell(from.f64(), from.u8() === 1);
        break;
      case Signal.dropCell:
        visitor.dropCell(from.f64());
        break;
      default:
        throw new RangeError(`unknown signal ${code} at ${from.at - 1}`);
    }
  }
}

const none: readonly string[] = [];

type Kind = Pick<Activation, 'parent' | 'version' | 'durability' | 'parentDurability' | 'parentPath' | 'name' | 'url'>;

/** @param last the one before it in this frame */
function readActivation(from: ByteReader, last: Activation | undefined): Activation {
  const aid = from.f64();
  const flags = from.u8();
  const life = flags & Flag.lives ? from.u32() : 0;
  const mail = flags & Flag.mail ? from.u32() : 0;
  const path = from.str();
  const kind = last !== undefined && flags & Flag.likeLast ? last : readKind(from);
  const { parent, version, durability, parentDurability, parentPath, name, url } = kind;
  const input = from.bytes();
  const state = flags & Flag.state ? from.bytes() : undefined;
  const settled = flags & Flag.effects ? readStrings(from) : none;
  const abandoned = flags & Flag.effects ? readStrings(from) : none;
  const more = (flags & Flag.more) !== 0;
  const [supervised, retrying] = [(flags & Flag.supervised) !== 0, (flags & Flag.retrying) !== 0];
  const parents = { parent, parentPath, parentDurability, supervised };
  const own = { aid, path, input, state, more, mail, retrying, settled, abandoned, life };
  return { ...own, ...parents, name, url, version, durability };
}

function readKind(from: ByteReader): Kind {
  const parent = from.f64();
  const version = from.u32();
  const durability = from.u8() as 0 | 1 | 2;
  const parentDurability = from.u8();
  const [parentPath, name, url] = [intern(from.str()), intern(from.str()), intern(from.str())];
  return { parent, version, durability, parentDurability, parentPath, name, url };
}

function readStrings(from: ByteReader): readonly string[] {
  const strings: string[] = [];
  for (let left = from.u32(); left > 0; left -= 1) strings.push(from.str());
  return strings;
}
