/**
 * The mail of one actor as the journal keeps it: everything accepted and not yet consumed, oldest
 * first. The newest part lies in RAM (views into committed groups), what a checkpoint found waiting
 * beyond the window lies on disk in chunks and is read back when its turn comes, so a backlog of any
 * length costs disk, not RAM.
 *
 *        consumed | head (RAM, deliverable) | chunks (disk) | tail (RAM, since the last checkpoint)
 *
 * M1  Sequence numbers grow from head to tail; mail is consumed from the head only. What failed in the turn that sent
 *     it, and is given up, may stand behind other mail, and is taken out.
 * M2  The first `delivered` items of the head are with the host; nothing behind the head is.
 * M3  An item is in RAM or in a chunk of the store or both (a chunk being worked off), never in neither.
 * M4  While there is a chunk, new mail goes to the tail, so the order never depends on where mail lies.
 */
import { ByteReader, ByteWriter } from '../core/bytes.js';
import { TroupeError } from '../core/errors.js';
import { seal, unseal } from './sealed.js';

/** One waiting envelope: a view into the bytes it was committed with. */
export interface MailItem {
  seq: number;
  bytes: Buffer;
  offset: number;
  length: number;
}

/** A part of the mail on disk, found in table `mail` under [aid, firstSeq]. */
interface Chunk {
  firstSeq: number;
  lastSeq: number;
  count: number;
}

/** Where chunks are kept: what the queue needs of the store. */
export interface ChunkStore {
  read(aid: number, firstSeq: number): Buffer;
  /** Called during a checkpoint only. */
  put(aid: number, firstSeq: number, value: Uint8Array): void;
  /**
   * The chunk is worked off. It must stay readable until the next checkpoint: until then recovery
   * starts from a row that still counts its items as waiting.
   */
  remove(aid: number, firstSeq: number): void;
}

const chunkItemsMax = 256;
const chunkBytesMax = 1 << 20;

/** Most queues are empty most of the time, and share these. */
const noItems: MailItem[] = Object.freeze([]) as unknown as MailItem[];
const noChunks: Chunk[] = Object.freeze([]) as unknown as Chunk[];

/** A first-in-first-out queue of envelopes with its far end on disk. */
export class MailQueue {
  private head = noItems;
  private headAt = 0;
  private chunks = noChunks;
  private tail = noItems;
  /** The chunk the head was read from, still on disk until it is worked off. */
  private open: Chunk | undefined;
  /** The item consumed last; a chunk found on disk may still hold items up to it. */
  consumedSeq = 0;
  /** How many items at the head are with a host. */
  delivered = 0;
  /** How many of them were with one when that was taken back. */
  private takenBack = 0;
  /** Everything waiting, wherever it lies. */
  length = 0;

  constructor(private readonly aid: number) {}

  /** Accept one envelope. */
  push(item: MailItem): void {
    if (this.chunks.length > 0) this.tail = added(this.tail, item);
    else this.head = added(this.head, item);
    this.length += 1;
  }

  /** The next item to deliver, reading a chunk back when RAM has run out. */
  nextToDeliver(store: ChunkStore): MailItem | undefined {
    const item = this.head[this.headAt + this.delivered];
    if (item !== undefined || this.chunks.length === 0) return item;
    if (this.delivered > 0) return undefined;
    this.loadChunk(store);
    return this.head[this.headAt];
  }

  /** The oldest waiting item. */
  first(store: ChunkStore): MailItem | undefined {
    if (this.headAt >= this.head.length && this.chunks.length > 0) this.loadChunk(store);
    return this.head[this.headAt];
  }

  /**
   * The oldest item is handled.
   * @returns the item, or undefined when `seq` is not the oldest (nothing is changed then)
   */
  consume(seq: number, store: ChunkStore): MailItem | undefined {
    const item = this.first(store);
    if (item === undefined || item.seq !== seq) return undefined;
    this.headAt += 1;
    this.length -= 1;
    this.consumedSeq = seq;
    if (this.delivered > 0) this.delivered -= 1;
    else if (this.takenBack > 0) this.takenBack -= 1;
    if (this.open !== undefined && seq >= this.open.lastSeq) this.closeOpen(store);
    if (this.headAt === this.head.length) {
      this.head = this.chunks.length === 0 ? this.tail : noItems;
      if (this.chunks.length === 0) this.tail = noItems;
      this.headAt = 0;
    } else if (this.headAt > 64 && this.headAt * 2 > this.head.length) {
      this.head = this.head.slice(this.headAt);
      this.headAt = 0;
    }
    return item;
  }

