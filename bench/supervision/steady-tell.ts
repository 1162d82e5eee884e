/**
 * What supervision costs those who do not fail: messages to machines below one supervisor, and to as many that have
 * none. Both are measured in one process, by turns: a difference of a few hundredths would drown in what two processes
 * differ by, and in whatever else the machine does meanwhile.
 */
import type { ActorRef, System } from '../../src/index.js';
import { dynamicSupervisor } from '../../supervisors/index.js';
import { tellByTurns, totalOfAll } from '../endurance/tell-by-turns.js';
import { flushedTally, type TallyEvent } from '../kernel/actors.js';
import { cpuUsEach, perSecond, prove, withSystem } from '../kernel/contender.js';
import type { SupervisionContender } from './contender.js';

const timeoutMs = 120_000;

/** Above the machines. */
const foreman = dynamicSupervisor(import.meta, 'bench-foreman', { child: { actor: flushedTally } });

/** Neither is always first, nor always after the other. */
const order = ['plain', 'supervised', 'supervised', 'plain', 'supervised', 'plain', 'plain', 'supervised'] as const;

type Kind = (typeof order)[number];

/** See the file's header. */
export const steadyTell: SupervisionContender = ({ sizes, folder }) =>
  withSystem(
    folder,
    async (system) => {
      const { machines, tells, tellsAhead } = sizes.steady;
      const refs = { plain: await spawnPlain(system, machines), supervised: await spawnSupervised(system, machines) };
      const progress = { plain: { accepted: 0, sum: 0 }, supervised: { accepted: 0, sum: 0 } };
      const tell = async (kind: Kind, count: number): Promise<{ ms: number; cpuUs: number }> => {
        const cpu = process.cpuUsage();
        const begin = performance.now();
        await tellByTurns(refs[kind], count, tellsAhead, progress[kind]);
        const total = await totalOfAll(refs[kind]);
        const ms = performance.now() - begin;
        const cpuUs = cpuUsEach(1, cpu);
        prove(`sum of all machines, ${kind}`, total, progress[kind].sum);
        return { ms, cpuUs };
      };
      const share = Math.ceil((tells * 2) / order.length);
      await tell('plain', Math.floor(tells * sizes.warmUpShare));
      await tell('supervised', Math.floor(tells * sizes.warmUpShare));
      const spent = { plain: { ms: 0, cpuUs: 0 }, supervised: { ms: 0, cpuUs: 0 } };
      for (const kind of order) {
        const { ms, cpuUs } = await tell(kind, share);
        spent[kind].ms += ms;
        spent[kind].cpuUs += cpuUs;
      }
      const count = (share * order.length) / 2;
      return {
        plainPerSecond: perSecond(count, spent.plain.ms),
        supervisedPerSecond: perSecond(count, spent.supervised.ms),
        plainCpuUs: spent.plain.cpuUs / count,
        supervisedCpuUs: spent.supervised.cpuUs / count,
      };
    },
    { logger: false },
  );

async function spawnSupervised(system: System, count: number): Promise<ActorRef<TallyEvent>[]> {
  const ref = await system.spawn(foreman, { id: 'foreman' });
  const ids = idsOf(count);
  const answers = await Promise.all(ids.map((id) => ref.ask({ type: 'startChild', id }, { timeoutMs })));
  prove('children started', answers.filter(({ ok }) => ok).length, count);
  return ids.map((id) => system.get<TallyEvent>(`/foreman/${id}`));
}

async function spawnPlain(system: System, count: number): Promise<ActorRef<TallyEvent>[]> {
  const ids = idsOf(count);
  await Promise.all(ids.map((id) => system.spawn(flushedTally, { id })));
  return ids.map((id) => system.get<TallyEvent>(`/${id}`));
}

function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `machine-${at}`);
}
