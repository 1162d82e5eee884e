/** What the functions of a flow may give, checked when they have given it. */
import { TroupeError } from '../../src/index.js';

const itemsMax = 10_000;

/** @throws TroupeError WORKFLOW_ITEMS */
export function checkItems(id: string, items: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(items) && items.length <= itemsMax) return items;
  const what = Array.isArray(items) ? `${items.length} items, and ${itemsMax} are allowed` : 'no list of items';
  throw new TroupeError('WORKFLOW_ITEMS', `${id}: there are ${what}`, { field: `${id}.items` });
}

/** @throws TroupeError OPTION_RANGE */
export function checkSleep(id: string, ms: number): number {
  if (typeof ms === 'number' && ms >= 0) return ms;
  throw new TroupeError('OPTION_RANGE', `${id}: a sleep must be milliseconds from 0, and is ${String(ms)}`, {
    field: `${id}.ms`,
    value: ms,
  });
}

/** A `conditional` has chosen what is none of its cases. */
export function noCase(id: string, chosen: unknown, cases: readonly string[]): TroupeError {
  const message = `${id} chose ${String(chosen)}, which is none of its cases: ${cases.join(', ')}`;
  return new TroupeError('WORKFLOW_NO_CASE', message, { field: id, value: chosen });
}

/** A `loop` was to have ended. */
export function loopLimit(id: string, turnsMax: number): TroupeError {
  return new TroupeError('WORKFLOW_LOOP_LIMIT', `${id} was to end, and has not after ${turnsMax} turns`, {
    field: id,
    value: turnsMax,
  });
}
