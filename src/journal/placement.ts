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
}

/** What a policy sees of the actor. */
export interface PlacementRequest {
  path: string;
  /** The actor's wish: `least-loaded` (also the empty string), `hash`, `with-parent`, or `pinned:N`. */
  placement: string;
  /** Where its parent runs, -1 when nowhere or on no host. */
  parentIndex: number;
}

/** Picks one of the hosts (never empty) and returns its `index`. */
export type Placement = (request: PlacementRequest, hosts: readonly HostLoad[]) => number;

/** The kernel's policies. Unknown wishes fall back to least loaded. */
export const place: Placement = ({ path, placement, parentIndex }, hosts) => {
  if (placement === 'with-parent' && hosts.some((host) => host.index === parentIndex)) return parentIndex;
  if (placement === 'hash') return (hosts[hashOf(path) % hosts.length] as HostLoad).index;
  if (placement.startsWith('pinned:')) {
    const wanted = Number(placement.slice('pinned:'.length));
    return (hosts[wanted % hosts.length] as HostLoad).index;
  }
  return hosts.reduce((least, host) => (host.actors < least.actors ? host : least)).index;
};
