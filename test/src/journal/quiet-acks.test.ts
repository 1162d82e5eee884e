/** Acknowledgements that nobody waits for: they wake no thread of their own, and are not forgotten. */
import { expect } from 'chai';
import { ByteReader } from '../../../src/core/bytes.js';
import { EnvelopeKind } from '../../../src/core/envelope.js';
import type { LinkReader } from '../../../src/core/link.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { FrameWriter } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import { readSignals, type SignalVisitor } from '../../../src/journal/signals.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';

const quietMs = 5;

/** One thread as a test plays it. */
interface Player {
  /** Write a frame with a message to nobody, and let the journal work until it has nothing to do. */
  write(level: 'committed' | 'flushed', quiet: boolean): void;
  /** The frames the journal has written to it since the last look, as what is in each. */
  heard(): string[];
}

describe('acknowledgements', () => {
  let store: MemoryStore;
  let clock: TestClock;
  let core: JournalCore;
  let one: Player;
  let other: Player;

  const work = (): void => {
    while ((core.step() as { worked: boolean }).worked);
  };

  const signalsOf = (reader: LinkReader): string[] => {
    const frames: string[] = [];
    for (let frame = reader.read(); frame !== undefined; frame = reader.read()) {
      const said: string[] = [];
      const visitor = {
        ack: (frameNo: number) => said.push(`ack ${frameNo}`),
        reply: (askId: number) => said.push(`reply ${askId}`),
        reset: () => said.push('reset'),
        notice() {},
      } as unknown as SignalVisitor;
      readSignals(new ByteReader(frame), visitor);
      if (said.length > 0) frames.push(said.join(', '));
    }
    return frames;
  };

  const attach = (fill: (frame: FrameWriter) => void): Player => {
    const wake = (): void => {};
    const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    core.attach('host', up.reader, down.writer);
    const frame = new FrameWriter();
    let frameNo = 0;
    return {
      write(level, quiet) {
        frame.begin(level);
        fill(frame);
        frameNo += 1;
        frame.address(0, frameNo, quiet);
        up.writer.write(frame.view());
        work();
      },
      heard: () => signalsOf(down.reader),
    };
  };

  beforeEach(() => {
    store = new MemoryStore();
    clock = new TestClock();
    const sizes = { groupBytesMax: 1 << 16, checkpointBytes: 1 << 20, retentionBytes: 1 << 20, windowItems: 4 };
    core = new JournalCore({ store, clock, place, ...sizes, quietMs });
    one = attach((frame) => {
      const header = { kind: EnvelopeKind.event, to: 0, toPath: '/nobody', from: 0, id: 1, sentAt: clock.now() };
      frame.sendValue({ ...header, causationId: 0, correlationId: 0, receipt: false }, { type: 'x' }, 'x');
    });
    // Replies to the first thread, whose session number is 1.
    other = attach((frame) => frame.reply(1, 8, true, Buffer.from([0])));
    work();
    one.heard();
    other.heard();
  });

  it('one that somebody waits for comes with the commit', () => {
    one.write('committed', false);
    expect(one.heard()).to.deep.equal(['ack 1']);
  });

  it('one that nobody waits for comes with what is written to that thread next', () => {
    one.write('committed', true);
    expect(one.heard()).to.deep.equal([]);
    other.write('committed', false);
    expect(one.heard()).to.deep.equal(['reply 8, ack 1']);
  });

  it('with the one of a later frame that somebody waits for', () => {
    one.write('committed', true);
    one.write('committed', false);
    expect(one.heard()).to.deep.equal(['ack 2']);
  });

  it('after another round, though there is nothing else for that thread', () => {
    other.write('flushed', true);
    one.write('committed', false);
    expect(other.heard()).to.deep.equal(['ack 1']);
  });

  it('before word that a later commit has failed: what it is for has happened', () => {
    one.write('committed', true);
    store.failNextCommit(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    other.write('committed', false);
    expect(one.heard()).to.deep.equal(['ack 1, reset']);
    expect(other.heard()).to.deep.equal(['reset']);
  });

  it('and when the journal has been quiet for a moment, flushed or not', () => {
    for (const [round, level] of (['committed', 'flushed', 'committed'] as const).entries()) {
      one.write(level, true);
      clock.advance(quietMs - 1);
      work();
      expect(one.heard(), level).to.deep.equal([]);
      clock.advance(1);
      work();
      expect(one.heard(), level).to.deep.equal([`ack ${round + 1}`]);
      expect(core.step()).to.include({ worked: false, waitMs: Number.POSITIVE_INFINITY });
    }
  });
});
