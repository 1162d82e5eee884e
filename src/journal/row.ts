/**
 * What the journal knows of one actor: its spec, its last committed state, its mail, its timers, its
 * place in the tree. The model changes rows; a checkpoint writes the changed ones; recovery reads them
 * back. The few fields at the end belong to the router and are not stored.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, intern } from '../core/bytes.js';
import { TroupeError } from '../core/errors.js';
import { type MailItem, MailQueue, readItems, writeItems } from './mail-queue.js';
import type { JournalNode } from './node.js';
import { type EndKindValue, type SpawnSpec, Supervises, type SupervisesValue } from './ops.js';

/** Where an actor stands. Stored: only add. */
export const RowStatus = {
  running: 0,
  /** A message failed; the guardian has not decided yet. */
  failed: 1,
  /** It has been told to stop, or has ended and waits for its children to. */
  stopping: 2,
  /** Its state or definition cannot be used; mail is kept. */
  quarantined: 3,
  ended: 4,
  /** Supervised, and exited: its supervisor has not said yet what becomes of it. Mail, timers and state are kept. */
  held: 5,
} as const;
/** The words for them, by number. */
export const statusNames = ['running', 'failed', 'stopping', 'quarantined', 'ended', 'held'] as const;
/** One of `RowStatus`'s numbers. */
export type RowStatusValue = (typeof RowStatus)[keyof typeof RowStatus];

/** A durable timer of an actor. */
export interface RowTimer {
  dueAt: number;
  /** The envelope to deliver when due. */
  envelope: Buffer;
  /** Tells a timer set anew from its forerunner in the heap. */
  serial: number;
}

/** The failing message at the head of an actor's mail. */
export interface RowFailure {
  seq: number;
  attempts: number;
  /** Encoded plain error of the last attempt. */
  error: Buffer;
}

/** How an actor ended, kept for whoever asks late. */
export interface RowEnd {
  how: EndKindValue;
  /** Encoded output or plain error. */
  value: Buffer;
}

const nothing = Buffer.alloc(0);

/** One actor. */
export class ActorRow {
  status: RowStatusValue = 0;
  /** A host has run its first turn: there is a state (or it ended at once). */
  started = false;
  /** Effects were running when the state was written: wake the actor after a restart. */
  busy = false;
  /** Last committed state, or undefined when there is none or it lies only in the store. */
  state: Buffer | undefined;
  /** The state is in the store's row and not in RAM. */
  stateStored = false;
  private queue: MailQueue | undefined;
  /** Live children in start order. */
  children: Set<number> | undefined;
  timers: Map<string, RowTimer> | undefined;
  failure: RowFailure | undefined;
  /** Numbers of the actors to be told of this one's end. */
  watchers: Set<number> | undefined;
  /** How it ended, while children are still stopping, and for good afterwards. */
  end: RowEnd | undefined;
  /** Effect ids whose reports wait in the mail, by sequence number. */
  settled: Map<number, string> | undefined;

  /** Effect ids whose report became a dead letter; the actor learns of them in its next turn. */
  abandoned: string[] | undefined;

  /** Its parent decides about its failures and ends. */
  supervised = false;
  /** It decides about those of its children. */
  supervises: SupervisesValue = Supervises.no;
  /** It has been up, at least once. */
  wasUp = false;
  /** Whose question is answered when it has started, or cannot. Not stored: the asker goes with the process. */
  asker: { session: number; askId: number } | undefined;
  /** It is a supervisor, and has said that its children are up. */
  isUp = false;
  /** Its place among its siblings: who has a larger one stops before it. */
  rank = 0;
  /** How long it may take to stop, in milliseconds. */
  shutdownMs = Number.POSITIVE_INFINITY;
  /** A child of its supervisor's earlier life, which the present one has not started again. */
  isStray = false;
  /** It is to stop when its failure is decided. */
  stopAsked = false;
  /** It has not stopped in its time: it ends as soon as no host has it. */
  killed = false;
  /** Nobody is to be asked any more what becomes of it. */
  isFinal = false;
  /**
   * Grows whenever it begins anew, with its first state, or is to: what one life has numbered is never another one's.
   * Of one that keeps nothing, the router counts.
   */
  life = 0;

