/** A workflow on threads, in a process that is killed with -9 behind each of its steps. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { eventually } from '../../../src/testing/index.js';
import { Child } from '../../helpers/child.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

const childFile = fileURLToPath(new URL('./fixtures/errand-child.js', import.meta.url));
const steps = ['go', 'buy', 'pay', 'return'];

describe('workflow, kill -9', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => removeFolder(folder));

  const lines = (file: string): string[] => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };

  it('behind each step: it goes on, and does at most that step again, under the same effect id', async () => {
    const [journal, file] = [path.join(folder, 'journal'), path.join(folder, 'did')];
    for (let done = 1; done <= steps.length; done += 1) {
      const child = new Child(process.execPath, [childFile, journal, file]);
      await eventually(() => lines(file).length >= done, `${done} steps are done`, 30_000);
      await child.kill();
    }
    const child = new Child(process.execPath, [childFile, journal, file]);
    await child.end();
    expect(child.stderr).to.equal('');
    expect(child.messages).to.deep.equal([{ said: 'ran go buy pay return' }]);
    const did = lines(file).map((line) => line.split(' ') as [string, string]);
    const ids = new Map<string, Set<string>>();
    for (const [id, effectId] of did) ids.set(id, (ids.get(id) ?? new Set()).add(effectId));
    expect([...ids.keys()]).to.deep.equal(steps);
    for (const [id, known] of ids) expect(known.size, id).to.equal(1);
    // Each kill can have hit one step before its result was recorded.
    expect(did.length).to.be.within(steps.length, 2 * steps.length);
  });
});
