/**
 * A dynamic supervisor over partitions: a hub that keeps so many dynamic supervisors below it, and sends each request
 * to the one that the child's id falls to. The hub is a supervisor like any other, and routes (`routing.ts`); the
 * partitions answer in its place.
 *
 * Z1  A child lives in the partition of its id for as long as the hub lives: how many there are stands in its books,
 *     and another number counts when it begins anew.
 * Z2  Each partition has a budget of its own. One that has spent it takes its children with it, begins empty again, and
 *     is paid for by the hub's budget, of the same size; the others hear nothing of it.
 */
import { type ActorDefinition, actorContext, type AnyEvent, defineActor } from '../src/index.js';
import { scattered } from './backoff.js';
import type { Books } from './books.js';
import type { Heard } from './judge.js';
import { supervisorMachine } from './machine.js';
import { type CheckedCommon, type CheckedSupervisor, childOf } from './spec.js';

/** More are refused: the hub's books hold a page for each. */
export const partitionsMax = 1_000;

/** Asks partitions one after the other for their count; the last one answers. */
export interface CountOn {
  type: 'countOn';
  before: number;
  /** Paths of those that are still to be asked. */
  others: readonly string[];
}

/** The partition of an id, among so many. */
function partitionOf(id: string, partitions: number): string {
  return String(Math.floor(scattered(id) * partitions));
}

/** What the hub hears. */
function heardOf(event: AnyEvent, { children }: CheckedSupervisor): Heard | undefined {
  const { self, replyTo } = actorContext();
  const routed = (child: string, message: AnyEvent): Heard => ({
    type: 'routed',
    request: { type: 'route', by: { child }, message },
    asker: replyTo,
  });
  switch (event.type) {
    case 'startChild':
    case 'stopChild':
      return routed(partitionOf(String(event.id), children.length), event);
    case 'count': {
      // The last one first: when it is there, all are.
      const [last, ...others] = children.map(({ id }) => id).reverse();
      const paths = others.map((id) => `${self.path}/${id}`);
      return routed(last as string, { type: 'countOn', before: 0, others: paths } satisfies CountOn);
    }
    case 'troupe.begin':
    case 'troupe.declared':
    case 'troupe.child':
    case 'troupe.again':
    case 'again':
      return event as Heard;
    default:
      return undefined;
  }
}

/**
 * Declare the hub.
 * @param partition the dynamic supervisor below it
 * @param partitions how many of them
 */
export function partitioned(
  meta: { readonly url: string },
  name: string,
  partition: ActorDefinition,
  partitions: number,
  common: CheckedCommon,
): ActorDefinition {
  const childrenOf = (count: number) =>
    Array.from({ length: count }, (_, index) => childOf({ id: String(index), actor: partition }));
  const declared: CheckedSupervisor = {
    ...common,
    // What is said of children holds in the partitions.
    backoff: undefined,
    recovery: {},
    maxChildren: partitionsMax,
    strategy: 'one-for-one',
    autoShutdown: 'never',
    children: childrenOf(partitions),
  };
  /** Z1 */
  const specOf = ({ children }: Books): CheckedSupervisor =>
    children.length === 0 || children.length === partitions
      ? declared
      : { ...declared, children: childrenOf(children.length) };
  const logic = supervisorMachine(specOf, { hear: heardOf });
  return defineActor(meta, name, logic, { supervises: 'in-order', durability: common.durability });
}