  /** Its record, or its mail on disk, cannot be read: see `damaged.ts`. */
  damage: TroupeError | undefined;

  /** Model: children still to be stopped, the next one last. */
  stopOrder: number[] | undefined;
  /** Router: which node runs it, -1 for none. */
  node = -1;
  /** Router: waits for room on its host's ring. */
  stalled = false;
  /** Router: waits for others to start before it, and is remembered there by its number alone. */
  waitsToStart = false;
  /** Router: it runs on its node, which has not said yet that it started. */
  isStarting = false;
  /** Router: it was given back to its node, which has not said yet that it handled a message. */
  isComingBack = false;
  /** Router: what the host has been told: to stop it, or to end it without its stop hook. */
  stopSent: 'no' | 'asked' | 'killed' = 'no';
  /** Router: who asked for its stop and waits for its end. */
  endWaiters: { node: JournalNode; frameNo: number; index: number }[] | undefined;
  /** Router: who asked for its start and waits for its word. */
  upWaiters: { node: JournalNode; frameNo: number; index: number; value: Uint8Array }[] | undefined;
  /** Router: so many messages are still to be handed out one by one, each when the one before is committed. */
  carefulLeft = 0;
  /** Router: its host knows that mail remains with the journal. */
  toldMore = false;
  /** Router: queued for delivery in this round. */
  queued = false;
  /** Checkpoint: changed since the last one. */
  dirty = false;
  /** Checkpoint: the store leads from the path to this row. */
  pathStored = false;
  /** Checkpoint: the store has marked it as one that a start must find. */
  awakeStored = false;

  constructor(
    readonly aid: number,
    readonly path: string,
    readonly parent: number,
    readonly name: string,
    public url: string,
    readonly version: number,
    readonly durability: 0 | 1 | 2,
    readonly placement: string,
    readonly keepHistoryMs: number,
    readonly input: Buffer,
  ) {}

  /** Its mail; made when it is first asked for. */
  get mail(): MailQueue {
    this.queue ??= new MailQueue(this.aid);
    return this.queue;
  }

  /** Is there mail? Asked of every actor, so it makes no queue. */
  get hasMail(): boolean {
    return this.queue !== undefined && this.queue.length > 0;
  }

  /** The last message handled, 0 when there was none. */
  get consumedSeq(): number {
    return this.queue?.consumedSeq ?? 0;
  }

  static of(aid: number, path: string, spec: SpawnSpec): ActorRow {
    const input = spec.input.length === 0 ? nothing : Buffer.from(spec.input);
    const row = new ActorRow(
      aid,
      path,
      spec.parent,
      intern(spec.name),
      intern(spec.url),
      spec.version,
      spec.durability,
      intern(spec.placement),
      spec.keepHistoryMs,
      input,
    );
    if (spec.supervision !== undefined) {
      const { supervised, supervises, shutdownMs, rank, asker } = spec.supervision;
      Object.assign(row, { supervised, supervises, shutdownMs, rank, asker });
    }
    return row;
  }

  get isVolatile(): boolean {
    return this.durability === 0;
  }
}

/** Of one that has begun anew, and of all others, which are as they always were. */
const [rowVersion, rowVersionOld] = [2, 1];
const scratch = new ByteWriter();

/**
 * A row as stored: fields, then a checksum of them.
 * @param state the committed state's bytes, wherever they were
 * @param inline the mail that is in no chunk
 */