  /** Nothing is with a host any more: all of it will be delivered again. */
  undeliver(): void {
    this.takenBack = this.delivered;
    this.delivered = 0;
  }

  /** The host it was taken back from has it all the same, or will: what was sent is on its way. */
  redelivered(): void {
    this.delivered = this.takenBack;
    this.takenBack = 0;
  }

  /** Take out one that no host has, wherever it lies. @returns undefined when it does not wait */
  takeOut(seq: number, store: ChunkStore): MailItem | undefined {
    const isStored = this.chunks.some(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq);
    if (isStored) while ((this.chunks[0]?.firstSeq ?? Number.POSITIVE_INFINITY) <= seq) this.loadChunk(store);
    // What is left of a chunk without it is in RAM only, until the next checkpoint writes it anew (`storeHead`).
    if (isStored || seq <= this.openLastSeq()) this.closeOpen(store);
    for (const items of [this.tail, this.head]) {
      const first = items === this.head ? this.headAt + this.delivered : 0;
      const at = items.findLastIndex((item) => item.seq === seq);
      if (at < first) continue;
      this.length -= 1;
      return items.splice(at, 1)[0];
    }
    return undefined;
  }

  /**
   * A checkpoint: whatever lies only in RAM goes into chunks and leaves RAM, except a short rest that is
   * returned to be written into the actor's row.
   * @param rowIsWritten false: there is no row for a rest
   */
  checkpoint(store: ChunkStore, rowIsWritten = true): MailItem[] {
    this.storeHead(store);
    const fresh = this.takeFresh();
    const bytes = fresh.reduce((sum, item) => sum + item.length, 0);
    if (rowIsWritten && this.chunks.length === 0 && fresh.length <= 32 && bytes <= 1 << 16) {
      const owned = fresh.map(own);
      for (const item of owned) this.head = added(this.head, item);
      return owned;
    }
    for (const chunk of cut(fresh)) this.writeChunk(chunk, store);
    return [];
  }

  /**
   * Rebuild from a row: the inline rest and the chunks found on disk, oldest first, all beyond `consumedSeq`.
   * @returns the damage, when a chunk cannot be read; the others are there
   */
  restore(
    chunkKeys: { firstSeq: number; value: Buffer }[],
    inline: MailItem[],
    consumedSeq: number,
  ): TroupeError | undefined {
    let damage: TroupeError | undefined;
    for (const { firstSeq, value } of chunkKeys) {
      let items: MailItem[] = [];
      try {
        items = decodeChunk(value, `mail ${this.aid}/${firstSeq}`).filter((item) => item.seq > consumedSeq);
      } catch (error) {
        if (!TroupeError.is(error, 'JOURNAL_CORRUPT')) throw error;
        damage ??= error;
      }
      const last = items.at(-1);
      if (last === undefined) continue;
      this.addChunk({ firstSeq, lastSeq: last.seq, count: items.length });
      this.length += items.length;
    }
    this.consumedSeq = consumedSeq;
    for (const item of inline) if (item.seq > consumedSeq) this.push(item);
    return damage;
  }

  /** Every waiting item in order; reads chunks without keeping them. */
  *items(store: ChunkStore): Generator<MailItem> {
    for (let at = this.headAt; at < this.head.length; at += 1) yield this.head[at] as MailItem;
    for (const chunk of this.chunks) {
      for (const item of this.itemsOf(chunk, store)) {
        if (item.seq > this.consumedSeq) yield item;
      }
    }
    yield* this.tail;
  }

  /** A head that is of no chunk any more, with chunks behind it, becomes chunks again, before those. */
  private storeHead(store: ChunkStore): void {
    if (this.open !== undefined || this.chunks.length === 0 || this.headAt >= this.head.length) return;
    const behind = this.chunks;
    this.chunks = noChunks;
    for (const chunk of cut(this.head.slice(this.headAt))) this.writeChunk(chunk, store);
    this.chunks.push(...behind);
    this.head = noItems;
    this.headAt = 0;
  }

