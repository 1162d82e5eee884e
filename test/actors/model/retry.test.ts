import { expect } from 'chai';
import {
  fixtureModelServer,
  type FixtureModelServer,
  openAiModel,
  type RetryOptions,
  type ScriptEntry,
  scriptedModel,
  withRetry,
} from '../../../actors/model/index.js';
import { TroupeError } from '../../../src/index.js';
import { TestClock } from '../../../src/testing/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect } from './helpers.js';

const failure = (
  code: 'MODEL_RATE_LIMITED' | 'MODEL_UNAVAILABLE' | 'MODEL_TIMEOUT' | 'MODEL_REJECTED',
  retryAfterMs?: number,
) => new TroupeError(code, `m: ${code}`, { value: { model: 'm', retryAfterMs } });

describe('withRetry', () => {
  let clock: TestClock;
  let waits: number[];
  beforeEach(() => {
    clock = new TestClock();
    waits = [];
  });

  const patient = (script: ScriptEntry[], options: RetryOptions = {}) => {
    const model = scriptedModel(script);
    const onRetry = ({ waitMs }: { waitMs: number }): void => void waits.push(waitMs);
    const backoff = { minMs: 100, maxMs: 1_000, jitter: 0 };
    return { model, retried: withRetry(model, { backoff, onRetry, clock, ...options }) };
  };
  /** Let time pass, wake-up by wake-up, until the call is over. */
  const inTime = async <T>(running: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    running.then(over, over);
    while (!isOver) {
      await new Promise(setImmediate);
      if (clock.nextWakeAt !== undefined) clock.advanceTo(clock.nextWakeAt);
    }
    return running;
  };

  for (const [way, run] of bothWays) {
    it(`tries again what passes, waiting longer each time, ${way}`, async () => {
      const script = [failure('MODEL_UNAVAILABLE'), failure('MODEL_TIMEOUT'), failure('MODEL_RATE_LIMITED'), 'there'];
      const { model, retried } = patient(script, { attempts: 4 });
      const from = clock.now();
      expect((await inTime(run(retried, ask('?'), callOf('same')))).text).to.equal('there');
      expect(waits).to.deep.equal([100, 200, 400]);
      expect(clock.now() - from).to.equal(700);
      expect(model.calls.map(({ callId }) => callId)).to.deep.equal(['same', 'same', 'same', 'same']);
    });

    it(`waits as long as the server asks, ${way}`, async () => {
      const { retried } = patient([failure('MODEL_RATE_LIMITED', 5_000), failure('MODEL_RATE_LIMITED', 50), 'there']);
      await inTime(run(retried, ask('?')));
      expect(waits).to.deep.equal([5_000, 200]);
    });

    it(`gives up when it was tried often enough, with the last error, ${way}`, async () => {
      const { model, retried } = patient([
        failure('MODEL_TIMEOUT'),
        failure('MODEL_TIMEOUT'),
        failure('MODEL_UNAVAILABLE'),
        'no',
      ]);
      expect(await rejection(inTime(run(retried, ask('?'))))).to.have.property('code', 'MODEL_UNAVAILABLE');
      expect(model.calls).to.have.length(3);
    });

    it(`tries nothing again that fails for good, ${way}`, async () => {
      for (const error of [failure('MODEL_REJECTED'), new RangeError('a bug'), failure('MODEL_RATE_LIMITED', 60_001)]) {
        const { model, retried } = patient([error, 'no']);
        expect(await rejection(inTime(run(retried, ask('?'))))).to.equal(error);
        expect(model.calls).to.have.length(1);
      }
    });

    it(`stops waiting when it is given up, ${way}`, async () => {
      const abort = new AbortController();
      const { model, retried } = patient([failure('MODEL_RATE_LIMITED', 5_000), 'no']);
      const running = rejection(run(retried, ask('?'), callOf('a', abort.signal)));
      while (clock.waitingCount === 0) await new Promise(setImmediate);
      abort.abort();
      expect(await running).to.have.property('code', 'MODEL_ABORTED');
      expect(clock.waitingCount).to.equal(0);
      expect(model.calls).to.have.length(1);
    });
  }

  it('tries a stream again only before its first word', async () => {
    const { model, retried } = patient([
      failure('MODEL_UNAVAILABLE'),
      { chunks: ['half'], error: failure('MODEL_UNAVAILABLE') },
      'no',
    ]);
    expect(await rejection(inTime(collect(retried.stream(ask('?'), callOf()))))).to.have.property(
      'code',
      'MODEL_UNAVAILABLE',
    );
    expect(model.calls).to.have.length(2);
  });

  it('tries what it is told to', async () => {
    const { retried } = patient([failure('MODEL_REJECTED'), 'there'], { on: ['MODEL_REJECTED'] });
    expect((await inTime(retried.complete(ask('?'), callOf()))).text).to.equal('there');
  });

  it('scatters those who failed together, and each the same way again', async () => {
    const backoff = { minMs: 1_000, maxMs: 1_000, jitter: 1 };
    for (const callId of ['a', 'b', 'a']) {
      const { retried } = patient([failure('MODEL_UNAVAILABLE'), 'there'], { backoff });
      await inTime(retried.complete(ask('?'), callOf(callId)));
    }
    expect(waits[0]).to.equal(waits[2]).and.not.to.equal(waits[1]);
    for (const wait of waits) expect(wait).to.be.within(1_000, 2_000);
  });

  it('refuses schedules that make no sense', () => {
    for (const options of [{ attempts: 0 }, { backoff: { minMs: 5, maxMs: 1 } }, { waitMsMax: -1 }, { retries: 2 }]) {
      expect(thrownBy(() => patient(['a'], options as RetryOptions)).code).to.match(/^OPTION_/);
    }
  });

  describe('on a server', () => {
    let server: FixtureModelServer;
    beforeEach(async () => {
      server = await fixtureModelServer();
    });
    afterEach(() => server.close());

    it('obeys 429 and retry-after, and pays once', async () => {
      server.script({ status: 429, headers: { 'retry-after': '7' } }, { status: 503 }, 'there');
      const retried = withRetry(openAiModel({ url: server.url, model: 'm' }), {
        clock,
        onRetry: ({ waitMs }) => waits.push(waitMs),
      });
      const reply = await inTime(retried.complete(ask('?'), callOf('k')));
      expect(reply.text).to.equal('there');
      expect(waits[0]).to.equal(7_000);
      expect(server.paidCalls).to.equal(1);
      expect(server.calls.map(({ callId }) => callId)).to.deep.equal(['k', 'k', 'k']);
    });
  });
});
