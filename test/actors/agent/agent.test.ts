/** Agents on the real runtime, on one thread and in virtual time, with models that say what a test wrote down. */
import { expect } from 'chai';
import {
  type AgentDefinition,
  type AgentInput,
  type AgentNews,
  AgentRun,
  type ScriptedModel,
  type ScriptEntry,
  scriptedModel,
  startAgent,
} from '../../../actors/index.js';
import type { ActorRef, TroupeError } from '../../../src/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore, type TestSystem } from '../../../src/testing/index.js';
import { contextOf, rejection, useSystems } from '../../helpers/with-system.js';
import {
  asker,
  boss,
  bus,
  forgetful,
  former,
  listener,
  picky,
  ringer,
  talker,
  thrifty,
  worker,
  world,
} from './fixtures/agents.js';

const call = (name: string, args: unknown, id?: string) => ({ name, args, ...(id === undefined ? {} : { id }) });
const day = 86_400_000;

describe('agent', () => {
  const systems = useSystems();
  beforeEach(() => {
    world.models = {};
    world.did = [];
  });
  afterEach(() => disarmFailpoint());

  function script(agent: string, ...entries: ScriptEntry[]): ScriptedModel {
    const model = scriptedModel(entries, { prices: { inputUsd: 2_000, outputUsd: 1_000 } });
    world.models[agent] = model;
    return model;
  }

  async function start<O>(
    agent: AgentDefinition<O>,
    input: AgentInput,
    given?: TestSystem,
  ): Promise<[AgentRun<O>, TestSystem]> {
    const system = given ?? (await systems.oneThread());
    const run = await startAgent(system, agent, { id: 'run', input });
    await system.settle();
    return [run, system];
  }

  async function withBus(input: AgentInput, streams = false): Promise<[AgentRun<string>, TestSystem]> {
    const system = await systems.oneThread();
    const ref = await system.spawn(bus, { id: 'bus' });
    const streamTo = streams ? await system.spawn(listener, { id: 'listener' }) : undefined;
    return start(worker, { bus: ref, ...(streamTo && { streamTo }), ...input }, system);
  }

  it('answers, and says what it has used', async () => {
    const model = script('talker', 'Hello Ada.');
    const [run] = await start(talker, { text: 'Say hello to Ada.' });
    const { answer, by, steps, usage, costs } = await run.result();
    expect({ answer, by, steps }).to.deep.equal({ answer: 'Hello Ada.', by: 'a.talker', steps: 1 });
    expect(usage).to.deep.equal({ inputTokens: 6, outputTokens: 2, cachedTokens: 0, costUsd: 0.014 });
    expect(costs).to.deep.equal([{ agent: 'a.talker', calls: 1, tools: 0, usage }]);
    expect(model.calls[0]?.request.messages).to.deep.equal([
      { role: 'system', text: 'You answer.' },
      { role: 'user', text: 'Say hello to Ada.' },
    ]);
    model.assertComplete();
    expect((await run.view()).status).to.equal('answered');
  });

  it('calls tools, many at a time, and hears of each: also that there is none, or that it broke', async () => {
    const calls = [
      call('echo', { text: 'a' }, 'x'),
      call('breaks', { text: 'b' }),
      call('nothing', {}),
      call('echo', { wrong: 1 }),
      { name: 'echo', args: undefined, badArgs: '{"text' },
      call('echo', { text: 'twin' }, 'x'),
    ];
    const model = script('worker', { text: 'Let me see.', toolCalls: calls }, 'Done.');
    const [run] = await withBus({ text: 'Go.' });
    expect((await run.result()).answer).to.equal('Done.');
    const said = model.calls[1]?.request.messages.filter(({ role }) => role === 'tool') as { text: string }[];
    expect(said.map(({ text }) => text.replace(/(:.{0,12}).*/s, '$1'))).to.deep.equal([
      'echo: a',
      'TOOL_FAILED: breaks fail',
      'TOOL_UNKNOWN: there is no',
      'TOOL_ARGS: the argumen',
      'TOOL_ARGS: the argumen',
      'echo: twin',
    ]);
    expect(model.calls[0]?.request.tools?.map(({ name }) => name)).to.deep.equal(['echo', 'breaks', 'send', 'never']);
    expect(world.did).to.have.length(2);
    model.assertComplete();
  });

  describe('stops at a limit, and says which', () => {
    const again = (usage = {}): ScriptEntry => ({
      answer: { toolCalls: [call('echo', { text: 'more' })], usage },
      times: Number.POSITIVE_INFINITY,
    });
    const stopped = async (usage: object, input: Partial<AgentInput> = {}) => {
      const model = script('worker', again(usage));
      const [run, system] = await withBus({ text: 'Go on for ever.', ...input });
      await system.advance(day);
      const outcome = await run.outcome();
      if (outcome.ok) throw new Error('it came to an answer');
      const { code, field } = (await rejection(run.result())) as TroupeError;
      return [outcome.stopped, code, field, model.calls.length];
    };

    it('of steps', async () => expect(await stopped({})).to.deep.equal(['steps', 'AGENT_LIMIT', 'limits.steps', 4]));
    it('of tokens', async () =>
      expect(await stopped({ outputTokens: 600 })).to.deep.equal(['tokens', 'AGENT_LIMIT', 'limits.tokens', 2]));
    it('of cost', async () =>
      expect(await stopped({ inputTokens: 300 })).to.deep.equal(['cost', 'AGENT_LIMIT', 'limits.costUsd', 2]));
    it('that its caller sets', async () =>
      expect(await stopped({}, { limits: { steps: 2 } })).to.deep.equal(['steps', 'AGENT_LIMIT', 'limits.steps', 2]));
    it('that its caller sets higher than it may', async () =>
      expect(await stopped({}, { limits: { steps: 99 } })).to.deep.equal(['steps', 'AGENT_LIMIT', 'limits.steps', 4]));

    it('of time, also while a model says nothing; its call is closed', async () => {
      const model = script('worker', { hangs: true });
      const [run, system] = await withBus({ text: 'Go.' });
      await system.advance(59_999);
      expect((await run.view()).status).to.equal('thinking');
      await system.advance(1);
      expect(await run.outcome()).to.include({ ok: false, stopped: 'time' });
      const { field, value } = (await rejection(run.result())) as TroupeError;
      expect({ field, value }).to.deep.equal({ field: 'limits.timeMs', value: { used: 60_000, limit: 60_000 } });
      expect(model.calls).to.have.length(1);
    });

    describe('and then does nothing more', () => {
      const toolCalls = [call('echo', { text: 'a' }), call('send', { text: 'Dear Bob' })];
      const used: [string, object, Partial<AgentInput>, string, number][] = [
        ['its last step', {}, { limits: { steps: 1 } }, 'limits.steps', 1],
        ['its tokens', { outputTokens: 1_000 }, {}, 'limits.tokens', 1_000],
        ['its money', { inputTokens: 600 }, {}, 'limits.costUsd', 1],
      ];
      for (const [what, usage, input, field, limit] of used) {
        it(`with ${what}: no tool is called, and nobody is asked to approve`, async () => {
          script('worker', { toolCalls, usage });
          const [run, system] = await withBus({ text: 'Go.', ...input });
          const error = (await rejection(run.result())) as TroupeError & { value: { used: number; limit: number } };
          expect(error).to.include({ code: 'AGENT_LIMIT', field });
          expect(error.value.limit).to.equal(limit);
          expect(error.value.used).to.be.within(limit, limit * 1.5);
          expect(error.message)
            .to.match(/asked for and not called: echo, send$/)
            .and.include(`which is ${limit}`);
          expect(world.did).to.deep.equal([]);
          const metrics = await (system.get('/bus') as ActorRef).ask({ type: 'metrics' });
          expect(metrics).to.deep.include({ tools: {}, open: 0 });
          expect((await run.view()).costs[0]).to.include({ calls: 1, tools: 0 });
        });
      }

      it('no agent is called either', async () => {
        script('thrifty', { toolCalls: [call('hasty', { text: 'Quick.' })], usage: { inputTokens: 300 } });
        const [run, system] = await start(thrifty, { text: 'Ask.' });
        expect(await rejection(run.result())).to.include({ code: 'AGENT_LIMIT', field: 'limits.costUsd' });
        expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/run']);
      });
    });

    it('and refuses limits that leave nothing', async () => {
      script('worker', 'x');
      const system = await systems.oneThread();
      const bad: [object, string][] = [
        [{ text: 'Go.', limits: { steps: 0 } }, 'limits.steps'],
        [{ text: 'Go.', limits: { tokens: 1.5 } }, 'limits.tokens'],
        [{ text: 'Go.', limits: { costUsd: 0 } }, 'limits.costUsd'],
        [{ text: 'Go.', limits: { timeMs: -1 } }, 'limits.timeMs'],
        [{ text: 'Go.', limits: { time: 1 } }, 'limits.time'],
        [{}, 'text'],
        [{ text: 1 }, 'text'],
        [{ text: 'Go.', bus: '/bus' }, 'bus'],
        [{ text: 'Go.', depth: 0.5 }, 'depth'],
        [{ txt: 'Go.' }, 'txt'],
      ];
      for (const [input, field] of bad) {
        const begun = startAgent(system, worker, { id: 'run', input: input as AgentInput });
        expect(await rejection(begun), field).to.include({ code: 'AGENT_INPUT', field });
      }
    });
  });

  it('asks again for an answer of the right form, and gives up with the raw text', async () => {
    const good = script('former', 'Berlin, I think', '{"city": "Berlin", people: 4}');
    const [run, system] = await start(former, { text: 'Where?' });
    expect((await run.result()).answer).to.deep.equal({ city: 'Berlin', people: 4 });
    expect(good.calls[1]?.request.messages.at(-1)?.text).to.match(/not an answer of the form/);
    expect(good.calls[0]?.request.output?.name).to.equal('answer');
    script('former', 'no', '{"city": 1}');
    const other = await startAgent(system, former, { id: 'other', input: { text: 'Where?' } });
    await system.settle();
    const error = (await rejection(other.result())) as TroupeError;
    expect(error.code).to.equal('AGENT_FAILED');
    expect(error.cause).to.include({ code: 'MODEL_OUTPUT_INVALID' });
    expect((error.cause as TroupeError).value).to.include({ raw: '{"city": 1}' });
  });

  it('fails with what its model threw, when it refuses, and when it says nothing at all', async () => {
    const system = await systems.oneThread();
    const codes: unknown[] = [];
    const entries: ScriptEntry[][] = [[new Error('no network')], [{ finish: 'refused' }], ['', ' ', '']];
    for (const [at, given] of entries.entries()) {
      script('talker', ...given);
      const run = await startAgent(system, talker, { id: `run-${at}`, input: { text: 'Hello?' } });
      await system.settle();
      const { code, cause } = (await rejection(run.result())) as TroupeError & { cause: TroupeError };
      codes.push([code, cause.code ?? cause.message]);
    }
    expect(codes).to.deep.equal([
      ['AGENT_FAILED', 'no network'],
      ['AGENT_FAILED', 'AGENT_FAILED'],
      ['AGENT_FAILED', 'AGENT_EMPTY'],
    ]);
  });

  it('waits for an approval over a crash, and is answered once, by the right one', async () => {
    const model = script('worker', { toolCalls: [call('send', { text: 'Dear Bob' })] }, 'It is sent.');
    const [run, system] = await withBus({ text: 'Write to Bob.' });
    expect((await run.view()).waitsFor).to.deep.equal([{ id: 'call-1', name: 'send' }]);
    const { clock } = system;
    const later = await systems.oneThread({ store: system.crash('kill'), clock });
    await later.advance((3 * 3_600_000) / 3_600_000);
    const ref = later.get('/bus') as ActorRef;
    const [waits] = (await ref.ask({ type: 'pending' })) as { id: string; from: string }[];
    expect(waits?.from).to.equal('worker');
    const refused = rejection(ref.ask({ type: 'approve', by: 'worker', id: waits?.id }));
    expect(await refused).to.include({ code: 'APPROVAL_FORBIDDEN' });
    await ref.ask({ type: 'approve', by: 'ada', id: waits?.id });
    await later.settle();
    const again = new AgentRun<string>(later.get(run.path));
    expect((await again.result()).answer).to.equal('It is sent.');
    expect(world.did).to.deep.equal(['sent Dear Bob']);
    model.assertComplete();
  });

  it('that names a tool it is not shown fails before its model is asked, and says which there are', async () => {
    const model = script('picky', 'never asked');
    const system = await systems.oneThread();
    const ref = await system.spawn(bus, { id: 'bus' });
    const whys: string[] = [];
    const inputs: [string, Partial<AgentInput>][] = [
      ['shown', { bus: ref }],
      ['none', {}],
    ];
    for (const [id, input] of inputs) {
      const run = await startAgent(system, picky, { id, input: { text: 'Go.', ...input } });
      await system.settle();
      const { code, cause } = (await rejection(run.result())) as TroupeError & { cause: TroupeError };
      expect([code, cause.code, cause.field]).to.deep.equal(['AGENT_FAILED', 'AGENT_TOOL_UNKNOWN', 'tools']);
      expect(cause.value).to.deep.equal(id === 'shown' ? ['ecco'] : ['echo', 'ecco']);
      whys.push(cause.message);
    }
    expect(whys).to.deep.equal([
      'a.picky: tools names ecco, which /bus does not show to worker; known are echo, breaks, send, never',
      'a.picky: tools names echo, ecco, and the run has no tool bus: give it one as `bus` in its input',
    ]);
    expect(model.calls).to.deep.equal([]);
    const above = script('asker', { toolCalls: [call('picky', { text: 'Go.' })] }, 'It has no tools.');
    const led = await startAgent(system, asker, { id: 'led', input: { text: 'Ask.' } });
    await system.settle();
    expect((await led.result()).answer).to.equal('It has no tools.');
    expect(above.calls[1]?.request.messages.at(-1)?.text).to.match(/^AGENT_FAILED: .*no tool bus/);
  });

  it('cancel closes the call of its model, cancels its tools and stops its agents', async () => {
    const model = script('worker', { toolCalls: [call('never', { text: '' })] });
    const [run, system] = await withBus({ text: 'Go.' });
    await run.cancel('enough');
    await system.settle();
    expect(world.did).to.deep.equal(['never was aborted']);
    expect(await rejection(run.result())).to.include({ code: 'AGENT_CANCELLED', value: 'enough' });
    expect(await rejection(run.cancel())).to.include({ code: 'AGENT_OVER' });
    let signal: AbortSignal | undefined;
    script('boss', { toolCalls: [call('talker', { text: 'Talk.' })] });
    script('talker', (_request, { signal: its }) => {
      signal = its;
      return { hangs: true };
    });
    const led = await startAgent(system, boss, { id: 'led', input: { text: 'Lead.' } });
    await system.settle();
    expect(signal?.aborted).to.equal(false);
    await led.cancel('enough');
    await system.settle();
    expect(signal?.aborted).to.equal(true);
    expect(model.calls).to.have.length(1);
  });

  it('asks other agents, who get no more than it has left, and counts what they use', async () => {
    const two = [call('talker', { text: 'One.' }), call('talker', { text: 'Two.' })];
    script('boss', { toolCalls: two, usage: { inputTokens: 1_000 } }, 'Both are done.');
    const seen: unknown[] = [];
    script('talker', {
      answer: ({ maxOutputTokens }) => {
        seen.push(maxOutputTokens);
        return 'yes';
      },
      times: 2,
    });
    const [run] = await start(boss, { text: 'Ask them.' });
    const { answer, steps, costs, usage } = await run.result();
    expect({ answer, steps }).to.deep.equal({ answer: 'Both are done.', steps: 4 });
    expect(seen).to.deep.equal([1_999, 1_999]);
    expect(costs.map(({ agent, calls, tools }) => [agent, calls, tools])).to.deep.equal([
      ['a.boss', 2, 2],
      ['a.talker', 2, 0],
    ]);
    expect(usage.inputTokens).to.equal(costs.reduce((all, cost) => all + cost.usage.inputTokens, 0));
  });

  it('hears of an agent that failed as of a failure, with its code, and counts what it used', async () => {
    const model = script('boss', { toolCalls: [call('talker', { text: 'Try.' })] }, 'It did not work.');
    script('talker', '', '', '');
    const [run] = await start(boss, { text: 'Ask.' });
    const { costs } = await run.result();
    expect(model.calls[1]?.request.messages.at(-1)).to.deep.include({ role: 'tool', failed: true });
    expect(model.calls[1]?.request.messages.at(-1)?.text).to.match(/^AGENT_FAILED: /);
    expect(costs.find(({ agent }) => agent === 'a.talker')?.calls).to.equal(3);
  });

  it('hands over: the other gets what was said, without tools, and its answer is the answer', async () => {
    script(
      'boss',
      { text: 'I ask.', toolCalls: [call('talker', { text: 'Hm?' })] },
      { toolCalls: [call('take_over', {})] },
    );
    const other = script('talker', 'Hm.', 'I have taken over.');
    const [run] = await start(boss, { text: 'Who answers?' });
    const { answer, by, costs } = await run.result();
    expect({ answer, by }).to.deep.equal({ answer: 'I have taken over.', by: 'a.talker' });
    expect(other.calls[1]?.request.messages).to.deep.equal([
      { role: 'system', text: 'You answer.' },
      { role: 'user', text: 'Who answers?' },
      { role: 'assistant', text: 'I ask.' },
    ]);
    expect(costs.map(({ agent, calls }) => [agent, calls])).to.deep.equal([
      ['a.boss', 2],
      ['a.talker', 2],
    ]);
  });

  it('does not call agents deeper than is allowed, and has no tools where there is no bus', async () => {
    const model = script('boss', { toolCalls: [call('talker', { text: 'x' }), call('echo', { text: 'x' })] }, 'Well.');
    const [run] = await start(boss, { text: 'Go.', depth: 5 });
    await run.result();
    const texts = model.calls[1]?.request.messages.slice(-2).map(({ text }) => text.slice(0, 12));
    expect(texts).to.deep.equal(['AGENT_DEPTH:', 'TOOL_UNKNOWN']);
  });

  it('knows the team it was defined with, and nobody who was added later: that could be a cycle', async () => {
    const model = script('ringer', { toolCalls: [call('second', { text: 'Ring.' })] }, 'Nobody.');
    const [run] = await start(ringer, { text: 'Ring.' });
    expect((await run.result()).steps).to.equal(2);
    expect(model.calls.map(({ request }) => request.tools)).to.deep.equal([undefined, undefined]);
    expect(model.calls[1]?.request.messages.at(-1)?.text).to.match(/^TOOL_UNKNOWN: /);
  });

  it('says that its bus is not there', async () => {
    script('worker', 'x');
    const system = await systems.oneThread();
    const [run] = await start(worker, { text: 'Go.', bus: system.get('/nobody') }, system);
    const error = (await rejection(run.result())) as TroupeError;
    expect(error).to.include({ code: 'AGENT_FAILED', field: 'bus', value: '/nobody' });
    expect(error.message).to.include('bus: /nobody does not say which tools it has');
    expect(error.cause).to.include({ code: 'ACTOR_UNKNOWN' });
  });

  it('tells a listener what it says, piece by piece and in order, and what it does', async () => {
    const chunks = Array.from({ length: 50 }, (_, at) => `${at} `);
    script('worker', { toolCalls: [call('echo', { text: 'a' })] }, { chunks });
    const [run, system] = await withBus({ text: 'Count.' }, true);
    await run.result();
    await system.settle();
    const news = await contextOf<AgentNews[]>(system, '/listener');
    const pieces = news.filter((each) => each.type === 'agentText');
    expect(pieces.map(({ text }) => text).join('')).to.equal(chunks.join(''));
    expect(pieces.map(({ number }) => number)).to.deep.equal(pieces.map((_, at) => at));
    const steps = news.filter((each) => each.type === 'agentStep').map(({ does, names }) => [does, ...names]);
    expect(steps).to.deep.equal([['think'], ['act', 'echo'], ['think'], ['answer', 'a.worker']]);
  });

  it('sums up what no longer fits, and pays for that too', async () => {
    const long = Array.from({ length: 30 }, (_, at) => `word${at}`).join(' ');
    const model = script(
      'forgetful',
      (request) => (request.messages[0]?.text.startsWith('Sum this') ? 'They counted words.' : 'not summed up'),
      'An answer.',
    );
    const messages = [
      { role: 'user' as const, text: long },
      { role: 'assistant' as const, text: long },
    ];
    const [run] = await start(forgetful, { messages, text: 'And now?' });
    expect(await run.result()).to.include({ answer: 'An answer.', steps: 2 });
    expect(model.calls[1]?.request.messages.map(({ text }) => text)).to.deep.equal([
      'You answer.',
      'What was said before, summed up: They counted words.',
      'And now?',
    ]);
  });

  it('killed at any commit goes on where it was; a call whose result was recorded is never made again', async () => {
    const entries = (): ScriptEntry[] => [
      {
        when: ({ messages }) => messages.length === 2,
        answer: { toolCalls: [call('echo', { text: 'a' }, 'c1')] },
        times: 9,
      },
      {
        when: ({ messages }) => messages.length === 4,
        answer: { toolCalls: [call('echo', { text: 'b' }, 'c2')] },
        times: 9,
      },
      { when: ({ messages }) => messages.length === 6, answer: 'Done.', times: 9 },
    ];
    let crashes = 0;
    for (let count = 1; ; count += 1) {
      world.did = [];
      const model = script('worker', ...entries());
      const first = await systems.oneThread();
      const ref = await first.spawn(bus, { id: 'bus' });
      const run = await startAgent(first, worker, { id: 'run', input: { text: 'Go.', bus: ref } });
      let left: MemoryStore | undefined;
      let recorded: string[] = [];
      armFailpoint('journal.afterCommitBeforeRoute', count, () => {
        left = first.store.fork('kill');
        recorded = model.calls.map(({ callId }) => callId);
      });
      await first.settle();
      disarmFailpoint();
      const { clock } = first;
      if (left === undefined) break;
      first.crash('kill');
      crashes += 1;
      const second = await systems.oneThread({ store: left, clock });
      const { steps } = await new AgentRun<string>(second.get(run.path)).result();
      expect(steps, `${count}`).to.equal(3);
      const ids = model.calls.map(({ callId }) => callId);
      // Three calls, each under one id; what the dead process did after its death it did not do.
      expect(new Set(ids).size, `${count}: ${ids}`).to.equal(3);
      expect(recorded.length, `${count}`).to.be.at.most(3);
      expect(new Set(world.did).size, `${count}: ${world.did}`).to.equal(2);
      await second.stop();
    }
    expect(crashes).to.be.at.least(12);
  });
});
