/**
 * What is stored of a cell: the logic's own state and what must survive beside it. One encoded value, the bytes a
 * turn record holds and `system.state` reads.
 */
import type { ByteWriter } from '../core/bytes.js';
import { decode, encodeTo } from '../core/codec.js';
import { stateWithoutEffects } from './named-effects.js';

/** The stored form, a tuple because it is written with every message. */
export type StoredCell = [
  /** The definition's version when it was written. */
  version: number,
  /** From `CellInstance.persist`. */
  persisted: unknown,
  /** Counter of timer serials and effect numbers. */
  counter: number,
  /** Live timers, as [timerId, serial]; absent when there are none. */
  timers?: [string, number][],
];

/**
 * Each life of an actor counts from a number of its own, so that a timer of the life before, which is already on its
 * way, or an effect that still runs, is never taken for one of this life.
 */
const numbersPerLife = 10_000_000_000;
/** Beyond it a number would not be exact. */
const livesApart = 900_000;

/** Where the counter of this life begins. @param life how many there were before */
export function firstOf(life: number): number {
  return (life % livesApart) * numbersPerLife;
}

/** Which life counts so. */
export function lifeIn(counter: number): number {
  return Math.floor(counter / numbersPerLife);
}

/** Append it. @throws TroupeError PAYLOAD_NOT_CARRIABLE naming the place in the state; nothing is appended then */
export function writeStored(out: ByteWriter, stored: StoredCell, path: string): void {
  encodeTo(out, stored, `state of ${path}`);
}

/** From bytes. */
export function decodeStored(bytes: Buffer): StoredCell {
  return decode(bytes) as StoredCell;
}

/** What people see of a stored state: value and context of a machine, the state of a function as context. */
export function viewStored(bytes: Buffer): { value?: unknown; context?: unknown } {
  const p = stateWithoutEffects(decodeStored(bytes)[1]);
  if (Array.isArray(p)) return p.length === 1 ? { context: p[0] } : { value: p[0], context: p[1] };
  const snapshot =
    (p as { s?: { value?: unknown; context?: unknown } } | null)?.s ?? (p as { context?: unknown } | null);
  const { value, context } = (snapshot ?? {}) as { value?: unknown; context?: unknown };
  return value === undefined ? { context } : { value, context };
}
