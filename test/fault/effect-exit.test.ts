/** The fault: an effect ends its thread as soon as it begins, and would do so again whenever it is begun anew. */
import { expect } from 'chai';
import { eventually } from '../../src/testing/index.js';
import { oneForOne } from '../../supervisors/index.js';
import { useSystems } from '../helpers/with-system.js';
import { doomed } from './fixtures/doomed.js';

describe('fault: an effect that ends its thread at once', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('is charged each time to the actor that began it, until its restarts are used up', async () => {
    // Before: an actor that may be restarted twice.
    const intensity = { restarts: 2, periodMs: 600_000 };
    const system = await systems.threads({ supervision: oneForOne({ intensity }), hosts: 1 });
    const ref = await system.spawn(doomed, { id: 'doomed' });

    // Fault: it begins its effect.
    await ref.tell({ type: 'go' });

    // After: word of each exit is heard before the effect is begun again; the third is the last.
    const hasEnded = async () => (await system.state('/doomed'))?.status === 'ended';
    await eventually(hasEnded, 'it has ended', 40_000);
    const failed = systems.heard('actorFailed').map(({ path, error }) => [path, (error as { code?: string }).code]);
    expect(failed).to.deep.equal(Array.from({ length: 3 }, () => ['/doomed', 'EFFECT_UNCAUGHT']));
    expect(systems.heard('threadLost').length).to.equal(3);
  });
});
