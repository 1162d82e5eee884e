/** Weighing what is installed. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { bytesBelow, installPeer } from '../../../bench/footprint/install.js';
import { Absent } from '../../../bench/runner/verdict.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

describe('the weight of what is installed', () => {
  let folder: string;

  beforeEach(() => {
    folder = makeFolder();
  });

  afterEach(() => removeFolder(folder));

  it('is that of all files below, and follows no link', () => {
    mkdirSync(path.join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(path.join(folder, 'one'), 'x'.repeat(100));
    writeFileSync(path.join(folder, 'a', 'b', 'two'), 'x'.repeat(1_000));
    const before = bytesBelow(folder);
    expect(before).to.equal(1_100);
    symlinkSync(path.join(folder, '..'), path.join(folder, 'a', 'link'));
    expect(bytesBelow(folder) - before).to.be.lessThan(1_000);
  });

  it('is not taken of peers with small sizes', async () => {
    const input = { folder, prepared: '', sizes: { arePeersWeighed: false, starts: 1 } };
    const outcome = await installPeer('nact')(input).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(Absent);
  });
});
