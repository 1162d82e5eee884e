/**
 * Which host runs an actor: a pure decision. An actor's home is never visible in its address and may
 * change whenever it is activated.
 */
import { hashOf } from '../core/hash.js';

/** What a policy sees of a host. */
export interface HostLoad {
  /** Place in the list of nodes. */
  index: number;
  /** How many actors it runs. */
  actors: number;
  /** It runs, and few of those it was given back have yet to handle a message: it can take another one at once. */
  hasPlace: boolean;
}

/** What a policy sees of the actor. */
export interface PlacementRequest {
  path: string;
  /**
   * The actor's wish: `least-loaded` (also the empty string), `hash`, `with-parent`, or `pinned:N`. Hosts are counted
   * from the oldest, those that are there: while a thread is away the others move up, and its replacement is the last.
   */
  placement: string;
  /** Where its parent runs, -1 when nowhere or on no host. */
  parentIndex: number;
  /** It has lived before, and messages wait for it. */
  isBack: boolean;
}

/** Picks one of the hosts (never empty) and returns its `index`. */
export type Placement = (request: PlacementRequest, hosts: readonly HostLoad[]) => number;

/**
 * The kernel's policies. Unknown wishes fall back to least loaded. Who comes back and has no wish goes to a host that
 * has a place, if one has: thousands that a dead thread leaves behind are not to wait for one host while others idle.
 */
export const place: Placement = ({ path, placement, parentIndex, isBack }, hosts) => {
  if (placement === 'with-parent' && hosts.some((host) => host.index === parentIndex)) return parentIndex;
  if (placement === 'hash') return (hosts[hashOf(path) % hosts.length] as HostLoad).index;
  if (placement.startsWith('pinned:')) {
    const wanted = Number(placement.slice('pinned:'.length));
    return (hosts[wanted % hosts.length] as HostLoad).index;
  }
  const able = isBack ? hosts.filter(({ hasPlace }) => hasPlace) : hosts;
  return leastLoaded(able.length > 0 ? able : hosts).index;
};

function leastLoaded(hosts: readonly HostLoad[]): HostLoad {
  return hosts.reduce((least, host) => (host.actors < least.actors ? host : least));
}
