/** Contenders without a figure, and runs without an end: each says so, and the others go on. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { until } from '../../../bench/kernel/contender.js';
import type { Failing } from '../../../bench/runner/entrant.js';
import { jsonText } from '../../../bench/runner/json.js';
import { resultText } from '../../../bench/runner/report.js';
import { runSuite, type SuiteResult, type SuiteRun } from '../../../bench/runner/run-suite.js';
import type { Entrant, Row, Suite } from '../../../bench/runner/suite.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

describe('a contender without a figure', () => {
  let folder: string;
  let told: Map<string, Failing>;

  beforeEach(() => {
    folder = makeFolder();
    told = new Map();
  });

  afterEach(() => removeFolder(folder));

  const rowOf = (entrant: string, more: Partial<Row> = {}): Row => {
    return { id: entrant, title: entrant, entrant, measure: 'speed', unit: 'us', limitedBy: 'planted', ...more };
  };

  /** A suite in which `ours` has the first one as its base. */
  const suiteOf = (entrants: readonly (Entrant | string)[], more: Partial<Suite> = {}): Suite => {
    const all = entrants.map((each) => (typeof each === 'string' ? { name: each } : each));
    const [first] = all;
    const rows = all.filter(({ once }) => !once).map(({ name }) => rowOf(name));
    const ours = rowOf('ours-20', { base: first!.name, target: { ratioMax: 3 } });
    return {
      name: 'planted',
      says: '',
      entry: new URL('./fixtures/echo-entry.js', import.meta.url),
      entrants: [...all, { name: 'ours-20' }],
      sections: [{ title: 'Speeds', rows: [...rows, ours] }],
      sizes: () => ({}),
      rounds: 2,
      notMeasured: ['nothing'],
      ...more,
    };
  };

  const run = (suite: Suite, more: Partial<SuiteRun> = {}): Promise<SuiteResult> =>
    runSuite(suite, {
      quick: false,
      rounds: undefined,
      dir: folder,
      only: [],
      profile: undefined,
      onStart: () => {},
      onFailing: (name, failing) => void told.set(name, failing),
      ...more,
    });

  const linesOf = (result: SuiteResult): string[] => resultText(result).split('\n');

  it('because its result is wrong is called wrong, and has no ratio to it', async () => {
    const result = await run(suiteOf(['wrong']));
    expect(told.get('wrong')).to.include({ kind: 'wrong', what: 'sum: 3, and it must be 4.' });
    expect(result.measures).to.have.all.keys('ours-20');
    expect(linesOf(result).filter((line) => /^\d\. /.test(line))).to.deep.equal([
      '1. wrong                            wrong',
      '2. ours-20                        20.0 us                                   <= 3',
      '2. planted',
      '1. sum: 3, and it must be 4.',
    ]);
    expect(resultText(result)).to.include('\nWrong, and so without a figure\n1. sum');
  });

  it('because it fails is told of with its error, and is not run again', async () => {
    const starts: string[] = [];
    const result = await run(suiteOf(['broken', 'silent', 'speed-7']), {
      onStart: (round, _, name) => void starts.push(`${round} ${name}`),
    });
    expect(starts.join()).to.equal('1 broken,1 silent,1 speed-7,1 ours-20,2 speed-7,2 ours-20');
    expect(told.get('broken')?.complaint).to.match(/TypeError: it broke\n +at /);
    const text = resultText(result);
    expect(text).to.match(/\nFailed\n1\. It ended with exit code 1: TypeError: it broke\.\n2\. It said nothing/);
    expect(text).to.match(/\n3\. speed-7 +7\.00 us\n/);
    expect(text, 'versions it tells of').to.match(/\nbeside speed-7 1\.0, ours-20 1\.0\n/);
  });

  it('because it takes too long is killed with all it started', async () => {
    const file = path.join(folder, 'pid');
    // Its time has to be long enough to start something: how long that is depends on the machine.
    for (let msMax = 1_500; !isWritten(file); msMax *= 2) {
      const result = await run(suiteOf(['endless'], { entrantMsMax: msMax }));
      expect(linesOf(result)).to.include(`1. It was not done after ${msMax / 1_000} s.`);
    }
    const pid = Number(readFileSync(file, 'utf8'));
    await until('it is dead', async () => !isAlive(pid));
  });

  it('keeps nobody waiting where several work at a time', async () => {
    const interrupt = new AbortController();
    const onStart = (_: number, __: number, name: string) => name === 'ours-20' && interrupt.abort();
    const result = await run(suiteOf(['endless', 'speed-7']), {
      atATime: 2,
      onStart,
      signal: interrupt.signal,
    });
    expect(result.measures).to.deep.equal({ 'speed-7': [{ speed: 7 }] });
    expect(told.size, 'it was interrupted, and did not run into its end').to.equal(0);
  });

  it('is not needed for that: what one leaves behind ends with it', async () => {
    await run(suiteOf(['leaver-7'], { rounds: 1 }));
    const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    await until('it is dead', async () => !isAlive(pid));
  });

  it('because it finds no server is absent', async () => {
    const result = await run(suiteOf(['absent']));
    expect(resultText(result)).to.match(/\n1\. absent +absent\n/);
    expect(resultText(result)).to.include('\nAbsent\n1. No server answers on port 6379.\n');
  });

  it('takes those along that work on what it should have prepared', async () => {
    const suite = suiteOf([
      { name: 'broken', once: true },
      { name: 'speed-7', isPrepared: true },
    ]);
    const text = resultText(await run(suite)).replace(/\s+/g, ' ');
    expect(text).to.include('Failed 1. broken, which prepares its work, did not: It ended with exit code 1: TypeError');
  });

  it('because its work does not shrink is left out of a quick run, and so is what it would prepare', async () => {
    const large = [
      { name: 'speed-7', once: true, isLarge: true },
      { name: 'speed-8', isPrepared: true, isLarge: true },
    ];
    const starts: string[] = [];
    const onStart = (round: number, _: number, name: string) => void starts.push(`${round} ${name}`);
    const result = await run(suiteOf([...large, 'speed-9']), { quick: true, onStart });
    expect(starts).to.deep.equal(['1 speed-9', '1 ours-20']);
    expect(result.sections[0]?.rows.map(({ id }) => id)).to.deep.equal(['speed-9', 'ours-20']);
    starts.length = 0;
    await run(suiteOf([...large, 'speed-9'], { rounds: 1 }), { onStart });
    expect(starts).to.deep.equal(['0 speed-7', '1 speed-8', '1 speed-9', '1 ours-20']);
  });

  it('does not change what the results say when they come from a file', async () => {
    const result = await run(suiteOf(['wrong', 'broken', 'absent']));
    expect(resultText(JSON.parse(jsonText(result)) as SuiteResult)).to.equal(resultText(result));
  });

  describe('when the run is interrupted', () => {
    /** Interrupt it when this entrant starts in this round. */
    const interruptAt = async (round: number, entrant: string, entrants: readonly string[]): Promise<SuiteResult> => {
      const interrupt = new AbortController();
      return run(suiteOf(entrants, { rounds: 3 }), {
        signal: interrupt.signal,
        onStart: (at, _, name) => {
          if (at === round && name === entrant) interrupt.abort();
        },
      });
    };

    it('keeps what it has, marked, also of the round that is not whole', async () => {
      const result = await interruptAt(2, 'ours-20', ['speed-10']);
      expect(linesOf(result)[0]).to.equal('suite planted, interrupted after round 1 of 3');
      expect(result.interruptedAfter).to.equal(1);
      expect(result.measures['speed-10']).to.have.length(2);
      expect(result.measures['ours-20']).to.have.length(1);
      expect(resultText(result)).to.match(/ours-20 +20\.0 us +2\.00 #1 +<= 3 met/);
      expect(readdirSync(folder), 'nothing is left behind').to.deep.equal([]);
    });

    it('leaves out what has not run at all', async () => {
      const result = await interruptAt(1, 'ours-20', ['speed-10']);
      expect(linesOf(result)[0]).to.equal('suite planted, interrupted after round 0 of 3');
      expect(result.sections[0]?.rows.map(({ id }) => id)).to.deep.equal(['speed-10']);
    });

    it('ends at once, with all that was started', async () => {
      const interrupt = new AbortController();
      const running = run(suiteOf(['endless']), { signal: interrupt.signal });
      const file = path.join(folder, 'pid');
      await until('it has begun', async () => isWritten(file));
      interrupt.abort();
      expect((await running).interruptedAfter).to.equal(0);
      const pid = Number(readFileSync(file, 'utf8'));
      await until('it is dead', async () => !isAlive(pid));
    });
  });
});

function isWritten(file: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') !== '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that is dead, and that nobody has asked about yet, is no longer at work.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
