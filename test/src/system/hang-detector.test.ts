import { expect } from 'chai';
import type { HeartbeatReading } from '../../../src/host/heartbeat.js';
import { limits } from '../../../src/core/limits.js';
import { seededRandom } from '../../../src/core/random.js';
import { HangDetector, type WatchedThread } from '../../../src/system/hang-detector.js';
import { TestClock } from '../../../src/testing/test-clock.js';

/** A thread of the test's: at a message, or waiting for its bell. */
class FakeThread implements WatchedThread {
  reading: HeartbeatReading = { beat: 1, aid: 0, seq: 0 };
  answersBell = true;
  readonly accusations: { at: HeartbeatReading; forMs: number }[] = [];

  read(): HeartbeatReading {
    return this.reading;
  }

  nudge(): void {
    const { beat, aid, seq } = this.reading;
    if (this.answersBell) this.reading = { beat: beat + 1, aid, seq };
  }

  hung(at: HeartbeatReading, forMs: number): void {
    this.accusations.push({ at, forMs });
  }

  /** It begins a message, and comes to no end. */
  hangAt(aid: number, seq: number): void {
    this.reading = { beat: this.reading.beat + 1, aid, seq };
    this.answersBell = false;
  }
}

describe('hang detector', () => {
  let clock: TestClock;
  let thread: FakeThread;
  let isPaused: boolean;
  let detector: HangDetector;
  beforeEach(() => {
    clock = new TestClock();
    thread = new FakeThread();
    isPaused = false;
    detector = new HangDetector(clock, 1_000, () => isPaused);
    detector.watch(thread);
  });

  it('accuses a thread that stays at one message, after the time allowed and once', () => {
    thread.hangAt(7, 12);
    clock.advance(1_000);
    expect(thread.accusations).to.deep.equal([]);
    clock.advance(200);
    expect(thread.accusations).to.deep.equal([{ at: { beat: 2, aid: 7, seq: 12 }, forMs: 1_000 }]);
    clock.advance(100_000);
    expect(thread.accusations).to.have.length(1);
  });

  it('leaves in peace whoever goes from message to message, however long, and whoever has nothing to do', () => {
    for (let seq = 1; seq < 50; seq += 1) {
      thread.reading = { beat: seq, aid: 7, seq };
      clock.advance(900);
    }
    thread.reading = { beat: 100, aid: 0, seq: 0 };
    clock.advance(10 * limits.hostSilentMs);
    expect(thread.accusations).to.deep.equal([]);
  });

  it('a message that is tried again is another try', () => {
    for (let beat = 10; beat < 20; beat += 1) {
      thread.reading = { beat, aid: 7, seq: 12 };
      thread.answersBell = false;
      clock.advance(900);
    }
    expect(thread.accusations).to.deep.equal([]);
  });

  it('accuses a thread that is at no message and does not answer its bell, later', () => {
    thread.answersBell = false;
    clock.advance(limits.hostSilentMs - 200);
    expect(thread.accusations).to.deep.equal([]);
    clock.advance(300);
    expect(thread.accusations[0]?.at.aid).to.equal(0);
  });

  it('gives an irregular thread longer than the time allowed, and at most three times that', () => {
    for (let round = 0; round < 30; round += 1) {
      for (const ms of [100, 900, 300, 800]) {
        thread.reading = { beat: thread.reading.beat + 1, aid: 7, seq: 12 };
        thread.answersBell = false;
        clock.advance(ms);
      }
    }
    thread.hangAt(7, 13);
    clock.advance(1_300);
    expect(thread.accusations).to.deep.equal([]);
    clock.advance(2_000);
    expect(thread.accusations).to.have.length(1);
  });

  it('raises no false alarm at beats with any jitter below the time allowed, and finds the hang after', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = seededRandom(seed);
      const jittered = new FakeThread();
      jittered.answersBell = false;
      const watch = new HangDetector(clock, 1_000, () => false);
      watch.watch(jittered);
      for (let seq = 1; seq < 200; seq += 1) {
        jittered.reading = { beat: seq, aid: 7, seq };
        clock.advance(random() * 990);
      }
      expect(jittered.accusations, `seed ${seed}`).to.deep.equal([]);
      clock.advance(3_300);
      expect(jittered.accusations, `seed ${seed}`).to.have.length(1);
      watch.forget(jittered);
    }
  });

  it('counts no time in which it could not look itself: sleep, a blocked program, a debugger', () => {
    thread.hangAt(7, 12);
    clock.advance(500);
    // One look comes an hour late.
    clock.set(clock.now() + 3_600_000);
    clock.advance(300);
    expect(thread.accusations).to.deep.equal([]);
    isPaused = true;
    clock.advance(60_000);
    expect(thread.accusations).to.deep.equal([]);
    isPaused = false;
    clock.advance(400);
    expect(thread.accusations).to.have.length(1);
  });

  it('looks at nobody when all are forgotten, or when it may take for ever', () => {
    detector.forget(thread);
    expect(clock.waitingCount).to.equal(0);
    new HangDetector(clock, 0).watch(thread);
    expect(clock.waitingCount).to.equal(0);
  });
});
