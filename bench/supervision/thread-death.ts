/**
 * A thread dies of one of its actors, and takes thousands along. All of them are asked at that moment: how long until
 * the last one has answered, from the other thread? The time begins where the thread ends, which the actor that ends
 * it writes down.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { assign, fromTransition, setup } from 'xstate';
import { type ActorRef, actorContext, defineActor, reply, type Request, type System } from '../../src/index.js';
import { spreadOf } from '../runner/series.js';
import { addendOf } from '../kernel/actors.js';
import { type Measures, prove, until, withSystem } from '../kernel/contender.js';
import type { SupervisionContender } from './contender.js';
import type { Sizes } from './sizes.js';

/** Deaths that may come too late to be measured, on a machine that is busy with others. */
const spareDeaths = 5;
const timeoutMs = 120_000;

type VictimEvent =
  | { type: 'add'; by: number }
  | Request<'total', object, number>
  /** Which thread is it on? */
  | Request<'where', object, number>;

const machine = setup({
  types: { context: {} as { total: number }, events: {} as VictimEvent },
}).createMachine({
  context: { total: 0 },
  on: {
    add: { actions: assign({ total: ({ context, event }) => context.total + event.by }) },
    total: { actions: reply(({ context }) => context.total) },
    where: { actions: reply(() => threadId) },
  },
});

const transition = fromTransition((total: number, event: VictimEvent) => {
  if (event.type === 'add') return total + event.by;
  actorContext().reply(event.type === 'total' ? total : threadId);
  return total;
}, 0);

/** Machines and functions; a system puts half of them on each thread, as it does with all that have no other wish. */
const victims = {
  machine: defineActor(import.meta, 'bench-victim-machine', machine),
  function: defineActor(import.meta, 'bench-victim-function', transition),
} as const;

type Kind = keyof typeof victims;

/** Ends its thread, once. */
const culprit = defineActor(
  import.meta,
  'bench-culprit',
  fromTransition((state: null, event: { type: 'exit'; file: string } | Request<'where', object, number>) => {
    if (event.type === 'where') {
      actorContext().reply(threadId);
      return state;
    }
    writeFileSync(event.file, String(process.hrtime.bigint()));
    process.exit(1);
    return state;
  }, null),
  { maxAttempts: 1 },
);

/** Several deaths, each of one of two threads with as many actors; the first one is not counted. */
export function threadDeath(kind: Kind): SupervisionContender {
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        const { deaths } = sizes.death;
        const all: Death[] = [];
        for (let at = 0; all.length < deaths - 1 && at < deaths + spareDeaths; at += 1) {
          await until('there are two threads', async () => (await system.stats()).hosts.length === 2);
          const refs = await populate(system, kind, at, sizes);
          const killer = await system.spawn(culprit, { id: `culprit-${at}` });
          const mates = await matesOf(killer, refs, sizes);
          await passes(sizes.death.apartMs);
          const death = await die(killer, mates, path.join(folder, `died-${at}`));
          if (at > 0 && death !== undefined) all.push(death);
          await Promise.all([killer, ...refs].map((ref) => ref.stop()));
        }
        prove('deaths measured', all.length, deaths - 1);
        return measuresOf(all);
      },
      { logger: false, hosts: 2 },
    );
}

/** An actor, and the total it has. */
interface Victim {
  ref: ActorRef<VictimEvent>;
  total: number;
}

interface Death {
  /** From the death to the first answer, and to the last, in milliseconds. */
  firstMs: number;
  lastMs: number;
}

/** @returns undefined when an actor had answered before the thread died: then the death is none to measure */
async function die(
  killer: ActorRef<{ type: 'exit'; file: string }>,
  mates: readonly Victim[],
  file: string,
): Promise<Death | undefined> {
  let first = 0n;
  const answered = (total: number): number => {
    if (first === 0n) first = process.hrtime.bigint();
    return total;
  };
  void killer.tell({ type: 'exit', file });
  const totals = await Promise.all(mates.map(({ ref }) => ref.ask({ type: 'total' }, { timeoutMs }).then(answered)));
  const last = process.hrtime.bigint();
  const wrong = totals.filter((total, at) => total !== mates[at]?.total);
  prove('answers that are not what the actor had committed', wrong.length, 0);
  const died = BigInt(readFileSync(file, 'utf8'));
  return first > died ? { firstMs: msBetween(died, first), lastMs: msBetween(died, last) } : undefined;
}

/**
 * Actors for two threads, and some more, so that each has enough. Both threads have worked then, as the threads of a
 * system have.
 */
async function populate(system: System, kind: Kind, round: number, { death }: Sizes): Promise<ActorRef<VictimEvent>[]> {
  const count = 2 * death.actors + death.neighbours;
  const refs = await spawnAll(count, (id) => system.spawn(victims[kind], { id: `victim-${round}-${id}` }));
  await Promise.all(refs.map((ref, at) => ref.tell({ type: 'add', by: addendOf(at) })));
  return refs;
}

/** Those on the culprit's thread: as many as are to be asked, at least. */
async function matesOf(
  killer: ActorRef<Request<'where', object, number>>,
  refs: readonly ActorRef<VictimEvent>[],
  { death }: Sizes,
): Promise<Victim[]> {
  const [here, ...threads] = await Promise.all(
    [killer, ...refs].map((ref) => (ref as typeof killer).ask({ type: 'where' }, { timeoutMs })),
  );
  const mates = refs
    .map((ref, at) => ({ ref, total: addendOf(at) }))
    .filter((_, at) => threads[at] === here)
    .slice(0, death.actors);
  prove('actors on the thread that dies', mates.length, death.actors);
  return mates;
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
