/**
 * `--against REF`: another commit of ours, measured in the same run. The programs are today's, laid over that commit's
 * source, so that only troupe differs; where it cannot do what a program asks, that row fails and says so.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './arguments.js';
import type { Entrant, Row, Section, Suite } from './suite.js';

/** A build of another commit. */
export interface OtherBuild {
  /** As the tables call it. */
  readonly name: string;
  /** Its compiled files. */
  readonly dist: string;
  /** Take it away. */
  remove(): void;
}

const root = path.join(import.meta.dirname, '..', '..', '..');
const mark = '@other';

/**
 * Check a commit out beside the project, with the programs of today and the same packages, and build it.
 * @param ref anything git understands
 * @throws UsageError when there is no such commit; Error when it cannot be built
 */
export function buildOther(ref: string, project: string = root): OtherBuild {
  const found = git(project, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  if (found.status !== 0)
    throw new UsageError(`--against takes a commit, a branch or a tag of this clone, not '${ref}'`);
  const commit = found.stdout.trim();
  const folder = mkdtempSync(path.join(tmpdir(), 'troupe-against-'));
  const remove = (): void => {
    git(project, 'worktree', 'remove', '--force', folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const added = git(project, 'worktree', 'add', '--detach', '--force', folder, commit);
    if (added.status !== 0) throw new Error(`git worktree add: ${added.stderr.trim()}`);
    rmSync(path.join(folder, 'bench'), { recursive: true, force: true });
    rmSync(path.join(folder, 'test'), { recursive: true, force: true });
    cpSync(path.join(project, 'bench'), path.join(folder, 'bench'), { recursive: true });
    for (const name of ['node_modules', '.peers']) {
      if (existsSync(path.join(project, name)))
        symlinkSync(path.join(project, name), path.join(folder, name), 'junction');
    }
    compile(project, folder);
    return { name: `${commit.slice(0, 10)} (${ref})`, dist: path.join(folder, 'dist'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Unchecked: its types may not fit the programs of today, and what is not there will show when it is used. */
function compile(project: string, folder: string): void {
  const compiler = path.join(project, 'node_modules', 'typescript', 'lib', 'tsc.js');
  const ended = spawnSync(process.execPath, [compiler, '-p', folder, '--noCheck'], { encoding: 'utf8' });
  if (!existsSync(path.join(folder, 'dist', 'src')))
    throw new Error(`the other commit could not be built: ${ended.stdout}`);
}

function git(folder: string, ...args: string[]) {
  return spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
}

/**
 * A suite in which each of our entrants runs twice in each round, from both builds, and each row stands below the same
 * row of the other build, divided by it.
 * @param own the folder of this build's compiled files
 * @param dist that of the other one
 */
export function againstSuite(suite: Suite, own: string, dist: string): Suite {
  const entry = pathToFileURL(path.join(dist, path.relative(own, new URL(suite.entry).pathname)));
  const ours = suite.entrants.filter(({ needs, peer, isForeign }) => !needs && !peer && !isForeign);
  const names = new Set(ours.map(({ name }) => name));
  const entrants = ours.flatMap((entrant): Entrant[] => {
    const variant = { id: 'other', entry, entrant: entrant.name };
    return [{ ...entrant, name: `${entrant.name}${mark}`, variant }, entrant];
  });
  const sections = suite.sections
    .map(({ title, rows }): Section => {
      const kept = rows.filter((row) => names.has(row.entrant));
      return { title, rows: kept.flatMap(twice) };
    })
    .filter(({ rows }) => rows.length > 0);
  return { ...suite, entrants, sections };
}

function twice({ target, base, ...row }: Row): Row[] {
  const other = { ...row, id: `${row.id}${mark}`, entrant: `${row.entrant}${mark}`, title: 'the other commit' };
  return [other, { ...row, base: other.id }];
}
