/**
 * Which cells stay in a host's memory. Passivation costs an actor nothing but time: it leaves a frame that says so,
 * and its next message or timer brings it back from its last committed state.
 *
 * What I own: where the search for idle cells stands. What the host owns: the cells, and whether one may go.
 *
 * P1  Only a cell that owes nobody anything goes (`mayGo`); a host whose cells are all at work exceeds its number.
 * P2  Beyond the number allowed, the cell goes that came first, unless it was spoken to since it was last looked at:
 *     then it goes to the end of the queue ("second chance", as operating systems replace pages). A few at each step,
 *     so that no step takes long.
 */
import type { Clock } from '../core/clock.js';
import { limits } from '../core/limits.js';
import type { Cell } from './cell.js';

/** How many cells one step looks at, at least and at most; in between, two for each that is too many. */
const looksMin = 64;
const looksMax = 4_096;

/** What is asked of the host. */
export interface ResidenceHost {
  readonly clock: Clock;
  mayGo(cell: Cell): boolean;
  /** Let go of the cell; the journal is told. */
  passivate(cell: Cell): void;
}

/** See the file's header. */
export class Residence {
  private queue: Iterator<Cell> | undefined;

  /** @param cellsMax how many cells may stay although they are idle */
  constructor(
    private readonly host: ResidenceHost,
    private readonly cells: Map<number, Cell>,
    private readonly cellsMax: number,
  ) {}

  /**
   * Let go of cells that have been idle for as long as their definition allows.
   * @param idleMs this long instead, in milliseconds
   */
  sweep(idleMs?: number): void {
    const now = this.host.clock.now();
    for (const cell of this.cells.values()) {
      const afterMs = idleMs ?? cell.definition?.options.passivateAfterMs ?? limits.passivateAfterMsDefault;
      if (now - cell.activeAt >= afterMs && this.host.mayGo(cell)) this.host.passivate(cell);
    }
  }

  /** P2: one step of the search, when there are too many. */
  shrink(): void {
    const tooMany = this.cells.size - this.cellsMax;
    const looksNow = Math.min(looksMax, Math.max(looksMin, 2 * tooMany));
    for (let looks = 0; looks < looksNow && this.cells.size > this.cellsMax; looks += 1) {
      const cell = this.next();
      if (cell === undefined) return;
      if (!cell.spokenTo && this.host.mayGo(cell)) {
        this.host.passivate(cell);
        continue;
      }
      cell.spokenTo = false;
      this.cells.delete(cell.aid);
      this.cells.set(cell.aid, cell);
    }
  }

  /** A Map's iterator meets what is added behind it: it goes round for ever, as long as there are cells. */
  private next(): Cell | undefined {
    let next = this.queue?.next();
    if (next === undefined || next.done) {
      this.queue = this.cells.values();
      next = this.queue.next();
    }
    return next.done ? undefined : next.value;
  }
}
