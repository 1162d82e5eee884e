/** A row that is divided by the best of several. */
import { expect } from 'chai';
import { runSuite, type SuiteResult } from '../../../bench/runner/run-suite.js';
import type { Row, Suite } from '../../../bench/runner/suite.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

describe('a row beside the best of several', () => {
  let folder: string;

  beforeEach(() => {
    folder = makeFolder();
  });

  afterEach(() => removeFolder(folder));

  const row = (entrant: string, unit: Row['unit'], more: Partial<Row> = {}): Row => {
    return { id: entrant, title: entrant, entrant, measure: 'speed', unit, limitedBy: '', ...more };
  };

  const run = (unit: Row['unit'], needs?: string): Promise<SuiteResult> => {
    const bestOf = ['theirs-10', 'theirs-40'];
    const suite: Suite = {
      name: 'planted',
      says: '',
      entry: new URL('./fixtures/echo-entry.js', import.meta.url),
      entrants: [...bestOf.map((name) => ({ name, ...(needs && { needs }) })), { name: 'ours-20' }],
      sections: [
        {
          title: 'Speeds',
          rows: [
            ...bestOf.map((name) => row(name, unit)),
            row('ours-20', unit, { bestOf, target: unit === '/s' ? { ratioMin: 1 } : { ratioMax: 1 } }),
          ],
        },
      ],
      sizes: () => ({}),
      rounds: 1,
      notMeasured: [],
    };
    const silent = { only: [], profile: undefined, onStart: () => {} };
    return runSuite(suite, { quick: false, rounds: undefined, dir: folder, ...silent });
  };

  const oursOf = ({ sections }: SuiteResult) => sections[0]?.rows.at(-1);

  it('takes the most of a rate', async () => {
    const ours = oursOf(await run('/s'));
    expect(ours).to.include({ base: 'theirs-40', met: false });
    expect(ours?.ratio?.median).to.equal(0.5);
  });

  it('takes the least of a time', async () => {
    const ours = oursOf(await run('us'));
    expect(ours).to.include({ base: 'theirs-10', met: false });
    expect(ours?.ratio?.median).to.equal(2);
  });

  it('has no ratio and no verdict when all of them are absent', async () => {
    const ours = oursOf(await run('us', 'no-such-program'));
    expect(ours?.values).to.deep.equal([20]);
    expect(ours?.ratio).to.equal(undefined);
    expect(ours?.met).to.equal(undefined);
  });
});
