/** XState by itself, on one thread: the very machines that troupe runs, made and told by hand. */
import { createActor, fromTransition } from 'xstate';
import type { ContenderInput, Measures } from '../kernel/contender.js';
import { makeXstate, spawnXstate } from '../kernel/xstate-spawn.js';
import { peerMachine } from './machines/big.js';
import { workerMachine } from './machines/fork-join-throughput.js';
import { idleMachine } from './machines/spawn.js';
import { linkMachine } from './machines/thread-ring.js';
import type { Outcome, Program } from './program.js';
import type * as micro from './programs/micro.js';
import { repeat } from './repeat.js';
import type { Sizes } from './sizes.js';
import { parametersOf } from './troupe.js';

/** The parameters of a program. */
type Of<T> = T extends { readonly full: infer P } ? P : never;
type XstateProgram<P> = (parameters: P) => Outcome;

/** Adds up what the machines tell it at their end. `never`: they are typed for refs of troupe. */
function sink(): { ref: never; sums: Record<string, number> } {
  const sums: Record<string, number> = {};
  const logic = fromTransition((state: null, event: Record<string, unknown> & { type: string }) => {
    for (const [name, value] of Object.entries(event)) {
      if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
    }
    return state;
  }, null);
  return { ref: createActor(logic).start() as never, sums };
}

const threadRing: XstateProgram<Of<typeof micro.threadRing>> = ({ actors, hops }) => {
  const { ref: leader, sums } = sink();
  const links = spawnXstate(linkMachine, actors, (at) => ({ at, leader }));
  for (const [at, link] of links.entries()) link.send({ type: 'next', next: links[(at + 1) % actors] as never });
  links[0]?.send({ type: 'token', left: hops });
  return { endedAt: sums.at ?? Number.NaN };
};

const big: XstateProgram<Of<typeof micro.big>> = ({ actors, pings }) => {
  const { ref, sums } = sink();
  const peers = spawnXstate(peerMachine, actors, (at) => ({ at, left: pings, sink: ref }));
  for (const peer of peers) peer.send({ type: 'neighbours', neighbours: peers as never });
  for (const peer of peers) peer.send({ type: 'start' });
  return { pongs: sums.pongs ?? Number.NaN, fromOthers: sums.fromOthers ?? Number.NaN };
};

const forkJoinThroughput: XstateProgram<Of<typeof micro.forkJoinThroughput>> = ({ actors, messages }) => {
  const { ref, sums } = sink();
  const workers = spawnXstate(workerMachine, actors, () => ({ messages, leader: ref }));
  for (let at = 0; at < messages; at += 1) for (const worker of workers) worker.send({ type: 'message' });
  return { handled: sums.count ?? Number.NaN };
};

const spawnMany: XstateProgram<Of<typeof micro.spawnMany>> = ({ actors }) => {
  const machines = makeXstate(idleMachine, actors);
  return { up: machines.filter((machine) => machine.getSnapshot().status === 'active').length };
};

// biome-ignore lint/suspicious/noExplicitAny: a program is given its own parameters, and nobody else's
const programs: Readonly<Record<string, XstateProgram<any>>> = {
  'thread-ring': threadRing,
  big,
  'fork-join-throughput': forkJoinThroughput,
  spawn: spawnMany,
};

/** Actors anew for each run. */
export async function runXstate(program: Program, { sizes }: ContenderInput<Sizes>): Promise<Measures> {
  const run = programs[program.name];
  if (run === undefined) throw new Error(`nobody wrote ${program.name} with XState alone`);
  return repeat(program, parametersOf(program, sizes), sizes.repetition, async (parameters) => {
    const begin = performance.now();
    const outcome = run(parameters);
    return { ms: performance.now() - begin, outcome };
  });
}
