import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { seededRandom } from '../../../src/core/random.js';
import { LmdbTables } from '../../../src/journal/lmdb-tables.js';
import { takeRoom } from '../../../src/journal/data-room.js';
import { encodeKey } from '../../../src/journal/store-key.js';
import { makeQuickFolder, removeFolder } from '../../helpers/scratch-folder.js';

function usedBytes(tables: LmdbTables): number {
  const { root } = tables as unknown as { root: { getStats(): { lastPageNumber: number; pageSize: number } } };
  const { lastPageNumber, pageSize } = root.getStats();
  return (lastPageNumber + 1) * pageSize;
}

describe('room in the data file', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeQuickFolder();
  });
  afterEach(() => removeFolder(folder));
  const size = (): number => statSync(join(folder, 'data.mdb')).size;

  for (const seed of [1, 2, 3]) {
    it(`is enough for any transaction: lmdb makes the file no longer (R1, seed ${seed})`, function () {
      this.timeout(20_000);
      const random = seededRandom(seed);
      const below = (max: number): number => Math.floor(random() * max);
      const tables = LmdbTables.open(folder, 'write');
      for (let transaction = 0; transaction < 60; transaction += 1) {
        const [keys, changes] = [1 + below(5_000), 1 + below([3, 300, 3_000][transaction % 3]!)];
        let taken = 0;
        tables.transact(
          () => {
            for (let change = 0; change < changes; change += 1) {
              const bytes = [below(40), below(2_500), below(60_000)][random() < 0.9 ? below(2) : 2]!;
              const key = encodeKey(random() < 0.5 ? below(keys) : [below(keys), below(10)]);
              tables.write('rows', key, random() < 0.3 ? undefined : Buffer.alloc(bytes, change));
            }
          },
          () => {
            taken = size();
          },
        );
        const where = `transaction ${transaction} of ${changes} changes`;
        expect(size(), where).to.equal(taken);
        // It writes before it commits, too, when a transaction is long; then the file would end with its last page.
        expect(size(), where).to.be.above(usedBytes(tables));
      }
      tables.close();
    });
  }

  it('leaves a file alone that is long enough, and throws what the file system throws', () => {
    const tables = LmdbTables.open(folder, 'write');
    const before = size();
    takeRoom({ path: join(folder, 'data.mdb'), pageBytes: 4_096, usedPages: 2, freeListPages: 0 }, []);
    expect(size()).to.equal(before);
    tables.close();
    const gone = { path: join(folder, 'gone'), pageBytes: 4_096, usedPages: 2, freeListPages: 0 };
    expect(() => takeRoom(gone, [])).to.throw(/ENOENT/);
  });
});
