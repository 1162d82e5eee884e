/**
 * Two journals: `rested` was stopped, so that everything is in its tables and the log is history; `killed` was not, and
 * its whole log lies behind the last checkpoint.
 */
import path from 'node:path';
import { createSystem, type System } from '../../src/index.js';
import { sleeper } from '../endurance/sleeper.js';
import { type Progress, tellByTurns, totalOfAll } from '../endurance/tell-by-turns.js';
import { tallies } from '../kernel/actors.js';
import { type ContenderInput, type Measures, prove, until } from '../kernel/contender.js';
import type { Sizes } from './sizes.js';

/** All of the history is kept, and no checkpoint is made because the log has grown. */
const endlessBytes = 2 ** 40;
/** Longer than any bench takes. */
const napMs = 365 * 24 * 3_600_000;

/** Where they are. */
export function journalsIn(prepared: string): { rested: string; killed: string } {
  return { rested: path.join(prepared, 'rested'), killed: path.join(prepared, 'killed') };
}

/** The path of a machine. */
export function machinePath(number: number): string {
  return `/tally-${number}`;
}

/** Make both. The process is killed afterwards. */
export async function prepare({ sizes, folder }: ContenderInput<Sizes>): Promise<Measures> {
  const { rested, killed } = journalsIn(folder);
  const first = await createSystem({ journal: rested, hosts: 1, signals: false, retentionBytes: endlessBytes });
  await spawnSleepers(first, sizes);
  await tellMachines(first, sizes);
  await first.stop({ drainMs: 600_000 });
  const options = { retentionBytes: endlessBytes, checkpointBytes: endlessBytes };
  const second = await createSystem({ journal: killed, hosts: 1, signals: false, ...options });
  await tellMachines(second, sizes);
  prove('checkpoints of the killed one', (await second.stats()).journal.checkpoints ?? Number.NaN, 0);
  return {};
}

async function spawnSleepers(system: System, { sleepers, spawnsAhead }: Sizes): Promise<void> {
  for (let at = 0; at < sleepers; at += spawnsAhead) {
    const numbers = Array.from({ length: Math.min(spawnsAhead, sleepers - at) }, (_, index) => at + index);
    await Promise.all(
      numbers.map(async (number) => {
        const ref = await system.spawn(sleeper, { id: `sleeper-${number}` });
        await ref.tell({ type: 'sleep', ms: napMs });
      }),
    );
  }
}

async function tellMachines(system: System, { machines, tells, tellsAhead }: Sizes): Promise<void> {
  const numbers = Array.from({ length: machines }, (_, number) => number);
  const refs = await Promise.all(
    numbers.map((number) => system.spawn(tallies.committed, { id: machinePath(number).slice(1) })),
  );
  const progress: Progress = { accepted: 0, sum: 0 };
  await tellByTurns(refs, tells, tellsAhead, progress);
  prove('sum of all machines', await totalOfAll(refs), progress.sum);
  await until('every message is handled', async () => (await system.stats()).journal.waiting === 0);
}
