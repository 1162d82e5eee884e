/** Contenders that need a program of others: absent is not slow. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { jsonText } from '../../../bench/runner/json.js';
import { hasProgram } from '../../../bench/runner/programs.js';
import { resultText } from '../../../bench/runner/report.js';
import { runSuite, type SuiteResult } from '../../../bench/runner/run-suite.js';
import type { Row, Suite } from '../../../bench/runner/suite.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

describe('a contender that needs a program', () => {
  let folder: string;

  beforeEach(() => {
    folder = makeFolder();
  });

  afterEach(() => removeFolder(folder));

  const row = (id: string, entrant: string, more: Partial<Row> = {}): Row => {
    return { id, title: id, entrant, measure: 'speed', unit: 'us', limitedBy: `limit of ${id}`, ...more };
  };

  const suiteNeeding = (needs: string): Suite => ({
    name: 'planted',
    says: '',
    entry: new URL('./fixtures/echo-entry.js', import.meta.url),
    entrants: [{ name: 'theirs-10', needs }, { name: 'ours-20' }],
    sections: [
      {
        title: 'Speeds',
        rows: [
          row('theirs', 'theirs-10'),
          row('ours', 'ours-20', { base: 'theirs', target: { ratioMax: 3 } }),
          row('ours again', 'ours-20', { base: 'ours', target: { ratioMax: 3 } }),
        ],
      },
    ],
    sizes: () => ({}),
    rounds: 2,
    notMeasured: ['nothing'],
  });

  const run = (needs: string): Promise<SuiteResult> =>
    runSuite(suiteNeeding(needs), {
      quick: false,
      rounds: undefined,
      dir: folder,
      only: [],
      profile: undefined,
      onStart: () => {},
    });

  const lineOf = (result: SuiteResult, title: string): string =>
    resultText(result)
      .split('\n')
      .find((line) => line.includes(`. ${title} `)) ?? '';

  it('runs when the program is there', async () => {
    const result = await run(path.basename(process.execPath));
    expect(result.measures['theirs-10']).to.deep.equal([{ speed: 10 }, { speed: 10 }]);
    expect(lineOf(result, 'theirs')).to.match(/10\.0 us$/);
    expect(lineOf(result, 'ours')).to.match(/20\.0 us +2\.00 #1 +<= 3 met$/);
    expect(resultText(result)).not.to.include('Absent');
  });

  it('is absent when it is not: no figure, no ratio to it, and no verdict', async () => {
    const result = await run('no-such-program');
    expect(result.measures).to.have.all.keys('ours-20');
    expect(lineOf(result, 'theirs')).to.match(/^1\. theirs +absent$/);
    expect(lineOf(result, 'ours')).to.match(/20\.0 us +<= 3$/);
    expect(lineOf(result, 'ours again')).to.match(/1\.00 #2 +<= 3 met$/);
    const text = resultText(result);
    expect(text).to.include('\nAbsent\n1. No no-such-program on the PATH.\n');
    expect(text).not.to.include('limit of theirs');
    const rows = result.sections.flatMap((section) => section.rows);
    expect(rows.map(({ met }) => met)).to.deep.equal([undefined, undefined, true]);
  });

  it('is absent when its peer is', async () => {
    const suite = suiteNeeding(path.basename(process.execPath));
    const [theirs, ...others] = suite.entrants;
    const asked: (readonly string[])[] = [];
    const result = await runSuite(
      { ...suite, entrants: [{ ...theirs!, peer: 'nact' }, ...others] },
      {
        quick: true,
        rounds: 1,
        dir: folder,
        only: [],
        profile: undefined,
        installPeers: (names) => {
          asked.push(names);
          return new Map([['nact', 'nact could not be installed: no network.']]);
        },
        onStart: () => {},
      },
    );
    expect(asked).to.deep.equal([['nact']]);
    expect(lineOf(result, 'theirs')).to.match(/^1\. theirs +absent$/);
    expect(resultText(result)).to.include('\nAbsent\n1. nact could not be installed: no network.\n');
  });

  it('is told of alike when the results come from a file', async () => {
    const result = await run('no-such-program');
    expect(resultText(JSON.parse(jsonText(result)) as SuiteResult)).to.equal(resultText(result));
  });

  it('finds a program as a shell does', () => {
    const name = path.basename(process.execPath);
    expect(hasProgram(name, path.dirname(process.execPath))).to.equal(true);
    expect(hasProgram(name, ''), 'no folder').to.equal(false);
    writeFileSync(path.join(folder, 'plain'), '');
    mkdirSync(path.join(folder, 'dir'));
    expect(hasProgram('plain', folder), 'a file that is not to be run').to.equal(false);
    expect(hasProgram('dir', folder), 'a folder').to.equal(false);
    chmodSync(path.join(folder, 'plain'), 0o755);
    expect(hasProgram('plain', ['/no/such/folder', folder].join(path.delimiter))).to.equal(true);
  });
});
