import { expect } from 'chai';
import { fixtureModelServer, type FixtureModelServer } from '../../../actors/model/index.js';
import { eventually, type TestSystem } from '../../../src/testing/index.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { asker, type Asked, canaryKey } from './fixtures/asker.js';

describe('a model asked by an effect of an actor', () => {
  const systems = useSystems();
  let server: FixtureModelServer;
  beforeEach(async () => {
    server = await fixtureModelServer();
  });
  afterEach(() => server.close());

  const start = (system: TestSystem) => system.spawn(asker, { id: 'asker', input: { url: server.url } });
  const kept = (system: TestSystem) => contextOf<Asked>(system, '/asker');
  const over = (system: TestSystem) =>
    eventually(async () => {
      await system.settle();
      const { reply, failure } = await kept(system);
      return reply !== undefined || failure !== undefined;
    }, 'it has an answer');

  it('is paid once, though the process dies after the answer', async () => {
    server.script('It is so.');
    const system = await systems.oneThread();
    await start(system);
    await over(system);
    const store = system.crash('kill');
    const later = await systems.oneThread({ store, clock: system.clock });
    await start(later);
    await later.settle();
    const { reply } = await kept(later);
    expect(reply).to.deep.include({ model: 'm', text: 'It is so.' });
    expect(reply!.usage.outputTokens).to.equal(3);
    expect(server.paidCalls).to.equal(1);
  });

  it('is asked again under the same key when the process dies before it', async () => {
    server.script({ hold: 'headers' }, 'It is so.');
    const system = await systems.oneThread();
    await start(system);
    await server.until(({ held }) => held === 1);
    const store = system.crash('kill');
    const later = await systems.oneThread({ store, clock: system.clock });
    await over(later);
    expect((await kept(later)).reply).to.include({ text: 'It is so.' });
    const [first, second] = server.calls;
    expect(second!.callId).to.equal(first!.callId).and.include('asker');
    expect(server.paidCalls).to.equal(1);
  });

  it('is closed upstream when the actor is stopped', async () => {
    server.script({ text: 'a b c d', hold: 'body' });
    const system = await systems.oneThread();
    const ref = await start(system);
    await server.until(({ held }) => held === 1);
    await ref.stop();
    await server.until(({ aborted }) => aborted === 1);
    expect(server.calls[0]!.isDone).to.equal(false);
  });

  it('leaves nothing of its key in the journal, not even when the server repeats it', async () => {
    server.script({ status: 401, error: { message: `no such key: ${canaryKey}` } });
    const system = await systems.oneThread();
    await start(system);
    await over(system);
    expect((await kept(system)).failure).to.match(/^MODEL_REJECTED /);
    expect(server.calls[0]!.headers.authorization).to.include(canaryKey);
    const { entries } = await system.history('/asker');
    const told = JSON.stringify([entries, await system.state('/asker'), await system.decisions()]);
    expect(told).to.include('no such key').and.not.include(canaryKey);
  });
});