  /** The items that are in no chunk; they leave the head or the tail. */
  private takeFresh(): MailItem[] {
    if (this.chunks.length > 0) {
      const fresh = this.tail;
      this.tail = noItems;
      return fresh;
    }
    const from = this.open === undefined ? this.headAt : this.head.findIndex((item) => item.seq > this.openLastSeq());
    if (from < 0) return [];
    const fresh = this.head.slice(from);
    this.head = from === 0 ? noItems : this.head.slice(0, from);
    return fresh;
  }

  private openLastSeq(): number {
    return this.open?.lastSeq ?? 0;
  }

  private writeChunk(items: MailItem[], store: ChunkStore): void {
    const first = items[0] as MailItem;
    const last = items.at(-1) as MailItem;
    store.put(this.aid, first.seq, encodeChunk(items));
    this.addChunk({ firstSeq: first.seq, lastSeq: last.seq, count: items.length });
  }

  private addChunk(chunk: Chunk): void {
    if (this.chunks === noChunks) this.chunks = [chunk];
    else this.chunks.push(chunk);
  }

  private loadChunk(store: ChunkStore): void {
    const chunk = this.chunks.shift();
    if (chunk === undefined) return;
    if (this.open !== undefined) this.closeOpen(store);
    this.open = chunk;
    const items = this.itemsOf(chunk, store).filter((item) => item.seq > this.consumedSeq);
    this.head = this.headAt < this.head.length ? [...this.head.slice(this.headAt), ...items] : items;
    this.headAt = 0;
    if (this.chunks.length === 0) {
      for (const item of this.tail) this.head = added(this.head, item);
      this.tail = noItems;
    }
  }

  private itemsOf({ firstSeq }: Chunk, store: ChunkStore): MailItem[] {
    return decodeChunk(store.read(this.aid, firstSeq), `mail ${this.aid}/${firstSeq}`);
  }

  private closeOpen(store: ChunkStore): void {
    if (this.open !== undefined) store.remove(this.aid, this.open.firstSeq);
    this.open = undefined;
  }
}

/** The list with one more item; a new list when it was the shared empty one. */
function added(items: MailItem[], item: MailItem): MailItem[] {
  if (items === noItems) return [item];
  items.push(item);
  return items;
}

/** A copy that does not keep a whole committed group in memory. */
function own(item: MailItem): MailItem {
  const bytes = Buffer.from(item.bytes.subarray(item.offset, item.offset + item.length));
  return { seq: item.seq, bytes, offset: 0, length: bytes.length };
}

function* cut(items: MailItem[]): Generator<MailItem[]> {
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < items.length; at += 1) {
    bytes += (items[at] as MailItem).length;
    if (at + 1 - from >= chunkItemsMax || bytes >= chunkBytesMax || at + 1 === items.length) {
      yield items.slice(from, at + 1);
      from = at + 1;
      bytes = 0;
    }
  }
}

function encodeChunk(items: readonly MailItem[]): Buffer {
  const out = new ByteWriter();
  writeItems(out, items);
  return seal(out.view8());
}

/** Append items as count, then seq and bytes of each. */
export function writeItems(out: ByteWriter, items: readonly MailItem[]): void {
  out.u32(items.length);
  for (const item of items) {
    out.f64(item.seq);
    out.bytes(item.bytes.subarray(item.offset, item.offset + item.length));
  }
}

/** Read what `writeItems` wrote; the items are views into the source. */
export function readItems(from: ByteReader): MailItem[] {
  const items: MailItem[] = [];
  for (let left = from.u32(); left > 0; left -= 1) {
    const seq = from.f64();
    const length = from.u32();
    items.push({ seq, bytes: from.source, offset: from.at, length });
    from.at += length;
  }
  return items;
}

/** The items of a chunk. @throws TroupeError JOURNAL_CORRUPT when its checksum does not match */
export function decodeChunk(value: Buffer, where = 'a chunk of mail'): MailItem[] {
  return readItems(new ByteReader(unseal(value, where)));
}
