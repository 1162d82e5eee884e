/**
 * The journal's words. A frame is one atomic record: a list of operations, written by a thread
 * (a turn, or what its callers asked for), committed as it is, and read by the model, by recovery
 * and by the tools. The same bytes travel in the ring, lie in the log and are replayed.
 *
 *   frame   u8 level  u8 notes  u8 quiet  u8 zero  u32 epoch  u32 frameNo   ops...
 *   op      u8 code   fields
 *
 * `notes` is 1 for the one frame of a record that no thread wrote: what the frames before it brought about by way of
 * the model (see notes.ts). It changes nothing when it is applied; it is there for whoever reads history.
 * `quiet` is 1 where nobody waits for the acknowledgement: it may come with something else, so that it wakes no thread.
 */
import { type ByteReader, ByteWriter } from '../core/bytes.js';
import { type Envelope, writeEnvelope, writeEnvelopeOf } from '../core/envelope.js';
import type { ErrorCode, PlainError } from '../core/errors.js';
import type { CommitLevel } from './store.js';

/** Operation codes. Stored: never renumber, only add. */
const Op = {
  send: 1,
  local: 2,
  consume: 3,
  state: 4,
  ended: 5,
  timerSet: 6,
  timerCancel: 7,
  spawn: 8,
  stop: 9,
  reply: 10,
  fail: 11,
  passivate: 12,
  decide: 13,
  hostDown: 14,
  timerDue: 15,
  session: 16,
  watch: 17,
  deadLetter: 18,
  told: 19,
  over: 20,
  held: 21,
  overdue: 22,
  up: 23,
  stopChild: 24,
  declared: 25,
  actorsMax: 26,
  here: 27,
  startedHere: 28,
} as const;

/** Bytes before the first op of a frame. */
export const frameHeaderBytes = 12;

/** Where a frame says that it is the journal's notes. */
const notesAt = 1;

/** Where a frame says that nobody waits for its acknowledgement. */
const quietAt = 2;

/** Does nobody wait for the acknowledgement of the frame that begins at `at`? */
export function isQuiet(record: Buffer, at: number): boolean {
  return record[at + quietAt] === 1;
}

/** Is the frame that begins at `at` the journal's notes on its record? */
export function isNotes(record: Buffer, at: number): boolean {
  return record[at + notesAt] === 1;
}

/** How an actor ended. */
export const EndKind = { done: 0, failed: 1, stopped: 2 } as const;
/** One of `EndKind`'s numbers. */
export type EndKindValue = (typeof EndKind)[keyof typeof EndKind];

/** What kind of failure a host reports. */
export const FailKind = {
  /** Handling a message threw. */
  message: 0,
  /** The stored state or the definition cannot be used: quarantine. */
  unrestorable: 1,
  /** Handling a message threw; its supervisor, on the same host, has heard of it in the same turn. */
  toldHere: 2,
} as const;

/**
 * In word of a failure, and in a decision: the failure of that actor that is open. Its message had no number when its
 * supervisor heard of it, in the same turn.
 */
export const openFailure = -1;

/** What a host says about a failure: the encoded value of a `fail` op. */
export interface FailureReport {
  error: PlainError;
  /** How often the message may be tried in all; 0: as often as the definition says. */
  attemptsMax: number;
  /** False when trying again cannot help (a refused payload, a reply outside a request). */
  retry: boolean;
}

/** What was decided about an actor that failed, or about a supervised one that exited. */
export const Decision = {
  /** Last committed state; the failing message is tried again. */
  restore: 0,
  /** Last committed state; the failing message becomes a dead letter. */
  resume: 1,
  /** Initial state; the failing message becomes a dead letter. */
  reset: 2,
  /** The actor ends as failed. */
  stop: 3,
} as const;
/** One of `Decision`'s numbers. */
export type DecisionValue = (typeof Decision)[keyof typeof Decision];

/** Everything the journal must know of a new actor. */
export interface SpawnSpec {
  path: string;
  /** The parent's number, 0 for the root. */
  parent: number;
  /** The definition's name and the module that registers it. */
  name: string;
  url: string;
  version: number;
  durability: 0 | 1 | 2;
  placement: string;
  /** How long its history must be kept at least, in milliseconds; 0: as long as the system keeps any. */
  keepHistoryMs: number;
  /** Encoded input, empty for none. */
  input: Uint8Array;
  /** The path ends in a place for the actor's own number. */
  autoId: boolean;
  /** The spawner waits for the word. */
  receipt: boolean;
  /** Undefined: neither supervised nor a supervisor. */
  supervision?: SpawnSupervision | undefined;
}

