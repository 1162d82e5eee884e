import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSystem } from '../../../src/index.js';
import { fileSystemWarning, warningsAbout } from '../../../src/journal/file-system.js';
import { eventually } from '../../../src/testing/index.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { useSystems } from '../../helpers/with-system.js';

/** From linux/magic.h. */
const local = { ext4: 0xef53, xfs: 0x58465342, btrfs: 0x9123683e, f2fs: 0xf2f52010, tmpfs: 0x01021994 };
const others = { NFS: 0x6969, CIFS: 0xff534d42, SMB2: 0xfe534d42, overlayfs: 0x794c7630, FUSE: 0x65735546 };

describe('the file system of a journal', () => {
  const systems = useSystems();

  it('is no matter when it is a local one', () => {
    for (const [name, type] of Object.entries(local)) expect(fileSystemWarning(type, '/j'), name).to.equal(undefined);
  });

  it('is named with its folder when its promises may not hold', () => {
    for (const [name, type] of Object.entries(others)) {
      const warning = fileSystemWarning(type, '/data/j');
      expect(warning).to.have.property('code', 'JOURNAL_FILE_SYSTEM');
      expect(warning!.message).to.contain('/data/j').and.contain(name);
    }
  });

  it('is not asked for when there is no folder', () => {
    expect(warningsAbout('/nowhere/at/all')).to.deep.equal([]);
  });

  it('is warned of once for each start, on the channel and in the log, and the system works', async function () {
    const scratch = makeFolder();
    const parts = ['lower', 'upper', 'work', 'merged'].map((name) => join(scratch, name));
    for (const part of parts) mkdirSync(part);
    const [lower, upper, work, merged] = parts as [string, string, string, string];
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    // Only the system's administrator may mount, and not in every container.
    if (spawnSync('mount', ['-t', 'overlay', '-o', options, 'overlay', merged]).status !== 0) {
      removeFolder(scratch);
      return this.skip();
    }
    const logged: string[] = [];
    const logger = { info() {}, error() {}, warn: (_: object, text: string) => void logged.push(text) };
    try {
      for (let start = 1; start <= 2; start += 1) {
        const system = await createSystem({ journal: join(merged, 'journal'), hosts: 1, logger, signals: false });
        const heard = () => systems.heard('journalWarned');
        await eventually(() => heard().length === start, 'it is said');
        await system.stop();
        expect(heard()).to.have.length(start);
        expect(heard()[0]).to.include({ code: 'JOURNAL_FILE_SYSTEM', system: join(merged, 'journal') });
        expect(logged).to.have.length(start);
        expect(logged[0]).to.contain('overlayfs');
      }
    } finally {
      spawnSync('umount', ['-l', merged]);
      removeFolder(scratch);
    }
  });
});
