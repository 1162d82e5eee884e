/** Frames of both levels: who waits for whom, and for how long. */
import { expect } from 'chai';
import { EnvelopeKind } from '../../../src/core/envelope.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { FrameWriter } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import type { Change, CommitLevel, LogRecord } from '../../../src/journal/store.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';

const clock = new TestClock();

/** A commit takes two milliseconds. */
class SlowStore extends MemoryStore {
  readonly levels: CommitLevel[] = [];

  override commit(changes: readonly Change[], level: CommitLevel, record?: LogRecord, more?: Iterable<Change>): void {
    super.commit(changes, level, record, more);
    if (record !== undefined) this.levels.push(level);
    clock.advance(2);
  }
}

describe('frames of two levels', () => {
  let store: SlowStore;
  let core: JournalCore;
  let write: (level: CommitLevel, quiet: boolean, fill?: (frame: FrameWriter) => void) => void;

  const header = { to: 0, toPath: '/nobody', from: 0, id: 1, sentAt: 0, causationId: 0, correlationId: 0 };
  const send = (frame: FrameWriter): void =>
    frame.sendValue({ ...header, kind: EnvelopeKind.event, receipt: false }, { type: 'x' }, 'x');

  beforeEach(() => {
    store = new SlowStore();
    const sizes = { groupBytesMax: 1 << 16, checkpointBytes: 1 << 20, retentionBytes: 1 << 20, windowItems: 4 };
    core = new JournalCore({ store, clock, place, ...sizes });
    const wake = (): void => {};
    const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    core.attach('host', up.reader, down.writer);
    const frame = new FrameWriter();
    let frameNo = 0;
    write = (level, quiet, fill = send) => {
      frame.begin(level);
      fill(frame);
      frameNo += 1;
      frame.address(0, frameNo, quiet);
      up.writer.write(frame.view());
    };
    store.levels.length = 0;
  });

  const work = (): void => {
    while ((core.step() as { worked: boolean }).worked);
  };

  it('timers that are due at every look keep nobody out', () => {
    write('flushed', false, (frame) => {
      const kind = { name: 'x', url: 'file:///x.js', version: 1, durability: 2 as const, keepHistoryMs: 0 };
      const spec = { ...kind, path: '/x', placement: '', input: Buffer.alloc(0), autoId: false, receipt: false };
      frame.spawn({ ...spec, parent: 0 });
    });
    work();
    write('flushed', false, (frame) => {
      for (let at = 1; at <= 500; at += 1) {
        const envelope = { ...header, kind: EnvelopeKind.timer, to: 1, toPath: undefined, receipt: false };
        const payload = Buffer.from([0xc0]);
        frame.timerSet(1, `t${at}`, clock.now() + at, { ...envelope, payload } as never);
      }
    });
    void core.step();
    const before = core.stats.frames;
    write('committed', false);
    write('flushed', false);
    for (let step = 0; step < 4; step += 1) void core.step();
    expect(core.stats.frames - before).to.equal(2);
    expect(core.model.nextTimer(), 'timers are still due').to.not.equal(undefined);
  });

  it('questions that wait for nobody share the flush of others, though they came by turns', () => {
    for (let at = 0; at < 5; at += 1) {
      write('committed', true);
      write('flushed', false);
    }
    work();
    expect(store.levels.slice(0, 2)).to.deep.equal(['committed', 'flushed']);
    expect(store.levels).to.have.length(2);
  });
});
