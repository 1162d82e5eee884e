import { expect } from 'chai';
import type { ActorRef, TroupeError } from '../../src/index.js';
import { eventually, type TestSystem } from '../../src/testing/index.js';
import { circuitBreaker, type CircuitEvents, guarded } from '../../supervisors/index.js';
import { rejection, useSystems } from '../helpers/with-system.js';
import { customer, lasting, touchy, usual } from './fixtures/circuits.js';

describe('a circuit breaker', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<CircuitEvents>;
  let calls: number;
  const open = async (definition = touchy): Promise<void> => {
    system = await systems.oneThread({ seed: 1 });
    ref = await system.spawn(definition, { id: 'circuit' });
    calls = 0;
  };
  beforeEach(() => open());

  const good = (): Promise<string> => {
    calls += 1;
    return Promise.resolve('good');
  };
  const bad = (): Promise<string> => {
    calls += 1;
    return Promise.reject(new Error('no line'));
  };
  /** Calls through it, one after the other: `good`, `no line` or a code. */
  const call = async (...what: (() => Promise<string>)[]): Promise<string> => {
    const outcomes: string[] = [];
    for (const each of what) outcomes.push(await outcomeOf(guarded(ref, each)));
    return outcomes.join(', ');
  };
  const outcomeOf = async (made: Promise<string>): Promise<string> => {
    const outcome = await made.catch((error: TroupeError) => error.code ?? error.message);
    await system.settle();
    return outcome;
  };
  const state = async (): Promise<string> => (await ref.ask({ type: 'circuit' })).state;
  const announced = (): string[] => systems.heard('circuitChanged').map((news) => `${news.state}: ${news.why}`);
  /** A call that is let in, and ends when it is told to. */
  const pending = (): { result: Promise<string>; end: (error?: Error) => void } => {
    let end: (error?: Error) => void = () => {};
    const inner = new Promise<string>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve('late') : reject(error));
    });
    return { result: guarded(ref, () => inner), end: (error) => end(error) };
  };

  it('lets calls through, and does not mind failures that are not in a row', async () => {
    expect(await call(good, bad, good, bad, good)).to.equal('good, no line, good, no line, good');
    expect(await state()).to.equal('closed');
    expect(announced()).to.deep.equal([]);
  });

  it('opens at so many failures in a row, and then calls nothing', async () => {
    expect(await call(bad, bad, good, good)).to.equal('no line, no line, CIRCUIT_OPEN, CIRCUIT_OPEN');
    expect(calls).to.equal(2);
    expect(announced()).to.deep.equal(['open: 2 failures in a row, the last: no line']);
    expect(systems.heard('circuitChanged')[0]).to.include({ path: '/circuit', definition: 'c.touchy' });
    const refused = (await rejection(guarded(ref, good))) as TroupeError;
    expect([refused.field, refused.value]).to.deep.equal(['circuit', '/circuit']);
    expect(refused.message).to.match(/is open, for \d+ ms/);
  });

  it('is open for its time, lets so many probes in, and closes when all have succeeded', async () => {
    await call(bad, bad);
    await system.advance(999);
    expect(await call(good)).to.equal('CIRCUIT_OPEN');
    await system.advance(1);
    expect(await state()).to.equal('half-open');
    const [one, two] = [pending(), pending()];
    await system.settle();
    expect(await call(good), 'a third at the same time').to.equal('CIRCUIT_OPEN');
    one.end();
    expect(await outcomeOf(one.result)).to.equal('late');
    expect(await call(good), 'two are all the probes there are').to.equal('CIRCUIT_OPEN');
    two.end();
    expect(await outcomeOf(two.result)).to.equal('late');
    expect(await state()).to.equal('closed');
    expect(await call(bad, good)).to.equal('no line, good');
    expect(announced().slice(1)).to.deep.equal(['half-open: it was open for 1000 ms', 'closed: 2 probes succeeded']);
  });

  it('opens again at the first probe that fails, for the whole time', async () => {
    await call(bad, bad);
    await system.advance(1_000);
    expect(await call(good, bad, good)).to.equal('good, no line, CIRCUIT_OPEN');
    expect(announced().at(-1)).to.equal('open: a probe failed: no line');
    await system.advance(999);
    expect(await state()).to.equal('open');
    await system.advance(1);
    expect(await state()).to.equal('half-open');
  });

  it('opens again when a probe is never heard of', async () => {
    await call(bad, bad);
    await system.advance(1_000);
    const lost = pending();
    await system.settle();
    await system.advance(499);
    expect(await state()).to.equal('half-open');
    await system.advance(1);
    expect(await state()).to.equal('open');
    expect(announced().at(-1)).to.equal('open: a probe was silent for 500 ms');
    lost.end();
    expect(await outcomeOf(lost.result)).to.equal('late');
    expect(await state()).to.equal('open');
  });

  it('counts an outcome only in the period its call was made in', async () => {
    const [late, later] = [pending(), pending()];
    await system.settle();
    await call(bad, bad);
    await system.advance(1_000);
    expect(await call(good)).to.equal('good');
    late.end(new Error('too late to matter'));
    later.end();
    expect([await outcomeOf(late.result), await outcomeOf(later.result)]).to.deep.equal(['too late to matter', 'late']);
    expect(await state()).to.equal('half-open');
  });

  it('a call its caller gave up is neither a success nor a failure, and makes room for another probe', async () => {
    await call(bad, bad);
    await system.advance(1_000);
    for (let n = 0; n < 5; n += 1) {
      const controller = new AbortController();
      const given = guarded(
        ref,
        async () => {
          controller.abort();
          throw new Error('aborted');
        },
        { signal: controller.signal },
      );
      expect(await outcomeOf(given)).to.equal('aborted');
    }
    const early = new AbortController();
    const never = guarded(ref, good, { signal: early.signal });
    early.abort(new Error('no more'));
    expect(await outcomeOf(never)).to.equal('no more');
    expect(calls).to.equal(2);
    expect(await call(good, good)).to.equal('good, good');
    expect(await state()).to.equal('closed');
  });

  it('half-open with nobody inside for long, it lets probes in all the same', async () => {
    await call(bad, bad);
    await system.advance(1_000);
    expect(await call(good)).to.equal('good');
    await system.advance(10_000);
    expect(await call(good)).to.equal('good');
    expect(await state()).to.equal('closed');
  });

  it('asks the caller what counts', async () => {
    const isFailure = (error: unknown): boolean => (error as Error).message !== 'no line';
    for (let n = 0; n < 3; n += 1) await outcomeOf(guarded(ref, bad, { isFailure }));
    expect(await state()).to.equal('closed');
  });

  it('is where it was when the process comes back, time included', async () => {
    await call(bad, bad);
    await system.advance(400);
    system = await systems.oneThread({ seed: 1, store: await system.crash('kill'), clock: system.clock });
    ref = system.get('/circuit') as ActorRef<CircuitEvents>;
    expect(await call(good)).to.equal('CIRCUIT_OPEN');
    await system.advance(599);
    expect(await state()).to.equal('open');
    await system.advance(1);
    expect(await state()).to.equal('half-open');
  });

  it('has the usual defaults: 5 failures, 60 s, 3 probes', async () => {
    await open(usual);
    expect(await call(bad, bad, bad, bad)).to.equal('no line, no line, no line, no line');
    expect(await state()).to.equal('closed');
    await call(bad);
    expect(await state()).to.equal('open');
    await system.advance(59_999);
    expect(await state()).to.equal('open');
    await system.advance(1);
    expect(await call(good, good)).to.equal('good, good');
    expect(await state()).to.equal('half-open');
    await call(good);
    expect(await state()).to.equal('closed');
  });

  it('questions that are told are nobody’s failure', async () => {
    for (const type of ['enter', 'circuit', 'succeeded', 'nonsense']) await ref.tell({ type } as never);
    await system.settle();
    expect(systems.heard('actorFailed')).to.deep.equal([]);
    expect(await call(good)).to.equal('good');
  });

  it('that is not there is said so', async () => {
    const other = guarded(system.get('/nowhere') as ActorRef<CircuitEvents>, good);
    expect(await rejection(other)).to.include({ code: 'ACTOR_UNKNOWN' });
  });

  for (const [options, field] of [
    [{ failures: 0 }, 'circuitBreaker("c.bad").failures'],
    [{ openMs: 1.5 }, 'circuitBreaker("c.bad").openMs'],
    [{ probes: '3' }, 'circuitBreaker("c.bad").probes'],
    [{ probeMs: Number.POSITIVE_INFINITY }, 'circuitBreaker("c.bad").probeMs'],
    [{ failure: 3 }, 'circuitBreaker("c.bad").failure'],
  ] as const) {
    it(`is refused with ${JSON.stringify(options)}`, () => {
      expect(() => circuitBreaker(import.meta, 'c.bad', options as object))
        .to.throw()
        .with.property('field', field);
    });
  }
});

