/** What the package promises its users and its clone: what is exported, what is packed, which commands exist. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { projectRoot } from './tidy/source.js';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

/** What `test/run/prepare.cjs` exports for this test. */
interface Prepare {
  nodeRefusal(running: string, range: string): string | undefined;
  staleDependency(lock: Lock, installed: Lock | undefined): string | undefined;
}

interface Lock {
  packages: Record<string, { version?: string; integrity?: string; optional?: boolean; os?: string[]; cpu?: string[] }>;
}

const root = projectRoot();
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
// As seen from inside the package, so that its own name resolves through `exports`.
const requireHere = createRequire(path.join(root, 'package.json'));

describe('the package', () => {
  it('exports the kernel, supervisors, actors and testing, and nothing else', () => {
    expect(Object.keys(manifest.exports)).to.deep.equal([
      '.',
      './supervisors',
      './actors',
      './testing',
      './package.json',
    ]);
    for (const name of ['troupe', 'troupe/supervisors', 'troupe/actors', 'troupe/testing']) {
      expect(requireHere.resolve(name)).to.match(/dist.*index\.js$/);
    }
  });

  it('refuses a deep import', () => {
    for (const deep of ['troupe/dist/src/core/ref.js', 'troupe/src/core/ref.js', 'troupe/core', 'troupe/dist/src']) {
      expect(() => requireHere.resolve(deep), deep)
        .to.throw()
        .with.property('code', 'ERR_PACKAGE_PATH_NOT_EXPORTED');
    }
  });

  it('packs what it exports and its documents, and no tests or benches', () => {
    const packed = packList();
    for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'dist/src/index.js']) {
      expect(packed).to.include(file);
    }
    const foreign = packed.filter((file) => /(^|\/)(test|bench)\/|\.test\.|\.tsbuildinfo$/.test(file));
    // Probes and clocks for users' tests are part of the product.
    expect(foreign.filter((file) => !file.startsWith('dist/src/testing/'))).to.deep.equal([]);
  });

  it('has its version in the changelog', () => {
    expect(read('CHANGELOG.md')).to.include(`## ${manifest.version}`);
  });
});

/** The files of a tarball, as npm would make it. */
function packList(): string[] {
  const script = process.env.npm_execpath;
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--silent'];
  const ended = script?.endsWith('.js')
    ? spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  const [tarball] = JSON.parse(ended.stdout) as { files: { path: string }[] }[];
  return tarball!.files.map((file) => file.path);
}

describe('the documents', () => {
  const documents = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.posix.join('docs', name.split(path.sep).join('/'))),
  ];

  it('are all there', () => {
    expect(documents).to.include.members(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']);
    expect(existsSync(path.join(root, 'LICENSE'))).to.equal(true);
  });

  it('name only scripts that exist', () => {
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test))\b/g)].map((match) => ({
        file,
        script: match[1] ?? match[2]!,
      })),
    );
    expect(named.map(({ script }) => script)).to.include.members(['test', 'demo', 'verify']);
    expect(named.filter(({ script }) => !Object.hasOwn(manifest.scripts, script))).to.deep.equal([]);
  });

  it('link only to files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map((match) => path.posix.join(path.posix.dirname(file), match[1]!))
        .filter((target) => !existsSync(path.join(root, target)))
        .map((target) => `${file} -> ${target}`),
    );
    expect(broken).to.deep.equal([]);
  });
});

describe('the start of a command', () => {
  const prepare = requireHere('./test/run/prepare.cjs') as Prepare;

  it('refuses an old Node.js in one line that names both versions', () => {
    for (const old of ['v20.18.3', 'v18.20.8', 'v0.12.18']) {
      const refusal = prepare.nodeRefusal(old, '>=20.19');
      expect(refusal).to.include('Node.js 20.19 or newer').and.include(old);
      expect(refusal).not.to.include('\n');
    }
    for (const fine of ['v20.19.0', 'v20.20.2', 'v22.0.0', 'v101.0.0-nightly']) {
      expect(prepare.nodeRefusal(fine, '>=20.19'), fine).to.equal(undefined);
    }
    expect(manifest.engines.node, 'the form nodeRefusal reads').to.match(/^>=\d+\.\d+$/);
  });

  it('can be read by a Node.js of ten years ago', () => {
    for (const file of ['test/run/prepare.cjs', 'test/run/start.cjs']) {
      const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code, file).not.to.match(/=>|`|\b(const|let|class|async|await)\b|import\(|\?\?|\?\.|\.\.\.[\w(]|catch \{/);
    }
  });

  it('installs again when a package is missing or differs from the lock file, and only then', () => {
    const lock: Lock = {
      packages: {
        '': {},
        'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
        'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['nowhere'], cpu: [process.arch] },
        'node_modules/here': { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] },
      },
    };
    const installed = (packages: Lock['packages']): Lock => ({ packages });
    const { 'node_modules/a': a, 'node_modules/here': here } = lock.packages;
    const complete = { 'node_modules/a': a!, 'node_modules/here': here! };
    expect(prepare.staleDependency(lock, installed(complete))).to.equal(undefined);
    expect(prepare.staleDependency(lock, undefined)).to.equal('node_modules');
    expect(prepare.staleDependency(lock, installed({ 'node_modules/a': a! }))).to.equal('node_modules/here');
    expect(prepare.staleDependency(lock, installed({ 'node_modules/here': here! }))).to.equal('node_modules/a');
    const older = { ...complete, 'node_modules/a': { ...a!, version: '0.9.0' } };
    expect(prepare.staleDependency(lock, installed(older))).to.equal('node_modules/a');
  });
});

describe('the linter', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'troupe-lint-'));
    mkdirSync(path.join(folder, 'src'));
    // The rule is young ("nursery" in Biome's words): a new version may rename it, or let it sleep.
    writeFileSync(path.join(folder, 'biome.json'), read('biome.json').replace(/"\$schema": .*/, ''));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('catches a promise that floats, also one made in another file, and lets a deliberate one pass', () => {
    writeFileSync(path.join(folder, 'src/work.ts'), 'export async function work(): Promise<void> {\n  await 0;\n}\n');
    writeFileSync(
      path.join(folder, 'src/planted.ts'),
      [
        "import { work } from './work.js';",
        'export async function run(ref: { tell(): Promise<void> }): Promise<void> {',
        '  work();',
        '  ref.tell();',
        '  void work();',
        '  await work();',
        '  [1].forEach(async () => await work());',
        '}',
      ].join('\n'),
    );
    const biome = path.join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const ended = spawnSync(process.execPath, [biome, 'lint', '--colors=off', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const found = [...`${ended.stdout}${ended.stderr}`.matchAll(/planted\.ts:(\d+):\d+ lint\/nursery\/(\w+)/g)];
    expect(found.map((match) => `${match[1]} ${match[2]}`).sort()).to.deep.equal([
      '3 noFloatingPromises',
      '4 noFloatingPromises',
      '7 noMisusedPromises',
    ]);
    expect(ended.status).to.equal(1);
  });
});
