/**
 * The torture as a whole: journals one after another, some at the same time; each dies, or its threads do, as
 * often as planned; then it is accounted for. Nothing is printed here.
 *
 * T1  What is done depends on the settings alone, not on how many journals are under way at the same time.
 * T2  After the first failure no new life is begun; the failed run's folder is kept.
 */
import { type JournalPlan, journalPlans } from './fate.js';
import type { Account } from './findings.js';
import { JournalRun, type RunSettings } from './journal-run.js';

/** What to do. */
export interface TortureSettings extends RunSettings {
  /** How many processes are to be killed, or host threads to die. */
  deaths: number;
  seed: number;
  /** Journals at the same time. */
  lanes: number;
  /** Only this journal of the plan, from 1. */
  journal: number | undefined;
  /** The name of a fault that is planted. */
  mutant: string | undefined;
}

/** A journal that failed. */
export interface TortureFailure {
  plan: JournalPlan;
  complaints: string[];
  /** Where the evidence is. */
  folder: string;
}

/** What became of it. */
export interface TortureReport {
  /** Deaths, and where: by failpoint, `starting` and `working`; of host threads by kind of fault. */
  deaths: number;
  places: Record<string, number>;
  journals: number;
  /** Sums over all accounts, without the complaints. */
  sums: Record<keyof Omit<Account, 'complaints'>, number>;
  failures: TortureFailure[];
  /** The time it took, in milliseconds. */
  tookMs: number;
}

/** Lives in a row in which nothing may have died: some kill themselves before anything else does. */
const idleLivesMax = 20;

/** A torture under way. */
export class Torture {
  private readonly startedAt = performance.now();
  private readonly running = new Set<JournalRun>();
  private readonly places = new Map<string, number>();
  private readonly sums = new Map<string, number>();
  private readonly failures: TortureFailure[] = [];
  private deaths = 0;
  private journals = 0;
  private isOver = false;

  /** @param onProgress told after every life */
  constructor(
    private readonly settings: TortureSettings,
    private readonly onProgress: (report: TortureReport) => void = () => {},
  ) {}

  /** Do it. Never rejects: what goes wrong is a failure in the report. */
  async run(): Promise<TortureReport> {
    const { journal, deaths, lanes, seed } = this.settings;
    const plans = journalPlans(deaths, seed).filter(({ number }) => journal === undefined || number === journal);
    const lane = async () => {
      for (let plan = plans.shift(); plan !== undefined && !this.isOver; plan = plans.shift()) await this.torture(plan);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return this.report();
  }

  /** Kill the children and begin nothing any more. Folders are removed. */
  async abandon(): Promise<void> {
    this.isOver = true;
    const runs = [...this.running];
    await Promise.all(runs.map((run) => run.abandon()));
    for (const run of runs) run.close();
  }

  /** What is known so far. */
  report(): TortureReport {
    return {
      deaths: this.deaths,
      places: Object.fromEntries(this.places),
      journals: this.journals,
      sums: Object.fromEntries(this.sums) as TortureReport['sums'],
      failures: this.failures,
      tookMs: performance.now() - this.startedAt,
    };
  }

  private async torture(plan: JournalPlan): Promise<void> {
    const run = new JournalRun(plan, this.settings);
    this.running.add(run);
    let complaints: string[];
    try {
      for (let deaths = 0, idle = 0; deaths < plan.deaths; ) {
        // Another journal has failed: this one's deaths count all the same, but nobody needs its end.
        if (this.isOver) return run.close();
        const places = await run.live();
        for (const place of places) this.count(this.places, place);
        deaths += places.length;
        this.deaths += places.length;
        idle = places.length === 0 ? idle + 1 : 0;
        if (idle >= idleLivesMax) throw new Error(`nothing died in ${idle} lives`);
        this.onProgress(this.report());
      }
      complaints = this.add(await run.audit());
    } catch (error) {
      complaints = [String(error)];
    } finally {
      this.running.delete(run);
    }
    if (complaints.length === 0) return run.close();
    this.isOver = true;
    this.failures.push({ plan, complaints, folder: run.folder });
  }

  private add({ complaints, ...counts }: Account): string[] {
    this.journals += 1;
    for (const [name, count] of Object.entries(counts)) this.count(this.sums, name, count);
    return complaints;
  }

  private count(counts: Map<string, number>, name: string, by = 1): void {
    counts.set(name, (counts.get(name) ?? 0) + by);
  }
}
