/** The README's first example, taken from the README and run as a reader would: compiled, started, started again. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { codeBlocks, makeProject, run } from './helpers/documents.js';
import { makeFolder, removeFolder } from './helpers/scratch-folder.js';
import { projectRoot } from './tidy/source.js';

const root = projectRoot();

describe('the example in README.md', () => {
  const blocks = codeBlocks(root, 'README.md');
  const files = blocks.filter(({ file }) => file === 'counter.ts' || file === 'main.ts');
  const commands = blocks.find(({ language, code }) => language === 'sh' && code.includes('tsc'))?.code ?? '';
  let folder: string;

  beforeEach(() => {
    folder = makeFolder();
    makeProject(folder, root);
  });

  afterEach(() => removeFolder(folder));

  it('is 25 lines at most', () => {
    const lines = files.flatMap(({ code }) =>
      code.split('\n').filter((line) => line !== '' && !line.startsWith('// ')),
    );
    expect(files.map(({ file }) => file)).to.deep.equal(['counter.ts', 'main.ts']);
    expect(lines.length).to.be.within(15, 25);
  });

  it('prints 2, and 4 when it runs again', () => {
    for (const { file, code } of files) writeFileSync(path.join(folder, file!), code);
    const expected = [...commands.matchAll(/^node main\.js +# (.*)$/gm)].map((match) => match[1]);
    expect(expected).to.deep.equal(['2', '4']);
    compileAsTold(folder, commands);
    for (const line of expected)
      expect(run(folder, 'main.js')).to.deep.equal({ stdout: `${line}\n`, stderr: '', status: 0 });
  }).timeout(120_000);
});

/** Run the `npx tsc ...` line as it stands, with the project's own compiler. */
function compileAsTold(folder: string, commands: string): void {
  const [, args = ''] = /^npx tsc (.*)$/m.exec(commands) ?? [];
  expect(args).not.to.equal('');
  const compiler = path.join(root, 'node_modules', 'typescript', 'lib', 'tsc.js');
  execFileSync(process.execPath, [compiler, ...args.split(' ')], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
