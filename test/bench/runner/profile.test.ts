/** Profiles summed up by part: on planted ones, and on one that V8 has just taken. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { type CpuProfile, partsOf, profileText, readProfiles, threadOf } from '../../../bench/runner/profile.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

const dist = 'file:///p/dist';

/** A profile of stacks: `name file` from the bottom, and the microseconds seen with it on top. */
function profileOf(...stacks: (readonly [us: number, ...frames: string[]])[]): CpuProfile {
  const nodes: { id: number; callFrame: { functionName: string; url: string }; children: number[] }[] = [];
  const samples: number[] = [];
  for (const [, ...frames] of stacks) {
    frames.forEach((frame, index) => {
      const [, functionName = '', url = ''] = /^(.*?)(?: (\S*[@:]\S*))?$/.exec(frame)!;
      const id = nodes.length + 1;
      if (index > 0) nodes.at(-1)?.children.push(id);
      nodes.push({ id, callFrame: { functionName, url: url.replace('@', dist) }, children: [] });
    });
    samples.push(nodes.length);
  }
  return { nodes, samples, timeDeltas: stacks.map(([us]) => us) };
}

describe('a profile', () => {
  it('is summed up by the part of each function', () => {
    const profile = profileOf(
      [1, 'write @/src/core/codec-writer.js'],
      [2, 'read @/src/thread/ring.js'],
      [4, 'macrostep file:///p/node_modules/xstate/dist/raise.cjs.js'],
      [8, 'handle @/src/host/runner.js'],
      [16, 'tell @/src/core/ref.js'],
      [32, 'route @/src/journal/router.js'],
      [64, 'append @/src/journal/log-file.js'],
      [128, '(garbage collector)'],
      [256, '(idle)'],
      [512, 'waitSync @/src/thread/bell.js'],
      [1_024, 'measure @/bench/kernel/troupe-tell.js'],
      [2_048, 'macrostep file:///p/node_modules/xstate/dist/raise.cjs.js', 'advance @/actors/workflow/engine.js'],
      [4_096, 'decide @/supervisors/supervisor.js'],
    );
    expect(partsOf(profile)).to.deep.equal({
      codec: 1,
      'rings and bells': 2,
      interpreter: 4,
      turn: 8,
      sending: 16,
      routing: 32,
      'log and lmdb': 64,
      'collecting garbage': 128,
      waiting: 768,
      contender: 1_024,
      behaviours: 6_144,
    });
  });

  it("charges Node's own functions to who called them, and natives by what they do", () => {
    const profile = profileOf(
      [1, '(root)', 'write @/src/core/codec-writer.js', 'copy node:buffer', '_copyActual'],
      [2, '(root)', 'append @/src/journal/log-file.js', 'fdatasyncSync node:fs', 'fdatasync'],
      [4, '(root)', 'processTimers node:internal/timers'],
      [8, '(root)', 'wrapSafe node:internal/modules/cjs/loader', 'compile'],
      [16, '(root)', 'fdatasync @/bench/kernel/disk.js'],
    );
    const expected = { codec: 1, disk: 2, node: 4, 'loading modules': 8, contender: 16 };
    expect(partsOf(profile)).to.deep.equal(expected);
  });

  it('takes no time that runs backwards', () => {
    const profile = profileOf([-5, '(idle)'], [7, '(idle)']);
    expect(partsOf(profile)).to.deep.equal({ waiting: 7 });
  });

  it('is of the thread its entry says', () => {
    expect(threadOf(profileOf([1, 'run @/src/thread/journal-entry.js']), 1)).to.equal('journal');
    expect(threadOf(profileOf([1, 'run @/src/thread/journal-entry.js']), 0)).to.equal('main');
    expect(threadOf(profileOf([1, 'run @/x.js']), 3)).to.equal('other');
  });

  it('is a table in us for each message, or in ms', () => {
    const threads = new Map([
      ['main', { codec: 4_000, waiting: 10_000 }],
      ['host', { turn: 2_000 }],
    ]);
    expect(profileText('none-tell', threads, 2_000).split('\n')).to.deep.equal([
      'profile of none-tell, us for each of 2,000 messages',
      '                          main      host',
      'codec                    2.000     0.000',
      'turn                     0.000     1.000',
      'waiting                  5.000     0.000',
      'work, together           2.000     1.000',
    ]);
    expect(profileText('x', threads, 0)).to.match(/^profile of x, ms\n.*\ncodec +4 +0\n/);
  });

  describe('that V8 took', () => {
    let folder: string;

    beforeEach(() => {
      folder = makeFolder();
    });

    afterEach(() => removeFolder(folder));

    it('is read, a file for each thread', () => {
      const program = path.join(folder, 'program.mjs');
      writeFileSync(program, 'const end = performance.now() + 200; while (performance.now() < end);\n');
      const args = ['--cpu-prof', '--cpu-prof-dir', path.join(folder, 'profiles'), program];
      expect(spawnSync(process.execPath, args).status).to.equal(0);
      const threads = readProfiles(path.join(folder, 'profiles'));
      expect([...threads.keys()]).to.deep.equal(['main']);
      const sum = Object.values(threads.get('main')!).reduce((a, b) => a + b, 0);
      expect(sum, 'us').to.be.greaterThan(150_000);
    });

    it('is nothing where none was taken', () => {
      expect(readProfiles(path.join(folder, 'nowhere')).size).to.equal(0);
    });
  });
});
