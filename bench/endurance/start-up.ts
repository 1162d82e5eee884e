/** A process with many actors and a long history is killed; the next one opens its journal. How soon does it work? */
import { cp } from 'node:fs/promises';
import { createSystem, type System } from '../../src/index.js';
import { openJournalReader } from '../../src/journal/lmdb-reader.js';
import { addendOf, flushedTally, type TallyEvent } from '../kernel/actors.js';
import { prove, until } from '../kernel/contender.js';
import type { Endured, EnduranceInput } from './contender.js';
import { diskMb } from './disk-size.js';
import type { Sizes } from './sizes.js';
import { type Progress, tellByTurns, totalOfAll } from './tell-by-turns.js';

/** All of the history is kept, whatever it takes. */
const retentionBytes = 2 ** 40;

/** Fill a journal with actors that have handled many messages. The process is killed afterwards. */
export async function prepareHistory({ sizes, folder }: EnduranceInput): Promise<Endured> {
  const { actors, tells } = sizes.startUp;
  const system = await createSystem({ journal: folder, hosts: 1, signals: false, retentionBytes });
  for (let at = 0; at < actors; at += sizes.spawnsAhead) {
    const ids = Array.from({ length: Math.min(sizes.spawnsAhead, actors - at) }, (_, index) => `actor-${at + index}`);
    await Promise.all(ids.map((id) => system.spawn(flushedTally, { id })));
  }
  const progress: Progress = { accepted: 0, sum: 0 };
  await tellByTurns(refsOf(system, sizes), tells, sizes.tellsAhead, progress);
  await until('every message is handled', async () => (await system.stats()).journal.waiting === 0);
  prove('messages accepted', progress.accepted, tells);
  return { measures: { ...diskMb(folder) } };
}

/** Open a copy of it and ask one actor; then all of them, and look whether the history was all there. */
export async function startUp({ sizes, folder, prepared }: EnduranceInput): Promise<Endured> {
  await cp(prepared, folder, { recursive: true });
  const { actors, tells } = sizes.startUp;
  const sums = sumsOf(actors, tells);
  const number = actors >> 1;
  const begin = performance.now();
  const system = await createSystem({ journal: folder, hosts: 1, retentionBytes });
  const openMs = performance.now() - begin;
  const first = system.get<TallyEvent>(`/actor-${number}`);
  const total = await first.ask({ type: 'total' }, { timeoutMs: 60_000 });
  const firstReplyMs = performance.now() - begin;
  prove('total of the first one asked', total, sums[number] ?? Number.NaN);
  prove('actors in the journal', (await system.stats()).journal.actors ?? 0, actors);
  const expected = sums.reduce((sum, each) => sum + each, 0);
  prove('sum of all actors', await totalOfAll(refsOf(system, sizes)), expected);
  await system.stop();
  const reader = openJournalReader(folder);
  prove('first position of the history', reader.logFiles()[0]?.first ?? Number.NaN, 1);
  reader.close();
  return { measures: { openMs, firstReplyMs, ...diskMb(folder) } };
}

function refsOf(system: System, { startUp: { actors } }: Sizes) {
  return Array.from({ length: actors }, (_, number) => system.get<TallyEvent>(`/actor-${number}`));
}

/** What each actor must have added up. */
function sumsOf(actors: number, tells: number): number[] {
  const sums = Array.from({ length: actors }, () => 0);
  for (let at = 0; at < tells; at += 1) sums[at % actors] = (sums[at % actors] ?? 0) + addendOf(at);
  return sums;
}
