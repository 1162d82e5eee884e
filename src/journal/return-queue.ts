/**
 * Actors that come back, a dead thread's for instance, and wait until a host has a place for them: first come, first
 * served.
 *
 * What I own: their order. What the router owns: when one may go, and where.
 *
 * Q1  A row in a queue is `stalled`, and is so no longer when it has left. Nobody activates it meanwhile.
 * Q2  Adding and taking take the same time however many wait.
 */
import type { ActorRow } from './row.js';

/** Rows taken before the array is cut: `shift` on a long array would move all of it each time. */
const takenMax = 1_024;

/** See the file's header. */
export class ReturnQueue {
  private rows: ActorRow[] = [];
  private taken = 0;

  /** How many wait. */
  get length(): number {
    return this.rows.length - this.taken;
  }

  /** One more, behind the others. */
  add(row: ActorRow): void {
    row.stalled = true;
    this.rows.push(row);
  }

  /** The one that has waited longest, if any. */
  take(): ActorRow | undefined {
    const row = this.rows[this.taken];
    if (row === undefined) return undefined;
    row.stalled = false;
    this.taken += 1;
    if (this.taken >= takenMax) {
      this.rows = this.rows.slice(this.taken);
      this.taken = 0;
    }
    return row;
  }

  /** Let all of them go. @returns them, in their order */
  clear(): ActorRow[] {
    const rows = this.rows.slice(this.taken);
    for (const row of rows) row.stalled = false;
    this.rows = [];
    this.taken = 0;
    return rows;
  }
}
