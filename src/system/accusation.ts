/** Why main ends a thread, and whom the journal is to charge for a thread that has ended. */
import type { HeartbeatReading } from '../host/heartbeat.js';

/** Why a thread is ended, and what it was at then. */
export interface Accusation {
  at: HeartbeatReading;
  code: 'MESSAGE_HUNG' | 'MEMORY_LIMIT';
  why: string;
}

/**
 * Whom the journal is to charge; `aid` 0: nobody. One that came to its end after all, before its thread did, has done
 * nothing wrong.
 * @param last what the thread was at in the end
 * @param accused why it was ended from here; undefined when it ended by itself
 */
export function guiltyOf(last: HeartbeatReading, accused: Accusation | undefined): { aid: number; seq: number } {
  const { aid, seq } = last;
  const isOther = accused !== undefined && (accused.at.aid !== aid || accused.at.seq !== seq);
  return isOther ? { aid: 0, seq: 0 } : { aid, seq };
}

/** A use of memory in a few words. @param bytesMax what is allowed */
export function describeUse(usedBytes: number, bytesMax: number): string {
  const [used, max] = [usedBytes, bytesMax].map((bytes) => Math.round(bytes / 2 ** 20));
  return `the process used ${used} MiB of memory, and ${max} are allowed`;
}

/** A hang in a few words. @param forMs how long it was seen, in milliseconds; 0: its time to stop was over */
export function describeHang(at: HeartbeatReading, forMs: number): string {
  if (forMs === 0) return 'it was at a message when its time to stop was over';
  const seconds = (forMs / 1_000).toFixed(1);
  return at.aid === 0 ? `it did not answer for ${seconds} s` : `it was at one message for ${seconds} s`;
}
