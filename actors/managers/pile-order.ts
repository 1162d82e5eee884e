/**
 * A progression of a pile: an order of its elements, as an actor of its own. It holds their numbers of arrival as runs
 * (runs.ts): an order that mostly follows arrival takes a few bytes whatever its length.
 *
 * OR1  A number is in it at most once.
 * OR2  What is said of a number from before the last `clear` came too late.
 * OR3  What arrives stands in the order of arrival, although buckets may tell of it in another one.
 */
import { fromTransition } from 'xstate';
import { actorContext, TroupeError } from '../../src/index.js';
import { answer, partId, pilePath, refOf, refuse } from './pile-parts.js';
import { collectOn } from './pile-page.js';
import type { OrderEvent } from './pile-words.js';
import {
  filtered,
  includes,
  indexOf,
  insertAt,
  lengthOf,
  noRuns,
  type Runs,
  slice,
  withArrival,
  without,
} from './runs.js';

interface OrderState {
  runs: Runs;
  clearedAt: number;
}

type Heard = OrderEvent & { n?: number };

/** The logic of a progression. Its input: what it begins with. */
export const orderLogic = fromTransition(
  (state: OrderState, event: Heard): OrderState => hear(state, event),
  ({ input }: { input: Runs }): OrderState => ({ runs: input, clearedAt: 0 }),
);

function hear(state: OrderState, event: Heard): OrderState {
  const { runs } = state;
  const { n = 0 } = event;
  switch (event.type) {
    case 'order.add':
      // OR3
      return n < state.clearedAt ? state : { ...state, runs: withArrival(runs, n) };
    case 'order.place':
      return place(state, event, n);
    case 'order.drop': {
      const left = without(runs, n);
      answer(left !== runs);
      return { ...state, runs: left };
    }
    case 'order.position': {
      const index = indexOf(runs, n);
      answer(index < 0 ? undefined : index);
      return state;
    }
    case 'order.length':
      answer(lengthOf(runs));
      return state;
    case 'order.clear':
      return { runs: noRuns, clearedAt: event.at };
    case 'order.snapshot':
      snapshot(runs, event);
      return state;
    case 'order.page': {
      const { from, limit, reverse, where, segments } = event;
      const numbers = slice(runs, from, limit, reverse);
      const next = from + numbers.length < lengthOf(runs) ? from + numbers.length : undefined;
      const rest = { asked: numbers, line: segments, segments: [], page: 0, found: [] };
      collectOn({ type: 'page.collect', numbers, next, where, ...rest });
      return state;
    }
    default:
      return state;
  }
}

function place(state: OrderState, event: OrderEvent & { type: 'order.place' }, n: number): OrderState {
  const { at, beside, move } = event;
  const isThere = includes(state.runs, n);
  // OR2
  if ((isThere && !move) || beside === n || n < state.clearedAt) {
    answer(false);
    return state;
  }
  const runs = without(state.runs, n);
  const index = at === 'start' ? 0 : at === 'end' ? lengthOf(runs) : indexOf(runs, beside ?? -1);
  if (index < 0) {
    const message = `the element to stand ${at} is not in ${actorContext().self.path}`;
    refuse(new TroupeError('PROGRESSION_UNKNOWN', message, { field: `at.${at}`, value: beside }));
    return state;
  }
  answer(true);
  return { ...state, runs: insertAt(runs, at === 'after' ? index + 1 : index, n) };
}

/** Its order as a fork sees it, and on to the next progression. */
function snapshot(runs: Runs, { seed, names, epoch }: OrderEvent & { type: 'order.snapshot' }): void {
  const [name = '', next] = names;
  const { base, hidden } = seed;
  const seen = filtered(runs, (n) => n < base.version && !includes(hidden, n));
  const told: typeof seed = { ...seed, orders: { ...seed.orders, [name]: seen } };
  if (next === undefined) {
    answer(told);
    return;
  }
  const ref = refOf(`${pilePath()}/${partId.order(epoch, next)}`);
  actorContext().forward(ref, { type: 'order.snapshot', seed: told, names: names.slice(1), epoch });
}
