/** The documents tell the truth: their code compiles, their tables agree with the source. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { limits } from '../src/core/limits.js';
import { codeBlocks, type CodeBlock, compile, documentsWithCode, makeProject } from './helpers/documents.js';
import { errorsPage } from './helpers/errors-page.js';
import { makeFolder, removeFolder } from './helpers/scratch-folder.js';
import { projectRoot } from './tidy/source.js';

const root = projectRoot();
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

describe('the code in the documents', () => {
  let folder: string;

  beforeEach(() => {
    folder = makeFolder();
    makeProject(folder, root);
  });

  afterEach(() => removeFolder(folder));

  /** Put blocks where those of one folder can import each other; returns the files, with their documents' lines. */
  function lay(blocks: readonly CodeBlock[]): Map<string, string> {
    return new Map(
      blocks.map(({ document, file, line, code }) => {
        const { dir, name } = path.parse(document);
        mkdirSync(path.join(folder, dir), { recursive: true });
        const target = path.join(dir, file ?? `${name}-line-${line}.ts`);
        writeFileSync(path.join(folder, target), code);
        return [target, `${document}:${line}`];
      }),
    );
  }

  it('compiles', () => {
    const blocks = documentsWithCode(root).flatMap((document) => codeBlocks(root, document));
    const places = lay(blocks.filter(({ language }) => language === 'ts'));
    expect(places.size, 'blocks').to.be.greaterThan(15);
    const problems = compile(folder, [...places.keys()]).map((line) => {
      const [file = ''] = line.split(':');
      return `${places.get(file) ?? file} ${line}`;
    });
    expect(problems).to.deep.equal([]);
  }).timeout(120_000);

  it('and a block that does not compile is found', () => {
    const code = "import { createSystem } from 'troupe';\nawait createSystem({ jurnal: './data' });\n";
    const block: CodeBlock = { document: 'planted.md', line: 7, language: 'ts', code, file: undefined };
    const files = lay([block]);
    expect(compile(folder, [...files.keys()]).join()).to.match(/planted-line-7\.ts:2: .*jurnal/);
  }).timeout(120_000);
});

describe('docs/errors.md', () => {
  it('is what the error table says', () => {
    const command = 'node test/run/start.cjs test/run/errors-page.mjs';
    expect(read('docs/errors.md') === errorsPage(), `out of step; write it anew with: ${command}`).to.equal(true);
  });
});

describe('the guarantees in README.md', () => {
  const lines = read('README.md').split('\n');

  it('are all there, and each names the tests that try to break it', () => {
    const tests = readdirSync(path.join(root, 'test/guarantees')).filter((name) => name.endsWith('.test.ts'));
    expect(tests).not.to.deep.equal([]);
    for (let number = 1; number <= 11; number += 1) {
      const row = lines.find((line) => line.startsWith(`| G${number} |`)) ?? '';
      expect(row, `G${number}`).to.match(/\]\(test\//);
      for (const name of tests.filter((test) => test.startsWith(`g${number}-`))) {
        expect(row, `the row of G${number} should link its test`).to.include(`(test/guarantees/${name})`);
      }
    }
  });
});

describe('the limits in README.md', () => {
  const rows = [...read('README.md').matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)]
    .map((match) => ({ name: match[1]!, shown: match[2]!.trim() }))
    .filter(({ name }) => Object.hasOwn(limits, name));

  it('are those of the source', () => {
    expect(rows.length).to.be.greaterThan(12);
    for (const { name, shown } of rows)
      expect(shown, name).to.equal(textOf(name, Number(limits[name as keyof typeof limits])));
  });
});

/** A limit as the README writes it, by the unit its name says. */
function textOf(name: string, value: number): string {
  if (name.includes('Ms')) return duration(value);
  if (name.includes('Bytes') && value % 2 ** 20 === 0) return `${value / 2 ** 20} MiB`;
  return value.toLocaleString('en-US');
}

function duration(valueMs: number): string {
  const units: [number, string][] = [
    [36_525 * 24 * 3_600_000, 'years'],
    [24 * 3_600_000, 'd'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const [sizeMs, unit] = units.find(([size]) => valueMs % size === 0) ?? [1, 'ms'];
  return unit === 'years' ? `${(valueMs / sizeMs) * 100} years` : `${valueMs / sizeMs} ${unit}`;
}
