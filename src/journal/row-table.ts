/**
 * The actors the journal knows, by number and by path. Those with something to do, or that a host runs, are in RAM;
 * of the others, the dormant ones, only the store knows, until somebody asks for them. So RAM and start-up time
 * follow the actors at work and not all that were ever spawned. The same holds of those that wait for their start.
 *
 * What I own: which rows are in RAM. What the model owns: what they say. What the checkpoint owns: when they are
 * stored; the stored row, the path and the mark `awake` are written together.
 *
 * T1  There is at most one object for an actor in RAM; whoever changes a row has it from here.
 * T2  A row leaves RAM only when the store has all of it and nothing refers to it (`isDormant`).
 * T3  Every stored row that is not dormant has the mark `awake`: recovery reads those, and only those.
 */
import { readable, readRow, type Tables } from './damaged.js';
import { type ActorRow, type DecodedRow, decodeRow, RowStatus } from './row.js';
import { seal, unseal } from './sealed.js';

/** See the file's header. */
export class RowTable {
  private readonly byAid = new Map<number, ActorRow>();
  private readonly aids = new Map<string, number>();
  /** Rows that may have become dormant since the last look. */
  private cooling = new Set<ActorRow>();

  /** @param onDamaged told of a row that cannot be read, and is quarantined */
  constructor(
    private readonly store: Tables,
    private readonly onDamaged: (row: ActorRow) => void,
  ) {}

  /** How many are in RAM. */
  get residents(): number {
    return this.byAid.size;
  }

  /** The rows in RAM, oldest first as far as they came by spawning. */
  inMemory(): Iterable<ActorRow> {
    return this.byAid.values();
  }

  /** The row of an actor if it is in RAM: all that are at work are. */
  awake(aid: number): ActorRow | undefined {
    return this.byAid.get(aid);
  }

  /** The row of an actor that has not ended, fetched from the store if need be. */
  get(aid: number): ActorRow | undefined {
    return this.byAid.get(aid) ?? this.fetch(aid);
  }

  /** The row of the actor that lives at a path. */
  at(path: string): ActorRow | undefined {
    return this.get(this.aidAt(path));
  }

  /** Whoever was spawned at a path last, also when it has ended; such a row is for reading only. */
  current(path: string): ActorRow | undefined {
    const aid = this.aidAt(path);
    return this.get(aid) ?? this.stored(aid)?.row;
  }

  /** The path of an actor, also of one that has ended. */
  pathOf(aid: number): string | undefined {
    return (this.get(aid) ?? this.stored(aid)?.row)?.path;
  }

  /** Is this row the one its path leads to? */
  isAtItsPath(row: ActorRow): boolean {
    return this.aids.get(row.path) === row.aid;
  }

  /** A new actor, or one that recovery reads. */
  add(row: ActorRow): void {
    this.byAid.set(row.aid, row);
    this.aids.set(row.path, row.aid);
  }

  /** The row may be dormant now: look at it when there is time. A changed one is looked at once it is stored. */
  cool(row: ActorRow): void {
    if (!row.dirty) this.cooling.add(row);
  }

  /** T2: let go of rows that are dormant, or have ended and are stored. */
  release(): void {
    if (this.cooling.size === 0) return;
    const rows = this.cooling;
    this.cooling = new Set();
    for (const row of rows) {
      if (row.dirty) continue;
      if (row.status === RowStatus.ended || isDormant(row)) this.drop(row);
      // It is about to be looked at by the router, and may be dormant after that.
      else if (row.queued || row.stalled) this.cooling.add(row);
    }
  }

  /** A stored row, for reading only. */
  read(aid: number, value: Buffer): ActorRow {
    return readRow(aid, value, this.store).row;
  }

  private aidAt(path: string): number {
    const known = this.aids.get(path);
    if (known !== undefined) return known;
    const stored = this.store.get('paths', path);
    return readable(() => readPathEntry(stored, path)) ?? this.search(path);
  }

  /** The entry is damaged: rows have their paths too. */
  private search(path: string): number {
    let found = 0;
    for (const { key, value } of this.store.scan('rows')) {
      const row = readable(() => decodeRow(value, '').row);
      if (row?.path !== path) continue;
      if (row.status !== RowStatus.ended) return key as number;
      found = key as number;
    }
    return found;
  }

  private fetch(aid: number): ActorRow | undefined {
    const stored = this.stored(aid);
    if (stored === undefined || stored.row.status === RowStatus.ended) return undefined;
    stored.row.awakeStored = stored.row.damage === undefined && isAwake(stored.row);
    this.add(stored.row);
    this.cool(stored.row);
    if (stored.row.damage !== undefined) this.onDamaged(stored.row);
    return stored.row;
  }

  private stored(aid: number): DecodedRow | undefined {
    const bytes = aid === 0 ? undefined : this.store.get('rows', aid);
    return bytes === undefined ? undefined : readRow(aid, bytes, this.store);
  }

  private drop(row: ActorRow): void {
    this.byAid.delete(row.aid);
    if (this.isAtItsPath(row)) this.aids.delete(row.path);
  }
}

/** What the store has at a path: the number of whoever was spawned there last. */
export function pathEntry(aid: number): Buffer {
  const value = Buffer.allocUnsafe(8);
  value.writeDoubleLE(aid, 0);
  return seal(value);
}

/** The number in what `pathEntry` made; 0 when there is none. @throws TroupeError JOURNAL_CORRUPT */
export function readPathEntry(value: Buffer | undefined, path: string): number {
  return value === undefined ? 0 : unseal(value, `path ${path}`).readDoubleLE(0);
}

/** Must a start find this row without being asked for it? */
export function isAwake(row: ActorRow): boolean {
  if (row.status === RowStatus.ended) return false;
  if (row.status !== RowStatus.running || !row.started || row.busy || row.isVolatile) return true;
  const hasWork = row.hasMail || row.abandoned !== undefined || row.failure !== undefined || row.end !== undefined;
  return hasWork || (row.timers?.size ?? 0) > 0;
}

function isDormant(row: ActorRow): boolean {
  const isRouted = row.node !== -1 || row.stalled || row.queued || row.endWaiters !== undefined;
  return !isRouted && row.stopOrder === undefined && (!isAwake(row) || isOnlySpawned(row));
}

/** It only has to be started, and the router knows its number: however many are spawned, RAM has few of them. */
function isOnlySpawned(row: ActorRow): boolean {
  return row.waitsToStart && row.status === RowStatus.running && !row.started && !row.hasMail;
}
