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
