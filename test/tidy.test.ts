/**
 * The code about itself: arrows, bans, leftovers, documentation. Each rule runs on the real tree, and on planted
 * files it must catch, so that a rule that went blind fails here and not in a review.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import {
  bannedCalls,
  bans,
  headless,
  importProblems,
  type Layers,
  leftovers,
  lengthReport,
  longLines,
  orphans,
  type Problem,
  problemLine,
  silentCatches,
  undocumented,
} from './tidy/rules.js';
import { makeSource, projectRoot, readSources, type Source } from './tidy/source.js';

const root = projectRoot();
const layers = createRequire(import.meta.url)(path.join(root, 'test/tidy/layers.cjs')) as Layers;

const all = readSources(root, ['src', 'supervisors', 'actors', 'bench', 'test']);
const typed = all.filter(({ path: file }) => file.endsWith('.ts'));
const product = typed.filter(({ path: file }) => layers.productRooms.some((room) => file.startsWith(`${room}/`)));
const tests = typed.filter(({ path: file }) => file.startsWith('test/'));

/** What is started or imported from outside: the package's entries, threads, benches, the demo. */
function isProductEntry(file: string): boolean {
  return (
    /^(src|src\/testing|supervisors|actors)\/index\.ts$/.test(file) ||
    file === 'src/cli/main.ts' ||
    /-entry\.ts$/.test(file) ||
    /^bench\/([^/]+|[^/]+\/main)\.ts$/.test(file)
  );
}

/** Tests, programs that tests start, and files that tests load by name. */
function isTestEntry(file: string): boolean {
  return /\.test\.ts$/.test(file) || /-entry\.ts$/.test(file) || /\/(fixtures|types|examples)\//.test(file);
}

/** Fails with one line for each problem. */
function expectNone(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Error(`\n${problems.map(problemLine).join('\n')}`);
}

/** What a rule says of a planted file: line and text. */
function caught(problems: readonly Problem[]): string[] {
  return problems.map(({ line, say }) => `${line}: ${say}`);
}

function plant(file: string, ...lines: string[]): Source {
  return makeSource(file, `${lines.join('\n')}\n`);
}

