/**
 * Kills a child process again and again on one journal, then lets an auditor open it, and gives everything to
 * `accounting.ts`. One `KillRun` owns one folder: the journal, the notes and ledgers of every life.
 *
 * H1  All choices (hosts, what is killed where, the child's orders) come from the seed. Instants are the machine's,
 *     so a seed repeats the plan, and nearly always the failure.
 * H2  A child that ends in any other way than by the kill it was meant for is a failure.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type FailpointName, failpointNames } from '../../src/core/failpoint.js';
import { type Random, seededRandom } from '../../src/core/random.js';
import { Child } from '../helpers/child.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import { type Account, account, type Audit, type LifeNotes } from './accounting.js';
import { balanceAtStart, type Life } from './fixtures/bank-plan.js';

const childFile = fileURLToPath(new URL('./fixtures/bank-child-entry.js', import.meta.url));
const startMsMax = 20_000;

/**
 * Where to kill: at the count-th time a thread reaches a failpoint (at some instant when that takes longer than
 * `withinMs` after the opening), or some time after the start or the opening.
 */
export type KillPlan = { at: FailpointName; count: number; withinMs: number } | { at: 'start' | 'up'; afterMs: number };

/** What became of one run. */
export interface KillReport extends Account {
  /** Kills by where they happened. */
  kills: Map<string, number>;
}

/** False, after some milliseconds; does not keep the process alive. */
function pause(ms: number): Promise<boolean> {
  return sleep(ms, false, { ref: false });
}

/** One journal and everybody who dies on it. */
export class KillRun {
  readonly folder = makeFolder();
  readonly kills = new Map<string, number>();
  private readonly random: Random;
  private lives = 0;

  constructor(
    private readonly level: Life['level'],
    private readonly seed: number,
  ) {
    this.random = seededRandom(seed);
  }

  /** A number from 0 to max - 1, by the run's seed. */
  below(max: number): number {
    return Math.floor(this.random() * max);
  }

  /** What the run was, for a failure's message. */
  get description(): string {
    return `${this.level} actors, ${this.lives} lives, kept in ${this.folder}`;
  }

  /** Where the next life is to end, by the run's seed: half at failpoints, half at some instant. */
  plan(): KillPlan {
    if (this.random() < 0.5) {
      const at = failpointNames[this.below(failpointNames.length)] as FailpointName;
      return { at, count: at.startsWith('recovery') ? 1 : 1 + this.below(15), withinMs: 1_000 };
    }
    return this.random() < 0.8
      ? { at: 'up', afterMs: this.below(80) }
      : { at: 'start', afterMs: 150 + this.below(450) };
  }

  /**
   * Start a child and kill it as planned.
   * @returns where it died: at the failpoint's name, or at an `instant`
   */
  async live(plan: KillPlan): Promise<string> {
    const failpoint = 'count' in plan ? `${plan.at}:kill:${plan.count}` : undefined;
    const child = this.start({ audits: false, killsHosts: this.random() < 0.15 }, failpoint);
    let isGone = false;
    try {
      isGone = await this.wait(child, plan);
    } finally {
      if (!isGone) await child.kill();
    }
    const { code, signal } = await child.end();
    if (signal !== 'SIGKILL') throw new Error(`life ${this.lives} ended by itself, with code ${code}: ${child.stderr}`);
    const where = 'count' in plan && isGone ? plan.at : 'instant';
    this.kills.set(where, (this.kills.get(where) ?? 0) + 1);
    return where;
  }

  /** Let an auditor wait for rest, then check everything. */
  async audit(): Promise<KillReport> {
    const child = this.start({ audits: true, killsHosts: false }, undefined);
    const { code } = await child.end();
    if (code !== 0) throw new Error(`the auditor ended with code ${code}: ${child.stderr}`);
    const audit = child.messages[1] as Audit;
    const lives = Array.from(
      { length: this.lives },
      (_, index): LifeNotes => ({
        notes: this.linesOf(`notes-${index + 1}`),
        ledger: this.linesOf(`ledger-${index + 1}`),
      }),
    );
    return { ...account({ lives, audit, balanceAtStart }), kills: this.kills };
  }

  /** Remove the folder. Not called after a failure: the journal is evidence. */
  close(): void {
    removeFolder(this.folder);
  }

  /** Until the child has died by its failpoint (true), or is to be killed (false). */
  private async wait(child: Child, plan: KillPlan): Promise<boolean> {
    const gone = child.end().then(() => true);
    if (plan.at === 'start') return Promise.race([gone, pause(plan.afterMs)]);
    const isUp = child.said(1).then(
      () => false,
      () => true,
    );
    if (await Promise.race([isUp, pause(startMsMax)])) return true;
    if (child.messages.length === 0) throw new Error(`life ${this.lives} did not come up: ${child.stderr}`);
    return Promise.race([gone, pause('count' in plan ? plan.withinMs : plan.afterMs)]);
  }

  private start(how: Pick<Life, 'audits' | 'killsHosts'>, failpoint: string | undefined): Child {
    this.lives += 1;
    const life: Life = {
      ...how,
      number: this.lives,
      folder: this.folder,
      seed: this.seed + this.lives,
      // One to three, fewer more often: each costs a start.
      hosts: [1, 1, 1, 2, 2, 3][this.below(6)] as number,
      level: this.level,
      checkpointBytes: this.random() < 0.5 ? 65_536 : 2 ** 25,
    };
    const env: NodeJS.ProcessEnv = { ...process.env, BANK: JSON.stringify(life) };
    if (failpoint !== undefined) env.TROUPE_FAILPOINT = failpoint;
    else delete env.TROUPE_FAILPOINT;
    return new Child(process.execPath, [childFile], { env });
  }

  /** Complete lines only: the last one may have been cut short by the kill. */
  private linesOf(name: string): string[] {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}
