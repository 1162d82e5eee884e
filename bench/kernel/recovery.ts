/** A process dies without a word; the next one opens its journal. How long until an actor answers? */
import { cp } from 'node:fs/promises';
import { createSystem } from '../../src/index.js';
import { addendOf, flushedTally, type TallyEvent } from './actors.js';
import { type ContenderInput, type Measures, prove } from './contender.js';
import { pathOf, spawnIdle } from './idle-actors.js';

/** Fill a journal with actors. The process is killed afterwards, so nothing is tidied up. */
export async function prepareJournal({ sizes, folder }: ContenderInput): Promise<Measures> {
  const system = await createSystem({ journal: folder, hosts: 1, signals: false });
  await spawnIdle(system, sizes);
  const { journal } = await system.stats();
  prove('actors in the journal', journal.actors ?? 0, sizes.idleActors);
  return { onDiskMb: (journal.bytesOnDisk ?? 0) / 2 ** 20 };
}

/** Open a copy of it and ask one actor. */
export async function recoverJournal({ sizes, folder, prepared }: ContenderInput): Promise<Measures> {
  await cp(prepared, folder, { recursive: true });
  const number = sizes.idleActors - 99;
  const begin = performance.now();
  const system = await createSystem({ journal: folder, hosts: 1 });
  const openMs = performance.now() - begin;
  const total = await system.get<TallyEvent>(pathOf(number)).ask({ type: 'total' }, { timeoutMs: 60_000 });
  const firstReplyMs = performance.now() - begin;
  prove('total of one that came back', total, addendOf(number));
  prove('actors in the journal', (await system.stats()).journal.actors ?? 0, sizes.idleActors);
  await system.stop();
  return { openMs, firstReplyMs };
}

/** The same with an empty journal: what the threads alone take to start. */
export async function startEmpty({ folder }: ContenderInput): Promise<Measures> {
  const begin = performance.now();
  const system = await createSystem({ journal: folder, hosts: 1 });
  const openMs = performance.now() - begin;
  const ref = await system.spawn(flushedTally, { id: 'first' });
  prove('total of the first actor', await ref.ask({ type: 'total' }), 0);
  const firstReplyMs = performance.now() - begin;
  await system.stop();
  return { openMs, firstReplyMs };
}
