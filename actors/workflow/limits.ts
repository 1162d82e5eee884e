/** What the functions of a flow may give, checked when they have given it. */
import { carry } from '../../src/core/carry.js';
import { limits as kernel } from '../../src/core/limits.js';
import { describeBriefly, TroupeError } from '../../src/index.js';

const itemsMax = 10_000;

/** So many turns of loops are taken at once, where nothing is to be waited for. */
export const turnsAtOnce = 1_000;

/** How long runs below have for what they undo, in milliseconds, for each level of them. */
export const closeMs = 60_000;

/**
 * What a function of a flow has given, as it will be kept.
 * @param what how to call it in an error: `${id}.map`
 * @throws TroupeError PAYLOAD_NOT_CARRIABLE with the place as `field`: promises, functions, instances of classes
 */
export function given<T>(value: T, what: string): T {
  return carry(value, what) as T;
}

/** @throws TroupeError WORKFLOW_ITEMS, PAYLOAD_NOT_CARRIABLE */
export function checkItems(id: string, items: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(items) && items.length <= itemsMax) return given(items as readonly unknown[], `${id}.items`);
  const what = Array.isArray(items) ? `${items.length} items, and ${itemsMax} are allowed` : 'no list of items';
  throw new TroupeError('WORKFLOW_ITEMS', `${id}: there are ${what}`, { field: `${id}.items` });
}

/** @throws TroupeError OPTION_RANGE */
export function checkSleep(id: string, ms: number): number {
  if (typeof ms === 'number' && ms >= 0 && ms <= kernel.timerDelayMsMax) return ms;
  throw new TroupeError(
    'OPTION_RANGE',
    `${id}: a sleep must be milliseconds from 0 to 100 years, and is ${describeBriefly(ms)}`,
    {
      field: `${id}.ms`,
      value: ms,
    },
  );
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
