import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Child } from '../helpers/child.js';
import { buildDisk, Disk } from '../helpers/disk.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';

const childFile = fileURLToPath(new URL('./fixtures/clock-child-entry.js', import.meta.url));

describe('a clock that is set while the system runs', function () {
  this.timeout(30_000);
  let scratch: string;
  before(() => {
    scratch = makeFolder();
  });
  after(() => removeFolder(scratch));

  it('makes no new timer early or late, wakes those it makes due, and is warned of once', async function () {
    const built = buildDisk(scratch);
    // Without a C compiler, or where libraries cannot be put before libc, this test is pending.
    if ('missing' in built) return this.skip();
    mkdirSync(join(scratch, 'disk'));
    const machine = new Disk(built.library, scratch, join(scratch, 'disk'));
    const child = new Child(process.execPath, [childFile, join(scratch, 'disk', 'journal')], {
      env: machine.env(false),
    });
    await child.end();
    machine.close();
    expect(child.messages.at(-1), child.stderr).to.equal('done');
    const said = Object.assign({}, ...(child.messages.slice(0, -1) as object[])) as Record<string, number>;
    // A timer of the machine may be a millisecond early by the clock.
    expect(said.before).to.be.within(299, 5_000);
    expect(said.afterwards).to.be.within(299, 5_000);
    // An hour, by the clock; the journal looked at it before that was over.
    expect(said.setForward).to.be.below(10_000);
    expect(said.warned).to.deep.equal(['CLOCK_WENT_BACK']);
  });
});
