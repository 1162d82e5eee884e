/** Bytes of an actor that exists and does nothing, in each family: what the process grows by, by their number. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ActorDefinition } from '../../src/index.js';
import { type ContenderInput, type Measures, prove, withSystem } from '../kernel/contender.js';
import { spawnXstate } from '../kernel/xstate-spawn.js';
import { loadPeer } from '../runner/peers.js';
import { idleMachine } from './machines/spawn.js';
import { collectGarbage, restingBytes } from './memory.js';
import type { Nact, Ref } from './nact/api.js';
import type { Family } from './programs.js';
import type { Sizes } from './sizes.js';
import { functions, machines } from './troupe/all.js';
import { collector } from './troupe/collect.js';

type Input = ContenderInput<Sizes>;

function countOf({ isQuick }: Sizes): number {
  return isQuick ? 1_000 : 100_000;
}

/** The first ones are made before the first weighing: what only they bring is no part of an actor. */
const firstShare = 0.01;

async function weigh(
  { sizes }: Input,
  make: (count: number) => unknown,
  collect: () => Promise<void> = async () => collectGarbage(),
): Promise<Measures> {
  const count = countOf(sizes);
  const kept = [await make(Math.ceil(count * firstShare))];
  const before = await restingBytes(collect);
  kept.push(await make(count));
  const bytes = (await restingBytes(collect)) - before;
  prove('kept', kept.length, 2);
  return { bytesEach: bytes / count };
}

function weighTroupe(leader: ActorDefinition | undefined, input: Input): Promise<Measures> {
  return withSystem(
    input.folder,
    async (system) => {
      const garbage = await system.spawn(collector, { id: 'collector' });
      const collect = async () => {
        collectGarbage();
        await garbage.ask({ type: 'collect' }, { timeoutMs: 60_000 });
      };
      const make = async (actors: number) => {
        const ref = await system.spawn(leader as ActorDefinition, { id: `of-${actors}`, input: undefined });
        const outcome = await ref.ask({ type: 'run', parameters: { actors } }, { timeoutMs: 120_000 });
        prove('actors up', (outcome as { up: number }).up, actors);
      };
      return weigh(input, make, collect);
    },
    { residentActorsMax: 200_000 },
  );
}

async function weighNact(input: Input): Promise<Measures> {
  const nact = await loadPeer<Nact>('nact');
  const system = nact.start();
  let made = 0;
  const make = (count: number): Ref[] =>
    Array.from({ length: count }, () => {
      made += 1;
      return nact.spawn(system, (heard: number) => heard + 1, `idle-${made}`, { initialState: 0 });
    });
  return weigh(input, make);
}

async function weighOtp({ sizes, prepared }: Input): Promise<Measures> {
  const count = countOf(sizes);
  const args = ['-noshell', '-pa', prepared, '-run', 'idle', 'main', String(count)];
  const { stdout } = await promisify(execFile)('erl', args);
  const { bytesEach, alive } = JSON.parse(stdout) as Record<'bytesEach' | 'alive', number>;
  prove('processes alive', alive, count);
  return { bytesEach };
}

/** Weigh them. Those of troupe are the ones of the program `spawn`. */
export const idle: Readonly<Partial<Record<Family, (input: Input) => Promise<Measures>>>> = {
  otp: weighOtp,
  nact: weighNact,
  function: (input) => weighTroupe(functions.spawn, input),
  machine: (input) => weighTroupe(machines.spawn, input),
  xstate: (input) => weigh(input, (count) => spawnXstate(idleMachine, count)),
};
