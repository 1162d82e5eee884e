/**
 * Makes golden journals: `node test/run/start.cjs test/run/golden.mjs` that of the present format, and with `team` one
 * more of agents, tools and workflows. A journal on record is never made anew: when the format's number grows, or what
 * they store has another shape, there is one more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = path.join(import.meta.dirname, '..', '..');
const fixtures = path.join(root, 'test', 'fixtures');
const load = (file) => import(pathToFileURL(path.join(root, 'dist', file)).href);
const isTeam = process.argv.includes('team');
const target = path.join(fixtures, isTeam ? nextTeam() : await ofPresentFormat());
if (existsSync(target)) throw new Error(`${target} is on record already`);
const folder = mkdtempSync(path.join(tmpdir(), 'golden-'));
const maker = path.join(root, 'dist', 'test', 'golden', isTeam ? 'team-maker-entry.js' : 'maker-entry.js');
const env = { ...process.env, TROUPE_GOLDEN_MAKER: '1' };
const { signal } = spawnSync(process.execPath, [maker, folder], { stdio: 'inherit', env });
if (signal !== 'SIGKILL') throw new Error('the maker did not come to its end');
writeFileSync(target, pack(folder));
rmSync(folder, { recursive: true });
console.log(target);

async function ofPresentFormat() {
  const { journalFormatVersion } = await load('src/journal/lmdb-tables.js');
  return `journal-${journalFormatVersion}.json.gz`;
}

function nextTeam() {
  const known = readdirSync(fixtures).filter((name) => name.startsWith('team-'));
  return `team-${known.length + 1}.json.gz`;
}

/** What `test/golden/packed.ts` unpacks. Zeros at the end of a file are left out. */
function pack(from) {
  const files = {};
  // Who may read it at the moment is nobody's memory.
  for (const name of readdirSync(from).filter((each) => each !== 'lock.mdb')) {
    const content = readFileSync(path.join(from, name));
    let end = content.length;
    while (end > 0 && content[end - 1] === 0) end -= 1;
    files[name] = { bytes: content.length, base64: content.toString('base64', 0, end) };
  }
  return gzipSync(JSON.stringify(files), { level: 9 });
}