export function encodeRow(row: ActorRow, state: Uint8Array | undefined, inline: readonly MailItem[]): Buffer {
  const out = scratch;
  out.reset();
  out.u8(row.life > 0 ? rowVersion : rowVersionOld);
  out.u8(row.status);
  out.u8(
    (row.started ? 1 : 0) |
      (state === undefined ? 0 : 2) |
      (row.failure ? 4 : 0) |
      (row.end ? 8 : 0) |
      (row.busy ? 16 : 0) |
      (isInSupervision(row) ? 32 : 0),
  );
  out.u8(row.durability);
  out.f64(row.aid);
  out.f64(row.parent);
  out.u32(row.version);
  out.f64(row.keepHistoryMs);
  for (const text of [row.path, row.name, row.url, row.placement]) out.str(text);
  out.bytes(row.input);
  if (state !== undefined) out.bytes(state);
  if (row.failure) {
    out.f64(row.failure.seq);
    out.u32(row.failure.attempts);
    out.bytes(row.failure.error);
  }
  if (row.end) {
    out.u8(row.end.how);
    out.bytes(row.end.value);
  }
  out.f64(row.consumedSeq);
  writeItems(out, inline);
  writeNumbers(out, row.children);
  writeNumbers(out, row.watchers);
  out.u32(row.settled?.size ?? 0);
  for (const [seq, effectId] of row.settled ?? []) {
    out.f64(seq);
    out.str(effectId);
  }
  out.u32(row.abandoned?.length ?? 0);
  for (const effectId of row.abandoned ?? []) out.str(effectId);
  out.u32(row.timers?.size ?? 0);
  for (const [timerId, timer] of row.timers ?? []) {
    out.str(timerId);
    out.f64(timer.dueAt);
    out.bytes(timer.envelope);
  }
  if (isInSupervision(row)) writeSupervision(out, row);
  if (row.life > 0) out.u32(row.life);
  out.u32(crc32(out.view8()));
  return out.copy();
}

/** Where a stored row keeps its path: behind what has a fixed length. For who must name a damaged one. */
export const rowPathAt = 32;
/** What CRC-32 makes of anything that is followed by its own CRC-32, so that no view of the body is needed. */
const crcOfWhole = 0x2144df1c;
const flagsAt = 2;
/** Path, name, URL, placement and input. */
const fieldsBeforeState = 5;

/** A row as read: the row itself and what goes elsewhere. */
export interface DecodedRow {
  row: ActorRow;
  state: Buffer | undefined;
  inline: MailItem[];
  timers: { timerId: string; dueAt: number; envelope: Buffer }[];
}

/**
 * Of a stored row only the state, sharing its memory; undefined when it has none. A third of the cost of `decodeRow`.
 * @throws TroupeError JOURNAL_CORRUPT when the checksum is wrong, JOURNAL_NEWER
 */
export function stateIn(bytes: Buffer, where: string): Buffer | undefined {
  checkRow(bytes, where);
  if ((bytes.readUInt8(flagsAt) & 2) === 0) return undefined;
  let at = rowPathAt;
  for (let field = 0; field < fieldsBeforeState; field += 1) at += 4 + bytes.readUInt32LE(at);
  return bytes.subarray(at + 4, at + 4 + bytes.readUInt32LE(at));
}

function checkRow(bytes: Buffer, where: string): void {
  if (bytes.byteLength < 8 || crc32(bytes) !== crcOfWhole) {
    throw new TroupeError('JOURNAL_CORRUPT', `${where}: checksum does not match its bytes`, { value: where });
  }
  const version = bytes.readUInt8(0);
  if (version === rowVersion || version === rowVersionOld) return;
  throw new TroupeError('JOURNAL_NEWER', `${where}: row format ${version} is not known to this version`);
}

/** The texts that many actors have in common. */
interface Kind {
  bytes: Buffer;
  name: string;
  url: string;
  placement: string;
}

let lastKind: Kind = { bytes: Buffer.alloc(0), name: '', url: '', placement: '' };

/** Rows that follow each other are mostly of one kind: then its bytes are compared and not read. */
function readKind(from: ByteReader): Kind {
  const { source, at } = from;
  const end = at + lastKind.bytes.length;
  if (end > at && end <= source.length && lastKind.bytes.compare(source, at, end) === 0) {
    from.at = end;
    return lastKind;
  }
  const [name, url, placement] = [intern(from.str()), intern(from.str()), intern(from.str())];
  lastKind = { bytes: Buffer.from(source.subarray(at, from.at)), name, url, placement };
  return lastKind;
}

