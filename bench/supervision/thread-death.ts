/**
 * A thread dies of one of its actors, and takes thousands along. All of them are asked at that moment: how long until
 * the last one has answered, from the other thread? The time begins where the thread ends, which the actor that ends
 * it writes down.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';
import { fromTransition } from 'xstate';
import { type ActorRef, defineActor, type System } from '../../src/index.js';
import { spreadOf } from '../runner/series.js';
import { addendOf, type TallyEvent, tallyFunction, tallyMachine } from '../kernel/actors.js';
import { type Measures, prove, until, withSystem } from '../kernel/contender.js';
import type { SupervisionContender } from './contender.js';
import type { Sizes } from './sizes.js';

/** Deaths that may come too late to be measured, on a machine that is busy with others. */
const spareDeaths = 5;
const timeoutMs = 120_000;

/** Where the oldest thread is, and where the other one is. */
const onOldest = { placement: 'pinned:0' } as const;
const onOther = { placement: 'pinned:1' } as const;

/** Machines and functions that live on the thread that dies. */
const victims = {
  machine: defineActor(import.meta, 'bench-victim-machine', tallyMachine, onOldest),
  function: defineActor(import.meta, 'bench-victim-function', tallyFunction, onOldest),
} as const;

/** The same on the other thread. */
const neighbours = {
  machine: defineActor(import.meta, 'bench-neighbour-machine', tallyMachine, onOther),
  function: defineActor(import.meta, 'bench-neighbour-function', tallyFunction, onOther),
} as const;

type Kind = keyof typeof victims;

/** Ends the thread of the victims, once. */
const culprit = defineActor(
  import.meta,
  'bench-culprit',
  fromTransition((state: null, { file }: { type: 'exit'; file: string }) => {
    writeFileSync(file, String(process.hrtime.bigint()));
    process.exit(1);
    return state;
  }, null),
  { ...onOldest, maxAttempts: 1 },
);

/** Several deaths, each of the thread on which all victims have come to live; the first one is not counted. */
export function threadDeath(kind: Kind): SupervisionContender {
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        const { actors, deaths } = sizes.death;
        const refs = await spawnAll(actors, (id) => system.spawn(victims[kind], { id: `victim-${id}` }));
        await Promise.all(refs.map((ref, at) => ref.tell({ type: 'add', by: addendOf(at) })));
        const killer = await system.spawn(culprit, { id: 'culprit' });
        const all: Death[] = [];
        for (let at = 0; all.length < deaths - 1 && at < deaths + spareDeaths; at += 1) {
          await warmNeighbours(system, kind, at, sizes);
          prove('threads that all the victims are on', await threadsOfAll(system, actors), 1);
          await passes(sizes.death.apartMs);
          const death = await die(killer, refs, path.join(folder, `died-${at}`));
          if (at > 0 && death !== undefined) all.push(death);
        }
        prove('deaths measured', all.length, deaths - 1);
        return measuresOf(all);
      },
      { logger: false, hosts: 2 },
    );
}

interface Death {
  /** From the death to the first answer, and to the last, in milliseconds. */
  firstMs: number;
  lastMs: number;
}

/** @returns undefined when an actor had answered before the thread died: then the death is none to measure */
async function die(
  killer: ActorRef<{ type: 'exit'; file: string }>,
  refs: readonly ActorRef<TallyEvent>[],
  file: string,
): Promise<Death | undefined> {
  let first = 0n;
  const answered = (total: number): number => {
    if (first === 0n) first = process.hrtime.bigint();
    return total;
  };
  void killer.tell({ type: 'exit', file });
  const totals = await Promise.all(refs.map((ref) => ref.ask({ type: 'total' }, { timeoutMs }).then(answered)));
  const last = process.hrtime.bigint();
  const wrong = totals.filter((total, at) => total !== addendOf(at));
  prove('answers that are not what the actor had committed', wrong.length, 0);
  const died = BigInt(readFileSync(file, 'utf8'));
  return first > died ? { firstMs: msBetween(died, first), lastMs: msBetween(died, last) } : undefined;
}

/** The thread that is to take them has its definitions, and has worked, as the threads of a system have. */
async function warmNeighbours(system: System, kind: Kind, round: number, { death }: Sizes): Promise<void> {
  await until('there are two threads', async () => (await system.stats()).hosts.length === 2);
  const refs = await spawnAll(death.neighbours, (id) =>
    system.spawn(neighbours[kind], { id: `neighbour-${round}-${id}` }),
  );
  for (let at = 0; at < death.neighbourTells; at += 1) {
    await Promise.all(refs.map((ref) => ref.tell({ type: 'add', by: 1 })));
  }
  const totals = await Promise.all(refs.map((ref) => ref.ask({ type: 'total' }, { timeoutMs })));
  const sum = totals.reduce((all, total) => all + total, 0);
  prove('sum of the neighbours', sum, death.neighbours * death.neighbourTells);
}

/** How many threads have so many actors that all victims may be there. */
async function threadsOfAll(system: System, actors: number): Promise<number> {
  return (await system.stats()).hosts.filter(({ cells = 0 }) => cells > actors).length;
}

function spawnAll<T>(count: number, spawn: (id: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, id) => spawn(id)));
}

function msBetween(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6;
}

function measuresOf(deaths: readonly Death[]): Measures {
  const last = spreadOf(deaths.map(({ lastMs }) => lastMs));
  const first = spreadOf(deaths.map(({ firstMs }) => firstMs));
  return { firstP50Ms: first.median, lastP50Ms: last.median, lastMaxMs: last.max };
}
