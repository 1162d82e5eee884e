/**
 * One actor crashes, again and again: how long from the crash to the answer of the next message? Asked by an actor of
 * the same host thread, so that no thread is crossed but for what supervision needs.
 */
import type { Durability } from '../../src/index.js';
import { oneForOne } from '../../supervisors/index.js';
import { cpuUsEach, percentiles, prove, withSystem } from '../kernel/contender.js';
import type { SupervisionContender } from './contender.js';
import { committedGuard, drivers, flushedGuard, fragile } from './crash-actors.js';

const timeoutMs = 280_000;

/** Below a supervisor. */
export function crashSupervised(level: 'committed' | 'flushed'): SupervisionContender {
  return crash(level, true);
}

/** Below nobody: the system's policy decides, and decides the same. */
export function crashAlone(level: Durability): SupervisionContender {
  return crash(level, false);
}

function crash(level: Durability, isSupervised: boolean): SupervisionContender {
  const policy = oneForOne({ intensity: { restarts: 1_000_000, periodMs: 1 }, onFailure: 'reset' });
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        if (isSupervised) await system.spawn(level === 'committed' ? committedGuard : flushedGuard, { id: 'guard' });
        else await system.spawn(fragile[level], { id: 'fragile' });
        const path = isSupervised ? '/guard/fragile' : '/fragile';
        const driver = await system.spawn(drivers[level], { id: 'driver' });
        const { crashes } = sizes;
        const warmUp = Math.floor(crashes * sizes.warmUpShare);
        const before = (await system.stats()).journal;
        const cpu = process.cpuUsage();
        const { timesMs, faults } = await driver.ask(
          { type: 'drive', path, durability: level, crashes, warmUp },
          { timeoutMs },
        );
        const cpuUsPerCrash = cpuUsEach(warmUp + crashes, cpu);
        const after = (await system.stats()).journal;
        prove('crashes measured', timesMs.length, crashes);
        prove('answers of one that did not begin anew', faults, 0);
        const groupsPerCrash = ((after.groups ?? 0) - (before.groups ?? 0)) / (warmUp + crashes);
        return { ...percentiles(timesMs), groupsPerCrash, cpuUsPerCrash };
      },
      { logger: false, supervision: policy },
    );
}
