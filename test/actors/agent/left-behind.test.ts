/**
 * What thousands of runs of an agent leave behind, each with two streamed calls of a model and one of a tool: nothing.
 * Three thousand, since five thousand take half a minute.
 */
import { expect } from 'chai';
import { type FixtureCall, fixtureModelServer, openAiModel, startAgent } from '../../../actors/index.js';
import { eventually } from '../../../src/testing/index.js';
import { handlesAtRest, handlesNow, keptOfEach } from '../../helpers/kept.js';
import { useSystems } from '../../helpers/with-system.js';
import { brief, bus, counter, world } from './fixtures/agents.js';

const batch = 100;

describe('runs of an agent', () => {
  const systems = useSystems();

  it('leave nothing behind: three thousand of them, over HTTP', async function () {
    this.timeout(120_000);
    const handlesBefore = `${await handlesAtRest()}`;
    const server = await fixtureModelServer({
      otherwise: ({ messages }) =>
        messages.at(-1)?.role === 'tool'
          ? { chunks: ['It ', 'said ', 'that.'] }
          : { toolCalls: [{ name: 'echo', args: { text: 'a' } }] },
    });
    world.models = { brief: openAiModel({ url: server.url, model: 'fixture' }) };
    const system = await systems.oneThread({ retentionBytes: 1 << 20, checkpointBytes: 1 << 20 });
    const tools = await system.spawn(bus, { id: 'bus' });
    const streamTo = await system.spawn(counter, { id: 'counter' });
    const run = async (from: number, count: number) => {
      for (let at = from; at < from + count; at += batch) {
        const ids = Array.from({ length: batch }, (_, number) => `run-${at + number}`);
        const input = { text: 'Echo.', bus: tools, streamTo };
        const runs = await Promise.all(ids.map((id) => startAgent(system, brief, { id, input })));
        const answers = await Promise.all(runs.map((each) => each.result()));
        expect(new Set(answers.map(({ answer }) => answer))).to.deep.equal(new Set(['It said that.']));
        await system.advance(1);
        expect((await system.stats()).journal.actors).to.equal(2);
        // What the test itself keeps of each.
        expect(world.did.splice(0)).to.have.length(batch);
        (server.calls as FixtureCall[]).length = 0;
        systems.heard('actorEnded').length = 0;
      }
      await system.advance(1_000);
    };
    const kept = await keptOfEach(run, { warmUp: 1_200, windows: 6, each: 300 });
    // A run that is kept takes several thousand. The client of HTTP keeps now more, now less.
    expect(kept.heapBytes, 'bytes kept of each run').to.be.below(1_500);
    expect(kept.handles, 'handles kept of each run').to.be.below(0.01);
    const state = await system.state('/counter');
    expect(state?.context, 'chars streamed').to.equal(3_000 * 'It said that.'.length);
    await systems.stopAll();
    await server.close();
    // Sockets take a moment to be closed.
    await eventually(async () => `${await handlesNow()}` === handlesBefore, `handles as before: ${handlesBefore}`);
  });
});
