/** Running several journals at once, judging them together, and saying in one line what was survived. */
import type { KillReport, KillRun } from './kill-harness.js';

const seedDefault = 1;
const complaintsShown = 12;

/** The seed of this test run. @param given `TROUPE_SEED`, a whole number */
export function seedOf(given: string | undefined): number {
  const seed = given === undefined || given === '' ? seedDefault : Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`TROUPE_SEED must be a whole number, not ${given}`);
  return seed;
}

/** Sums over all runs of a file. */
export class KillTotals {
  acked = 0;
  private readonly sums = new Map<string, number>();
  private readonly kills = new Map<string, number>();

  /** Add one run. */
  add(report: KillReport): void {
    this.acked += report.acked;
    for (const [name, value] of Object.entries(report)) {
      if (typeof value === 'number') this.sums.set(name, (this.sums.get(name) ?? 0) + value);
    }
    for (const [where, count] of report.kills) this.kills.set(where, (this.kills.get(where) ?? 0) + count);
  }

  /** One line on standard output. */
  print(file: string, seed: number): void {
    const list = (counts: Map<string, number>) => Array.from(counts, ([name, count]) => `${name} ${count}`).join(', ');
    const kills = [...this.kills.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`    ${file}: seed ${seed}, ${kills} kills (${list(this.kills)}); ${list(this.sums)}\n`);
  }
}

/**
 * Let all runs live at the same time, audit them, and fail with the complaints, the seed and the command that
 * repeats the plan. Folders of failed runs are kept.
 */
export async function expectAllRight(
  file: string,
  seed: number,
  runs: readonly KillRun[],
  totals: KillTotals,
  live: (run: KillRun) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.all(runs.map((run) => judge(run, totals, live)));
  const failed = outcomes.filter((outcome) => outcome !== undefined);
  if (failed.length === 0) return;
  const again = `TROUPE_SEED=${seed} npm test -- dist/test/fault/${file}.test.js`;
  throw new Error(`\n${failed.join('\n')}\nseed ${seed}; again: ${again}`);
}

/** What is wrong with a run, or undefined. */
async function judge(
  run: KillRun,
  totals: KillTotals,
  live: (run: KillRun) => Promise<void>,
): Promise<string | undefined> {
  let complaints: string[];
  try {
    await live(run);
    const report = await run.audit();
    totals.add(report);
    complaints = report.complaints;
  } catch (error) {
    complaints = [String(error)];
  }
  if (complaints.length === 0) {
    run.close();
    return undefined;
  }
  const shown = complaints.slice(0, complaintsShown).join('\n  ');
  const rest = complaints.length > complaintsShown ? `\n  and ${complaints.length - complaintsShown} more` : '';
  return `  ${shown}${rest}\n  ${run.description}`;
}
