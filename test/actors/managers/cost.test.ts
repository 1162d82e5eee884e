/** What a put writes: as much into a pile of thousands as into one of ten. */
import { expect } from 'chai';
import { element, type Element } from '../../../actors/index.js';
import { TestClock } from '../../../src/testing/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { type Note, notes, plain } from './fixtures/piles.js';

describe('what a put writes', function () {
  this.timeout(60_000);
  const systems = useSystems();
  const clock = new TestClock();
  const note = (n: number): Element<Note> => element({ text: `${n}`.padEnd(100, '.') }, { id: `note-${n}`, clock });

  for (const definition of [plain, notes]) {
    it(`is the same at 10 and at 2,000 elements: ${definition.name}`, async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(definition, { id: 'pile' });
      let count = 0;
      /** Bytes of the log for each of so many puts, one by one. Of 160, so that each kind of growth is in it. */
      const bytesPer = async (puts: number): Promise<number> => {
        const bytes = async (): Promise<number> => (await system.stats()).journal.bytes!;
        const before = await bytes();
        for (const end = count + puts; count < end; count += 1) await ref.ask({ type: 'put', element: note(count) });
        return ((await bytes()) - before) / puts;
      };
      await bytesPer(10);
      const early = await bytesPer(160);
      const many = Array.from({ length: 2_000 }, (_, n) => note(count + n));
      await Promise.all(many.map((each) => ref.ask({ type: 'put', element: each })));
      count += many.length;
      const late = await bytesPer(160);
      expect(late / early).to.be.within(0.9, 1.1);
    });
  }
});
