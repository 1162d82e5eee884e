/**
 * One run of the demo in this process: start a system, let the walkers walk, cause accidents, ask for the result,
 * and compare it with that of a plain walk. On a journal that has a walk in it already, it goes on with that one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystem, type System } from '../../src/index.js';
import { Accidents } from './accidents.js';
import { Chronicle } from './chronicle.js';
import { contents, contentsIds } from './contents.js';
import { askInventory, countFiles, differences, walkPlainly } from './inventory.js';
import { licencesActor } from './licences.js';
import { type Progress, progress, progressActor } from './progress.js';
import { reportAccidents, reportComparison, reportHosts, reportInventory, reportTimes } from './report.js';
import { grouped, type Screen, seconds } from './screen.js';
import { walker } from './walker.js';

/** What to do. */
export interface RunOptions {
  dir: string;
  hosts: number;
  /** The journal's folder. */
  journal: string;
  /** Called now and then with the share of files read; the run goes on when its promise resolves. */
  onShare?: (share: number) => Promise<void>;
}

const pollMs = 40;
/** The demo gives up when nothing moves for so long. */
const stallMs = 30_000;
const accidentMsMax = 10_000;

/** Run. Resolves with the process's exit code: 0 when actors and plain walk agree. */
export async function run(options: RunOptions, screen: Screen): Promise<number> {
  const { dir, hosts, journal } = options;
  const total = countFiles(dir);
  const chronicle = new Chronicle(screen).listen();
  const startedAt = performance.now();
  const system = await createSystem({ journal, hosts, logger: false, signals: false });
  try {
    const before = await begin(system, dir);
    const ready = performance.now();
    const threads = hosts === 1 ? '1 host thread' : `${hosts} host threads`;
    screen.event('dim', ' ', `${threads} ready after ${seconds(ready - startedAt)}`);
    if (before !== undefined) sayResumed(screen, before, total);
    const accidents = new Accidents(system, screen, before !== undefined);
    await walk(system, accidents, options, screen, total);
    const walked = performance.now();
    await settle(chronicle, accidents);
    const settled = performance.now();
    const byActors = await askInventory(system);
    const { hosts: hostStats } = await system.stats();
    const asked = performance.now();
    screen.event('dim', ' ', 'all walkers have ended; now the same by a plain walk on one thread');
    const plain = walkPlainly(dir);
    const compared = performance.now();

    const since = before === undefined ? '' : ' since the restart';
    reportInventory(screen, byActors);
    reportAccidents(screen, chronicle, since);
    reportHosts(screen, hostStats, accidents.killedHost, since);
    reportTimes(screen, since, { walk: walked - ready, ask: asked - settled, plain: compared - asked });
    const differing = differences(byActors, plain);
    reportComparison(screen, byActors, differing);
    return differing.length === 0 ? 0 : 1;
  } finally {
    chronicle.close();
    await system.stop();
  }
}

/** Start the actors, unless an earlier process did. Returns how far that one had come. */
async function begin(system: System, dir: string): Promise<Progress | undefined> {
  if ((await system.state('/tree')) !== undefined) return readProgress(system);
  // The walk comes last, and spawning finds what is there: a process may die anywhere in between.
  await system.spawn(progressActor, { id: 'progress' });
  await system.spawn(licencesActor, { id: 'licences' });
  await Promise.all(contentsIds.map((id) => system.spawn(contents, { id })));
  await system.spawn(walker, { id: 'tree', input: { root: dir, folder: '' } });
  return undefined;
}

/** As it is committed: the journal can say without troubling the actor. */
async function readProgress(system: System): Promise<Progress> {
  const state = await system.state('/progress');
  return (state?.context ?? { folders: 0, found: 0, read: 0, bytes: 0 }) as Progress;
}

function sayResumed(screen: Screen, { read, folders }: Progress, total: number): void {
  const percent = Math.floor((read / Math.max(1, total)) * 100);
  screen.event('green', '→', `in the journal: ${grouped(folders)} folders listed, ${grouped(read)} files counted`);
  screen.event('green', '→', `${percent} % is done already; the walk goes on from there`);
}

/** Until the first walker has ended: watch, show, let accidents happen. */
async function walk(
  system: System,
  accidents: Accidents,
  { onShare }: RunOptions,
  screen: Screen,
  total: number,
): Promise<void> {
  let isOver = false;
  const end = system.watch('/tree').then(({ how, error }) => {
    if (how !== 'done') throw new Error(`the walk ${how}`, { cause: error });
    isOver = true;
  });
  let shown = -1;
  let movedAt = performance.now();
  while (!isOver) {
    const { read, found } = await readProgress(system);
    // Files may come and go while we count.
    const whole = Math.max(total, found);
    screen.progress(read, whole);
    await accidents.upTo(read / Math.max(1, whole));
    await onShare?.(read / Math.max(1, whole));
    if (read !== shown) movedAt = performance.now();
    if (performance.now() - movedAt > stallMs) throw new Error(`nothing has moved for ${seconds(stallMs)}`);
    shown = read;
    await Promise.race([end, sleep(pollMs)]);
  }
  // Asked, not looked up: the question queues behind whatever the walkers have sent.
  const { read } = await progress.ask({ type: 'report' }, { timeoutMs: stallMs });
  screen.progress(read, read);
  await onShare?.(1);
  // In a small tree the end comes before the accidents.
  await accidents.upTo(1);
}

/** Until supervision has dealt with the accidents, so that the report has them all. */
async function settle(chronicle: Chronicle, accidents: Accidents): Promise<void> {
  const until = performance.now() + accidentMsMax;
  const isDone = () => accidents.killedHost === undefined || chronicle.threadsLost.length > 0;
  while (!isDone() && performance.now() < until) await sleep(pollMs);
}
