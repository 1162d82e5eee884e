/** What holds for actors that keep nothing, as for all others: order, and word of an end. */
import { expect } from 'chai';
import { eventually } from '../../src/testing/index.js';
import { useSystems } from '../helpers/with-system.js';
import { counting, type Heard, type numbered } from './fixtures/unkept.js';
import type { ActorDefinition, ActorRef } from '../../src/index.js';

type Events<D> = D extends ActorDefinition<never, infer E> ? E : never;

/** A busy machine takes its time. */
const askMs = { timeoutMs: 20_000 };

describe('actors that keep nothing', function () {
  this.timeout(60_000);
  const systems = useSystems();

  for (const hosts of [1, 2]) {
    it(`hear what they are told before they have started, first and in order, on ${hosts} hosts`, async () => {
      const system = await systems.threads({ hosts });
      const parent = await system.spawn(counting, { id: 'parent' });
      const [children, until] = [20, 3_000];
      await parent.ask({ type: 'begin', children, until }, askMs);
      for (let at = 0; at < children; at += 1) {
        const child = system.get(`/parent/child-${at}`) as ActorRef<Events<typeof numbered>>;
        const heard = async (): Promise<Heard> => child.ask({ type: 'heard' }, askMs);
        await eventually(async () => (await heard()).count >= until, `child ${at} has heard all`, 20_000);
        expect(await heard()).to.deep.equal({ count: until, last: until, faults: [] });
      }
    });
  }

  it('are told of the end of whom they watch', async () => {
    const system = await systems.threads({ hosts: 1 });
    const parent = await system.spawn(counting, { id: 'parent' });
    expect(await parent.ask({ type: 'watch' }, askMs)).to.equal('/parent/watched');
    expect((await system.stats()).journal.waiting).to.equal(0);
  });
});