describe('a circuit breaker over threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('guards effects of actors on other threads, and is heard of by the process', async () => {
    const system = await systems.threads({ hosts: 2 });
    const circuit = await system.spawn(lasting, { id: 'circuit' });
    const buyers = await Promise.all([0, 1, 2].map((n) => system.spawn(customer, { id: `c${n}` })));
    const log = (n: number): Promise<string[]> => buyers[n]!.ask({ type: 'log' });
    for (const n of [0, 1]) {
      await buyers[n]!.tell({ type: 'buy', fails: true });
      await eventually(async () => (await log(n)).length === 1, 'it was told');
    }
    await eventually(async () => (await circuit.ask({ type: 'circuit' })).state === 'open', 'it is open');
    await buyers[2]!.tell({ type: 'buy', fails: false });
    await eventually(async () => (await log(2)).length === 1, 'it was refused');
    expect([await log(0), await log(1), await log(2)]).to.deep.equal([['sold out'], ['sold out'], ['CIRCUIT_OPEN']]);
    const announced = () => systems.heard('circuitChanged').map(({ path, state }) => `${path} ${state}`);
    await eventually(() => announced().length > 0, 'the process has heard of it');
    expect(announced()).to.deep.equal(['/circuit open']);
    await eventually(async () => (await circuit.ask({ type: 'circuit' })).state === 'half-open', 'it is tried again');
  });
});
