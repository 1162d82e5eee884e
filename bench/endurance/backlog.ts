/**
 * A backlog: one actor cannot run, and is told a million things all the same. Does memory stay as it was while they
 * wait, and are they handled in order once it runs?
 */
import { limits } from '../../src/core/limits.js';
import { type ActorRef, createSystem, type System } from '../../src/index.js';
import { perSecond, prove } from '../kernel/contender.js';
import type { Sample } from '../runner/entrant.js';
import type { Endured, EnduranceInput } from './contender.js';
import { diskMb } from './disk-size.js';
import { holdVariable, ledger, type LedgerEvent } from './held-actor.js';
import { memoryMb } from './memory.js';
import { maxBetween, sampled } from './sampler.js';
import type { Sizes } from './sizes.js';

const actorPath = '/ledger';
/** Messages told before it is held back: there must be a stored state it cannot be restored from. */
const toldBefore = 1;

/** Three systems on one journal, one after the other: the actor is born, it cannot run, it can again. */
export async function backlog({ sizes, folder }: EnduranceInput): Promise<Endured> {
  const open = () => createSystem({ journal: folder, hosts: 1, logger: false });
  const first = await open();
  const born = await first.spawn(ledger, { id: actorPath.slice(1) });
  await born.tell({ type: 'item', n: 0 });
  prove('next number at first', (await born.ask({ type: 'read' })).next, toldBefore);
  await first.stop();

  process.env[holdVariable] = 'yes';
  const held = await open();
  const filling = await fill(held, folder, sizes);
  await held.stop({ drainMs: 0 });

  delete process.env[holdVariable];
  const begin = performance.now();
  const released = await open();
  const draining = await drain(released, folder, sizes);
  const drainMs = performance.now() - begin;
  await released.stop();

  const last = filling.at(-1)?.atMs ?? 0;
  const samples: Sample[] = [...filling, ...draining.map((sample) => ({ ...sample, atMs: last + (sample.atMs ?? 0) }))];
  const max = (name: string, from: number, to: number) => maxBetween(filling, name, 'told', from, to);
  const measures = {
    told: sizes.backlog.tells,
    toldPerSecond: perSecond(sizes.backlog.tells, last),
    handledPerSecond: perSecond(sizes.backlog.tells, drainMs),
    secondQuarterRssMb: max('rssMb', 0.25, 0.5),
    lastQuarterRssMb: max('rssMb', 0.75, 1),
    drainRssMbMax: Math.max(...draining.map(({ rssMb }) => rssMb ?? Number.NaN)),
    diskMbMax: Math.max(...samples.map((sample) => sample.diskMb ?? Number.NaN)),
    releasedAtMs: last,
  };
  return { measures, samples };
}

async function fill(system: System, folder: string, { sampleMs, backlog: { tells, tellsAhead } }: Sizes) {
  const ref = system.get<LedgerEvent>(actorPath);
  let told = 0;
  const { samples } = await sampled(
    sampleMs,
    () => sampleOf(system, folder, told),
    async () => {
      const part = Math.max(1, Math.floor(tellsAhead / 4));
      const accepted: Promise<unknown>[] = [];
      for (let at = 0; at < tells; at += part) {
        const numbers = Array.from({ length: Math.min(part, tells - at) }, (_, index) => toldBefore + at + index);
        const some = Promise.all(numbers.map((n) => ref.tell({ type: 'item', n }))).then((receipts) => {
          told += receipts.length;
        });
        accepted.push(some);
        if (accepted.length === 4) await accepted.shift();
      }
      await Promise.all(accepted);
    },
  );
  const state = await system.state(actorPath);
  prove('the actor is held back: quarantined', Number(state?.status === 'quarantined'), 1);
  prove('messages waiting', state?.mail ?? 0, tells);
  return samples;
}

async function drain(system: System, folder: string, { sampleMs, backlog: { tells } }: Sizes): Promise<Sample[]> {
  const ref: ActorRef<LedgerEvent> = system.get(actorPath);
  const { samples } = await sampled(
    sampleMs,
    () => sampleOf(system, folder, tells),
    async () => {
      // Asked at once; the answer comes when everything told before is handled.
      const { next, faults } = await ref.ask({ type: 'read' }, { timeoutMs: limits.askTimeoutMsMax });
      prove('next number at the end', next, toldBefore + tells);
      prove('items out of order', faults, 0);
    },
  );
  return samples;
}

async function sampleOf(system: System, folder: string, told: number): Promise<Sample> {
  const { waiting = 0 } = (await system.stats()).journal;
  return { told, waiting, ...diskMb(folder), ...memoryMb() };
}
