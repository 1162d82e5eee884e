/** A host says that an actor, which failed and was reset, has begun anew there: in the record of the failure. */
import { expect } from 'chai';
import { EnvelopeKind } from '../../../src/core/envelope.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { Decision, EndKind, FailKind, type FrameWriter, Supervises } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';
import { encode } from '../../../src/core/codec.js';
import { toPlain } from '../../../src/core/errors.js';
import { BareHost } from './fixtures/bare-host.js';

const nothing = Buffer.alloc(0);
const report = encode({ error: toPlain(new Error('no')), attemptsMax: 3, retry: true }, 'report');
const [parent, child] = [1, 2];

describe('an actor that has begun anew where it failed', () => {
  let core: JournalCore;
  let main: BareHost;
  let host: BareHost;
  let messages: number;
  let clock: TestClock;

  let store: MemoryStore;

  const openCore = (checkpointBytes = 1 << 24, from = store): JournalCore => {
    const sizes = { groupBytesMax: 1 << 20, checkpointBytes, retentionBytes: 1 << 24, windowItems: 4 };
    return new JournalCore({ store: from, clock, place, ...sizes });
  };

  const attach = (kind: 'main' | 'host'): BareHost => {
    const wake = (): void => {};
    const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const { session } = core.attach(kind, up.reader, down.writer, true);
    return new BareHost(session, down.reader, up.writer);
  };

  const rest = (): void => {
    while ((core.step() as { worked: boolean }).worked);
    host.read();
  };

  const tell = (frame: FrameWriter): void => {
    messages += 1;
    const header = { kind: EnvelopeKind.event, to: child, toPath: undefined, from: 0, id: messages, sentAt: 0 };
    frame.sendValue({ ...header, causationId: 0, correlationId: 0, receipt: false }, { type: 'x' }, 'x');
  };

  /** The record of a turn in which the child fails, is reset, and begins anew with this state. */
  const failAndBegin = (state: number): void =>
    host.write((frame) => {
      tell(frame);
      frame.fail(child, -1, FailKind.toldHere, report);
      frame.decide(child, -1, Decision.reset, 'told to');
      frame.here(child);
      frame.state(child, false, Buffer.from([state]), 0, 1);
    });

  beforeEach(() => {
    store = new MemoryStore();
    clock = new TestClock();
    core = openCore();
    messages = 0;
    main = attach('main');
    host = attach('host');
    core.open();
    const kind = { name: 'x', url: 'file:///x.js', version: 1, durability: 1 as const, keepHistoryMs: 0 };
    const spec = { ...kind, placement: '', input: nothing, autoId: false, receipt: false };
    const limits = {
      shutdownMs: 500,
      rank: 0,
      anew: false,
      childrenMax: Number.POSITIVE_INFINITY,
    };
    const supervision = { ...limits, isChildrenMaxShared: false, asker: undefined };
    main.write((frame) => {
      const supervises = { supervised: false, supervises: Supervises.together };
      frame.spawn({ ...spec, parent: 0, path: '/p', supervision: { ...supervision, ...supervises } });
    });
    rest();
    host.write((frame) => {
      const supervised = { supervised: true, supervises: Supervises.no };
      frame.spawn({ ...spec, parent, path: '/p/c', supervision: { ...supervision, ...supervised } });
    });
    rest();
    host.handle([child]);
    rest();
  });

  it('is not given to a host once more, and gets its mail there', () => {
    const given = host.given.length;
    failAndBegin(7);
    rest();
    main.write(tell);
    rest();
    expect(host.given).to.have.length(given);
    expect(host.dropped).to.deep.equal([]);
    expect(host.mail.get(child)).to.have.length(1);
  });

  it('is not sent again what was on its way, and what it failed at is given up, though it stood behind that', () => {
    main.write(tell);
    // The journal has sent it, and the host has not read it yet.
    while ((core.step() as { worked: boolean }).worked);
    failAndBegin(7);
    rest();
    expect(host.mail.get(child)).to.have.length(1);
    host.handle([child]);
    main.write(tell);
    rest();
    expect(host.mail.get(child)).to.have.length(1);
    host.handle([child]);
    rest();
    expect(core.stats.failedCommits).to.equal(0);
  });

  it('has to stop in its time, also in its new life', () => {
    main.write((frame) => frame.stop(child, '/p/c', false));
    failAndBegin(7);
    rest();
    clock.advance(1_000);
    rest();
    main.read();
    expect(main.notices.filter(({ kind }) => kind === 'kill')).to.have.length(1);
    expect([host.stopping, host.killed], 'first it is asked').to.deep.equal([[child], [child]]);
  });

  it('goes on elsewhere, with the state it has by then, when that host is gone', async () => {
    failAndBegin(7);
    rest();
    const gone = core.retire(host.session, 0, 0, nothing);
    rest();
    await gone;
    host = attach('host');
    main.write(tell);
    rest();
    expect(host.states.get(child)).to.deep.equal(Buffer.from([7]));
  });

  it('stops in its new life when somebody has stopped it meanwhile', () => {
    main.write((frame) => frame.stop(child, '/p/c', false));
    failAndBegin(7);
    rest();
    expect(host.dropped).to.deep.equal([]);
    expect(host.stopping).to.include(child);
    host.write((frame) => frame.ended(child, EndKind.stopped, nothing));
    rest();
    // It is held: who decides that it goes on gives it the state it had then.
    host.write((frame) => frame.decide(child, 0, Decision.restore, 'go on'));
    main.write(tell);
    rest();
    expect(host.states.get(child)).to.deep.equal(Buffer.from([7]));
    // What it failed at is a dead letter.
    expect(host.mail.get(child)).to.have.length(1);
  });

  it('has failed to stop when it does not begin anew', () => {
    main.write((frame) => frame.stop(child, '/p/c', false));
    host.write((frame) => {
      tell(frame);
      frame.fail(child, -1, FailKind.toldHere, report);
      frame.decide(child, -1, Decision.restore, 'told to');
    });
    rest();
    host.write((frame) => frame.decide(child, 0, Decision.restore, 'go on'));
    rest();
    expect(host.states.get(child)).to.deep.equal(Buffer.from([0]));
    expect(host.mail.get(child)).to.have.length(1);
  });

  it('is given up also when it is decided about later, and what it failed at lies on disk by then', () => {
    // Each group is a checkpoint.
    store = store.fork('kill');
    core = openCore(1);
    main = attach('main');
    host = attach('host');
    core.open();
    host.write((frame) => {
      for (let left = 41; left > 0; left -= 1) tell(frame);
      frame.fail(child, -1, FailKind.toldHere, report);
    });
    rest();
    const waiting = (of = core) => of.model.rows.get(child)?.mail.length;
    expect(waiting()).to.equal(41);
    host.write((frame) => frame.decide(child, -1, Decision.resume, 'go on'));
    rest();
    expect(waiting()).to.equal(40);
    expect(waiting(openCore(1, store.fork('kill'))), 'started again').to.equal(40);
    for (let left = 40; left > 0; left -= 1) {
      host.handle([child]);
      rest();
    }
    expect(host.mail.get(child)).to.deep.equal([]);
    main.write(tell);
    rest();
    host.handle([child]);
    rest();
    expect(waiting()).to.equal(0);
    expect(waiting(openCore(1, store.fork('kill'))), 'started again').to.equal(0);
  });

  it('stops in its new life when all children of its supervisor are stopped between its failure and that', () => {
    host.write((frame) => {
      tell(frame);
      frame.fail(child, -1, FailKind.toldHere, report);
      frame.stop(parent, '/p', false);
      frame.decide(child, -1, Decision.reset, 'told to');
      frame.here(child);
      frame.state(child, false, Buffer.from([7]), 0, 1);
    });
    rest();
    expect(host.dropped).to.deep.equal([]);
    expect(host.stopping, 'first the child').to.deep.equal([child]);
    host.write((frame) => frame.ended(child, EndKind.stopped, nothing));
    rest();
    expect(host.stopping).to.deep.equal([child, parent]);
  });

  it('has stopped when its supervisor ends, and it does not begin anew', () => {
    host.write((frame) => {
      tell(frame);
      frame.fail(child, -1, FailKind.toldHere, report);
      frame.stop(parent, '/p', false);
    });
    rest();
    expect(host.stopping).to.deep.equal([parent]);
  });
});
