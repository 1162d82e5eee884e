/**
 * What waits for acknowledgements, turn by turn: effects begin, promises are kept and messages of actors that are not
 * journaled leave when the record of their turn is committed.
 *
 * Turns are released in the order they ran in, however their acknowledgements come: a turn whose record is empty
 * waits for those before it.
 */
import type { Cell, InNameOf } from './cell.js';
import type { Deferred } from './turn.js';

/** Of one turn. */
export interface Release {
  readonly turn: number;
  deferred: readonly Deferred[];
  isDue: boolean;
}

/** What they need of their host. */
interface ReleasesHost {
  readonly inNameOf: InNameOf;
  unhandled(cell: Cell, error: unknown): void;
}

/** See the file's header. */
export class Releases {
  private readonly waiting: Release[] = [];
  /** The last turn to send to a path when it is released. */
  private readonly leaving = new Map<string, number>();
  /** The last turn that is over, all of it. */
  private releasedTurn = 0;

  constructor(private readonly host: ReleasesHost) {}

  /** A turn has ended. */
  add(turn: number, deferred: readonly Deferred[]): Release {
    const release = { turn, deferred, isDue: false };
    this.waiting.push(release);
    return release;
  }

  /** Its record is committed, or there is none. */
  due(release: Release): void {
    release.isDue = true;
    for (let first = this.waiting[0]; first?.isDue === true; first = this.waiting[0]) {
      this.waiting.shift();
      this.run(first.deferred);
      this.releasedTurn = first.turn;
    }
    if (this.waiting.length === 0) this.leaving.clear();
  }

  /** Its record is not committed, and will not be: nothing of it happens. */
  drop(release: Release): void {
    release.deferred = [];
    release.isDue = true;
  }

  /** A message to this path leaves when the turn is released. */
  leaves(path: string, turn: number): void {
    this.leaving.set(path, turn);
  }

  /** Is a message to this path waiting for its turn? */
  isLeaving(path: string): boolean {
    return this.leaving.size > 0 && (this.leaving.get(path) ?? 0) > this.releasedTurn;
  }

  private run(deferred: readonly Deferred[]): void {
    for (const { cell, run } of deferred) {
      // A failed cell starts its effects again when it is restored.
      if (cell.stage === 'failed') continue;
      try {
        this.host.inNameOf(cell.self, run);
      } catch (error) {
        this.host.unhandled(cell, error);
      }
    }
  }
}
