/** XState by itself, on one thread, nothing kept: what the machines cost before troupe adds anything. */
import type { ActorRefFrom } from 'xstate';
import { addendOf, tallyMachine } from './actors.js';
import { type ContenderInput, cpuUsEach, type Measures, perSecond, prove } from './contender.js';
import { makeXstate, spawnXstate } from './xstate-spawn.js';

type Tally = ActorRefFrom<typeof tallyMachine>;

/** Messages by `actor.send`, every one to another machine. */
export async function xstateTell({ sizes }: ContenderInput): Promise<Measures> {
  const actors = spawnXstate(tallyMachine, sizes.machines);
  const warmUp = Math.floor(sizes.tells * sizes.warmUpShare);
  let expected = sendAll(actors, warmUp);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  expected += sendAll(actors, sizes.tells);
  const ms = performance.now() - begin;
  const cpuUsPerMessage = cpuUsEach(sizes.tells, cpu);
  prove('sum of all machines', sumOf(actors), expected);
  return { perSecond: perSecond(sizes.tells, ms), cpuUsPerMessage };
}

/** Making and starting machines, and what they occupy. */
export async function xstateSpawn({ sizes }: ContenderInput): Promise<Measures> {
  const before = process.memoryUsage.rss();
  const begin = performance.now();
  const actors = makeXstate(tallyMachine, sizes.idleActors);
  const ms = performance.now() - begin;
  const rss = process.memoryUsage.rss();
  prove('machines running', actors.filter((actor) => actor.getSnapshot().status === 'active').length, sizes.idleActors);
  return { perSecond: perSecond(sizes.idleActors, ms), rssMb: rss / 2 ** 20, addedMb: (rss - before) / 2 ** 20 };
}

function sendAll(actors: readonly Tally[], count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    const by = addendOf(at);
    sum += by;
    actors[at % actors.length]?.send({ type: 'add', by });
  }
  return sum;
}

function sumOf(actors: readonly Tally[]): number {
  return actors.reduce((sum, actor) => sum + actor.getSnapshot().context.total, 0);
}
