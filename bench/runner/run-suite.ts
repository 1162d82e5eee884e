/**
 * Runs a suite: every entrant once in each round, so that whatever else the machine does falls on all of them alike,
 * and a ratio is taken within its round before the middle one of all rounds is.
 *
 * R1  An entrant whose result is wrong, or that fails, has no figure, whatever it measured before; the others go on.
 * R2  Whoever is absent is not slow: there is no figure, no ratio to it, and no verdict.
 * R3  Interrupted, the run keeps what it has and says so.
 * R4  At one time there is one process, unless the caller says otherwise: figures of several at a time mean nothing.
 *     Who prepares is alone all the same, and before all others.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Failing, runEntrant, type Sample } from './entrant.js';
import { installPeers, ownPlace, peerVersion } from './peers.js';
import { hasProgram } from './programs.js';
import { type Spread, spreadOf } from './series.js';
import type { Entrant, Row, Suite } from './suite.js';

const roundsDefault = 5;
const entrantMsMaxDefault = 300_000;

/** A row with its figures. */
export interface RowResult extends Row, Spread {
  /** One value for each round. */
  readonly values: readonly number[];
  /** This row divided by its base. */
  readonly ratio?: Spread;
  /** Undefined: no target, or the sizes are not those it is about. */
  readonly met?: boolean | undefined;
  /** Why it was not measured, in a sentence: it has no values, and whoever has it as base has no ratio. */
  readonly absent?: string;
  /** What of its result does not add up, in a sentence; likewise. */
  readonly wrong?: string;
  /** How it failed, in a sentence; likewise. */
  readonly failed?: string;
}

/** A suite with its figures. */
export interface SuiteResult {
  readonly suite: string;
  readonly sizes: object;
  /** The sizes are those that targets are about. */
  readonly isFull: boolean;
  /** Planned. */
  readonly rounds: number;
  /** How many rounds were whole when somebody interrupted it. Undefined: nobody did. */
  readonly interruptedAfter?: number;
  /** Of the peers that ran, by their names. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly sections: readonly { readonly title: string; readonly rows: readonly RowResult[] }[];
  readonly notMeasured: readonly string[];
  /** Everything each entrant measured, a list for each round. */
  readonly measures: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;
  /** What entrants sampled while they worked, a list for each round. */
  readonly samples: Readonly<Record<string, readonly (readonly Sample[])[]>>;
}

/** How to run it. */
export interface SuiteRun {
  readonly quick: boolean;
  /** Undefined: as many as the suite has by itself. */
  readonly rounds: number | undefined;
  /** How many entrants work at the same time. Default 1. */
  readonly atATime?: number;
  /** Folders for journals are made in here, and removed. */
  readonly dir: string;
  readonly only: readonly string[];
  /** A folder that gets a folder of CPU profiles for each entrant. */
  readonly profile: string | undefined;
  /** Has peers installed, and says why which are absent. Default: into the project's own folder of peers. */
  readonly installPeers?: (names: readonly string[]) => ReadonlyMap<string, string>;
  /** Told before each entrant starts. */
  readonly onStart: (round: number, rounds: number, entrant: string) => void;
  /** Told of each entrant that has no figure, with all it wrote. */
  readonly onFailing?: (entrant: string, failing: Failing) => void;
  /** Interrupts it. */
  readonly signal?: AbortSignal;
}

/** What has come of the entrants so far. */
class Book {
  readonly measures: Record<string, Readonly<Record<string, number>>[]> = {};
  readonly samples: Record<string, (readonly Sample[])[]> = {};
  readonly versions: Record<string, string> = {};
  readonly failing = new Map<string, Failing>();

  push(name: string, measures: Readonly<Record<string, number>>, samples: readonly Sample[]): void {
    this.measures[name] ??= [];
    this.measures[name].push(measures);
    if (samples.length === 0) return;
    this.samples[name] ??= [];
    this.samples[name].push(samples);
  }

