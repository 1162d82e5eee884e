/** Millions of messages through a journal that keeps little history: does the disk stay as full as it was? */
import { tallies } from '../kernel/actors.js';
import { perSecond, prove, withSystem } from '../kernel/contender.js';
import type { Endured, EnduranceInput } from './contender.js';
import { diskMb, FreePages } from './disk-size.js';
import { memoryMb } from './memory.js';
import { maxBetween, sampled } from './sampler.js';
import { type Progress, tellByTurns, totalOfAll } from './tell-by-turns.js';

/**
 * How often the sampler looks into the tables. Whoever reads them keeps old pages from being used again, and a
 * checkpoint at that moment takes new ones: looked at too often, the file grows because it is looked at.
 */
const looksInsideEvery = 20;

/** Tell, and look at the folder meanwhile. Every machine's total must be right in the end. */
export function churn({ sizes, folder }: EnduranceInput): Promise<Endured> {
  const { machines, tells, retentionBytes, checkpointBytes } = sizes.churn;
  return withSystem(
    folder,
    async (system) => {
      const spawns = Array.from({ length: machines }, (_, at) =>
        system.spawn(tallies.committed, { id: `tally-${at}` }),
      );
      const refs = await Promise.all(spawns);
      const progress: Progress = { accepted: 0, sum: 0 };
      const pages = new FreePages(folder);
      let handled = 0;
      let usedMb = 0;
      let looks = 0;
      const read = async () => {
        const disk = diskMb(folder);
        if (looks % looksInsideEvery === 0) usedMb = disk.dataMb - (await pages.freeMb());
        looks += 1;
        const { waiting = 0 } = (await system.stats()).journal;
        // Counted by two threads at slightly different moments: it must not seem to go back.
        handled = Math.max(handled, progress.accepted - waiting);
        return { handled, ...disk, freeMb: disk.dataMb - usedMb, ...memoryMb() };
      };
      const begin = performance.now();
      const { result: ms, samples } = await sampled(sizes.sampleMs, read, async () => {
        await tellByTurns(refs, tells, sizes.tellsAhead, progress);
        prove('sum of all machines', await totalOfAll(refs), progress.sum);
        return performance.now() - begin;
      });
      prove('messages accepted', progress.accepted, tells);
      await pages.close();
      const max = (name: string, from: number, to: number) => maxBetween(samples, name, 'handled', from, to);
      const measures = {
        handled: tells,
        perSecond: perSecond(tells, ms),
        diskMbMax: max('diskMb', 0, 1),
        secondQuarterDiskMb: max('diskMb', 0.25, 0.5),
        lastQuarterDiskMb: max('diskMb', 0.75, 1),
        secondQuarterDataMb: max('dataMb', 0.25, 0.5),
        lastQuarterDataMb: max('dataMb', 0.75, 1),
        lastQuarterFreeMb: max('freeMb', 0.75, 1),
        secondQuarterRssMb: max('rssMb', 0.25, 0.5),
        lastQuarterRssMb: max('rssMb', 0.75, 1),
      };
      return { measures, samples };
    },
    { retentionBytes, checkpointBytes },
  );
}
