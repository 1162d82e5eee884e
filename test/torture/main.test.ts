/** The command itself: help, mistakes, and a failure that is told as one. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('./main.js', import.meta.url));

function torture(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('npm run torture', () => {
  it('helps, in 80 columns', () => {
    const { status, stdout, stderr } = torture('--help');
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    for (const option of ['kills', 'seed', 'durability', 'hosts']) expect(stdout).to.include(`--${option} `);
    expect(stdout.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
  });

  for (const [args, complaint] of [
    ['--kills many', "torture: --kills takes a whole number from 1 to 1000000, not 'many'"],
    ['--dir /nowhere/at/all', 'torture: --dir: /nowhere/at/all is no folder one may write to'],
    ['--record /nowhere/record', 'torture: --record: /nowhere/record cannot be written'],
  ] as const) {
    it(`ends with 2 and one clear line for ${args}`, () => {
      const { status, stdout, stderr } = torture(...args.split(' '));
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
      expect(stderr).to.equal(`${complaint}\nSee npm run torture -- --help\n`);
    });
  }
});
