import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { type BusBooks, type BusRules, type CallIsLate, emptyBooks } from '../../../actors/tools/books.js';
import { tableOf } from '../../../actors/tools/grants.js';
import { defineTool, type ToolBusEvents, type ToolError, type ToolOutcome } from '../../../actors/tools/index.js';
import { type BusWord, judge } from '../../../actors/tools/judge.js';
import type { ActorRef } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { limited, ran } from './fixtures/limited.js';

describe('how often a tool is called', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<ToolBusEvents>;

  const open = async (store?: TestSystem['store']): Promise<void> => {
    const old = store === undefined ? {} : { store, clock: system.clock };
    system = await systems.oneThread({ seed: 1, ...old });
    ref = await system.spawn(limited, { id: 'tools' });
  };
  beforeEach(async () => {
    ran.length = 0;
    await open();
  });

  const call = (tool: string, args: unknown, from = 'ann', more = {}): Promise<ToolOutcome> =>
    ref.ask({ type: 'call', from, tool, args, ...more }, { timeoutMs: 86_400_000 });
  const ping = (n: number, from?: string) => call('ping', { n }, from, { callId: `${n}` });
  const errorOf = (outcome: ToolOutcome): ToolError => {
    if (outcome.ok) throw new Error('it went well');
    return outcome.error;
  };
  const numbers = () => ran.map((line) => Number(line.split(' ').at(-1)));

  it('is as often as it says: so many at once, the others in order and in time, one too many not at all', async () => {
    const outcomes = [1, 2, 3, 4, 5].map((n) => ping(n));
    await system.settle();
    expect(numbers()).to.deep.equal([1, 2]);
    const refused = errorOf(await outcomes[4]!);
    expect(refused).to.include({ code: 'TOOL_RATE_LIMITED', retryAfterMs: 1_500 });
    expect(refused.message).to.equal('ping is called as often as it may be; try again in 1500 ms');
    await system.advance(499);
    expect(numbers()).to.deep.equal([1, 2]);
    await system.advance(1);
    expect(numbers()).to.deep.equal([1, 2, 3]);
    await system.advance(500);
    expect(await Promise.all(outcomes.slice(0, 4))).to.deep.equal([1, 2, 3, 4].map((value) => ({ ok: true, value })));
    const { tools } = await ref.ask({ type: 'metrics' });
    expect(tools.ping).to.include({ calls: 5, delayed: 2, limited: 1, failures: 0 });
  });

  it('lets a call that was approved of wait as long as it takes: nobody is asked in vain', async () => {
    const approved = async (callId: string) => {
      const outcome = call('fair', {}, 'fay', { callId });
      await system.settle();
      const [waits] = await ref.ask({ type: 'pending' });
      await ref.ask({ type: 'approve', by: 'root', id: waits!.id });
      await system.settle();
      return outcome;
    };
    expect(await approved('1')).to.include({ ok: true });
    const second = approved('2');
    await system.settle();
    await system.advance(4_000);
    expect(await second).to.include({ ok: true });
    expect(ran).to.deep.equal(['fair fay', 'fair fay']);
  });

  it('counts those that wait: who comes later is not served before', async () => {
    const early = [1, 2, 3].map((n) => ping(n));
    await system.advance(400);
    const late = ping(4, 'ben');
    await system.advance(100);
    expect(numbers()).to.deep.equal([1, 2, 3]);
    await system.advance(500);
    expect(numbers()).to.deep.equal([1, 2, 3, 4]);
    await Promise.all([...early, late]);
  });

  it('is the same over a crash: who waited waits until its time, and no longer', async () => {
    for (const n of [1, 2, 3, 4]) void ping(n).catch(() => {});
    await system.settle();
    await open(system.crash('kill'));
    await system.advance(499);
    expect(numbers()).to.deep.equal([1, 2]);
    await system.advance(501);
    expect(numbers()).to.deep.equal([1, 2, 3, 4]);
    await system.advance(1_000);
    const { buckets } = await contextOf<{ buckets: object }>(system, '/tools');
    expect(Object.values(buckets).flatMap(({ waiting }) => waiting)).to.deep.equal([]);
  });

  it('forgets who was cancelled while it waited', async () => {
    const outcomes = [1, 2, 3, 4].map((n) => ping(n));
    await system.settle();
    await ref.ask({ type: 'cancel', from: 'ann', callId: '3' });
    expect(errorOf(await outcomes[2]!).code).to.equal('TOOL_CANCELLED');
    const next = ping(5);
    await system.advance(1_000);
    expect(numbers()).to.deep.equal([1, 2, 4, 5]);
    await next;
  });

  it('is limited for each caller too, who does not hold up the others', async () => {
    const from = async (who: string) => {
      const outcome = await call('fair', {}, who);
      return outcome.ok ? 'ok' : outcome.error.retryAfterMs;
    };
    expect(await from('ann')).to.equal('ok');
    expect(await from('ann')).to.equal(4_000);
    for (const who of ['ben', 'cat', 'dan']) expect(await from(who), who).to.equal('ok');
    expect(await from('eve'), 'there are four in all').to.equal(1_000);
    await system.advance(1_000);
    expect(await from('ann')).to.equal(3_000);
    expect(await from('eve')).to.equal('ok');
  });

  it('counts each attempt, as the outside does', async () => {
    const outcome = call('shaky', {});
    await system.advance(9_999);
    expect(ran).to.deep.equal(['shaky 1']);
    await system.advance(1);
    expect(await outcome).to.deep.equal({ ok: true, value: 'stands' });
  });

  it('keeps nothing of those who have not called for long', async () => {
    for (const who of ['ann', 'ben', 'cat']) await call('fair', {}, who);
    await system.advance(60_000);
    await call('news', {});
    expect(await contextOf<{ buckets: object }>(system, '/tools')).to.deep.include({ buckets: {} });
  });

  it('is declared with sense', () => {
    const tool = (rate: object) =>
      thrownBy(() =>
        defineTool({ name: 't', description: 'd', touches: 'nothing', input: z.object({}), run: () => 1, rate }),
      );
    expect(tool({ calls: 1 })).to.include({ code: 'OPTION_TYPE', field: 'rate.perMs' });
    expect(tool({ calls: 0, perMs: 1 })).to.include({ code: 'OPTION_RANGE', field: 'rate.calls' });
    expect(tool({ calls: 1, perMs: 1, burst: 0.5 })).to.include({ code: 'OPTION_RANGE', field: 'rate.burst' });
    expect(tool({ calls: 1, perMs: 1, waitMs: -1 })).to.include({ code: 'OPTION_RANGE', field: 'rate.waitMs' });
    expect(tool({ calls: 1, perMs: 1, callsPerCaller: 2 })).to.include({
      code: 'TOOL_SPEC',
      field: 'rate.callsPerCaller',
    });
  });

  it('is never more, whoever calls when, however long the work takes and whatever room there is', () => {
    const steps = fc.array(
      fc.record({ gapMs: fc.nat(900), from: fc.constantFrom('a', 'b', 'c'), workMs: fc.nat(2_000) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: 3 }), (plan, workingMax) => simulate(plan, workingMax)));
  });
});

