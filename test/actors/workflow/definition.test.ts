/** Workflows as they are defined, drawn, changed and refused. */
import { expect } from 'chai';
import {
  actorStep,
  attempt,
  conditional,
  defineWorkflow,
  type Flow,
  jobStep,
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
  workflowJson,
  workflowMermaid,
} from '../../../actors/index.js';
import { compile } from '../../../actors/workflow/compiled.js';
import { advance } from '../../../actors/workflow/engine.js';
import { checkFits } from '../../../actors/workflow/fits.js';
import { newRun } from '../../../actors/workflow/run-state.js';
import type { TroupeError } from '../../../src/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { adding, bystander, everything, planB, trip, world } from './fixtures/flows.js';

const nothing = () => undefined;
const good = step('good', nothing);

function refusal(make: () => unknown): [code: string, field: string | undefined] {
  try {
    make();
  } catch (error) {
    const { code, field } = error as TroupeError;
    return [code, field];
  }
  throw new Error('it was not refused');
}

describe('workflow, defined', () => {
  it('refuses what is wrong with a part when it is made, naming the part and the field', () => {
    const bad: [string, () => unknown][] = [
      ['step.id', () => step('a b', nothing)],
      ['step.id', () => step('', nothing)],
      ['s.run', () => step('s', 'x' as never)],
      ['s.timeoutMs', () => step('s', nothing, { timeoutMs: -1 })],
      ['s.compensate', () => step('s', nothing, { compensate: 1 as never })],
      ['s.retry.attempts', () => step('s', nothing, { retry: { attempts: 0 } })],
      ['s.retry.attempts', () => step('s', nothing, { retry: { attempts: 1.5 } })],
      ['s.retry.attempts', () => step('s', nothing, { retry: { attempts: 1_001 } })],
      ['s.retry.minMs', () => step('s', nothing, { retry: { attempts: 2, minMs: Number.NaN } })],
      ['s.retry.factor', () => step('s', nothing, { retry: { attempts: 2, factor: 0.5 } })],
      ['s.retry.jitter', () => step('s', nothing, { retry: { attempts: 2, jitter: 2 } })],
      ['s.retry.maxMs', () => step('s', nothing, { retry: { attempts: 2, minMs: 9, maxMs: 8 } })],
      ['s.compensateRetry.attempts', () => step('s', nothing, { compensateRetry: { attempts: 0 } })],
      ['s.options', () => step('s', nothing, 3 as never)],
      ['s.retries', () => step('s', nothing, { retries: 3 } as never)],
      ['s.retry.attempt', () => step('s', nothing, { retry: { attempts: 1, attempt: 1 } as never })],
      ['s.retry', () => step('s', nothing, { retry: 3 as never })],
      ['j.compensate', () => jobStep('j', import.meta, 'x', { compensate: nothing } as never)],
      ['w.timeout', () => waitFor('w', { timeout: 1 } as never)],
      ['l.maxTurns', () => loop('l', good as never, () => true, { maxTurns: 1 } as never)],
      ['m.limit', () => mapReduce('m', { items: () => [], each: good, limit: 1 } as never)],
      ['a.retry', () => attempt('a', good, { retry: 1 } as never)],
      ['s.flows', () => sequence('s')],
      ['s.[0]', () => sequence('s', 1 as never)],
      ['s.good', () => sequence('s', good, good)],
      ['p.flows.a', () => parallel('p', { a: nothing as never })],
      ['p.flows.id', () => parallel('p', { 'a/b': good })],
      ['p.flows', () => parallel('p', {})],
      ['b.choose', () => conditional('b', 'x' as never, { a: good })],
      ['b.cases', () => conditional('b', () => 'a', {})],
      ['l.until', () => loop('l', good as never, 1 as never)],
      ['l.turnsMax', () => loop('l', good as never, () => true, { turnsMax: 0 })],
      ['m.items', () => mapReduce('m', { items: [] as never, each: good })],
      ['m.concurrency', () => mapReduce('m', { items: () => [], each: good, concurrency: 0 })],
      ['m.reduce', () => mapReduce('m', { items: () => [], each: good, reduce: 1 as never })],
      ['l.stages', () => pipeline('l', { items: () => [], stages: [] as never })],
      ['a.timeoutMs', () => attempt('a', good, { timeoutMs: Number.POSITIVE_INFINITY })],
      ['a.fallback', () => attempt('a', good, { fallback: {} as never })],
      ['w.signal', () => waitFor('w', { signal: '' })],
      ['z.ms', () => sleep('z', -5)],
      ['v.map', () => mapValue('v', 1 as never)],
      ['j.name', () => jobStep('j', import.meta, '')],
      ['x.definition', () => actorStep('x', {} as never)],
      ['w.none.keepMs', () => defineWorkflow(import.meta, 'w.none', good, { keepMs: -1 })],
      ['w.none.flow', () => defineWorkflow(import.meta, 'w.none', 7 as never)],
      ['w.none.signalsMax', () => defineWorkflow(import.meta, 'w.none', good, { signalsMax: 0 })],
    ];
    for (const [field, make] of bad)
      expect(refusal(make), field).to.deep.equal(['WORKFLOW_FLOW', field.replace('p.flows.id', 'p.flows.id')]);
    const odd = { queries: { x: 1 as never } };
    expect(refusal(() => defineWorkflow(import.meta, 'w.none', good, odd))).to.deep.equal(['OPTION_TYPE', 'queries.x']);
    expect(refusal(() => (defineWorkflow as unknown as (...args: unknown[]) => void)('w.none', good))).to.deep.equal([
      'OPTION_TYPE',
      'meta',
    ]);
    expect(refusal(() => jobStep('j', 'work' as never, undefined as never))[1]).to.equal('j.name');
    expect(refusal(() => jobStep('j', {} as never, 'work'))).to.deep.equal(['OPTION_TYPE', 'meta']);
    const unknown = { keepMS: 1 } as never;
    expect(refusal(() => defineWorkflow(import.meta, 'w.none', good, unknown))).to.deep.equal([
      'OPTION_UNKNOWN',
      'keepMS',
    ]);
    expect(refusal(() => workflowMermaid(bystander))[0]).to.equal('WORKFLOW_FLOW');
  });

  it('suggests the option that was meant, or says which there are', () => {
    expect(() => step('s', nothing, { retries: 3 } as never)).to.throw(
      's: retries is not an option; did you mean "retry"?',
    );
    expect(() => step('s', nothing, { speed: 3 } as never)).to.throw('known are retry, timeoutMs, compensate, compens');
  });

  it('refuses a flow without end', () => {
    const round: { node: { kind: 'sequence'; id: string; parts: unknown[] } } = {
      node: { kind: 'sequence', id: 'round', parts: [] },
    };
    round.node.parts.push(round.node);
    expect(refusal(() => compile((round as unknown as Flow<never, unknown>).node))).to.deep.equal([
      'WORKFLOW_FLOW',
      'round',
    ]);
  });

  it('has another version when the shape of its flow is another, and only then', () => {
    const shape = (...ids: string[]) => {
      const [first, ...rest] = ids.map((id) => step<null, null>(id, () => null));
      return compile(sequence('s', first as Flow<null, null>, ...rest).node).fingerprint;
    };
    expect(shape('a', 'b')).to.equal(shape('a', 'b'));
    expect(new Set([shape('a', 'b'), shape('b', 'a'), shape('a'), shape('a', 'b', 'c')]).size).to.equal(4);
  });

  it('goes on under a changed flow if all a run is at, and may undo, is still there; else says what is missing', () => {
    const undoable = step<null, null>('paid', () => null, { compensate: nothing });
    const run = {
      ...newRun(0),
      frames: {
        order: { is: 'sequence' as const, at: 1 },
        'order/wait': { is: 'wait' as const, signal: 'go', since: 0 },
      },
      saga: [{ at: 'order/paid', input: null, output: null }],
    };
    const wait = waitFor<null>('wait', { signal: 'go' });
    const more = step<unknown, null>('more', () => null);
    checkFits(run, compile(sequence('order', undoable, wait).node));
    checkFits(run, compile(sequence('order', undoable, wait, more).node));
    const misfits = (flow: Flow<never, unknown>) => refusal(() => checkFits(run, compile(flow.node)));
    expect(misfits(sequence('order', undoable, more))).to.deep.equal(['WORKFLOW_CHANGED', 'order/wait']);
    expect(misfits(sequence('order', wait, more))).to.deep.equal(['WORKFLOW_CHANGED', 'order/paid']);
    expect(misfits(sequence('renamed', undoable, wait))).to.deep.equal(['WORKFLOW_CHANGED', 'order']);
    const other = waitFor<null>('wait', { signal: 'start' });
    expect(misfits(sequence('order', undoable, other))).to.deep.equal(['WORKFLOW_CHANGED', 'order/wait']);
    const compiled = [wait, other].map((part) => compile(sequence('order', undoable, part).node).fingerprint);
    expect(new Set(compiled).size).to.equal(2);
    const sleeps = sequence('order', undoable, sleep<unknown>('wait', 5));
    expect(misfits(sleeps as Flow<never, unknown>)).to.deep.equal(['WORKFLOW_CHANGED', 'order/wait']);
  });

  it('does not wait for branches and stages that were not there when it began with the others', () => {
    const wait = waitFor<null>('wait', { signal: 'go' });
    const atBoth = {
      ...newRun(0),
      frames: {
        both: { is: 'parallel' as const, left: 1, out: { a: 1 } },
        'both/b': { is: 'sequence' as const, at: 0 },
        'both/b/wait': { is: 'wait' as const, signal: 'go', since: 0 },
      },
    };
    const more = step<unknown, null>('more', () => null);
    const b = sequence('b', wait, more);
    checkFits(atBoth, compile(parallel('both', { a: good, b }).node));
    checkFits(atBoth, compile(parallel('both', { b }).node));
    const misfits = (run: typeof atBoth, flow: Flow<never, unknown>) =>
      refusal(() => checkFits(run, compile(flow.node)));
    const third = parallel('both', { a: good, b, c: good });
    expect(misfits(atBoth, third as Flow<never, unknown>)).to.deep.equal(['WORKFLOW_CHANGED', 'both/c']);
    const atLine = {
      ...newRun(0),
      frames: { line: { is: 'pipeline' as const, waiting: [[]], busy: [1], outs: [], left: 1 } },
    };
    const line = (...ids: string[]) => {
      const stages = ids.map((id) => step<number, number>(id, ({ input }) => input));
      return pipeline('line', { items: (n: number) => [n], stages: stages as [Flow<number, number>] });
    };
    checkFits(atLine, compile(line('one').node));
    expect(misfits(atLine as never, line('one', 'two'))).to.deep.equal(['WORKFLOW_CHANGED', 'line']);
  });

  it('does no part of a sequence again and leaves none out, in whatever order a changed flow has them', () => {
    const part = (id: string) => step<unknown, null>(id, () => null);
    const wait = waitFor<null>('wait', { signal: 'go' });
    const line = (...parts: (string | Flow<unknown, null>)[]) =>
      compile(sequence('line', ...parts.map((each) => (typeof each === 'string' ? part(each) : each))).node);
    let { run } = advance(line('a', 'b', wait, 'c'), newRun(0), { is: 'begin', input: null }, 0, '/run');
    for (const id of ['line/a', 'line/b'])
      ({ run } = advance(line('a', 'b', wait, 'c'), run, { is: 'settled', id, ok: true, output: 1 }, 0, '/run'));
    for (const [fits, next] of [
      [line('new', 'a', 'b', wait, 'c'), 'line/c'],
      [line('b', 'a', wait, 'new', 'c'), 'line/new'],
      [line(wait, 'c'), 'line/c'],
    ] as const) {
      checkFits(run, fits);
      const { deeds } = advance(fits, run, { is: 'signal', name: 'go', payload: 1 }, 0, '/run');
      expect(deeds.find((deed) => deed.do === 'run')).to.include({ at: next });
    }
    for (const [flow, at, why] of [
      [line(wait, 'a', 'b', 'c'), 'line/a', /done again/],
      [line('b', wait, 'c', 'a'), 'line/a', /done again/],
      [line('a', 'b', 'c', wait), 'line/c', /left out/],
    ] as const) {
      expect(refusal(() => checkFits(run, flow))).to.deep.equal(['WORKFLOW_CHANGED', at]);
      expect(() => checkFits(run, flow)).to.throw(why);
    }
  });

  it('goes on with no pipeline whose stages are others, and no attempt whose parts have changed places', () => {
    const stage = (id: string) => step<number, number>(id, ({ input }) => input);
    const line = (...ids: string[]) =>
      compile(pipeline('p', { items: () => [1, 2], stages: ids.map(stage) as [Flow<number, number>] }).node);
    const { run } = advance(line('a', 'b', 'c'), newRun(0), { is: 'begin', input: 1 }, 0, '/run');
    checkFits(run, line('a', 'b', 'c'));
    for (const other of [line('b', 'a', 'c'), line('n', 'a', 'b', 'c'), line('a', 'n', 'c'), line('a', 'b')])
      expect(refusal(() => checkFits(run, other))).to.deep.equal(['WORKFLOW_CHANGED', 'p']);
    const part = (id: string) => step<unknown, unknown>(id, () => null);
    const plan = (body: string, fallback: string) =>
      compile(attempt('t', part(body), { fallback: part(fallback) }).node);
    const tried = advance(plan('a', 'b'), newRun(0), { is: 'begin', input: 1 }, 0, '/run').run;
    checkFits(tried, plan('a', 'c'));
    expect(refusal(() => checkFits(tried, plan('b', 'a')))).to.deep.equal(['WORKFLOW_CHANGED', 't/a']);
  });

  describe('and its runs', () => {
    const systems = useSystems();
    beforeEach(() => world.reset());

    it('are drawn, and are data', async () => {
      world.failures.set('third', 1);
      const system = await systems.oneThread();
      const run = await startRun(system, planB, { id: 'run', input: [] });
      await system.settle();
      const view = await run.view();
      const chart = workflowMermaid(planB, view);
      expect(chart.split('\n')[0]).to.equal('flowchart TD');
      expect(chart).to.match(
        /n\d+\["third<br\/>1 failed<br\/>?"?\]?.*:::failed|n\d+\["third<br\/>1 failed"\]:::failed/,
      );
      expect(chart).to.match(/n\d+\["first<br\/>0 ms"\]:::done/);
      expect(chart).to.match(/undo, then/);
      expect(workflowMermaid(everything)).to.not.match(/:::/);
      const json = workflowJson(planB, view);
      expect(json).to.deep.include({ key: 'plan-b', kind: 'sequence' });
      expect(json.parts?.[1]?.parts?.[1]).to.deep.include({ key: 'plan-b/try/other', kind: 'step' });
    });

    it('do not let a name speak to Mermaid or to HTML', () => {
      const chart = workflowMermaid(trip);
      expect(chart).to.not.match(/<script/);
      for (const line of chart.split('\n')) expect(line).to.match(/^(flowchart TD| {2}(n\d+|begin|classDef).*)$/);
    });

    it('can be many at a time', async () => {
      const system = await systems.oneThread();
      const runs = await Promise.all(
        Array.from({ length: 200 }, (_, at) => startRun(system, adding, { id: `run-${at}`, input: at })),
      );
      await system.settle();
      const all = await Promise.all(runs.map((run) => run.result()));
      expect(all).to.deep.equal(runs.map((_, at) => at + 6));
    });
  });
});
