/** What the types of flows infer and refuse, from step to step. Checked by the compiler alone; nothing here runs. */
import {
  actorStep,
  attempt,
  conditional,
  defineWorkflow,
  type Flow,
  loop,
  mapReduce,
  mapValue,
  parallel,
  pipeline,
  sequence,
  sleep,
  startRun,
  step,
  waitFor,
} from '../../actors/index.js';
import type { System } from '../../src/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;
declare const system: System;

const length = step('length', ({ input }: { input: string }) => input.length);
const half = step('half', async ({ input }: { input: number }) => input / 2);
const show = mapValue('show', (n: number) => `it is ${n}`);

/** What one gives is what the next takes. */
export const chain = sequence('chain', length, half, show);
same<typeof chain, Flow<string, string>>(true);
// @ts-expect-error a number is not a string
sequence('wrong', length, length);
// @ts-expect-error the third takes a number, and gets a string
sequence('wrong', length, show, half);

/** Names are kept. */
export const both = parallel('both', { length, chain });
same<typeof both, Flow<string, { length: number; chain: string }>>(true);
// @ts-expect-error one of them takes a number, and the other a string
parallel<string, { a: typeof half }>('wrong', { a: half });

/** All cases give the same. */
export const chosen = conditional('chosen', (text: string) => text, { a: length, b: length });
same<typeof chosen, Flow<string, number>>(true);

/** Items have their type, and so has the whole. */
export const sum = mapReduce('sum', {
  items: (text: string) => text.split(' '),
  each: length,
  reduce: (lengths) => lengths.reduce((all, one) => all + one, 0) > 5,
});
same<typeof sum, Flow<string, boolean>>(true);
export const line = pipeline('line', { items: (text: string) => text.split(' '), stages: [length, half] });
same<typeof line, Flow<string, number[]>>(true);

/** A fallback gives what the other would have given. */
export const safe = attempt('safe', length, { fallback: mapValue('none', () => 0) });
same<typeof safe, Flow<string, number>>(true);
// @ts-expect-error the fallback gives a string
attempt('wrong', length, { fallback: mapValue('none', () => 'none') });

/** A loop gives what it takes; so does a sleep; a wait gives what was signalled. */
export const grown = loop('grown', half, (n) => n < 1);
same<typeof grown, Flow<number, number>>(true);
export const slept = sequence('slept', length, sleep<number>('a-while', 1_000), half);
same<typeof slept, Flow<string, number>>(true);
export const asked = sequence(
  'asked',
  waitFor<{ by: string }>('ok'),
  mapValue('by', ({ by }: { by: string }) => by),
);
same<typeof asked, Flow<unknown, string>>(true);

/** A run is started with what its flow takes, and gives what it gives. */
export const workflow = defineWorkflow(import.meta, 't.chain', chain);
export async function run(): Promise<void> {
  const started = await startRun(system, workflow, { id: 'one', input: 'text' });
  const result = await started.result();
  same<typeof result, string>(true);
  // @ts-expect-error it takes a string
  await startRun(system, workflow, { id: 'two', input: 2 });
  // @ts-expect-error it needs an input
  await startRun(system, workflow, { id: 'three' });
}

/** A workflow is a step of another. */
export const outer = sequence('outer', actorStep('inner', workflow), length);
same<typeof outer, Flow<string, number>>(true);
