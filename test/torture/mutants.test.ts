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

  it('are found: messages that are delivered again', async () => {
    const folder = plant(mutants['sends-twice']!, tmpdir());
    const childFile = join(folder, 'dist/test/torture/fixtures/child-entry.js');
    try {
      const report = await new Torture({ ...readArguments(['--kills', '12']), childFile }).run();
      for (const failure of report.failures) removeFolder(failure.folder);
      const complaints = report.failures.flatMap((failure) => failure.complaints);
      expect(complaints.join('\n')).to.match(/handled \d+ of \S+ more than once/);
    } finally {
      removeFolder(folder);
    }
  }).timeout(120_000);
});