/** A new actor's place in supervision. */
export interface SpawnSupervision {
  /** Its parent decides about its failures and ends. */
  supervised: boolean;
  /** It decides about its children, and how they are stopped with it. */
  supervises: SupervisesValue;
  /** How long it may take to stop, in milliseconds; Infinity: for ever. */
  shutdownMs: number;
  /** Its place among its siblings: who has a larger one stops before it. */
  rank: number;
  /** One that is found at the path, held, begins with its initial state. */
  anew: boolean;
  /** The supervisor must not have more children, this one included; Infinity: as many as it likes. */
  childrenMax: number;
  /** The children of the supervisor's siblings count too. */
  isChildrenMaxShared: boolean;
  /** Whose question is answered when it has started, or cannot. */
  asker: { session: number; askId: number } | undefined;
}

/** Is an actor a supervisor, and how do its children stop? Stored: only add. */
export const Supervises = {
  no: 0,
  /** One after the other, the last that was started first. */
  inOrder: 1,
  /** All at once. */
  together: 2,
} as const;
/** One of `Supervises`' numbers. */
export type SupervisesValue = (typeof Supervises)[keyof typeof Supervises];

/** Stored numbers of the durability levels. */
export const durabilityCodes = { none: 0, committed: 1, flushed: 2 } as const;
/** The durability levels by their stored number. */
export const durabilityNames = ['none', 'committed', 'flushed'] as const;

/** Builds one frame. Owns its buffer; `view()` shares it until the next `begin`. */
export class FrameWriter {
  readonly out = new ByteWriter();
  /** How many receipts (sends, spawns and stops that are answered) the frame asks for. */
  receipts = 0;

  begin(level: CommitLevel): void {
    this.out.reset();
    this.receipts = 0;
    this.out.u8(level === 'flushed' ? 1 : 0);
    this.out.u8(0);
    this.out.u16(0);
    this.out.u32(0);
    this.out.u32(0);
  }

  /** The frame of the journal's own that closes a record. */
  beginNotes(): void {
    this.begin('flushed');
    this.out.memory.setUint8(notesAt, 1);
  }

  /**
   * Give the frame its place in its sender's stream, just before it is sent.
   * @param quiet nobody waits for its acknowledgement. Default: somebody does
   */
  address(epoch: number, frameNo: number, quiet = false): void {
    this.out.memory.setUint8(quietAt, quiet ? 1 : 0);
    this.out.patchU32(4, epoch);
    this.out.patchU32(8, frameNo);
  }

  get isEmpty(): boolean {
    return this.out.length <= frameHeaderBytes;
  }

  view(): Buffer {
    return this.out.view8();
  }

  send(envelope: Envelope): void {
    this.out.u8(Op.send);
    writeEnvelope(this.out, envelope);
    if (envelope.receipt) this.receipts += 1;
  }

  /** An envelope whose payload is still a value. @throws PAYLOAD_NOT_CARRIABLE; the frame is as it was then */
  sendValue(envelope: Omit<Envelope, 'payload'>, value: unknown, what: string): void {
    const before = this.out.length;
    this.out.u8(Op.send);
    try {
      writeEnvelopeOf(this.out, envelope, value, what);
    } catch (error) {
      this.out.truncate(before);
      throw error;
    }
    if (envelope.receipt) this.receipts += 1;
  }

  /** An envelope that is already bytes. */
  sendBytes(envelope: Uint8Array): void {
    this.out.u8(Op.send);
    this.out.raw(envelope);
  }

  local(envelope: Uint8Array): void {
    this.out.u8(Op.local);
    this.out.raw(envelope);
  }

  consume(aid: number, seq: number): void {
    this.out.u8(Op.consume);
    this.out.f64(aid);
    this.out.f64(seq);
  }

  /**
   * @param busy effects are running: the actor must be woken after a restart even without mail
   * @param source holds the state, `length` bytes from `at` on
   */
  state(aid: number, busy: boolean, source: Buffer, at: number, length: number): void {
    this.out.u8(Op.state);
    this.out.f64(aid);
    this.out.u8(busy ? 1 : 0);
    this.out.u32(length);
    this.out.rawFrom(source, at, length);
  }

