/**
 * Checks the package as its users get it: packs it, lints the tarball (publint), resolves its types the way every
 * module mode does (attw), and imports each public entry from an unpacked copy beside the real dependencies.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const scratch = mkdtempSync(path.join(tmpdir(), 'troupe-pack-'));
let failures = 0;

/** Run a command; a failure is counted, not thrown, so that all checks report. */
function check(title, program, args, cwd = root) {
  const ended = spawnSync(program, args, { cwd, encoding: 'utf8' });
  const passed = ended.status === 0;
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'}  ${title}\n`);
  if (!passed) {
    failures += 1;
    process.stdout.write(`${ended.stdout ?? ''}${ended.stderr ?? ''}${ended.error?.message ?? ''}\n`);
  }
  return passed;
}

function tool(name) {
  return path.join(root, 'node_modules', '.bin', name);
}

/** A folder that looks like a project which installed the tarball. */
function installTarball(tarball) {
  const modules = path.join(scratch, 'project', 'node_modules');
  mkdirSync(path.join(modules, manifest.name), { recursive: true });
  check('unpack', 'tar', ['-xzf', tarball, '--strip-components=1', '-C', path.join(modules, manifest.name)]);
  for (const name of Object.keys(manifest.dependencies)) {
    const link = path.join(modules, name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), link, 'junction');
  }
  return path.join(scratch, 'project');
}

try {
  // Without scripts: `npm run build` is its own step of verify.
  const packed = check('npm pack', 'npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', scratch]);
  const tarball = path.join(scratch, `${manifest.name}-${manifest.version}.tgz`);
  if (packed && existsSync(tarball)) {
    check('publint', tool('publint'), ['run', tarball, '--strict']);
    check('types resolve (attw)', tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji']);
    const project = installTarball(tarball);
    for (const entry of Object.keys(manifest.exports).filter((key) => !key.endsWith('.json'))) {
      const name = path.posix.join(manifest.name, entry);
      const probe = path.join(project, 'probe.mjs');
      writeFileSync(probe, `await import(${JSON.stringify(name)});\n`);
      check(`import '${name}'`, process.execPath, [probe], project);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
