/**
 * Notices that the process takes more memory than it may, and finds the thread it is to be taken from. Buffers lie
 * outside the heaps that `hostLimits` bounds, so nothing but the process as a whole can be measured while a thread is
 * busy; the operating system counts by thread who touches new pages.
 *
 * What I own: looking, and whom to accuse. What the machine owns: ending the thread, and the rest.
 *
 * MW1  Accused of a message is only who was at this very message while the process grew by `memoryGrowthBytesMin`, and
 *      touched half of what it grew by. That the process is large is nobody's fault: what a thread that ended had used
 *      may stay with the allocator.
 * MW2  When nobody is at such a message, the thread that holds the most outside its heap is ended, if it is a great
 *      part, and nobody is charged: effects, modules and former messages leave no name.
 * MW3  One thread at a time, and then the memory is given time to come back.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Clock, ClockTimer } from '../core/clock.js';
import { limits } from '../core/limits.js';
import type { HeartbeatReading } from '../host/heartbeat.js';

/** A thread, as the watch sees it. */
export interface WatchedMemory {
  read(): HeartbeatReading;
  /** The operating system's number of the thread, 0 where it is not known. */
  osThread(): number;
  /** What it held outside its heap when it last said so, in bytes. */
  outsideBytes(): number;
  /** It is to be ended. @param at what it was doing; `aid` 0: nobody is charged @param usedBytes by the process */
  overfull(at: HeartbeatReading, usedBytes: number): void;
}

/** What is measured, and how. */
export interface MemoryGauge {
  /** Memory that is the process's own, without files it has mapped, in bytes. */
  used(): number;
  /** Memory a thread has touched first, ever, in bytes; undefined where that is not told. */
  touched(osThread: number): number | undefined;
}

/** What the operating system says. */
export const systemGauge: MemoryGauge = {
  used() {
    // The journal's store is a mapped file: its pages are the page cache's, and given back when needed.
    const kB = /^RssAnon:\s+(\d+) kB$/m.exec(readOf('/proc/self/status'))?.[1];
    return kB === undefined ? process.memoryUsage.rss() : Number(kB) * 1_024;
  },
  touched(osThread) {
    if (osThread === 0 || pageBytes() === 0) return undefined;
    const text = readOf(`/proc/self/task/${osThread}/stat`);
    // The second field is a name, and may hold anything but comes in parentheses. Minor faults are the tenth.
    const field = text.slice(text.lastIndexOf(')') + 2).split(' ')[7];
    return field === undefined ? undefined : Number(field) * pageBytes();
  },
};

let pageBytesOnce: number | undefined;

/** Bytes that one page fault brings; 0 when one cannot know, because pages are of several sizes. */
function pageBytes(): number {
  if (pageBytesOnce !== undefined) return pageBytesOnce;
  const isMixed = readOf('/sys/kernel/mm/transparent_hugepage/enabled').includes('[always]');
  const pages = Number(readOf('/proc/self/statm').split(' ')[1]);
  const ratio = Math.log2(process.memoryUsage.rss() / pages);
  pageBytesOnce = isMixed || !(pages > 0) ? 0 : 2 ** Math.round(ratio);
  return pageBytesOnce;
}

/** Empty where there is no such file, as on other systems than Linux. */
function readOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** What a process may use when nobody says: four fifths of what its machine or container has, in bytes. */
export function memoryBytesMaxDefault(): number {
  const machine = totalmem();
  // Without a limit it says 0, or more than any machine has.
  const container = process.constrainedMemory();
  const has = container > 0 && container < machine ? container : machine;
  return Math.floor(has * limits.memoryShareDefault);
}

/** How things were when a thread was first seen at what it is at. */
interface Seen {
  at: HeartbeatReading;
  touched: number | undefined;
  used: number;
}

/** See the file's header. */
export class MemoryWatch {
  private readonly threads = new Map<WatchedMemory, Seen>();
  private timer: ClockTimer | undefined;
  private accused: WatchedMemory | undefined;
  private looksToSkip = 0;

  /**
   * @param bytesMax what the process may use, in bytes; 0: anything
   * @param onNobody over the limit, and no thread is the reason. Told once, and again when it was under it meanwhile
   */
  constructor(
    private readonly clock: Clock,
    private readonly bytesMax: number,
    private readonly onNobody: (usedBytes: number) => void,
    private readonly gauge: MemoryGauge = systemGauge,
  ) {}

  /** Begin to watch a thread. */
  watch(thread: WatchedMemory): void {
    if (this.bytesMax === 0) return;
    this.threads.set(thread, this.see(thread, this.gauge.used()));
    if (this.timer === undefined) this.lookSoon();
  }

  /** It has ended, or is to end. */
  forget(thread: WatchedMemory): void {
    this.threads.delete(thread);
    if (this.accused === thread) {
      this.accused = undefined;
      this.looksToSkip = limits.memoryLooksSkipped;
    }
    if (this.threads.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private lookSoon(): void {
    this.timer = this.clock.after(limits.memoryLookMs, () => {
      this.look();
      this.timer = undefined;
      if (this.threads.size > 0) this.lookSoon();
    });
  }

  private see(thread: WatchedMemory, used: number): Seen {
    return { at: thread.read(), touched: this.gauge.touched(thread.osThread()), used };
  }

  private hasComplained = false;

  private look(): void {
    const used = this.gauge.used();
    for (const [thread, { at }] of this.threads) {
      const now = thread.read();
      const isSame = now.aid !== 0 && now.beat === at.beat && now.aid === at.aid && now.seq === at.seq;
      if (!isSame) this.threads.set(thread, this.see(thread, used));
    }
    if (used <= this.bytesMax) {
      this.hasComplained = false;
      return;
    }
    if (this.accused !== undefined) return;
    if (this.looksToSkip > 0) {
      this.looksToSkip -= 1;
      return;
    }
    const accused = this.guilty(used) ?? this.fullest(used);
    if (accused !== undefined) {
      this.accused = accused.thread;
      accused.thread.overfull(accused.at, used);
    } else if (!this.hasComplained) {
      this.hasComplained = true;
      this.onNobody(used);
    }
  }

  /** MW1 */
  private guilty(used: number): { thread: WatchedMemory; at: HeartbeatReading } | undefined {
    let worst: { thread: WatchedMemory; at: HeartbeatReading; touched: number } | undefined;
    for (const [thread, seen] of this.threads) {
      const grown = used - seen.used;
      if (seen.at.aid === 0 || grown < limits.memoryGrowthBytesMin) continue;
      // Where nobody counts, whoever was there is all there is to know.
      const touched = (this.gauge.touched(thread.osThread()) ?? grown) - (seen.touched ?? 0);
      if (touched < grown / 2) continue;
      if (worst === undefined || touched > worst.touched) worst = { thread, at: seen.at, touched };
    }
    return worst;
  }

  /** MW2 */
  private fullest(used: number): { thread: WatchedMemory; at: HeartbeatReading } | undefined {
    const [thread] = [...this.threads.keys()].sort((a, b) => b.outsideBytes() - a.outsideBytes());
    if (thread === undefined || thread.outsideBytes() < used * limits.memoryShareOfOneMin) return undefined;
    return { thread, at: { ...thread.read(), aid: 0, seq: 0 } };
  }
}