  ended(aid: number, how: EndKindValue, value: Uint8Array): void {
    this.out.u8(Op.ended);
    this.out.f64(aid);
    this.out.u8(how);
    this.out.bytes(value);
  }

  timerSet(aid: number, timerId: string, dueAt: number, envelope: Envelope): void {
    this.out.u8(Op.timerSet);
    this.out.f64(aid);
    this.out.f64(dueAt);
    this.out.str(timerId);
    writeEnvelope(this.out, envelope);
  }

  timerCancel(aid: number, timerId: string): void {
    this.out.u8(Op.timerCancel);
    this.out.f64(aid);
    this.out.str(timerId);
  }

  spawn(spec: SpawnSpec): void {
    const { out } = this;
    out.u8(Op.spawn);
    out.f64(spec.parent);
    out.u32(spec.version);
    out.u8(spec.durability);
    out.u8((spec.autoId ? 1 : 0) | (spec.receipt ? 2 : 0) | (spec.supervision === undefined ? 0 : 4));
    out.f64(spec.keepHistoryMs);
    out.str(spec.path);
    out.str(spec.name);
    out.str(spec.url);
    out.str(spec.placement);
    out.bytes(spec.input);
    if (spec.supervision !== undefined) writeSupervision(out, spec.supervision);
    if (spec.receipt) this.receipts += 1;
  }

  /** Stop an actor by number, or by path when the number is 0. */
  stop(aid: number, path: string, receipt: boolean): void {
    this.out.u8(Op.stop);
    this.out.f64(aid);
    this.out.u8(receipt ? 1 : 0);
    this.out.str(path);
    if (receipt) this.receipts += 1;
  }

  reply(session: number, askId: number, ok: boolean, value: Uint8Array): void {
    this.out.u8(Op.reply);
    this.out.f64(session);
    this.out.f64(askId);
    this.out.u8(ok ? 1 : 0);
    this.out.bytes(value);
  }

  /**
   * A failure. `seq` is the failing message's, 0 for the start of an actor, -1 for the envelope this
   * frame sent last. `report` is an encoded `FailureReport`.
   */
  fail(aid: number, seq: number, kind: number, error: Uint8Array): void {
    this.out.u8(Op.fail);
    this.out.f64(aid);
    this.out.f64(seq);
    this.out.u8(kind);
    this.out.bytes(error);
  }

  passivate(aid: number): void {
    this.out.u8(Op.passivate);
    this.out.f64(aid);
  }

  /** @param seq of the failure it is about, `openFailure`, or 0: about an exit */
  decide(aid: number, seq: number, decision: DecisionValue, why: string): void {
    this.out.u8(Op.decide);
    this.out.f64(aid);
    this.out.f64(seq);
    this.out.u8(decision);
    this.out.str(why);
  }

  hostDown(session: number, blamedAid: number, blamedSeq: number, error: Uint8Array): void {
    this.out.u8(Op.hostDown);
    this.out.f64(session);
    this.out.f64(blamedAid);
    this.out.f64(blamedSeq);
    this.out.bytes(error);
  }

  timerDue(aid: number, timerId: string): void {
    this.out.u8(Op.timerDue);
    this.out.f64(aid);
    this.out.str(timerId);
  }

  session(kind: number): void {
    this.out.u8(Op.session);
    this.out.u8(kind);
  }

  watch(watcher: number, target: number, path: string): void {
    this.out.u8(Op.watch);
    this.out.f64(watcher);
    this.out.f64(target);
    this.out.str(path);
  }

  deadLetter(code: ErrorCode, path: string, why: Uint8Array, envelope: Uint8Array): void {
    this.out.u8(Op.deadLetter);
    this.out.str(code);
    this.out.str(path);
    this.out.bytes(why);
    this.out.raw(envelope);
  }

  /** Notes: the model made this envelope and gave it this number; empty when there was nobody to get it. */
  told(aid: number, seq: number, envelope: Uint8Array): void {
    this.out.u8(Op.told);
    this.out.f64(aid);
    this.out.f64(seq);
    this.out.bytes(envelope);
  }

  /** Notes: the actor is over. */
  over(aid: number, how: EndKindValue): void {
    this.out.u8(Op.over);
    this.out.f64(aid);
    this.out.u8(how);
  }

