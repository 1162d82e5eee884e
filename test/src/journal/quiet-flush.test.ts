/** What is only committed is flushed when it has been quiet for a while: not between a question and its answer. */
import { expect } from 'chai';
import { EnvelopeKind } from '../../../src/core/envelope.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { FrameWriter } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';

const quietMs = 5;

describe('a journal that has nothing to write', () => {
  let store: MemoryStore;
  let clock: TestClock;
  let commit: () => void;
  let rest: () => number;

  beforeEach(() => {
    store = new MemoryStore();
    clock = new TestClock();
    const sizes = { groupBytesMax: 1 << 16, checkpointBytes: 1 << 20, retentionBytes: 1 << 20, windowItems: 4 };
    const core = new JournalCore({ store, clock, place, ...sizes, quietMs });
    const wake = (): void => {};
    const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    core.attach('host', up.reader, down.writer);
    const frame = new FrameWriter();
    commit = () => {
      frame.begin('committed');
      const header = { kind: EnvelopeKind.event, to: 0, toPath: '/nobody', from: 0, id: 1, sentAt: clock.now() };
      frame.sendValue({ ...header, causationId: 0, correlationId: 0, receipt: false }, { type: 'x' }, 'x');
      frame.address(0, 1);
      up.writer.write(frame.view());
    };
    /** Steps until there is nothing to do. @returns how long it would sleep, in milliseconds */
    rest = () => {
      for (;;) {
        while (down.reader.read() !== undefined);
        const { worked, waitMs } = core.step() as { worked: boolean; waitMs: number };
        if (!worked) return waitMs;
      }
    };
  });

  it('waits for as long as it is told to, and sleeps for no longer, before it flushes', () => {
    const before = store.flushes;
    commit();
    expect(rest()).to.equal(quietMs);
    expect(store.unflushedBatches).to.be.above(0);
    clock.advance(quietMs - 1);
    expect(rest()).to.equal(1);
    expect(store.flushes).to.equal(before);
    clock.advance(1);
    rest();
    expect(store.flushes).to.equal(before + 1);
    expect(store.unflushedBatches).to.equal(0);
  });

  it('what is written meanwhile begins the wait anew', () => {
    const before = store.flushes;
    for (let round = 0; round < 4; round += 1) {
      commit();
      rest();
      clock.advance(quietMs - 1);
    }
    expect(store.flushes).to.equal(before);
    clock.advance(1);
    rest();
    expect(store.flushes).to.equal(before + 1);
  });

  it('is never quiet: what it commits is flushed after half a second all the same', () => {
    const flushed: number[] = [];
    for (let ms = 0; ms < 2_000; ms += 2) {
      commit();
      rest();
      if (store.unflushedBatches === 0) flushed.push(ms);
      clock.advance(2);
    }
    expect(flushed).to.deep.equal([502, 1_006, 1_510]);
  });

  it('has been quiet for long: the next commit does not wait for the disk', () => {
    clock.advance(60_000);
    rest();
    commit();
    rest();
    expect(store.unflushedBatches).to.be.above(0);
  });
});
