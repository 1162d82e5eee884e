/** Two commits of ours in one run: the other one is built beside this one and leaves nothing behind. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { againstSuite, buildOther } from '../../../bench/runner/against.js';
import { UsageError } from '../../../bench/runner/arguments.js';
import { resultText } from '../../../bench/runner/report.js';
import { runSuite } from '../../../bench/runner/run-suite.js';
import type { Row, Suite } from '../../../bench/runner/suite.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { projectRoot } from '../../tidy/source.js';

describe('--against', () => {
  let folder: string;

  beforeEach(() => {
    folder = makeFolder();
  });

  afterEach(() => removeFolder(folder));

  const git = (...args: string[]): string => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
    const ended = spawnSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' });
    expect(ended.status, ended.stderr).to.equal(0);
    return ended.stdout.trim();
  };

  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };

  /** A clone with two commits: the source says 10, then 5; the program that measures it is of today. */
  const plant = (): void => {
    git('init', '-q', '-b', 'main');
    put('package.json', '{ "type": "module" }');
    put('.gitignore', 'node_modules\ndist\n');
    const options = { module: 'NodeNext', rootDir: '.', outDir: 'dist', types: [] };
    put('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['src', 'bench', 'test'] }));
    put('src/speed.ts', 'export const speed: number = 10;\n');
    put('bench/entry.ts', 'throw new Error("the program of then");\n');
    put('test/gone.ts', 'export const what: string = 1;\n');
    git('add', '-A');
    git('commit', '-q', '-m', 'then');
    git('tag', 'then');
    put('src/speed.ts', 'export const speed: number = 5;\nexport const more = 1;\n');
    git('commit', '-q', '-a', '-m', 'now');
    put(
      'bench/entry.ts',
      "import { more, speed } from '../src/speed.js';\nconsole.log(JSON.stringify({ speed: speed * more }));\n",
    );
    symlinkSync(path.join(projectRoot(), 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  };

  const suite = (): Suite => {
    const row = (id: string, entrant: string, more: Partial<Row> = {}): Row => {
      return { id, title: id, entrant, measure: 'speed', unit: 'us', limitedBy: 'planted', ...more };
    };
    return {
      name: 'planted',
      says: '',
      entry: pathToFileURL(path.join(folder, 'dist', 'bench', 'entry.js')),
      entrants: [{ name: 'raw', isForeign: true }, { name: 'nact', peer: 'nact' }, { name: 'ours' }],
      sections: [
        { title: 'Theirs', rows: [row('raw', 'raw')] },
        { title: 'Ours', rows: [row('ours', 'ours', { base: 'raw', target: { ratioMax: 1 } })] },
      ],
      sizes: () => ({}),
      notMeasured: [],
    };
  };

  it('measures both, from the same programs, and the ratio is of this commit to the other', async () => {
    plant();
    const compiler = path.join(folder, 'node_modules', 'typescript', 'lib', 'tsc.js');
    spawnSync(process.execPath, [compiler, '-p', folder, '--noCheck']);
    const other = buildOther('then', folder);
    const dir = path.dirname(other.dist);
    try {
      expect(other.name).to.equal(`${git('rev-parse', 'then').slice(0, 10)} (then)`);
      expect(readFileSync(path.join(other.dist, 'src', 'speed.js'), 'utf8')).to.include('10');
      const against = againstSuite(suite(), path.join(folder, 'dist'), other.dist);
      expect(against.entrants.map(({ name }) => name)).to.deep.equal(['ours@other', 'ours']);
      // What the other commit has not, the program of today cannot import from it: that row fails, and says so.
      const run = { quick: false, rounds: 1, dir: folder, only: [], profile: undefined, onStart: () => {} };
      const missing = resultText(await runSuite(against, run));
      expect(missing).to.match(/1\. the other commit +failed\n2\. ours +5\.00 us\n/);
      expect(missing).to.match(/Failed\n1\. It ended with exit code 1: SyntaxError: .*more/s);
      writeFileSync(path.join(other.dist, 'src', 'speed.js'), 'export const speed = 10, more = 1;');
      const both = resultText(await runSuite(against, run));
      expect(both).to.match(/1\. the other commit +10\.0 us\n2\. ours +5\.00 us +0\.500 #1\n/);
    } finally {
      other.remove();
    }
    expect(existsSync(dir)).to.equal(false);
    expect(git('worktree', 'list').split('\n'), 'worktrees').to.have.length(1);
  }).timeout(60_000);

  it('refuses what is no commit, and a folder that is no clone', () => {
    plant();
    expect(() => buildOther('nonsense', folder)).to.throw(UsageError, /not 'nonsense'/);
    expect(() => buildOther('--help', folder)).to.throw(UsageError, /not '--help'/);
    expect(() => buildOther('HEAD', path.join(folder, '..'))).to.throw(UsageError);
  });

  it('leaves nothing behind when the other commit cannot be built', () => {
    plant();
    git('rm', '-q', '-r', '--cached', 'src');
    git('commit', '-q', '-m', 'nothing to build');
    expect(() => buildOther('HEAD', folder)).to.throw(/could not be built/);
    expect(git('worktree', 'list').split('\n')).to.have.length(1);
  }).timeout(60_000);
});
