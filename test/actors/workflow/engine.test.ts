/** What a run does next, as the pure function it is. */
import { expect } from 'chai';
import {
  attempt,
  type Flow,
  loop,
  mapReduce,
  mapValue,
  parallel,
  pipeline,
  sequence,
  sleep,
  step,
  waitFor,
} from '../../../actors/index.js';
import { compile } from '../../../actors/workflow/compiled.js';
import type { Deed, Happening } from '../../../actors/workflow/deeds.js';
import { advance } from '../../../actors/workflow/engine.js';
import { effectsOf } from '../../../actors/workflow/machine.js';
import { newRun, type RunState } from '../../../actors/workflow/run-state.js';
import { ActorRef } from '../../../src/index.js';

const nothing = () => undefined;

/** A run whose steps are answered by the test. */
class Play {
  run: RunState = newRun(0);
  now = 0;
  /** Effects that run, by address and in order. */
  readonly running = new Map<string, string>();
  readonly timers = new Map<string, number>();
  readonly log: string[] = [];
  private readonly flow;

  constructor(flow: Flow<never, unknown>, input: unknown = null) {
    this.flow = compile(flow.node);
    this.hear({ is: 'begin', input });
  }

  hear(what: Happening): this {
    const before = structuredClone(this.run);
    const kept = this.run;
    const { run, deeds } = advance(this.flow, this.run, what, this.now, '/run');
    expect(kept, 'the state before is not changed').to.deep.equal(before);
    this.run = structuredClone(run);
    for (const deed of deeds) this.carryOut(deed);
    return this;
  }

  ok(at: string, output: unknown = null): this {
    return this.hear({ is: 'settled', id: this.over(at), ok: true, output });
  }

  fail(at: string, message = 'no'): this {
    const error = { name: 'Error', message };
    return this.hear({ is: 'settled', id: this.over(at), ok: false, error });
  }

  private over(at: string): string {
    const id = this.running.get(at) as string;
    this.running.delete(at);
    return id;
  }

  /** Let time pass to the next timer. */
  next(): this {
    const [id, due] = [...this.timers].toSorted(([, a], [, b]) => a - b)[0] as [string, number];
    this.now = due;
    this.timers.delete(id);
    return this.hear({ is: 'timer', id });
  }

  private carryOut(deed: Deed): void {
    const name = (at: string, undo: unknown) => (undo === undefined ? at : `undo ${at}`);
    switch (deed.do) {
      case 'run':
        this.running.set(name(deed.at, deed.undo), deed.id);
        this.log.push(`run ${name(deed.at, deed.undo)} ${deed.attempt}`);
        return;
      case 'stop':
        for (const [at, id] of this.running) if (id === deed.id) this.running.delete(at);
        return;
      case 'timer':
        this.timers.set(deed.id, this.now + deed.ms);
        return;
      case 'cancelTimer':
        this.timers.delete(deed.id);
        return;
      case 'finish':
        this.log.push(this.run.phase);
        return;
      default:
        this.log.push(deed.do);
    }
  }
}

const once = { retry: { attempts: 1 } };
const undoable = (id: string) => step<unknown, unknown>(id, nothing, { ...once, compensate: nothing });