  /** Notes: the supervised actor has exited, and its supervisor is to say what becomes of it. */
  held(aid: number, how: EndKindValue): void {
    this.out.u8(Op.held);
    this.out.f64(aid);
    this.out.u8(how);
  }

  /** The supervisor's children are up, and so is it. */
  up(aid: number): void {
    this.out.u8(Op.up);
    this.out.f64(aid);
  }

  /** A supervisor stops a child; it hears when there is none. */
  stopChild(supervisor: number, path: string): void {
    this.out.u8(Op.stopChild);
    this.out.f64(supervisor);
    this.out.str(path);
  }

  /** A supervisor is to look at its declaration: its definition may be another one than when it was spawned. */
  declared(aid: number): void {
    this.out.u8(Op.declared);
    this.out.f64(aid);
  }

  /** The actor, which has just been reset, has begun anew on the host that says so. */
  here(aid: number): void {
    this.out.u8(Op.here);
    this.out.f64(aid);
  }

  /** The actor has had its first turn, in this frame; its supervisor, on the same host, has heard so in it. */
  startedHere(aid: number): void {
    this.out.u8(Op.startedHere);
    this.out.f64(aid);
  }

  /** The journal: more living actors are refused from here on; Infinity: none are. */
  actorsMax(count: number): void {
    this.out.u8(Op.actorsMax);
    this.out.f64(count);
  }

  /** The journal: the actor has not stopped in its time. @param hadHost some host could have stopped it */
  overdue(aid: number, hadHost: boolean): void {
    this.out.u8(Op.overdue);
    this.out.f64(aid);
    this.out.u8(hadHost ? 1 : 0);
  }
}

function writeSupervision(out: ByteWriter, spec: SpawnSupervision): void {
  const { supervised, anew, isChildrenMaxShared, asker } = spec;
  out.u8((supervised ? 1 : 0) | (anew ? 2 : 0) | (asker === undefined ? 0 : 4) | (isChildrenMaxShared ? 8 : 0));
  out.u8(spec.supervises);
  for (const value of [spec.shutdownMs, spec.rank, spec.childrenMax]) out.f64(value);
  if (asker === undefined) return;
  out.f64(asker.session);
  out.f64(asker.askId);
}

function readSupervision(from: ByteReader): SpawnSupervision {
  const flags = from.u8();
  const supervises = from.u8() as SupervisesValue;
  const [shutdownMs, rank, childrenMax] = [from.f64(), from.f64(), from.f64()];
  const asker = (flags & 4) === 0 ? undefined : { session: from.f64(), askId: from.f64() };
  const [supervised, anew, isChildrenMaxShared] = [(flags & 1) !== 0, (flags & 2) !== 0, (flags & 8) !== 0];
  return { supervised, anew, supervises, shutdownMs, rank, childrenMax, isChildrenMaxShared, asker };
}

/** What reads a frame implements: one method per op. `at`/`length` are places in the reader's source. */
export interface OpVisitor {
  send(at: number, length: number): void;
  local(at: number, length: number): void;
  consume(aid: number, seq: number): void;
  state(aid: number, busy: boolean, at: number, length: number): void;
  ended(aid: number, how: EndKindValue, value: Buffer): void;
  timerSet(aid: number, timerId: string, dueAt: number, envelope: Buffer): void;
  timerCancel(aid: number, timerId: string): void;
  spawn(spec: SpawnSpec): void;
  stop(aid: number, path: string, receipt: boolean): void;
  reply(session: number, askId: number, ok: boolean, value: Buffer): void;
  fail(aid: number, seq: number, kind: number, error: Buffer): void;
  passivate(aid: number): void;
  decide(aid: number, seq: number, decision: DecisionValue, why: string): void;
  hostDown(session: number, blamedAid: number, blamedSeq: number, error: Buffer): void;
  timerDue(aid: number, timerId: string): void;
  session(kind: number): void;
  watch(watcher: number, target: number, path: string): void;
  deadLetterOp(code: ErrorCode, path: string, why: Buffer, at: number, length: number): void;
  told(aid: number, seq: number, envelope: Buffer): void;
  over(aid: number, how: EndKindValue): void;
  held(aid: number, how: EndKindValue): void;
  overdue(aid: number, hadHost: boolean): void;
  up(aid: number): void;
  stopChild(supervisor: number, path: string): void;
  declared(aid: number): void;
  actorsMax(count: number): void;
  here(aid: number): void;
  startedHere(aid: number): void;
}