const often = defineTool({
  name: 'often',
  description: 'Is called often.',
  touches: 'nothing',
  input: z.object({}),
  timeoutMs: 3_600_000,
  rate: { calls: 4, perMs: 2_000, burst: 2, callsPerCaller: 2, waitMs: 1_500 },
  run: () => 1,
});

/** A bus in a made-up time: calls come, work takes its time, timers fire. */
function simulate(plan: readonly { gapMs: number; from: string; workMs: number }[], workingMax: number): void {
  const tools = new Map([[often.name, often]]);
  const rules: BusRules = {
    tools,
    grants: tableOf({ '*': ['often'] }, tools, 'a test'),
    approvers: [],
    grantors: [],
    depthMax: 5,
    callsMax: 100,
    workingMax,
    argsBytesMax: 1_000,
    answersKept: 0,
    answersKeptBytes: 0,
    approvalTimeoutMs: undefined,
    progressMax: 0,
    interruptionsMax: 0,
    cacheBytesMax: 0,
    processors: [],
  };
  let books: BusBooks = emptyBooks;
  const timers = new Map<string, { at: number; word: BusWord }>();
  const begun: { at: number; from: string }[] = [];
  let answered = 0;
  const hear = (now: number, word: BusWord, workMs = 100): void => {
    const judged = judge(books, word, rules, { self: '/bus', now });
    books = judged.books;
    for (const deed of judged.deeds) {
      if (deed.do === 'forgetWait') timers.delete(deed.id);
      if (deed.do === 'wait') {
        const { id, phase, attempt } = deed.event as CallIsLate;
        timers.set(id, { at: now + deed.ms, word: { type: 'late', id, phase, attempt } });
      }
      if (deed.do === 'tell') answered += 1;
      if (deed.do !== 'work') continue;
      begun.push({ at: now, from: deed.input.info.from });
      const word: BusWord = { type: 'worked', workId: deed.id, report: { ok: true, value: 1, bytes: 1 } };
      timers.set(`work ${deed.id}`, { at: now + workMs, word });
    }
  };
  let now = 0;
  const passUntil = (until: number): void => {
    for (;;) {
      const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined || next[1].at > until) break;
      timers.delete(next[0]);
      now = Math.max(now, next[1].at);
      hear(now, next[1].word);
    }
    now = until;
  };
  for (const { gapMs, from, workMs } of plan) {
    passUntil(now + gapMs);
    const call = { from, tool: 'often', args: {}, answerTo: { path: '/caller' } as ActorRef };
    hear(now, { type: 'call', call, asker: undefined, argsBytes: 1, print: 1 }, workMs);
  }
  passUntil(now + 1_000_000);
  expect([answered, Object.keys(books.open).length, books.line.length]).to.deep.equal([plan.length, 0, 0]);
  checkRate(begun, 2, 4 / 2_000);
  for (const who of ['a', 'b', 'c']) {
    checkRate(
      begun.filter(({ from }) => from === who),
      2,
      2 / 2_000,
    );
  }
}

/** In any span no more began than may. */
function checkRate(begun: readonly { at: number }[], burst: number, perMs: number): void {
  for (const [from, first] of begun.entries()) {
    for (const [to, last] of begun.entries()) {
      if (to >= from) expect(to - from + 1).to.be.at.most(burst + (last.at - first.at) * perMs + 0.001);
    }
  }
}
