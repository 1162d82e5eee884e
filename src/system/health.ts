/**
 * How a system is, from what the kernel knows anyway: nothing is asked of anybody, so the answer is there at once.
 *
 * What I own: the checks and the notices. What the system owns: its stage. What the machine owns: threads.
 *
 * H1  Live: there is a reason to wait. Not live: only another process can help (the journal's thread is gone, or the
 *     system has stopped).
 * H2  Ready: work that is sent now is accepted and done: neither starting nor draining, the journal takes writes, and
 *     a host is there. Other checks that are not good make it `degraded`, and leave it ready.
 * H3  One notice per change, of the status or of a check; that the reason reads otherwise is none.
 */
import type { Notice } from '../journal/model.js';
import type { HealthCheck, SystemHealth, Tell } from '../observe/channels.js';

/** What a machine knows of itself. */
export interface MachineHealth {
  /** Host threads that run. */
  hostsAlive: number;
  /** For how long the main thread was held up when it was last looked at, in milliseconds; 0: it was not. */
  loopLateMs: number;
}

/** Where a system is between its start and its end. */
export type Stage = 'starting' | 'running' | 'stopping' | 'stopped';

/** See the file's header. */
export class Health {
  private journalTrouble: Error | undefined;
  private isJournalLost = false;
  /** Actors, by number. */
  private readonly quarantined = new Set<number>();
  private told: SystemHealth;

  /**
   * @param stage where the system is
   * @param machine what the machine says; undefined while there is none
   */
  constructor(
    private readonly hostsWanted: number,
    private readonly stage: () => Stage,
    private readonly machine: () => MachineHealth | undefined,
    private readonly tell: Tell,
  ) {
    this.told = this.view();
  }

  /** As it is now. */
  view(): SystemHealth {
    const stage = this.stage();
    const checks = [this.journal(stage), this.hosts(), this.eventLoop(), this.quarantine()];
    const [journal] = checks as [HealthCheck];
    const isRunning = stage === 'running';
    const isGood = checks.every((each) => each.isGood);
    const isLive = stage !== 'stopped' && !this.isJournalLost;
    const isReady = isRunning && journal.isGood && this.hostsAlive > 0;
    if (isRunning) return { isLive, isReady, status: isGood ? 'ready' : 'degraded', checks };
    return { isLive, isReady, status: stage === 'stopping' ? 'draining' : stage, checks };
  }

  /** Something may have changed. */
  look(): void {
    const now = this.view();
    const was = this.told;
    if (essence(now) === essence(was)) return;
    this.told = now;
    this.tell('healthChanged', { ...now, was: was.status });
  }

  /** The journal has refused what was under way. */
  journalFailed(error: Error): void {
    this.journalTrouble = error;
    this.look();
  }

  /** The journal's thread is gone. */
  journalLost(error: Error): void {
    this.isJournalLost = true;
    this.journalFailed(error);
  }

  /** The journal says that something happened. */
  hear(notice: Notice): void {
    switch (notice.kind) {
      case 'writable':
        this.journalTrouble = undefined;
        break;
      case 'quarantined':
        this.quarantined.add(notice.aid);
        break;
      case 'unquarantined':
      case 'ended':
        if (!this.quarantined.delete(notice.aid)) return;
        break;
      default:
        return;
    }
    this.look();
  }

  private get hostsAlive(): number {
    return this.machine()?.hostsAlive ?? 0;
  }

  private journal(stage: Stage): HealthCheck {
    const isOpen = stage === 'running' || stage === 'stopping';
    const why =
      this.journalTrouble?.message ??
      (isOpen ? undefined : `it is ${stage === 'starting' ? 'not open yet' : 'closed'}`);
    return check('journal', why);
  }

  private hosts(): HealthCheck {
    const { hostsAlive, hostsWanted } = this;
    return check('hosts', hostsAlive >= hostsWanted ? undefined : `${hostsAlive} of ${hostsWanted} run`);
  }

  private eventLoop(): HealthCheck {
    const lateMs = this.machine()?.loopLateMs ?? 0;
    return check('eventLoop', lateMs === 0 ? undefined : `the main thread was held up for ${Math.round(lateMs)} ms`);
  }

  private quarantine(): HealthCheck {
    const { size } = this.quarantined;
    return check(
      'quarantine',
      size === 0 ? undefined : `${size} ${size === 1 ? 'actor is' : 'actors are'} quarantined`,
    );
  }
}

function check(name: string, why: string | undefined): HealthCheck {
  return why === undefined ? { name, isGood: true } : { name, isGood: false, why };
}

/** H3: while it starts and drains, its parts come and go. */
function essence({ status, isLive, isReady, checks }: SystemHealth): string {
  const outcomes = status === 'degraded' ? checks.map(({ isGood }) => isGood) : [];
  return [status, isLive, isReady, ...outcomes].join();
}
