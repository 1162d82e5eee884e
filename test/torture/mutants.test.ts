/** The torture can fail: the faults it can plant fit the product as it is compiled, and one of them is found. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeFolder } from '../helpers/scratch-folder.js';
import { readArguments } from './arguments.js';
import { mutants, occurrences, plant } from './mutants.js';
import { Torture } from './torture.js';

describe('planted faults', () => {
  for (const [name, mutant] of Object.entries(mutants)) {
    it(`${name}: the text to replace is there once`, () => {
      expect(occurrences(mutant)).to.equal(1);
    });
  }

  // One journal each: a fault that is there at every death needs no second one to be found.
  const few = '--faults 10 --hosts 1 --journal 1';
  for (const [what, name, line, complaint] of [
    ['messages that are delivered again', 'sends-twice', '--kills 8 --journal 1', /handled \d+ of \S+ more than once/],
    ['a neighbour that is charged', 'charges-mates', few, /is innocent, and was charged/],
    ['an attempt that counts for two', 'counts-deaths-twice', few, /was charged for .* like this/],
  ] as const) {
    it(`are found: ${what}`, async () => {
      const folder = plant(mutants[name]!, tmpdir());
      const childFile = join(folder, 'dist/test/torture/fixtures/child-entry.js');
      try {
        const report = await new Torture({ ...readArguments(line.split(' ')), childFile }).run();
        for (const failure of report.failures) removeFolder(failure.folder);
        const complaints = report.failures.flatMap((failure) => failure.complaints);
        expect(complaints.join('\n')).to.match(complaint);
      } finally {
        removeFolder(folder);
      }
    }).timeout(240_000);
  }
});
