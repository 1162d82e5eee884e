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
  plan: { number: 4, seed: 1, deaths: 250 },
  complaints: Array.from({ length: 14 }, (_, index) => `complaint ${index}`),
  folder: '/scratch/troupe-torture-x',
};

/** A long run in which every number is large. */
function report(failures: TortureFailure[] = []): TortureReport {
  const { complaints, ...counts } = new Findings().account;
  const sums = Object.fromEntries(Object.keys(counts).map((name) => [name, 12_345_678]));
  const places = { 'journal.beforeCommit': 6_000, starting: 1_500, working: 2_500 };
  return {
    deaths: 10_000,
    places,
    journals: 40,
    sums: sums as TortureReport['sums'],
    failures,
    tookMs: 3_600_000,
  };
}

describe('the words of npm run torture', () => {
  it('fit into 80 columns', () => {
    const all = [headText(settings), progressText(report([failure]), settings), summaryText(report(), settings)]
      .join('\n')
      .split('\n');
    expect(all.filter((line) => line.length > 80)).to.deep.equal([]);
    const kinds = [
      'exit',
      'hoard',
      'loop',
      'block',
      'hung',
      'reject',
      'throwLater',
      'exitLater',
      'killed',
      'failpoint',
    ];
    const places = Object.fromEntries([...kinds, 'other'].map((kind) => [kind, 12_345]));
    const faults = summaryText({ ...report(), places }, { victims: 'faults' }).split('\n');
    expect(faults.filter((line) => line.length > 80)).to.deep.equal([]);
    expect(faults).to.include.members(['     12,345  a busy loop, ended as hung', 'misjudged 12,345,678']);
  });

  it('count kills and say how long one takes', () => {
    expect(progressText(report(), settings)).to.match(
      /^ +10,000 kills +3,600 s +360 ms each +journals accounted for: 40$/,
    );
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
  const place = (what: string) =>
    `<!-- ${what}: made from torture-record.jsonl by npm run docs:torture -->\nold\n<!-- end of what is made -->\n`;
  const page = `Before.\n${place('kills')}Between.\n${place('faults')}`;

  it('becomes a table', () => {
    const made = withRecord(page, recordLine(settings, report()) + recordLine(settings, report([failure])));
    expect(made).to.include('**20,000 kills, 14 complaints.**');
    expect(made).to.match(
      /\n\| \d{4}-\d\d-\d\d \| 7 \| committed \| 3 \| 10,000 \| 6,000 \| 360 \| (12,345,678 \| ?){4}\n/,
    );
    expect(made).not.to.include('old');
    expect(withRecord(made, '')).to.include('No run is on record yet.');
  });

  it('becomes two tables: kills of processes, and deaths of threads', () => {
    const faulty = readArguments('--faults 2000 --seed 8 --durability mixed --hosts 4'.split(' '));
    const places = { exit: 1, hoard: 2, loop: 3, block: 4, hung: 5, reject: 6, throwLater: 7, exitLater: 8, killed: 9 };
    const line = recordLine(faulty, { ...report(), places: { ...places, failpoint: 10 } });
    const made = withRecord(page, recordLine(settings, report()) + line);
    expect(made)
      .to.include('**10,000 kills, 0 complaints.**')
      .and.to.include('**10,000 host threads lost, 0 complaints.**');
    expect(made).to.match(
      / \| 8 \| mixed \| 4 \| 10,000 \| 1 \| 2 \| 12 \| 21 \| 9 \| 10 \| 360 \| (12,345,678 \| ?){5}\n/,
    );
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
