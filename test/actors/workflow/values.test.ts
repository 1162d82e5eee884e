/** What functions of a flow give, when no run can keep it: their node fails, and what was done is undone. */
import { expect } from 'chai';
import {
  actorStep,
  attempt,
  conditional,
  type Flow,
  loop,
  mapReduce,
  mapValue,
  pipeline,
  sequence,
  sleep,
  startRun,
  step,
  waitFor,
  type WorkflowDefinition,
} from '../../../actors/index.js';
import { compile } from '../../../actors/workflow/compiled.js';
import { advance } from '../../../actors/workflow/engine.js';
import { newRun } from '../../../actors/workflow/run-state.js';
import { encode } from '../../../src/core/codec.js';
import { limits } from '../../../src/core/limits.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { badValues, clerk, world } from './fixtures/flows.js';

const odd = (value: unknown) => value as never;
const promise = () => odd(Promise.resolve(1));
const one = mapValue('one', () => odd(1));

/** By name: a part, and the code and the place it fails with. */
const parts: Record<string, [Flow<never, never>, string, string | undefined]> = {
  map: [mapValue('m', promise), 'PAYLOAD_NOT_CARRIABLE', 'm.map'],
  'map of a function': [mapValue('m', () => odd({ a: [() => 1] })), 'PAYLOAD_NOT_CARRIABLE', 'm.map.a[0]'],
  endless: [sleep('z', () => Infinity), 'OPTION_RANGE', 'z.ms'],
  late: [sleep('z', () => limits.timerDelayMsMax + 1), 'OPTION_RANGE', 'z.ms'],
  'no time': [sleep('z', promise), 'OPTION_RANGE', 'z.ms'],
  reduce: [
    mapReduce('r', { items: () => [1], each: one, reduce: () => odd([Promise.resolve(1)]) }),
    'PAYLOAD_NOT_CARRIABLE',
    'r.reduce[0]',
  ],
  items: [odd(mapReduce('r', { items: () => odd([1, () => 1]), each: one })), 'PAYLOAD_NOT_CARRIABLE', 'r.items[1]'],
  line: [odd(pipeline('p', { items: () => odd([Symbol('x')]), stages: [one] })), 'PAYLOAD_NOT_CARRIABLE', 'p.items[0]'],
  input: [odd(actorStep('a', clerk, { input: () => odd(() => 1) })), 'PAYLOAD_NOT_CARRIABLE', 'a.input'],
  symbol: [odd(conditional('c', () => odd(Symbol('x')), { one })), 'WORKFLOW_NO_CASE', 'c'],
  chosen: [odd(conditional('c', promise, { one })), 'WORKFLOW_NO_CASE', 'c'],
  until: [odd(loop('l', one, promise)), 'PAYLOAD_NOT_CARRIABLE', 'l.until'],
};

describe('workflow values', () => {
  const systems = useSystems();
  beforeEach(() => world.reset());

  for (const [name, [part, code, field]] of Object.entries(parts))
    it(`that cannot be kept fail their part, first or later: ${name}`, () => {
      const charge = step('charge', () => odd(1), { compensate: () => {} });
      for (const flow of [part, sequence('q', charge, part), sequence('q', attempt('t', part))]) {
        const compiled = compile(flow.node);
        let { run } = advance(compiled, newRun(0), { is: 'begin', input: 1 }, 0, '/run');
        if (run.frames['q/charge'] !== undefined)
          ({ run } = advance(compiled, run, { is: 'settled', id: 'q/charge', ok: true, output: 1 }, 0, '/run'));
        expect(run.error).to.include({ code, field });
        // It can be stored.
        encode(run, 'run');
        expect(run.phase).to.equal(run.frames['~undo'] === undefined ? 'failed' : 'undoing');
      }
    });

  it('that cannot be kept leave a run that fails, undoes and answers, and no dead letter', async () => {
    const system = await systems.oneThread();
    for (const kind of ['map', 'sleep', 'input']) {
      const run = await startRun(system, badValues as WorkflowDefinition<string, unknown>, { id: kind, input: kind });
      await system.settle();
      const error = (await rejection(run.result())) as { code: string; cause: { code: string } };
      expect(error.code).to.equal('WORKFLOW_FAILED');
      expect(error.cause.code).to.equal(kind === 'sleep' ? 'OPTION_RANGE' : 'PAYLOAD_NOT_CARRIABLE');
    }
    expect(world.did).to.deep.equal([1, 2, 3].flatMap(() => ['charge', 'undo charge']));
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });

  it('wait longer between attempts than a timer takes only as long as a timer takes', () => {
    const retry = { attempts: 3, minMs: limits.timerDelayMsMax, maxMs: limits.timerDelayMsMax, jitter: 1 };
    const compiled = compile(step('s', () => 1, { retry }).node);
    const { run } = advance(compiled, newRun(0), { is: 'begin', input: 1 }, 0, '/run');
    const error = { name: 'Error', message: 'no' };
    const { deeds } = advance(compiled, run, { is: 'settled', id: 's', ok: false, error }, 0, '/run');
    expect(deeds).to.deep.include({ do: 'timer', id: 'retry:s', ms: limits.timerDelayMsMax });
  });

  it('name an actor so that it fits into a path, however deep it stands, and fail where it does not', () => {
    let flow: Flow<never, never> = odd(actorStep('a'.repeat(64), clerk));
    for (let depth = 0; depth < 5; depth += 1) flow = sequence('s'.repeat(64), flow);
    const begin = (self: string) => advance(compile(flow.node), newRun(0), { is: 'begin', input: 1 }, 0, self);
    const [spawn] = begin('/run').deeds;
    expect(spawn).to.have.property('id').that.has.length.at.most(limits.idCharsMax);
    const long = begin(`/${'x'.repeat(100)}`.repeat(10));
    expect(long.run.error).to.include({ code: 'PATH_ILLEGAL' });
  });

  it('are not asked for under names that every object has: they are refused when the flow is made', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(() => step(name, () => 1)).to.throw('must not be the name');
      expect(() => waitFor('w', { signal: name })).to.throw('must not be the name');
    }
    expect(() => conditional('c', odd, JSON.parse('{"__proto__":1}'))).to.throw('must not be the name');
  });
});
