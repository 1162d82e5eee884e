/**
 * Runs a suite: every entrant once in each round, so that whatever else the machine does falls on all of them alike,
 * and a ratio is taken within its round before the middle one of all rounds is.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runEntrant, type Sample } from './entrant.js';
import { installPeers } from './peers.js';
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
}

/** A suite with its figures. */
export interface SuiteResult {
  readonly suite: string;
  readonly sizes: object;
  /** The sizes are those that targets are about. */
  readonly isFull: boolean;
  readonly rounds: number;
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
  /** Folders for journals are made in here, and removed. */
  readonly dir: string;
  readonly only: readonly string[];
  readonly profile: string | undefined;
  /** Has peers installed, and says why which are absent. Default: into the project's own folder of peers. */
  readonly installPeers?: (names: readonly string[]) => ReadonlyMap<string, string>;
  /** Told before each entrant starts. */
  readonly onStart: (round: number, rounds: number, entrant: string) => void;
}

/** Run it. @throws Error when an entrant fails or does not add up: then there is no result at all */
export async function runSuite(suite: Suite, run: SuiteRun): Promise<SuiteResult> {
  const scratch = mkdtempSync(path.join(run.dir, 'troupe-bench-'));
  const sizes = suite.sizes(run.quick);
  const asked = suite.entrants.filter(({ name, once }) => once || isAsked(name, run.only));
  const absent = absentOf(asked, run.installPeers ?? installPeers);
  const entrants = asked.filter(({ name }) => !absent.has(name));
  const measures: Record<string, Readonly<Record<string, number>>[]> = {};
  const samples: Record<string, (readonly Sample[])[]> = {};
  const rounds = run.rounds ?? (run.quick ? 1 : (suite.rounds ?? roundsDefault));
  const msMax = suite.entrantMsMax ?? entrantMsMaxDefault;
  const prepared = path.join(scratch, 'prepared');
  const needsPreparing = entrants.some(({ isPrepared }) => isPrepared);
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const { name, once = false } of entrants) {
        if (once !== (round === 0) || (once && !needsPreparing)) continue;
        run.onStart(round, rounds, name);
        const folder = once ? prepared : path.join(scratch, 'journal');
        mkdirSync(folder, { recursive: true });
        const input = { sizes, folder, prepared };
        const { entry } = suite;
        const found = await runEntrant({ entry, name, input, profile: run.profile, mayDie: once, msMax });
        measures[name] ??= [];
        measures[name].push(found.measures);
        if (found.samples.length > 0) {
          samples[name] ??= [];
          samples[name].push(found.samples);
        }
        if (!once) rmSync(folder, { recursive: true, force: true });
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const rows = resultsOf(suite, measures, absent, run.quick);
  const sections = suite.sections
    .map(({ title, rows: own }) => ({ title, rows: own.flatMap(({ id }) => rows.get(id) ?? []) }))
    .filter((section) => section.rows.length > 0);
  const { name, notMeasured } = suite;
  return { suite: name, sizes, isFull: !run.quick, rounds, sections, notMeasured, measures, samples };
}

function isAsked(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((part) => name.includes(part));
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

/** @param absent why each absent entrant is */
function resultsOf(
  suite: Suite,
  measures: SuiteResult['measures'],
  absent: ReadonlyMap<string, string>,
  quick: boolean,
): Map<string, RowResult> {
  const results = new Map<string, RowResult>();
  for (const row of suite.sections.flatMap((section) => section.rows)) {
    const why = absent.get(row.entrant);
    if (why !== undefined) results.set(row.id, { ...row, values: [], ...spreadOf([]), absent: why });
    const values = measures[row.entrant]?.map((measured) => measured[row.measure] ?? Number.NaN);
    if (values === undefined || values.length === 0) continue;
    const base = row.base === undefined ? [] : (results.get(row.base)?.values ?? []);
    const ratio =
      base.length === 0 ? undefined : spreadOf(values.map((value, round) => value / (base[round] ?? Number.NaN)));
    const spread = spreadOf(values);
    results.set(row.id, { ...row, values, ...spread, ratio, met: quick ? undefined : isMet(row, spread, ratio) });
  }
  return results;
}

function isMet({ target }: Row, value: Spread, ratio: Spread | undefined): boolean | undefined {
  if (target === undefined) return undefined;
  if ('valueMax' in target) return value.median < target.valueMax;
  if ('ratioMax' in target) return ratio && ratio.median <= target.ratioMax;
  return ratio && ratio.median >= target.ratioMin;
}
