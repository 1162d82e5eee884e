import { expect } from 'chai';
import { waitFor } from '../../../src/testing/index.js';
import { worker } from '../../supervisors/fixtures/workers.js';
import { rejection, useSystems } from '../../helpers/with-system.js';

const heap = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 };

describe('injected failures', function () {
  this.timeout(60_000);
  const systems = useSystems();

  for (const [kind, code] of [
    ['throw', undefined],
    ['exit', 'THREAD_LOST'],
    ['hang', 'MESSAGE_HUNG'],
    ['hoard', 'THREAD_LOST'],
  ] as const) {
    it(`${kind}: happens to this actor alone, so often, and the message is handled after all`, async () => {
      // A busy machine takes its time, to fill a heap above all: that is not to be taken for a hang.
      const hangAfterMs = kind === 'hang' ? 2_000 : 10_000;
      const system = await systems.threads({ hosts: 2, hangAfterMs, hostLimits: heap });
      const [victim, mate] = await Promise.all(['victim', 'mate'].map((id) => system.spawn(worker, { id })));
      await system.injectFailure('/victim', kind, { times: 1 });
      const failed = waitFor('actorFailed', ({ path }) => path === '/victim', 30_000);
      await Promise.all([victim, mate].map((ref) => ref!.tell({ type: 'note', text: 'once' })));
      expect(((await failed).error as { code?: string }).code).to.equal(code);
      expect(await victim!.ask({ type: 'read' }, { timeoutMs: 30_000 })).to.deep.equal(['once']);
      expect(await mate!.ask({ type: 'read' }, { timeoutMs: 30_000 })).to.deep.equal(['once']);
      expect(systems.heard('actorFailed').map(({ path }) => path)).to.deep.equal(['/victim']);
    });
  }

  it('on one thread an actor can throw; whatever would end the test is refused', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(worker, { id: 'victim' });
    await system.injectFailure(ref, 'throw');
    await ref.tell({ type: 'note', text: 'once' });
    await system.settle();
    expect(systems.heard('actorFailed').map(({ error }) => error.message)).to.deep.equal(['injected into /victim']);
    expect(await ref.ask({ type: 'read' })).to.deep.equal(['once']);
    for (const [kind, options, field] of [
      ['exit', {}, 'kind'],
      ['explode', {}, 'kind'],
      ['throw', { times: 0 }, 'times'],
    ] as const) {
      expect(await rejection(system.injectFailure(ref, kind as 'exit', options))).to.include({
        code: 'OPTION_RANGE',
        field,
      });
    }
  });

  it('on one thread a host hangs at once, and nobody on it does anything, until it is lost', async () => {
    const system = await systems.oneThread({ hosts: 1 });
    const [victim, mate] = await Promise.all(['victim', 'mate'].map((id) => system.spawn(worker, { id })));
    await system.injectFailure('/victim', 'hang');
    await Promise.all([victim, mate].map((ref) => ref!.tell({ type: 'note', text: 'once' })));
    await system.advance(3_600_000);
    expect((await system.state('/victim'))?.mail).to.equal(1);
    expect((await system.state('/mate'))?.mail).to.equal(1);
    await system.killHost(0);
    expect(await victim!.ask({ type: 'read' })).to.deep.equal(['once']);
    expect(await mate!.ask({ type: 'read' })).to.deep.equal(['once']);
    expect(systems.heard('actorFailed'), 'it was at no message').to.deep.equal([]);
    expect(await rejection(system.injectFailure('/nobody', 'hang'))).to.have.property('code', 'ACTOR_UNKNOWN');
  });

  it('waiting for news that does not come is given up', async () => {
    const error = await rejection(waitFor('threadLost', () => true, 5));
    expect(error.message).to.equal('nothing of the kind on troupe:thread:lost within 5 ms');
  });
});
