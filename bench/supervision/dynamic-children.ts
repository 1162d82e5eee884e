/** Children of a dynamic supervisor: what the start and the stop of each costs, with few of them and with many. */
import type { ActorRef, System } from '../../src/index.js';
import { type DynamicEvents, dynamicSupervisor } from '../../supervisors/index.js';
import { flushedTally } from '../kernel/actors.js';
import { prove, withSystem } from '../kernel/contender.js';
import type { SupervisionContender } from './contender.js';
import type { Sizes } from './sizes.js';

const timeoutMs = 280_000;
const partsPerWindow = 4;

/** Above the children. */
const matron = dynamicSupervisor(import.meta, 'bench-matron', { child: { actor: flushedTally } });

/** Start so many, stop their supervisor; before it the same with few, to warm up. */
export function dynamicChildren(which: 'few' | 'some' | 'many' | 'twice'): SupervisionContender {
  return ({ sizes, folder }) => {
    const { children } = sizes;
    const count = children[which];
    return withSystem(
      folder,
      async (system) => {
        await startAndStop(system, 'warm-up', children.few, children);
        const { startMs, stopMs } = await startAndStop(system, 'matron', count, children);
        return { startUs: (startMs * 1_000) / count, stopUs: (stopMs * 1_000) / count };
      },
      // By default a host would keep fewer of them in memory.
      { logger: false, residentActorsMax: count + children.few + 1 },
    );
  };
}

async function startAndStop(
  system: System,
  id: string,
  count: number,
  sizes: Sizes['children'],
): Promise<{ startMs: number; stopMs: number }> {
  const ref = await system.spawn(matron, { id });
  const begin = performance.now();
  const started = await startAll(ref, count, sizes.startsAhead);
  const startMs = performance.now() - begin;
  prove('children started', started, count);
  prove('children the supervisor has', (await ref.ask({ type: 'count' }, { timeoutMs })).active, count);
  prove('actors in the journal', await actorsOf(system), count + 1);
  const stopBegin = performance.now();
  await ref.stop();
  const stopMs = performance.now() - stopBegin;
  prove('actors left in the journal', await actorsOf(system), 0);
  return { startMs, stopMs };
}

/** Many at a time; a next part may begin when the one a window earlier is up. */
async function startAll(ref: ActorRef<DynamicEvents>, count: number, ahead: number): Promise<number> {
  const part = Math.ceil(ahead / partsPerWindow);
  const parts: Promise<number>[] = [];
  for (let at = 0; at < count; at += part) {
    const ids = Array.from({ length: Math.min(part, count - at) }, (_, index) => `child-${at + index}`);
    const answers = Promise.all(ids.map((id) => ref.ask({ type: 'startChild', id }, { timeoutMs })));
    parts.push(answers.then((all) => all.filter(({ ok }) => ok).length));
    await parts.at(-partsPerWindow);
  }
  return (await Promise.all(parts)).reduce((sum, each) => sum + each, 0);
}

async function actorsOf(system: System): Promise<number> {
  return (await system.stats()).journal.actors ?? Number.NaN;
}