/**
 * Read a stored row.
 * @throws TroupeError JOURNAL_CORRUPT when the checksum or the shape is wrong
 */
export function decodeRow(bytes: Buffer, where: string): DecodedRow {
  checkRow(bytes, where);
  const from = new ByteReader(bytes, 0);
  const format = from.u8();
  const status = from.u8() as RowStatusValue;
  const flags = from.u8();
  const durability = from.u8() as 0 | 1 | 2;
  const aid = from.f64();
  const parent = from.f64();
  const definitionVersion = from.u32();
  const keepHistoryMs = from.f64();
  const path = from.str();
  const { name, url, placement } = readKind(from);
  const inputBytes = from.u32();
  const input = inputBytes === 0 ? nothing : Buffer.from(from.raw(inputBytes));
  const spec = [definitionVersion, durability, placement, keepHistoryMs, input] as const;
  const row = new ActorRow(aid, path, parent, name, url, ...spec);
  row.status = status;
  row.started = (flags & 1) !== 0;
  row.busy = (flags & 16) !== 0;
  row.pathStored = true;
  const state = flags & 2 ? from.bytes() : undefined;
  row.stateStored = state !== undefined;
  if (flags & 4) row.failure = { seq: from.f64(), attempts: from.u32(), error: Buffer.from(from.bytes()) };
  if (flags & 8) row.end = { how: from.u8() as EndKindValue, value: Buffer.from(from.bytes()) };
  const consumedSeq = from.f64();
  if (consumedSeq > 0) row.mail.consumedSeq = consumedSeq;
  const inline = readItems(from);
  row.children = readNumbers(from);
  row.watchers = readNumbers(from);
  for (let left = from.u32(); left > 0; left -= 1) {
    row.settled ??= new Map();
    row.settled.set(from.f64(), from.str());
  }
  for (let left = from.u32(); left > 0; left -= 1) {
    row.abandoned ??= [];
    row.abandoned.push(from.str());
  }
  const timers: DecodedRow['timers'] = [];
  for (let left = from.u32(); left > 0; left -= 1) {
    timers.push({ timerId: from.str(), dueAt: from.f64(), envelope: Buffer.from(from.bytes()) });
  }
  if (flags & 32) readSupervision(from, row);
  if (format === rowVersion) row.life = from.u32();
  return { row, state, inline, timers };
}

function isInSupervision({ supervised, supervises, killed, isFinal }: ActorRow): boolean {
  return supervised || supervises !== Supervises.no || killed || isFinal;
}

function writeSupervision(out: ByteWriter, row: ActorRow): void {
  const flags = [row.supervised, row.killed, row.isFinal, row.isUp, row.wasUp, row.stopAsked, row.isStray];
  out.u8(flags.reduce((bits, flag, index) => bits | (flag ? 1 << index : 0), 0));
  out.u8(row.supervises);
  out.f64(row.shutdownMs);
  out.f64(row.rank);
}

function readSupervision(from: ByteReader, row: ActorRow): void {
  const flags = from.u8();
  row.supervised = (flags & 1) !== 0;
  row.killed = (flags & 2) !== 0;
  row.isFinal = (flags & 4) !== 0;
  row.isUp = (flags & 8) !== 0;
  row.wasUp = (flags & 16) !== 0;
  row.stopAsked = (flags & 32) !== 0;
  row.isStray = (flags & 64) !== 0;
  row.supervises = from.u8() as SupervisesValue;
  row.shutdownMs = from.f64();
  row.rank = from.f64();
}

function writeNumbers(out: ByteWriter, numbers: Set<number> | undefined): void {
  out.u32(numbers?.size ?? 0);
  for (const number of numbers ?? []) out.f64(number);
}

function readNumbers(from: ByteReader): Set<number> | undefined {
  const count = from.u32();
  if (count === 0) return undefined;
  const numbers = new Set<number>();
  for (let left = count; left > 0; left -= 1) numbers.add(from.f64());
  return numbers;
}
