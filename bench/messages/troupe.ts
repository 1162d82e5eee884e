/** troupe: the same work as every other contender, at the three levels of durability. */
import type { ActorRef, Durability } from '../../src/index.js';
import { addendOf, tallies, talliesOf, type TallyEvent } from '../kernel/actors.js';
import { perSecond, prove, until, withSystem } from '../kernel/contender.js';
import { cellsOf, spawnAll } from '../kernel/spawn-all.js';
import { tellActors, type TellWork } from '../kernel/troupe-tell.js';
import { heap, player, type PlayerEvent, sweeper, teller } from './actors.js';
import { askAll, collectGarbage, type MessagesContender, pingPong, restingBytes } from './load.js';
import type { Sizes } from './sizes.js';

const timeoutMs = 60_000;

/** From the main thread to actors on another one. @param actors how many; a name is one of the sizes */
export function troupeTell(
  kind: TellWork['kind'],
  durability: Durability,
  actors: number | keyof Sizes,
  tells: keyof Sizes,
): MessagesContender {
  return ({ sizes, folder }) => {
    const count = typeof actors === 'number' ? actors : sizes[actors];
    return tellActors(folder, { kind, durability, actors: count, tells: sizes[tells] }, sizes);
  };
}

/** From one actor to another one of its thread. */
export const troupeTellNear: MessagesContender = ({ sizes, folder }) =>
  withSystem(folder, async (system) => {
    const whom = await system.spawn(heap, { id: 'heap' });
    const from = await system.spawn(teller, { id: 'teller' });
    const tellAll = (count: number) =>
      from.ask({ type: 'tell-all', whom, count, ahead: sizes.tellsAhead }, { timeoutMs });
    const count = sizes.functionTells;
    const warmUp = Math.floor(count * sizes.warmUpShare);
    const before = await tellAll(warmUp);
    prove('sum after the warm-up', before.total, before.sum);
    const begin = performance.now();
    const { sum, total } = await tellAll(count);
    const ms = performance.now() - begin;
    prove('sum of the heap', total, before.sum + sum);
    return { perSecond: perSecond(count, ms), handled: warmUp + count };
  });

/** Questions from the main thread to an actor on another one. */
export function troupeAsk(durability: Durability): MessagesContender {
  return ({ sizes, folder }) =>
    withSystem(folder, async (system) => {
      const ref = await system.spawn(tallies[durability], { id: 'tally' });
      return askAll(() => ref.ask({ type: 'next' }, { timeoutMs }), sizes);
    });
}

/** Two actors of one thread. */
export const troupePing: MessagesContender = ({ sizes, folder }) =>
  withSystem(folder, async (system) => {
    const ping: ActorRef<PlayerEvent> = await system.spawn(player, { id: 'ping' });
    const pong: ActorRef<PlayerEvent> = await system.spawn(player, { id: 'pong' });
    return pingPong((left) => ping.ask({ type: 'play', left, with: pong }, { timeoutMs }), sizes);
  });

/** Actors that do nothing: made, weighed, and weighed again when only the journal has them. */
export function troupeMany(kind: TellWork['kind'], durability: Durability): MessagesContender {
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        const ofHost = await system.spawn(sweeper, { id: 'sweeper' });
        const collect = async (): Promise<void> => {
          collectGarbage();
          await ofHost.ask({ type: 'sweep' }, { timeoutMs });
        };
        const emptyBytes = await restingBytes(collect);
        const begin = performance.now();
        await spawnAll(system, talliesOf[kind][durability], sizes.idleActors, sizes.spawnsAhead);
        const ms = performance.now() - begin;
        const bytesEach = ((await restingBytes(collect)) - emptyBytes) / sizes.idleActors;
        prove('actors in memory', await cellsOf(system), sizes.idleActors + 1);
        const made = { perSecond: perSecond(sizes.idleActors, ms), bytesEach };
        if (durability === 'none') return made;
        await system.passivate();
        await until('all of them have left memory', async () => (await cellsOf(system)) <= 1);
        const passiveBytesEach = ((await restingBytes(collect)) - emptyBytes) / sizes.idleActors;
        const one = system.get<TallyEvent>('/tally-1');
        await one.tell({ type: 'add', by: addendOf(1) });
        prove('total of one that comes back', await one.ask({ type: 'total' }), addendOf(1));
        return { ...made, passiveBytesEach };
      },
      { residentActorsMax: sizes.idleActors + 1 },
    );
}
