/** Spawns a crowd, many at a time, and waits until every first turn is over. */
import type { ActorDefinition, ActorRef, System } from '../../src/index.js';
import type { TallyEvent } from './actors.js';
import { until } from './contender.js';

/** The window is cut into parts; one may start when the one a window earlier is accepted. */
const partsPerWindow = 4;

/**
 * Spawn `/tally-0`, `/tally-1` ... All must find room in memory.
 * @param ahead spawns on their way at a time
 * @returns when each is in the memory of its host, and nothing waits
 */
export async function spawnAll(
  system: System,
  definition: ActorDefinition<undefined, TallyEvent>,
  count: number,
  ahead: number,
): Promise<ActorRef<TallyEvent>[]> {
  const before = await cellsOf(system);
  const part = Math.ceil(ahead / partsPerWindow);
  const parts: Promise<ActorRef<TallyEvent>[]>[] = [];
  for (let at = 0; at < count; at += part) {
    const numbers = Array.from({ length: Math.min(part, count - at) }, (_, index) => at + index);
    parts.push(Promise.all(numbers.map((number) => system.spawn(definition, { id: `tally-${number}` }))));
    await parts.at(-partsPerWindow);
  }
  const refs = (await Promise.all(parts)).flat();
  await until('every first turn is over', async () => (await cellsOf(system)) === before + count);
  await until('nothing waits', async () => (await system.stats()).journal.waiting === 0);
  return refs;
}

/** Actors in the memory of all hosts. */
export async function cellsOf(system: System): Promise<number> {
  const { hosts } = await system.stats();
  return hosts.reduce((sum, host) => sum + (host.cells ?? 0), 0);
}
