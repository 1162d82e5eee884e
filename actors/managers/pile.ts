/**
 * A pile: a typed collection as an actor, safe under any number of writers, because it handles one message at a time.
 *
 * It is made of actors, so that what a put writes does not grow with it:
 *
 *   pile           a few numbers: how many there are, the next number of arrival, how many parts
 *   x0, x1, ...    the index: id -> number, about `bucketIds` ids each (pile-index.ts)
 *   p0, p1, ...    the elements, `pageElements` each, in the order of their numbers (pile-page.ts)
 *   o-name, ...    progressions: orders of the numbers (pile-order.ts)
 *
 * A request goes from the pile to the bucket of its id, and from there to page or progression, which answers whoever
 * asked. The parts run where the pile runs, so all this is mostly one turn, and one commit.
 *
 * PL1  A number is given to one element only, in the order the puts came.
 * PL2  Places are reserved when a put is passed on, so there are never more than `elementsMax`. While the last places
 *      are reserved another put is refused, although one of those under way may turn out to be a duplicate.
 * PL3  A version is a number that no element has: what came before has smaller ones, what comes after has larger ones.
 *      A fork sees the pile as of a version, for ever: what is removed afterwards is kept for it.
 */
import { fromTransition } from 'xstate';
import { type ActorDefinition, defineActor, TroupeError } from '../../src/index.js';
import { moduleOf } from '../../src/core/meta.js';
import { checkOptions } from '../../src/core/options.js';
import { indexLogic } from './pile-index.js';
import { optionsSpec, type PileOptions } from './pile-options.js';
import { orderLogic } from './pile-order.js';
import { pageLogic } from './pile-page.js';
import type { Filters } from './pile-parts.js';
import { hear, type Hears } from './pile-root.js';
import { begin, type Made, type PileState, withOrders } from './pile-state.js';
import type { PileEvents, PileSeed } from './pile-words.js';

/**
 * Declare a pile, at the top level of a module, and export it; spawn it as any actor.
 *
 *   export const notes = pile<Note>(import.meta, 'notes', { schema: noteSchema, orders: { read: 'manual' } });
 *   const ref = await system.spawn(notes, { id: 'notes' });
 *   await ref.ask({ type: 'put', element: element({ text: 'hello' }, { clock }) });
 *
 * A put of an id that is there is idempotent when value and metadata are the same, else refused with PILE_CONFLICT; one
 * of more than `elementsMax` with PILE_FULL; one whose element or value is not what it must be with ELEMENT_INVALID.
 * What fails is refused at the door and changes nothing. After a crash a pile is as it was. Supervise it with
 * `restore` or `resume`: with `reset` it begins empty, and what it held stays on the disk.
 *
 * The names `NAME.index`, `NAME.page` and `NAME.order` are taken as well.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `PileOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; what `defineActor` throws
 */
export function pile<T = unknown>(
  meta: { readonly url: string },
  name: string,
  options: PileOptions<T> = {},
): ActorDefinition<PileSeed | undefined, PileEvents<T>> {
  moduleOf(meta, 'pile');
  const where = `pile("${name}")`;
  const checked = checkOptions<PileOptions<unknown>>(options, optionsSpec, where) as Required<PileOptions<unknown>>;
  checkNames(checked, where);
  const { durability, orders, filters } = checked;
  const all = Object.keys(orders);
  const arrivals = all.filter((each) => orders[each] === 'arrival');
  // A part's messages come from its pile, so what fails there once may not fail again; a lost one would be missed.
  const part = { durability, placement: 'with-parent', passivateAfterMs: 60_000, maxAttempts: 100 } as const;
  const made: Made = {
    ...checked,
    index: defineActor(meta, `${name}.index`, indexLogic({ all, arrivals }), part),
    page: defineActor(meta, `${name}.page`, pageLogic(filters as Filters), part),
    order: defineActor(meta, `${name}.order`, orderLogic, part),
  };
  const logic = fromTransition(
    (state: PileState, event: Hears) => hear(withOrders(state, made), event, made),
    ({ input }: { input: PileSeed | undefined }) => begin(input, made),
  );
  return defineActor(meta, name, logic, { durability }) as ActorDefinition<PileSeed | undefined, PileEvents<T>>;
}

function checkNames({ orders, filters, schema }: PileOptions<unknown>, where: string): void {
  for (const [name, mode] of Object.entries(orders ?? {})) {
    if (/^[A-Za-z0-9_]{1,64}$/.test(name) && (mode === 'arrival' || mode === 'manual')) continue;
    const rule = "a name of letters, digits and _, and 'arrival' or 'manual'";
    throw new TroupeError('OPTION_RANGE', `${where}: orders.${name} must be ${rule}`, {
      field: `orders.${name}`,
      value: mode,
    });
  }
  for (const [name, filter] of Object.entries(filters ?? {})) {
    if (typeof filter === 'function') continue;
    const field = `filters.${name}`;
    throw new TroupeError('OPTION_TYPE', `${where}: ${field} must be a function`, { field, value: filter });
  }
  if (schema === undefined || typeof schema?.['~standard']?.validate === 'function') return;
  throw new TroupeError('OPTION_TYPE', `${where}: schema must be a Standard Schema`, {
    field: 'schema',
    value: schema,
  });
}
