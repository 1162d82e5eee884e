/** What models and filters must not say, and ids that are no names: a run ends at once, whatever they come up with. */
import { expect } from 'chai';
import {
  type AgentDefinition,
  type AgentOutcome,
  type Model,
  modelFrom,
  type ModelMessage,
  type ModelReply,
  scriptedModel,
  startAgent,
  type ToolCall,
} from '../../../actors/index.js';
import { callIdOf, childIdOf, withIds } from '../../../actors/agent/call-ids.js';
import { useSystems } from '../../helpers/with-system.js';
import { boss, bus, rude, sieve, worker, world } from './fixtures/agents.js';

const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: 0.01 };
const reply: ModelReply = { model: 'm', text: '', toolCalls: [], usage, finish: 'stop' };
const done: ModelReply = { ...reply, text: 'Done.' };

describe('an agent', () => {
  const systems = useSystems();
  beforeEach(() => {
    world.models = {};
    world.did = [];
    world.raw = undefined;
    world.filter = undefined;
  });

  /** In no time at all: nothing here waits for a limit. */
  async function outcome(agent: AgentDefinition): Promise<AgentOutcome> {
    const system = await systems.oneThread();
    const ref = await system.spawn(bus, { id: 'bus' });
    const run = await startAgent(system, agent, { id: 'run', input: { text: 'Go.', bus: ref } });
    await system.settle();
    const { status } = await run.view();
    expect(status, 'it waits for its time to be up').to.be.oneOf(['answered', 'stopped']);
    return run.outcome();
  }

  function says(agent: string, ...replies: unknown[]): readonly (readonly ModelMessage[])[] {
    const heard: (readonly ModelMessage[])[] = [];
    world.models[agent] = modelFrom({
      name: agent,
      async *stream({ messages }) {
        heard.push(messages);
        yield { type: 'done', reply: replies.shift() as ModelReply };
      },
    });
    return heard;
  }

  const calling = (...toolCalls: ToolCall[]): ModelReply => ({ ...reply, toolCalls, finish: 'tools' });
  const echo = (id: string): ToolCall => ({ id, name: 'echo', args: { text: id.slice(0, 3) } });
  const talk = (id: string): ToolCall => ({ id, name: 'talker', args: { text: 'Say something.' } });

  describe('whose model says what is no reply', () => {
    for (const wrong of [null, { ...reply, usage: undefined }, { ...reply, usage: { ...usage, costUsd: -5 } }]) {
      it(`fails at once, and has used what it asked: ${JSON.stringify(wrong)?.slice(-40)}`, async () => {
        const answer = () => Promise.resolve(wrong as ModelReply);
        const raw: Model = { name: 'raw', complete: answer, stream: () => [] as never };
        world.raw = raw;
        for (const agent of [rude, worker]) {
          says('worker', wrong);
          const over = await outcome(agent);
          if (over.ok) throw new Error('it came to an answer');
          expect(over).to.include({ stopped: 'failed' });
          expect(over.error).to.include({ code: 'AGENT_FAILED' });
          expect(over.error.cause).to.include({ code: 'MODEL_PROTOCOL' });
          expect(over.view.usage.inputTokens).to.be.above(0);
          await systems.stopAll();
        }
      });
    }
  });

  describe('whose handoffFilter', () => {
    const filters: [string, () => unknown][] = [
      [
        'throws',
        () => {
          throw new RangeError('it filtered too much');
        },
      ],
      ['returns nothing', () => undefined],
      ['returns a message without a text', () => [{ role: 'user' }]],
      ['returns what cannot be carried', () => [{ role: 'user', text: 'x', more: () => 1 }]],
    ];
    for (const [what, filter] of filters) {
      it(`${what} fails at once, with the cause`, async () => {
        world.filter = filter as never;
        says('sieve', calling({ id: 'q', name: 'take_over', args: {} }));
        const over = await outcome(sieve);
        if (over.ok) throw new Error('it came to an answer');
        expect(over.error).to.include({ code: 'AGENT_FAILED' });
        expect(over.error.cause?.message).to.match(/filtered too much|handoffFilter/);
        expect(over.view.usage.inputTokens).to.equal(10);
      });
    }
  });

  it('calls tools under the longest and oddest ids, and its model hears its own', async () => {
    const long = 'i'.repeat(600);
    const heard = says('worker', calling(echo(`${long}1`), echo(`${long}2`), echo('__proto__'), echo('a b')), done);
    expect(await outcome(worker)).to.deep.include({ ok: true });
    const answers = heard[1]?.filter((message) => message.role === 'tool') ?? [];
    expect(answers.map(({ callId }) => callId)).to.deep.equal([`${long}1`, `${long}2`, 'call-1-2', 'a b']);
    expect(answers.map(({ text }) => text)).to.deep.equal(['echo: iii', 'echo: iii', 'echo: __p', 'echo: a b']);
    expect(new Set(world.did).size).to.equal(4);
  });

  it('does not give a call an id that another one has', async () => {
    const heard = says('worker', calling(echo(''), echo('call-1-0'), echo('call-1-0'), echo('call-1-2')), done);
    expect((await outcome(worker)).ok).to.equal(true);
    const answers = heard[1]?.filter((message) => message.role === 'tool') ?? [];
    expect(answers.map(({ callId }) => callId)).to.deep.equal(['call-1-1', 'call-1-0', 'call-1-3', 'call-1-2']);
    expect(world.did).to.have.length(4);
  });

  it('asks other agents under ids that look alike', async () => {
    const long = 'x'.repeat(45);
    says('boss', calling(talk('a.b'), talk('a:b'), talk(`${long}1`), talk(`${long}2`), talk('..')), done);
    world.models.talker = scriptedModel([{ answer: 'Yes.', times: 9 }]);
    const over = await outcome(boss);
    if (!over.ok) throw new Error(over.error.message);
    expect(over.result.costs.find(({ agent }) => agent === 'a.talker')).to.include({ calls: 5 });
  });

  it('has names outside that are legal, short and different', () => {
    const ids = ['a.b', 'a:b', 'a-b', 'x'.repeat(41), 'x'.repeat(42), 'x'.repeat(40), '', '..', 'ä', '日本'];
    const names = ids.map((id) => childIdOf('n'.repeat(64), 99_999, id));
    expect(new Set(names).size).to.equal(ids.length);
    for (const name of names) expect(name).to.match(/^[\w.-]{1,128}$/);
    const calls = [600, 601].map((chars) => callIdOf('/run', 1, 'i'.repeat(chars)));
    expect(new Set(calls).size).to.equal(2);
    for (const call of [...calls, callIdOf(`/${'p'.repeat(1_000)}`, 1, 'x')]) expect(call.length).to.be.below(257);
    expect(callIdOf('/run', 1, 'x')).to.equal('/run#1.x');
    expect(withIds([echo('x'), echo('x')], 3).map(({ id }) => id)).to.deep.equal(['x', 'call-3-1']);
  });
});