/**
 * Call the visitor once per op, in order.
 * @throws RangeError when the record ends inside an op or holds an unknown code
 */
export function readOps(from: ByteReader, end: number, visitor: OpVisitor): void {
  while (from.at < end) {
    const code = from.u8();
    if (code === Op.send || code === Op.local) {
      const length = from.peekU32();
      const at = from.at;
      from.at += length;
      if (code === Op.send) visitor.send(at, length);
      else visitor.local(at, length);
    } else if (code === Op.consume) {
      visitor.consume(from.f64(), from.f64());
    } else if (code === Op.state) {
      const aid = from.f64();
      const busy = from.u8() === 1;
      const length = from.u32();
      const at = from.at;
      from.at += length;
      visitor.state(aid, busy, at, length);
    } else {
      readRareOp(code, from, visitor);
    }
  }
}

/** The ops that are not on the path of every message. */
function readRareOp(code: number, from: ByteReader, visitor: OpVisitor): void {
  switch (code) {
    case Op.ended:
      return visitor.ended(from.f64(), from.u8() as EndKindValue, from.bytes());
    case Op.timerSet: {
      const aid = from.f64();
      const dueAt = from.f64();
      const timerId = from.str();
      return visitor.timerSet(aid, timerId, dueAt, from.raw(from.peekU32()));
    }
    case Op.timerCancel:
      return visitor.timerCancel(from.f64(), from.str());
    case Op.spawn:
      return visitor.spawn(readSpawn(from));
    case Op.stop: {
      const aid = from.f64();
      const receipt = from.u8() === 1;
      return visitor.stop(aid, from.str(), receipt);
    }
    case Op.reply:
      return visitor.reply(from.f64(), from.f64(), from.u8() === 1, from.bytes());
    case Op.fail:
      return visitor.fail(from.f64(), from.f64(), from.u8(), from.bytes());
    case Op.passivate:
      return visitor.passivate(from.f64());
    case Op.decide:
      return visitor.decide(from.f64(), from.f64(), from.u8() as DecisionValue, from.str());
    case Op.hostDown:
      return visitor.hostDown(from.f64(), from.f64(), from.f64(), from.bytes());
    case Op.timerDue:
      return visitor.timerDue(from.f64(), from.str());
    case Op.session:
      return visitor.session(from.u8());
    case Op.watch:
      return visitor.watch(from.f64(), from.f64(), from.str());
    case Op.deadLetter: {
      const [code, path, why] = [from.str() as ErrorCode, from.str(), from.bytes()];
      const at = from.at;
      from.at += from.peekU32();
      return visitor.deadLetterOp(code, path, why, at, from.at - at);
    }
    case Op.told:
      return visitor.told(from.f64(), from.f64(), from.bytes());
    case Op.over:
      return visitor.over(from.f64(), from.u8() as EndKindValue);
    case Op.held:
      return visitor.held(from.f64(), from.u8() as EndKindValue);
    case Op.overdue:
      return visitor.overdue(from.f64(), from.u8() === 1);
    case Op.up:
      return visitor.up(from.f64());
    case Op.stopChild:
      return visitor.stopChild(from.f64(), from.str());
    case Op.declared:
      return visitor.declared(from.f64());
    case Op.actorsMax:
      return visitor.actorsMax(from.f64());
    case Op.here:
      return visitor.here(from.f64());
    case Op.startedHere:
      return visitor.startedHere(from.f64());
    default:
      throw new RangeError(`unknown operation ${code} at ${from.at - 1}`);
  }
}

function readSpawn(from: ByteReader): SpawnSpec {
  const parent = from.f64();
  const version = from.u32();
  const durability = from.u8() as 0 | 1 | 2;
  const flags = from.u8();
  return {
    parent,
    version,
    durability,
    autoId: (flags & 1) !== 0,
    receipt: (flags & 2) !== 0,
    keepHistoryMs: from.f64(),
    path: from.str(),
    name: from.str(),
    url: from.str(),
    placement: from.str(),
    input: from.bytes(),
    supervision: (flags & 4) === 0 ? undefined : readSupervision(from),
  };
}
