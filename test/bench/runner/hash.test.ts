/** The fingerprint of results: the same for the same, and another one for anything that was changed. */
import { expect } from 'chai';
import { checkHash, hashOf } from '../../../bench/runner/hash.js';
import type { MachineReport } from '../../../bench/runner/machine.js';
import type { SuiteResult } from '../../../bench/runner/run-suite.js';

const machine: MachineReport = {
  cpu: 'planted',
  cores: 2,
  memoryGb: 4,
  system: 'none',
  node: 'v20',
  versions: { xstate: '5' },
  load: 0,
  isDiskInMemory: false,
};

const result = (median: number): SuiteResult => {
  const row = { id: 'a', title: 'a', entrant: 'a', measure: 'm', unit: 'us', limitedBy: '', values: [median] } as const;
  return {
    suite: 'planted',
    sizes: { tells: 3 },
    isFull: true,
    rounds: 1,
    sections: [{ title: 't', rows: [{ ...row, median, min: median, max: Number.NaN }] }],
    notMeasured: [],
    measures: {},
    samples: {},
  };
};

describe('the hash of results', () => {
  it('is the same when they come from a file, in another order of names', () => {
    const sha256 = hashOf(machine, [result(1.5)]);
    expect(sha256).to.match(/^[0-9a-f]{64}$/);
    const { sections, ...rest } = JSON.parse(JSON.stringify(result(1.5))) as SuiteResult;
    expect(hashOf({ ...machine }, [{ sections, ...rest }])).to.equal(sha256);
    checkHash({ machine, date: '', sha256, results: [result(1.5)] }, 'f.json');
  });

  it('is another one for another figure, size, machine, or an interruption', () => {
    const all = [
      hashOf(machine, [result(1.5)]),
      hashOf(machine, [result(1.6)]),
      hashOf(machine, [{ ...result(1.5), sizes: { tells: 4 } }]),
      hashOf(machine, [{ ...result(1.5), interruptedAfter: 0 }]),
      hashOf(machine, [{ ...result(1.5), versions: { nact: '7' } }]),
      hashOf({ ...machine, cores: 4 }, [result(1.5)]),
    ];
    expect(new Set(all).size).to.equal(all.length);
  });

  it('shows that a file was changed by hand', () => {
    const file = { machine, date: '', sha256: hashOf(machine, [result(1.5)]), results: [result(99)] };
    expect(() => checkHash(file, 'f.json')).to.throw(/f\.json was changed/);
    expect(() => checkHash({ ...file, sha256: undefined }, 'f.json'), 'older files have none').not.to.throw();
  });
});
