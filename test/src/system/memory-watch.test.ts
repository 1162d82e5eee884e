import { expect } from 'chai';
import { limits } from '../../../src/core/limits.js';
import type { HeartbeatReading } from '../../../src/host/heartbeat.js';
import {
  type MemoryGauge,
  memoryBytesMaxDefault,
  MemoryWatch,
  systemGauge,
  type WatchedMemory,
} from '../../../src/system/memory-watch.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { collectGarbage } from '../../helpers/kept.js';

const MiB = 2 ** 20;
const max = 1_000 * MiB;

/** A process of the test's. */
class FakeProcess implements MemoryGauge {
  bytes = 0;
  readonly touchedBy = new Map<number, number>();

  used(): number {
    return this.bytes;
  }

  touched(osThread: number): number | undefined {
    return this.touchedBy.get(osThread);
  }
}

class FakeThread implements WatchedMemory {
  reading: HeartbeatReading = { beat: 1, aid: 0, seq: 0 };
  outside = 0;
  readonly accusations: HeartbeatReading[] = [];

  constructor(readonly id: number) {}

  read(): HeartbeatReading {
    return this.reading;
  }

  osThread(): number {
    return this.id;
  }

  outsideBytes(): number {
    return this.outside;
  }

  overfull(at: HeartbeatReading): void {
    this.accusations.push(at);
  }
}

describe('memory watch', () => {
  let clock: TestClock;
  let gauge: FakeProcess;
  let threads: FakeThread[];
  let complaints: number[];
  let watch: MemoryWatch;
  const looks = (count: number) => clock.advance(count * limits.memoryLookMs);
  const accusations = () => threads.map((thread) => thread.accusations);
  beforeEach(() => {
    clock = new TestClock();
    gauge = new FakeProcess();
    threads = [new FakeThread(1), new FakeThread(2), new FakeThread(3)];
    complaints = [];
    watch = new MemoryWatch(clock, max, (used) => complaints.push(used), gauge);
    for (const thread of threads) watch.watch(thread);
  });

  it('accuses who was at one message while the process grew, and touched what it grew by, of that message', () => {
    const [busy, bomb, idle] = threads as [FakeThread, FakeThread, FakeThread];
    for (const thread of threads) gauge.touchedBy.set(thread.id, 5 * MiB);
    busy.reading = { beat: 5, aid: 11, seq: 1 };
    bomb.reading = { beat: 5, aid: 12, seq: 2 };
    gauge.bytes = max - 10 * MiB;
    looks(2);
    gauge.bytes = max + 90 * MiB;
    gauge.touchedBy.set(busy.id, 10 * MiB);
    gauge.touchedBy.set(bomb.id, 100 * MiB);
    gauge.touchedBy.set(idle.id, 5_000 * MiB);
    looks(1);
    expect(accusations()).to.deep.equal([[], [{ beat: 5, aid: 12, seq: 2 }], []]);
  });

  it('accuses nobody who goes from message to message, nor who took little, nor when nothing grows', () => {
    const [moving, modest] = threads as [FakeThread, FakeThread];
    moving.reading = { beat: 5, aid: 11, seq: 1 };
    modest.reading = { beat: 5, aid: 12, seq: 2 };
    for (const thread of threads) gauge.touchedBy.set(thread.id, 0);
    looks(1);
    gauge.bytes = 2 * max;
    gauge.touchedBy.set(moving.id, 2 * max);
    moving.reading = { beat: 6, aid: 11, seq: 2 };
    looks(1);
    modest.reading = { beat: 6, aid: 12, seq: 3 };
    looks(20);
    expect(accusations()).to.deep.equal([[], [], []]);
    expect(complaints).to.deep.equal([2 * max]);
  });

  it('where nobody counts what is touched, accuses who was at one message meanwhile', () => {
    threads[1]!.reading = { beat: 5, aid: 12, seq: 2 };
    looks(1);
    gauge.bytes = 2 * max;
    looks(1);
    expect(accusations()).to.deep.equal([[], [{ beat: 5, aid: 12, seq: 2 }], []]);
  });

  it('without a message to blame, ends the thread that holds the most, and charges nobody', () => {
    gauge.bytes = 2 * max;
    threads[2]!.outside = max;
    threads[0]!.outside = 10 * MiB;
    looks(1);
    expect(accusations()).to.deep.equal([[], [], [{ beat: 1, aid: 0, seq: 0 }]]);
  });

  it('when no thread is the reason it says so, once, and again only after it was well', () => {
    gauge.bytes = 2 * max;
    threads[2]!.outside = max / 4;
    looks(5);
    expect(accusations()).to.deep.equal([[], [], []]);
    expect(complaints).to.deep.equal([2 * max]);
    gauge.bytes = 10;
    looks(1);
    gauge.bytes = max + 7;
    looks(3);
    expect(complaints).to.deep.equal([2 * max, max + 7]);
  });

  it('ends one thread at a time, and gives its memory time to come back', () => {
    for (const thread of threads) thread.reading = { beat: 5, aid: thread.id, seq: 9 };
    looks(1);
    gauge.bytes = 2 * max;
    looks(10);
    const count = () => accusations().flat().length;
    expect(count()).to.equal(1);
    watch.forget(threads.find(({ accusations: of }) => of.length > 0) as FakeThread);
    looks(limits.memoryLooksSkipped);
    expect(count()).to.equal(1);
    looks(1);
    expect(count()).to.equal(2);
  });

  it('looks at nothing when all are forgotten, or when anything is allowed', () => {
    for (const thread of threads) watch.forget(thread);
    expect(clock.waitingCount).to.equal(0);
    new MemoryWatch(clock, 0, () => {}, gauge).watch(new FakeThread(4));
    expect(clock.waitingCount).to.equal(0);
  });

  it('reads of the machine what the process uses, and allows a part of what there is', async () => {
    // What other tests have left would be given back meanwhile.
    await collectGarbage();
    const before = systemGauge.used();
    const buffer = new Uint8Array(256 * MiB).fill(1);
    const grown = systemGauge.used() - before;
    expect(grown, `${buffer.length} bytes`).to.be.greaterThan(128 * MiB);
    expect(systemGauge.touched(0)).to.equal(undefined);
    expect(memoryBytesMaxDefault()).to.be.greaterThan(before);
  });
});
