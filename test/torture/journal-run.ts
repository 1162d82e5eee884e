/**
 * Kills a child process again and again on one journal, then lets an auditor open it, and gives everything to
 * `accounting.ts`. One `JournalRun` owns one folder: the journal, the notes and ledgers of every life.
 *
 * J1  A child that ends in any other way than by the kill it was meant for is a failure.
 * J2  No child outlives its run: `abandon` kills the one that lives.
 */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from '../helpers/child.js';
import { removeFolder } from '../helpers/scratch-folder.js';
import { account } from './accounting.js';
import type { Audit, LifeNotes } from './evidence.js';
import { type Death, type Fate, Fates, type JournalPlan, type Victims } from './fate.js';
import type { Account } from './findings.js';
import { auditFile, balanceAtStart, type Durability, type Life } from './life.js';

/** The program that is tortured. */
const childFile = fileURLToPath(new URL('./fixtures/child-entry.js', import.meta.url));
/** The longest a child may take to open the system. */
const startMsMax = 30_000;
/** How long a life may take to its failpoint, once the system is open, in times of what a start takes. */
const reachStarts = 1.5;
/** The longest a life may take in which threads die; it gives up by itself before. */
const faultyMsMax = 330_000;
/** The longest an auditor may take; it gives up by itself before, if it can. */
const auditMsMax = 120_000;
/** What a start takes before anyone has been seen to start. */
const startMsGuess = 500;

/** What the lives of a run have in common. */
export interface RunSettings {
  /** What is to die. */
  victims: Victims;
  durability: Durability;
  /** The most host threads of a life. */
  hosts: number;
  /** Where the run's folder is made. */
  dir: string;
  /** The program to torture; default: ours. */
  childFile?: string | undefined;
}

/** One journal and everybody who dies on it. */
export class JournalRun {
  readonly folder: string;
  private readonly fates: Fates;
  private lives = 0;
  private isOpened = false;
  private startMs = startMsGuess;
  private child: Child | undefined;

  constructor(
    readonly plan: JournalPlan,
    private readonly settings: RunSettings,
  ) {
    this.folder = mkdtempSync(join(settings.dir, 'troupe-torture-'));
    this.fates = new Fates(plan.seed, settings.durability, settings.hosts, settings.victims, plan.deaths);
  }

  /**
   * Start a child and kill it as its fate says; or let threads of it die.
   * @returns where it died: a failpoint's name, `starting` or `working`; or how each of its threads did
   */
  async live(): Promise<string[]> {
    const { life, death, failpoint } = this.fates.next();
    const child = this.start(life, failpoint);
    if (death.how === 'itself') return this.fall(child, death.isKilled);
    let where: string | undefined;
    try {
      where = await this.wait(child, death);
    } finally {
      if (where === undefined) await child.kill();
    }
    const { code, signal } = await child.end();
    if (signal !== 'SIGKILL') throw new Error(`life ${this.lives} ended by itself, with code ${code}: ${child.stderr}`);
    this.isOpened ||= child.messages.includes('opened');
    return [where ?? (child.messages.includes('up') ? 'working' : 'starting')];
  }

  /** A child whose threads die, and that ends by itself: J1. */
  private async fall(child: Child, isKilled: boolean): Promise<string[]> {
    const end = await Promise.race([child.end(), pause(faultyMsMax)]);
    if (end === undefined) await child.kill();
    const isAsMeant = isKilled ? end?.signal === 'SIGKILL' : end?.code === 0;
    if (!isAsMeant) throw new Error(`life ${this.lives} ended ${JSON.stringify(end)}: ${child.stderr}`);
    this.isOpened ||= child.messages.includes('opened');
    const falls = this.linesOf(`notes-${this.lives}`).filter((line) => line.startsWith('fell '));
    return falls.map((line) => line.split(' ')[1] ?? '');
  }

  /** Let an auditor wait for rest, then check everything. */
  async audit(): Promise<Account> {
    const child = this.start(this.fates.auditor(), undefined);
    const end = await Promise.race([child.end(), pause(auditMsMax)]);
    if (end === undefined) await child.kill();
    const { code } = await child.end();
    if (code !== 0) throw new Error(`the auditor ended with code ${code}: ${child.stderr}`);
    const audit = JSON.parse(readFileSync(join(this.folder, auditFile), 'utf8')) as Audit;
    const lives = Array.from(
      { length: this.lives },
      (_, index): LifeNotes => ({
        notes: this.linesOf(`notes-${index + 1}`),
        ledger: this.linesOf(`ledger-${index + 1}`),
      }),
    );
    return account({ lives, audit, balanceAtStart });
  }

  /** Remove the folder. Not called after a failure: the journal is evidence. */
  close(): void {
    removeFolder(this.folder);
  }

  /** J2 */
  async abandon(): Promise<void> {
    await this.child?.kill();
  }

  /** Until the child has died by its failpoint (then its name), or is to be killed. */
  private async wait(child: Child, death: Exclude<Death, { how: 'itself' }>): Promise<string | undefined> {
    const startedAt = performance.now();
    const gone = child.end().then(() => (death.how === 'failpoint' ? death.at : 'by itself'));
    if (death.how === 'starting') return Promise.race([gone, pause(death.part * this.startMs)]);
    const up = child.said(1).catch(() => gone);
    await Promise.race([up, pause(startMsMax)]);
    if (child.messages.length === 0) {
      if (child.hasEnded) return gone;
      throw new Error(`life ${this.lives} did not come up: ${child.stderr}`);
    }
    this.startMs += (performance.now() - startedAt - this.startMs) / 8;
    return Promise.race([gone, pause(death.how === 'failpoint' ? reachStarts * this.startMs : death.afterMs)]);
  }

  private start(planned: Fate['life'], failpoint: string | undefined): Child {
    this.lives = planned.number;
    const life: Life = { ...planned, folder: this.folder, isOpened: this.isOpened };
    const env: NodeJS.ProcessEnv = { ...process.env, TORTURE: JSON.stringify(life) };
    if (failpoint !== undefined) env.TROUPE_FAILPOINT = failpoint;
    else delete env.TROUPE_FAILPOINT;
    this.child = new Child(process.execPath, [this.settings.childFile ?? childFile], { env });
    return this.child;
  }

  /** Complete lines only: the last one may have been cut short by the kill. */
  private linesOf(name: string): string[] {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}

/** Nothing, after some milliseconds. */
function pause(ms: number): Promise<undefined> {
  return sleep(ms, undefined, { ref: false });
}
