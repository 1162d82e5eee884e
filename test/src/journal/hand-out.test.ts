/** Mail that is with its actor before the disk has it, and what becomes of it when the disk refuses. */
import { expect } from 'chai';
import { ByteReader } from '../../../src/core/bytes.js';
import { EnvelopeKind, readEnvelope } from '../../../src/core/envelope.js';
import { armFailpoint, disarmFailpoint } from '../../../src/core/failpoint.js';
import type { LinkReader, LinkWriter } from '../../../src/core/link.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { durabilityCodes, FrameWriter } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import { readSignals, type SignalVisitor } from '../../../src/journal/signals.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';

/** One thread as a test plays it: it says what it is told, and when it looks. */
class Thread {
  private frameNo = 0;
  private epoch = 0;

  constructor(
    private readonly reader: LinkReader,
    private readonly writer: LinkWriter,
  ) {}

  write(fill: (frame: FrameWriter) => void): void {
    const frame = new FrameWriter();
    frame.begin('flushed');
    fill(frame);
    this.frameNo += 1;
    frame.address(this.epoch, this.frameNo);
    this.writer.write(frame.view());
  }

  /** What has come since the last look. */
  heard(): string[] {
    const heard: string[] = [];
    const visitor = {
      ack: (frameNo: number) => heard.push(`ack ${frameNo}`),
      deliver: (aid: number, seq: number, _more: boolean, from: ByteReader) => {
        readEnvelope(from);
        heard.push(`mail ${seq} of ${aid}`);
      },
      activate: ({ aid }: { aid: number }) => heard.push(`activate ${aid}`),
      more: (aid: number) => heard.push(`more of ${aid}`),
      stopCell: (aid: number) => heard.push(`stop ${aid}`),
      notice() {},
      reset: (epoch: number) => {
        this.epoch = epoch;
        heard.push('reset');
      },
    } as unknown as SignalVisitor;
    for (let frame = this.reader.read(); frame !== undefined; frame = this.reader.read()) {
      readSignals(new ByteReader(frame), visitor);
    }
    return heard;
  }
}

describe('mail during a flush', () => {
  let store: MemoryStore;
  let clock: TestClock;
  let core: JournalCore;
  let caller: Thread;
  let host: Thread;
  let sent: number;

  const work = (): void => {
    while ((core.step() as { worked: boolean }).worked);
  };

  const attach = (kind: 'main' | 'host'): Thread => {
    const wake = (): void => {};
    const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    core.attach(kind, up.reader, down.writer);
    return new Thread(down.reader, up.writer);
  };

  const spawn = (frame: FrameWriter, path: string, durability: 0 | 1 | 2): void => {
    const kind = { name: 'x', url: 'file:///x.js', version: 1, keepHistoryMs: 0, placement: '' };
    frame.spawn({ ...kind, path, parent: 0, durability, input: Buffer.alloc(0), autoId: false, receipt: false });
  };

  const send = (frame: FrameWriter, to: number): void => {
    sent += 1;
    const header = { kind: EnvelopeKind.event, to, toPath: undefined, from: 0, id: sent, sentAt: 0 };
    frame.sendValue({ ...header, causationId: 0, correlationId: 0, receipt: false }, { type: 'x' }, 'x');
  };

  /** What the host hears while the group is being flushed, and after. */
  const during = (act: () => void): { during: string[]; after: string[] } => {
    const seen: string[] = [];
    armFailpoint('journal.beforeFlush', 1, () => {
      expect(store.unflushedBatches, 'not on the disk yet').to.be.above(0);
      seen.push(...host.heard());
    });
    act();
    work();
    return { during: seen, after: host.heard() };
  };

  beforeEach(() => {
    store = new MemoryStore();
    clock = new TestClock();
    sent = 0;
    const sizes = { groupBytesMax: 1 << 16, checkpointBytes: 1 << 20, retentionBytes: 1 << 20, windowItems: 2 };
    core = new JournalCore({ store, clock, place, ...sizes });
    caller = attach('main');
    host = attach('host');
    core.open();
    caller.write((frame) => {
      spawn(frame, '/flushed', durabilityCodes.flushed);
      spawn(frame, '/committed', durabilityCodes.committed);
      spawn(frame, '/none', durabilityCodes.none);
    });
    work();
    host.write((frame) => {
      for (const aid of [1, 2]) frame.state(aid, false, Buffer.from([0]), 0, 1);
    });
    work();
    host.heard();
  });

  afterEach(disarmFailpoint);

  it('is with an actor whose own turns wait for the disk, and with no other', () => {
    const heard = during(() =>
      caller.write((frame) => {
        for (const aid of [1, 2, 3]) send(frame, aid);
      }),
    );
    expect(heard.during).to.deep.equal(['mail 1 of 1']);
    expect(heard.after).to.have.members(['mail 2 of 2', 'mail 0 of 3']);
  });

  it('is given once, in order, and no more than the window has room for', () => {
    const heard = during(() =>
      caller.write((frame) => {
        for (let left = 4; left > 0; left -= 1) send(frame, 1);
      }),
    );
    expect(heard).to.deep.equal({ during: ['mail 1 of 1', 'mail 2 of 1'], after: [] });
    host.write((frame) => frame.consume(1, 1));
    work();
    expect(host.heard()).to.deep.equal(['mail 3 of 1', 'ack 2']);
  });

  it('waits with an actor that is not up, and with one that is stopping', () => {
    const anew = during(() =>
      caller.write((frame) => {
        spawn(frame, '/new', durabilityCodes.flushed);
        send(frame, 4);
      }),
    );
    expect(anew).to.deep.equal({ during: [], after: ['activate 4', 'mail 1 of 4'] });
    const stopping = during(() =>
      caller.write((frame) => {
        send(frame, 1);
        frame.stop(1, '', false);
      }),
    );
    expect(stopping.during).to.deep.equal([]);
  });

  it('a flush that fails takes it back: its host begins anew, and gets it when it was sent again', () => {
    const seen: string[] = [];
    store.failNextFlush(Object.assign(new Error('i/o error'), { code: 'EIO' }));
    armFailpoint('journal.beforeFlush', 1, () => {
      seen.push(...host.heard());
      // What the host does with it is from before its reset.
      host.write((frame) => frame.consume(1, 1));
      host.write((frame) => send(frame, 2));
    });
    caller.write((frame) => send(frame, 1));
    work();
    expect(seen).to.deep.equal(['mail 1 of 1']);
    expect(host.heard()).to.deep.equal(['reset']);
    expect(caller.heard(), 'nobody was told that it is kept').to.include('reset').and.not.include('ack 2');
    clock.advance(1_000);
    work();
    expect(core.model.waiting).to.equal(0);
    host.heard();
    caller.heard();
    caller.write((frame) => send(frame, 1));
    work();
    expect(host.heard()).to.deep.equal(['activate 1', 'mail 1 of 1']);
  });
});
