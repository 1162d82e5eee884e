/** The same actors on more and more host threads. */
import { talliesOf } from '../kernel/actors.js';
import { perSecond, prove, withSystem } from '../kernel/contender.js';
import { totalOfAll } from '../endurance/tell-by-turns.js';
import { spawnAll } from '../kernel/spawn-all.js';
import { cruncher } from './actors.js';
import type { CurvesContender } from './sizes.js';
import { Teller, timeTelling } from './tell.js';

const definitions = { none: talliesOf.function.none, flushed: talliesOf.function.flushed, work: cruncher } as const;

/** @param hosts how many threads */
export function spread(what: keyof typeof definitions, hosts: number): CurvesContender {
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        const refs = await spawnAll(system, definitions[what], sizes.spread, sizes.spawnsAhead);
        const teller = new Teller(refs, sizes.tellsAhead);
        const count = what === 'work' ? sizes.workTells : sizes.tells;
        const warmUp = Math.floor(count * sizes.warmUpShare);
        await timeTelling(system, teller.telling(warmUp));
        const { ms, cpuUsPerMessage } = await timeTelling(system, teller.telling(count));
        prove('sum of all actors', await totalOfAll(refs), teller.sum);
        prove('hosts that ran some', await busyHosts(system), hosts);
        return { perSecond: perSecond(count, ms), cpuUsPerMessage, handled: warmUp + count };
      },
      { hosts },
    );
}

async function busyHosts(system: { stats(): Promise<{ hosts: Record<string, number>[] }> }): Promise<number> {
  return (await system.stats()).hosts.filter(({ messages = 0 }) => messages > 0).length;
}
