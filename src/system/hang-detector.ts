/**
 * Notices threads that hang. A host says in shared memory which message it is at (`host/heartbeat.ts`), so whoever
 * looks needs no help of the one that hangs.
 *
 * What I own: looking, and for how long a thread has looked the same. What the machine owns: ending it, and the rest.
 *
 * D1  A thread hangs when it was at the same message at every look for `hangAfterMs`, or when it was at none and did
 *     not answer its bell for `silentMs`: a promise of an effect can hang a thread too, and so can a module.
 *     That is the floor. Who has been irregular, by its own work or on a busy machine, is given longer: until one such
 *     silence in a hundred million would be a false alarm (`phi-accrual.ts`), but at most `hangPatienceMax` times it.
 * D2  Only time in which the looks came regularly counts: a machine that was asleep or overloaded, or a program that
 *     blocked this thread, makes nobody guilty.
 * D3  A thread is accused once.
 */
import { url as debuggerUrl } from 'node:inspector';
import type { Clock, ClockTimer } from '../core/clock.js';
import { limits } from '../core/limits.js';
import type { HeartbeatReading } from '../host/heartbeat.js';
import { PhiAccrual } from './phi-accrual.js';

/** A thread, as the detector sees it. */
export interface WatchedThread {
  read(): HeartbeatReading;
  /** Ring its bell: a thread that is well then beats. */
  nudge(): void;
  /** It hangs. @param at what it was doing @param forMs for how long at least, in milliseconds */
  hung(at: HeartbeatReading, forMs: number): void;
}

/** One false alarm in so many: ten to the power of this. */
const phiOfDeath = 8;
/** How many of a thread's last signs of life tell how regular it is. */
const phiWindow = 100;

interface Suspect {
  last: HeartbeatReading;
  sameForMs: number;
  readonly signs: PhiAccrual;
}

/** See the file's header. */
export class HangDetector {
  private readonly suspects = new Map<WatchedThread, Suspect>();
  private readonly intervalMs: number;
  private lookedAt = 0;
  private timer: ClockTimer | undefined;

  /**
   * @param hangAfterMs how long one message may take, in milliseconds; 0: for ever
   * @param isPaused while it says so nobody is accused. Default: while a debugger is attached
   */
  constructor(
    private readonly clock: Clock,
    private readonly hangAfterMs: number,
    private readonly isPaused: () => boolean = () => debuggerUrl() !== undefined,
  ) {
    this.intervalMs = Math.max(limits.hangLookMsMin, Math.min(limits.hangLookMsMax, hangAfterMs / 10));
  }

  /** Begin to watch a thread. */
  watch(thread: WatchedThread): void {
    if (this.hangAfterMs === 0) return;
    const { intervalMs } = this;
    const signs = new PhiAccrual({ intervalMsGuess: intervalMs, spreadMsMin: intervalMs / 4, windowSize: phiWindow });
    this.suspects.set(thread, { last: thread.read(), sameForMs: 0, signs });
    if (this.timer === undefined) this.lookSoon();
  }

  /** It has ended, or is to end. */
  forget(thread: WatchedThread): void {
    this.suspects.delete(thread);
    if (this.suspects.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private lookSoon(): void {
    this.lookedAt = this.clock.now();
    this.timer = this.clock.after(this.intervalMs, () => this.look());
  }

  private look(): void {
    // D2: a look that came late counts as one that came in time.
    const elapsedMs = this.isPaused() ? 0 : Math.min(this.intervalMs, Math.max(0, this.clock.now() - this.lookedAt));
    for (const [thread, suspect] of this.suspects) this.lookAt(thread, suspect, elapsedMs);
    this.timer = undefined;
    if (this.suspects.size > 0) this.lookSoon();
  }

  private lookAt(thread: WatchedThread, suspect: Suspect, elapsedMs: number): void {
    const now = thread.read();
    const { beat, aid, seq } = suspect.last;
    const isSame = now.beat === beat && now.aid === aid && now.seq === seq;
    suspect.last = now;
    if (!isSame) suspect.signs.sign(suspect.sameForMs + elapsedMs);
    suspect.sameForMs = isSame ? suspect.sameForMs + elapsedMs : 0;
    if (this.isHung(suspect, aid === 0 ? limits.hostSilentMs : this.hangAfterMs)) {
      this.suspects.delete(thread);
      thread.hung(now, suspect.sameForMs);
    } else if (isSame) thread.nudge();
  }

  /** D1 */
  private isHung({ sameForMs, signs }: Suspect, floorMs: number): boolean {
    if (sameForMs < floorMs) return false;
    return sameForMs >= floorMs * limits.hangPatienceMax || signs.phi(sameForMs) >= phiOfDeath;
  }
}