  /** From now on it has no figure (R1). */
  fail(name: string, failing: Failing): void {
    this.failing.set(name, failing);
    delete this.measures[name];
    delete this.samples[name];
  }
}

/** Would it run, asked for like this? Whoever prepares something runs when somebody wants it. */
export function isAsked({ name, once }: Entrant, only: readonly string[]): boolean {
  return once === true || only.length === 0 || only.some((part) => name.includes(part));
}

/** Run it. */
export async function runSuite(suite: Suite, run: SuiteRun): Promise<SuiteResult> {
  const scratch = mkdtempSync(path.join(run.dir, 'troupe-bench-'));
  const sizes = suite.sizes(run.quick);
  const book = new Book();
  const entrants = present(suite, run, book);
  const rounds = run.rounds ?? (run.quick ? 1 : (suite.rounds ?? roundsDefault));
  let round = 0;
  try {
    // Round 0 is for those that prepare what the others work on.
    for (; round <= rounds; round += 1) {
      const due = entrants.filter(({ name, once = false }) => once === (round === 0) && !book.failing.has(name));
      const lane = async () => {
        for (let next = due.shift(); next !== undefined && !run.signal?.aborted; next = due.shift()) {
          await runOne({ suite, run, book, sizes, scratch }, next, round, rounds);
        }
      };
      await Promise.all(Array.from({ length: round === 0 ? 1 : (run.atATime ?? 1) }, lane));
      if (run.signal?.aborted) break;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const { name, notMeasured } = suite;
  const { measures, samples, versions } = book;
  return {
    suite: name,
    sizes,
    isFull: !run.quick,
    rounds,
    ...(round <= rounds ? { interruptedAfter: Math.max(0, round - 1) } : {}),
    ...(Object.keys(versions).length > 0 ? { versions } : {}),
    sections: sectionsOf(suite, book, run.quick),
    notMeasured,
    measures,
    samples,
  };
}

interface Scene {
  readonly suite: Suite;
  readonly run: SuiteRun;
  readonly book: Book;
  readonly sizes: object;
  readonly scratch: string;
}

async function runOne(scene: Scene, entrant: Entrant, round: number, rounds: number): Promise<void> {
  const { suite, run, book, sizes, scratch } = scene;
  const { name, once = false, variant } = entrant;
  run.onStart(round, rounds, name);
  const prepared = path.join(scratch, `prepared-${variant?.id ?? ''}`);
  const folder = once ? prepared : mkdtempSync(path.join(scratch, 'journal-'));
  mkdirSync(folder, { recursive: true });
  const found = await runEntrant({
    entry: variant?.entry ?? suite.entry,
    name: variant?.entrant ?? name,
    input: { sizes, folder, prepared },
    profile: run.profile === undefined ? undefined : path.join(run.profile, name),
    mayDie: once,
    msMax: suite.entrantMsMax ?? entrantMsMaxDefault,
    signal: run.signal,
  });
  if (!once) rmSync(folder, { recursive: true, force: true });
  if ('measures' in found) {
    book.push(name, found.measures, found.samples);
    Object.assign(book.versions, found.versions);
    return;
  }
  if (found.kind === 'stopped') return;
  book.fail(name, found);
  run.onFailing?.(name, found);
  if (!once) return;
  const what = `${name}, which prepares its work, did not: ${found.what}`;
  const left = suite.entrants.filter((each) => each.isPrepared && each.variant?.id === variant?.id);
  for (const each of left) book.fail(each.name, { ...found, what });
}

/** Those that can run; why the others cannot is in the book. */
function present(suite: Suite, run: SuiteRun, book: Book): readonly Entrant[] {
  const asked = suite.entrants.filter((entrant) => {
    return isAsked(entrant, run.only) && !(run.quick && entrant.isLarge === true);
  });
  const install = run.installPeers ?? ((names) => installPeers(names, ownPlace, run.quick));
  const absent = absentOf(asked, install);
  for (const [name, what] of absent) book.fail(name, { kind: 'absent', what, complaint: '' });
  const entrants = asked.filter(({ name }) => !absent.has(name));
  for (const { peer } of entrants) {
    const version = peer === undefined ? undefined : peerVersion(peer);
    if (peer !== undefined && version !== undefined) book.versions[peer] = version;
  }
  const needsPreparing = entrants.some(({ isPrepared }) => isPrepared);
  return needsPreparing ? entrants : entrants.filter(({ once }) => !once);
}

/** Why entrants are absent, by their names. */
function absentOf(
  entrants: readonly Entrant[],
  install: NonNullable<SuiteRun['installPeers']>,
): ReadonlyMap<string, string> {
  const without = entrants.filter(({ needs }) => needs !== undefined && !hasProgram(needs));
  const rest = entrants.filter((entrant) => !without.includes(entrant));
  const peers = [...new Set(rest.flatMap(({ peer }) => peer ?? []))];
  const missing = peers.length === 0 ? new Map<string, string>() : install(peers);
  return new Map([
    ...without.map(({ name, needs }) => [name, `No ${needs} on the PATH.`] as const),
    ...rest.flatMap(({ name, peer = '' }) => {
      const why = missing.get(peer);
      return why === undefined ? [] : [[name, why] as const];
    }),
  ]);
}

function sectionsOf(suite: Suite, book: Book, quick: boolean): SuiteResult['sections'] {
  const results = new Map<string, RowResult>();
  for (const row of suite.sections.flatMap((section) => section.rows)) {
    const result = resultOf(row, book, results, quick);
    if (result !== undefined) results.set(row.id, result);
  }
  return suite.sections
    .map(({ title, rows }) => ({ title, rows: rows.flatMap(({ id }) => results.get(id) ?? []) }))
    .filter((section) => section.rows.length > 0);
}

/** @param results of the rows before it @returns undefined when nobody asked for it, or nothing came of it yet */
function resultOf(
  row: Row,
  book: Book,
  results: ReadonlyMap<string, RowResult>,
  quick: boolean,
): RowResult | undefined {
  const failing = book.failing.get(row.entrant);
  if (failing !== undefined) return { ...row, values: [], ...spreadOf([]), [failing.kind]: failing.what };
  const values = book.measures[row.entrant]?.map((measured) => measured[row.measure] ?? Number.NaN) ?? [];
  if (values.length === 0) return undefined;
  const baseId = row.bestOf === undefined ? row.base : bestOf(row.bestOf, results);
  const base = baseId === undefined ? [] : (results.get(baseId)?.values ?? []);
  // An interrupted round may have one without the other.
  const both = values.slice(0, base.length);
  const ratio =
    both.length === 0 ? undefined : spreadOf(both.map((value, round) => value / (base[round] ?? Number.NaN)));
  const spread = spreadOf(values);
  const named = baseId === undefined ? {} : { base: baseId };
  return { ...row, ...named, values, ...spread, ratio, met: quick ? undefined : isMet(row, spread, ratio) };
}

/** @returns undefined when none of them has a figure */
function bestOf(ids: readonly string[], results: ReadonlyMap<string, RowResult>): string | undefined {
  const rows = ids.flatMap((id) => results.get(id) ?? []).filter(({ values }) => values.length > 0);
  // More is better of what is done in a second, less of what it takes.
  const worth = ({ unit, median }: RowResult): number => (unit.endsWith('/s') ? median : -median);
  return rows.sort((a, b) => worth(b) - worth(a))[0]?.id;
}

function isMet({ target }: Row, value: Spread, ratio: Spread | undefined): boolean | undefined {
  if (target === undefined) return undefined;
  if ('valueMax' in target) return value.median < target.valueMax;
  if ('ratioMax' in target) return ratio && ratio.median <= target.ratioMax;
  return ratio && ratio.median >= target.ratioMin;
}