describe('workflow engine', () => {
  it('does not enter what stood in line when the part it belongs to failed', () => {
    const throws = mapValue('throws', (): unknown => {
      throw new Error('at once');
    });
    const play = new Play(
      parallel('all', {
        a: throws,
        b: sequence('b', step('b1', nothing), mapValue('b2', nothing)),
      }),
    );
    expect([play.running.size, play.run.frames, play.log]).to.deep.equal([0, {}, ['failed']]);
  });

  it('lets the time of a part end with it, also when a loop enters it again', () => {
    const timed = step<number, number>('timed', nothing as never, { retry: { attempts: 1 }, timeoutMs: 100 });
    const play = new Play(
      loop('on', timed, (_, turns) => turns === 2),
      0,
    );
    play.now = 60;
    play.ok('on/timed');
    expect([...play.timers]).to.deep.equal([['timeout:on/timed', 160]]);
    play.ok('on/timed');
    expect([play.timers.size, play.run.phase]).to.deep.equal([0, 'done']);
  });

  it('undoes what was being undone within an attempt when the run is cancelled meanwhile', () => {
    const play = new Play(
      sequence(
        'all',
        undoable('a'),
        attempt('try', sequence('in', undoable('b'), undoable('c'), step('d', nothing, once))),
      ),
    );
    play.ok('all/a').ok('all/try/in/b').ok('all/try/in/c').fail('all/try/in/d');
    expect([...play.running.keys()]).to.deep.equal(['undo all/try/in/c']);
    play.hear({ is: 'cancel', reason: 'x' });
    expect([...play.running.keys()]).to.deep.equal(['undo all/try/in/c']);
    play.ok('undo all/try/in/c').ok('undo all/try/in/b').ok('undo all/a');
    expect([play.run.phase, play.run.undone?.map(({ at }) => at)]).to.deep.equal([
      'cancelled',
      ['all/try/in/c', 'all/try/in/b', 'all/a'],
    ]);
  });

  it('stops whatever runs beside what failed, before anything is undone', () => {
    const play = new Play(
      parallel('all', {
        a: undoable('a'),
        b: step('b', nothing, once),
        c: sleep('c', 5),
        d: waitFor('d', { timeoutMs: 9 }),
        e: mapReduce('e', { items: () => [1, 2, 3], each: step('each', nothing, once), concurrency: 2 }),
      }),
    );
    expect(play.running.size).to.equal(4);
    play.ok('all/a').fail('all/b');
    expect([[...play.running.keys()], play.timers.size]).to.deep.equal([['undo all/a'], 0]);
  });

  it('has at most so many items of a mapReduce, and so many in a stage of a pipeline, at a time', () => {
    const each = step<number, number>('each', nothing as never);
    const map = new Play(mapReduce('map', { items: () => [1, 2, 3, 4], each, concurrency: 2 }));
    expect([...map.running.keys()]).to.deep.equal(['map/each[0]', 'map/each[1]']);
    map.ok('map/each[1]', 20);
    expect([...map.running.keys()]).to.deep.equal(['map/each[0]', 'map/each[2]']);
    map.ok('map/each[2]', 30).ok('map/each[0]', 10).ok('map/each[3]', 40);
    expect(map.run.output).to.deep.equal([10, 20, 30, 40]);
    const stage = (id: string) => step<number, number>(id, nothing as never);
    const line = new Play(pipeline('line', { items: () => [1, 2, 3], stages: [stage('s'), stage('t')] }));
    expect([...line.running.keys()]).to.deep.equal(['line/s[0]']);
    line.ok('line/s[0]', 10);
    expect([...line.running.keys()].toSorted()).to.deep.equal(['line/s[1]', 'line/t[0]']);
    line.ok('line/s[1]', 20);
    expect([...line.running.keys()].toSorted()).to.deep.equal(['line/s[2]', 'line/t[0]']);
    line.ok('line/t[0]', 'a').ok('line/t[1]', 'b').ok('line/s[2]', 30).ok('line/t[2]', 'c');
    expect(line.run.output).to.deep.equal(['a', 'b', 'c']);
  });

  it('takes a thousand turns of what takes no time at once, and then lets others go first', () => {
    const turns = 3_500;
    const same = mapValue('same', (n: number) => n + 1);
    const play = new Play(
      loop('on', same, (n) => n >= turns, { turnsMax: turns }),
      0,
    );
    let waits = 0;
    for (; play.timers.size > 0; waits += 1) play.next();
    expect([play.now, waits, play.run.output]).to.deep.equal([0, 3, turns]);
    const endless = loop('on', same, () => false, { turnsMax: 5_000 });
    const given = new Play(endless, 0).hear({ is: 'cancel', reason: 'x' });
    expect([given.timers.size, given.run.phase]).to.deep.equal([0, 'cancelled']);
    const limit = new Play(endless, 0);
    while (limit.timers.size > 0) limit.next();
    expect(limit.run.error).to.include({ code: 'WORKFLOW_LOOP_LIMIT' });
  });

  it('keeps of what is over only counts: the state does not grow with the steps', () => {
    const body = step<number, number>('body', nothing as never);
    const play = new Play(
      loop('on', body, () => false),
      0,
    );
    const sizeAfter = (turns: number) => {
      for (let turn = 0; turn < turns; turn += 1) play.ok('on/body', 1);
      return JSON.stringify(play.run).length;
    };
    expect(sizeAfter(400)).to.be.at.most(sizeAfter(10) + 16);
  });

  it('asks of an error whether another attempt is worthwhile; who cannot say means no', () => {
    const retryIf = (error: { message: string }) => {
      if (error.message === 'odd') throw new Error('cannot say');
      return error.message === 'again';
    };
    const flow = step('s', nothing, { retry: { attempts: 5, minMs: 10, retryIf } });
    const play = new Play(flow).fail('s', 'again').next();
    expect(play.log).to.deep.equal(['run s 1', 'run s 2']);
    expect(play.fail('s', 'never').run.phase).to.equal('failed');
    expect(new Play(flow).fail('s', 'odd').run.phase).to.equal('failed');
  });

  it('names effects by their places, however often they run: XState remembers every name', () => {
    const names = new Set<string>();
    const turns = 50;
    const flow = loop('again', step('s', nothing), (_, turn) => turn === turns);
    const play = new Play(flow);
    for (let turn = 0; turn < turns; turn += 1) {
      names.add(play.running.get('again/s') as string);
      play.ok('again/s');
    }
    expect(play.run.phase).to.equal('done');
    expect(names.size).to.equal(1);
  });

  it('hears nothing of an effect that is not its any more', () => {
    const play = new Play(step('s', nothing, { retry: { attempts: 2 } }));
    const { run } = play;
    play.hear({ is: 'settled', id: 's/elsewhere', ok: true, output: 1 });
    play.hear({ is: 'ended', path: '/elsewhere', ok: true, output: 1 });
    play.hear({ is: 'timer', id: 'sleep:nowhere' });
    expect(play.run).to.deep.equal(run);
  });

  it('tells a step what it may take apart and hand on, and a compensation what was given', async () => {
    const heard: object[] = [];
    const note = (call: object) => void heard.push({ ...call });
    const { step: run } = effectsOf(compile(step('s', note, { compensate: note }).node));
    const { signal } = new AbortController();
    const facts = { id: 's', effectId: '/run#s#7.1', signal, self: new ActorRef('/run') };
    await run?.({ ...facts, input: { at: 's', attempt: 2, input: 7 } });
    await run?.({ ...facts, input: { at: 's', attempt: 1, input: 7, undo: { output: 8 } } });
    const told = { input: 7, effectId: '/run#s#7.1', signal, run: '/run' };
    expect(heard).to.deep.equal([
      { ...told, attempt: 2 },
      { ...told, attempt: 1, output: 8 },
    ]);
  });
});