describe('tidy', () => {
  it('sees the source', () => {
    expect(product.length, 'files of the product').to.be.greaterThan(5);
    expect(tests.map((each) => each.path)).to.include('test/tidy.test.ts');
  });

  describe('imports point left', () => {
    it('in the source', () => {
      expectNone(typed.flatMap((source) => importProblems(source, layers)));
    });

    it('and an arrow that turned is caught, also in a type', () => {
      const problems = importProblems(
        plant(
          'src/core/planted.ts',
          "import type { Log } from '../observe/log.js';",
          "export { cell } from '../cell/cell.js';",
          "const later = import('../system/system.js');",
          "let type: import('../host/host.js').Host;",
          "import { ref } from './ref.js';",
        ),
        layers,
      );
      expect(problems.map((each) => each.line)).to.deep.equal([1, 2, 3, 4]);
      expect(problems[0]?.say).to.match(/src\/observe\/log\.ts: src\/core may import only what is left of it/);
    });

    it('and neighbours in one row do not know each other', () => {
      const source = plant('src/journal/planted.ts', "import { lane } from '../mailbox/lane.js';");
      expect(importProblems(source, layers)).to.have.length(1);
    });

    it('and only tests lean on doubles', () => {
      const line = "import { testClock } from '../src/testing/index.js';";
      expect(importProblems(plant('actors/planted.ts', line), layers)).to.have.length(1);
      expect(importProblems(plant('test/planted.test.ts', line), layers)).to.deep.equal([]);
    });

    it('and a package stays behind its contract', () => {
      const lines = [
        "import { open } from 'lmdb';",
        "import type { Actor } from 'xstate';",
        "import { setup } from 'xstate';",
      ];
      expect(importProblems(plant('src/system/planted.ts', ...lines), layers).map((each) => each.line)).to.deep.equal([
        1, 3,
      ]);
      expect(importProblems(plant('src/cell/planted.ts', lines[2]!), layers)).to.deep.equal([]);
      expect(importProblems(plant('src/journal/lmdb-tables.ts', lines[0]!), layers)).to.deep.equal([]);
      expect(importProblems(plant('bench/planted.ts', ...lines), layers)).to.deep.equal([]);
    });

    it('and the core touches no machine', () => {
      const lines = ["import fs from 'node:fs/promises';", "import path from 'node:path';"];
      expect(importProblems(plant('src/core/planted.ts', ...lines), layers).map((each) => each.line)).to.deep.equal([
        1,
      ]);
    });

    it('and a file in no room is caught', () => {
      expect(caught(importProblems(plant('src/stray.ts', ''), layers))[0]).to.match(/in no room/);
    });
  });

  describe('no file is forgotten', () => {
    it('in the product', () => {
      const sources = typed.filter(({ path: file }) => !file.startsWith('test/'));
      expectNone(orphans(sources, isProductEntry));
    });

    it('in the tests', () => {
      expectNone(orphans(tests, isTestEntry));
    });

    it('and a file that nothing leads to is caught, also when two such files import each other', () => {
      const sources = [
        plant('src/index.ts', "export * from './a.js';", "new URL('./thread/t.js', import.meta.url);"),
        plant('src/a.ts', ''),
        plant('src/thread/t.ts', ''),
        plant('src/b.ts', "import './c.js';"),
        plant('src/c.ts', "import './b.js';"),
      ];
      expect(orphans(sources, isProductEntry).map((each) => each.path)).to.deep.equal(['src/b.ts', 'src/c.ts']);
    });
  });

  describe('time, chance and words come from outside', () => {
    it('in the source', () => {
      expectNone(product.flatMap(bannedCalls));
    });

    it('and each banned global is caught, with its replacement named', () => {
      const source = plant(
        'src/host/planted.ts',
        'const a = Date.now();',
        'const b = new Date();',
        'const c = [1].map(Math.random);',
        "console.log('x');",
        'setTimeout(f, 1);',
        'globalThis.setInterval(f, 1);',
        "import { setTimeout as sleep } from 'node:timers/promises';",
      );
      expect(caught(bannedCalls(source)).map((text) => text.replace(/: use .*/, ''))).to.deep.equal([
        '1: Date.now',
        '2: new Date()',
        '3: Math.random',
        '4: console',
        '5: setTimeout',
        '6: setInterval',
        '7: node:timers/promises',
      ]);
      expect(caught(bannedCalls(source)).join('\n')).to.match(/clock\.now.*\n.*\n.*the Random you were given/);
    });

    it('and a name that only looks alike is not', () => {
      const source = plant(
        'src/host/planted.ts',
        '// Date.now() in a comment',
        "const text = 'console.log';",
        'clock.setTimeout(f, 1);',
        'const xstateClock = { setTimeout: clock.after, clearTimeout() {} };',
        'interface Clock { setTimeout(f: () => void): void }',
        'const then = new Date(0);',
        'type Handle = ReturnType<typeof clock.after>;',
      );
      expect(caught(bannedCalls(source))).to.deep.equal([]);
    });

    it('and whoever is excused is excused for that alone', () => {
      expect(bannedCalls(plant('src/core/clock.ts', 'Date.now();', 'Math.random();'))).to.have.length(1);
      for (const { allowed } of bans) {
        for (const reason of Object.values(allowed)) expect(reason).to.match(/\w+ \w+/);
      }
    });
  });

  describe('no failure vanishes', () => {
    it('in the source', () => {
      expectNone(product.flatMap(silentCatches));
    });

    it('and an empty catch without a reason is caught', () => {
      const source = plant(
        'src/host/planted.ts',
        'try { work(); } catch {}',
        'try { work(); } catch (error) {',
        '}',
        'try { work(); } catch { /* it is gone already */ }',
        'try { work(); } catch { report(); }',
      );
      expect(silentCatches(source).map((each) => each.line)).to.deep.equal([1, 2]);
    });
  });

  describe('nothing is left over', () => {
    it('in the source', () => {
      expectNone(all.flatMap(leftovers));
    });

    it('and marks and focused tests are caught', () => {
      // Put together here, or the rule would catch this file.
      const mark = ['TO', 'DO'].join('');
      const only = ['it', 'only'].join('.');
      const skip = ['describe', 'skip'].join('.');
      const source = plant(
        'test/planted.test.ts',
        `// ${mark}: later`,
        `${only}('x')`,
        `  ${skip}('x')`,
        'this.skip();',
      );
      expect(leftovers(source).map((each) => each.line)).to.deep.equal([1, 2, 3]);
    });
  });

  describe('lines fit', () => {
    it('in the source', () => {
      expectNone(all.flatMap(longLines));
    });

    it('and a long one is caught', () => {
      expect(caught(longLines(plant('src/core/planted.ts', 'a'.repeat(120), 'a'.repeat(121))))).to.deep.equal([
        '2: 121 characters: break the line, 120 is the limit',
      ]);
    });
  });

  describe('everything says what it is', () => {
    it('each file in its header, except tests, whose suites have titles', () => {
      expectNone(all.filter(({ path: file }) => !file.endsWith('.test.ts')).flatMap(headless));
    });

    it('each export of the product in its doc comment', () => {
      expectNone(product.flatMap(undocumented));
    });

    it('and a bare file and a bare export are caught', () => {
      expect(headless(plant('src/core/planted.ts', "import './a.js';"))).to.have.length(1);
      const source = plant(
        'src/core/planted.ts',
        '/** Said. */',
        'export function said(a: string): void;',
        'export function said(a: unknown): void {}',
        'export const bare = 1;',
        'export interface Bare {}',
        'const hidden = 2;',
        "export { other } from './other.js';",
      );
      expect(caught(undocumented(source)).map((text) => text.replace(/ has no.*/, ''))).to.deep.equal([
        '4: export bare',
        '5: export Bare',
      ]);
    });
  });

  describe('length', () => {
    it('is reported, not judged', () => {
      const report = typed.flatMap(lengthReport);
      if (report.length > 0) process.stdout.write(`${report.map((line) => `      long: ${line}`).join('\n')}\n`);
    });

    it('and the report sees long functions and long files', () => {
      const body = Array.from({ length: 70 }, () => '  work();');
      const source = plant('src/core/planted.ts', 'function long() {', ...body, '}', ...Array<string>(340).fill('//'));
      expect(lengthReport(source)).to.deep.equal([
        'src/core/planted.ts: 412 lines',
        'src/core/planted.ts:1: long has 72 lines',
      ]);
    });
  });
});
