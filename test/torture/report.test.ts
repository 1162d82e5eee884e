/** What the torture prints and keeps: it fits a terminal, names the command that repeats it, and becomes a table. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../tidy/source.js';
import { readArguments } from './arguments.js';
import { Findings } from './findings.js';
import { recordLine, withRecord } from './record.js';
import { failureText, headText, progressText, summaryText } from './report.js';
import type { TortureFailure, TortureReport } from './torture.js';

const settings = readArguments('--kills 10000 --seed 7 --durability committed --hosts 3'.split(' '));
const failure: TortureFailure = {
  plan: { number: 4, seed: 1, kills: 250 },
  complaints: Array.from({ length: 14 }, (_, index) => `complaint ${index}`),
  folder: '/scratch/troupe-torture-x',
};

/** A long run in which every number is large. */
function report(failures: TortureFailure[] = []): TortureReport {
  const { complaints, ...counts } = new Findings().account;
  const sums = Object.fromEntries(Object.keys(counts).map((name) => [name, 12_345_678]));
  const places = { 'journal.beforeCommit': 6_000, starting: 1_500, working: 2_500 };
  return {
    kills: 10_000,
    places,
    journals: 40,
    sums: sums as TortureReport['sums'],
    failures,
    tookMs: 3_600_000,
  };
}

describe('the words of npm run torture', () => {
  it('fit into 80 columns', () => {
    const all = [headText(settings), progressText(report([failure])), summaryText(report())].join('\n').split('\n');
    expect(all.filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('count kills and say how long one takes', () => {
    expect(progressText(report())).to.match(/^ +10,000 kills +3,600 s +360 ms each +journals accounted for: 40$/);
  });

  it('give the commands that repeat a failure', () => {
    const lines = failureText(failure, settings).split('\n');
    const again = '  npm run torture -- --kills 10000 --seed 7 --durability committed --hosts 3';
    expect(lines).to.include.members([again, `${again} --journal 4`, '  complaint 11', '  and 2 more']);
    expect(lines).not.to.include('  complaint 12');
    const repeated = readArguments(again.slice(again.indexOf('-- ') + 3).split(' '));
    expect(repeated).to.deep.equal(settings);
  });
});

describe('the record of the torture', () => {
  const page =
    'Before.\n<!-- made from torture-record.jsonl by npm run docs:torture -->\nold\n<!-- end of what is made -->\n';

  it('becomes a table', () => {
    const made = withRecord(page, recordLine(settings, report()) + recordLine(settings, report([failure])));
    expect(made).to.include('**20,000 kills, 14 complaints.**');
    expect(made).to.match(
      /\n\| \d{4}-\d\d-\d\d \| 7 \| committed \| 3 \| 10,000 \| 6,000 \| 360 \| (12,345,678 \| ?){4}\n/,
    );
    expect(made).not.to.include('old');
    expect(withRecord(made, '')).to.include('No run is on record yet.');
  });

  it('refuses a page that has no place for it', () => {
    expect(() => withRecord('Nothing.', '')).to.throw('no place for the record');
  });

  it('is what docs/torture.md shows', () => {
    const read = (file: string) => readFileSync(path.join(projectRoot(), 'docs', file), 'utf8');
    const shown = read('torture.md');
    const isFresh = shown === withRecord(shown, read('torture-record.jsonl'));
    expect(isFresh, 'out of step; write it anew with: npm run docs:torture').to.equal(true);
  });
});
