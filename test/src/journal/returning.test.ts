/** Actors that come back with mail: so many at a time to each host, and to whichever has a place. */
import { expect } from 'chai';
import { EnvelopeKind } from '../../../src/core/envelope.js';
import { limits } from '../../../src/core/limits.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { FailKind } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';
import { BareHost } from './fixtures/bare-host.js';

const { comingBackMax: max, comingBackFirst: few } = limits;
const nothing = Buffer.alloc(0);
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

describe('actors that come back', () => {
  let core: JournalCore;
  let main: BareHost;
  let messages: number;

  const attach = (kind: 'main' | 'host', isUp = true): BareHost => {
    const wake = (): void => {};
    const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
    const { session } = core.attach(kind, up.reader, down.writer, isUp);
    return new BareHost(session, down.reader, up.writer);
  };

  /** Steps until there is nothing to do, and lets the hosts read. */
  const rest = (...hosts: BareHost[]): void => {
    while ((core.step() as { worked: boolean }).worked);
    for (const host of hosts) host.read();
  };

  const spawn = (count: number, placement = '', parent = 0): void =>
    main.write((frame) => {
      const kind = { name: 'x', url: 'file:///x.js', version: 1, durability: 1 as const, keepHistoryMs: 0 };
      const spec = { parent, ...kind, placement, input: nothing, autoId: true, receipt: false };
      for (let left = count; left > 0; left -= 1) frame.spawn({ ...spec, path: '/x-' });
    });

  const tell = (aids: readonly number[]): void =>
    main.write((frame) => {
      for (const to of aids) {
        messages += 1;
        const header = { kind: EnvelopeKind.event, to, toPath: undefined, from: 0, id: messages, sentAt: 0 };
        frame.sendValue({ ...header, causationId: 0, correlationId: 0, receipt: false }, { type: 'x' }, 'x');
      }
    });

  /** A host with these actors dies, and each of them has a message. */
  const leaveBehind = async (count: number, placement = '', andPinned = 0): Promise<number[]> => {
    const host = attach('host');
    spawn(andPinned, 'pinned:0');
    spawn(count, placement);
    // Those that wait to start do so when others have.
    for (let before = -1; before < host.given.length; ) {
      before = host.given.length;
      rest(host);
      host.handle(host.given.slice(before));
    }
    rest(host);
    expect(host.given).to.have.length(andPinned + count);
    const retired = core.retire(host.session, 0, 0, nothing);
    rest();
    await retired;
    tell(host.given);
    rest();
    return host.given;
  };

  beforeEach(() => {
    const store = new MemoryStore();
    const sizes = { groupBytesMax: 1 << 20, checkpointBytes: 1 << 24, retentionBytes: 1 << 24, windowItems: 4 };
    core = new JournalCore({ store, clock: new TestClock(), place, ...sizes });
    main = attach('main');
    messages = 0;
    core.open();
  });

  it('go to a host so many at a time, and to another one as soon as it is there, in order', async () => {
    const aids = await leaveBehind(4 * max);
    const [first, second] = [attach('host'), attach('host', false)];
    rest(first, second);
    expect(first.given).to.deep.equal(aids.slice(0, max));
    expect(second.given, 'it is not up').to.deep.equal([]);
    core.hostUp(second.session);
    rest(first, second);
    expect(first.given).to.have.length(max);
    expect(second.given, 'it is new').to.deep.equal(aids.slice(max, max + few));
    second.handle(second.given.slice(0, 10));
    rest(first, second);
    expect(first.given).to.have.length(max);
    expect(second.given, 'ten places are free, and it may have ten more').to.deep.equal(
      aids.slice(max, max + few + 20),
    );
    first.handle(first.given);
    rest(first, second);
    expect(first.given.slice(max), 'it is new no longer').to.deep.equal(aids.slice(max + few + 20, 2 * max + few + 20));
    for (let round = 0; round < 8; round += 1) {
      for (const host of [first, second]) host.handle(host.given.filter((aid) => host.mail.get(aid)?.length));
      rest(first, second);
    }
    const all = [...first.given, ...second.given];
    expect(all.sort((a, b) => a - b)).to.deep.equal(aids);
    expect(core.model.waiting).to.equal(0);
  });

  it('go to a host that is not up yet when no other is', async () => {
    const aids = await leaveBehind(max + 10);
    const host = attach('host', false);
    rest(host);
    expect(host.given).to.deep.equal(aids.slice(0, max));
    core.hostUp(host.session);
    host.handle(host.given);
    rest(host);
    expect(host.given).to.deep.equal(aids);
  });

  it('wait for the host they wish for, and nobody else waits for them', async () => {
    const all = await leaveBehind(20, '', 2 * max);
    const [pinned, others] = [all.slice(0, 2 * max), all.slice(2 * max)];
    const [first, second] = [attach('host'), attach('host')];
    rest(first, second);
    expect(first.given).to.deep.equal(pinned.slice(0, few));
    expect(second.given).to.deep.equal(others);
    while (first.given.length < pinned.length) {
      first.handle(first.given.filter((aid) => first.mail.get(aid)?.length));
      rest(first, second);
    }
    expect(first.given).to.deep.equal(pinned);
    expect(second.given).to.deep.equal(others);
  });

  it('are given to the others when the host that they waited for is gone', async () => {
    const aids = await leaveBehind(2 * max, 'pinned:0');
    const [first, second] = [attach('host'), attach('host')];
    rest(first, second);
    void core.retire(first.session, 0, 0, nothing);
    rest(second);
    expect(second.given).to.have.length(max);
    second.handle(second.given);
    rest(second);
    expect([...second.given].sort((a, b) => a - b)).to.deep.equal(aids);
  });

  it('leave their place also when they fail, leave or end without having handled anything', async () => {
    const aids = await leaveBehind(max + 3);
    const host = attach('host');
    rest(host);
    const [failed = 0, left = 0, ended = 0] = host.given;
    host.write((frame) => {
      frame.fail(failed, host.mail.get(failed)?.[0] ?? 0, FailKind.message, nothing);
      frame.passivate(left);
      frame.ended(ended, 2, nothing);
    });
    rest(host);
    // Whoever left has a message, and comes back behind those that have waited.
    expect(host.given).to.deep.equal([...aids.slice(0, max), ...aids.slice(max)]);
    host.handle(aids.slice(max));
    rest(host);
    expect(host.given.at(-1)).to.equal(left);
  });

  it('get what came meanwhile, once and in order', async () => {
    const aids = await leaveBehind(max + 1);
    const last = aids.at(-1) as number;
    const host = attach('host');
    rest(host);
    tell([last]);
    rest(host);
    tell([last]);
    rest(host);
    expect(host.mail.has(last), 'it waits for its place').to.equal(false);
    host.handle(aids.slice(0, 1));
    rest(host);
    const seqs = host.mail.get(last) ?? [];
    expect(seqs).to.have.length(3);
    expect(seqs).to.deep.equal([...seqs].sort((a, b) => a - b));
  });

  it('are not held up by parents that are to stop, and wait for children among them', async () => {
    const host = attach('host');
    spawn(2 * few + 1);
    rest(host);
    const parents = host.given.slice();
    for (const parent of parents) spawn(1, '', parent);
    rest(host);
    const children = host.given.slice(parents.length);
    host.handle(host.given);
    rest(host);
    tell(host.given);
    main.write((frame) => {
      for (const parent of parents) frame.stop(parent, '', false);
    });
    rest();
    const retired = core.retire(host.session, 0, 0, nothing);
    rest();
    await retired;
    const hosts = [attach('host'), attach('host')];
    for (let round = 0; round < 2; round += 1) {
      rest(...hosts);
      for (const each of hosts) {
        const stopping = each.stopping.splice(0);
        each.write((frame) => {
          for (const aid of stopping) frame.ended(aid, 2, nothing);
        });
      }
    }
    rest(...hosts);
    expect(children).to.have.length(parents.length);
    expect(core.model.livingCount).to.equal(0);
  });

  it('are not held up when there is no mail for them, or they start', async () => {
    const aids = await leaveBehind(max + 1);
    const host = attach('host');
    rest(host);
    spawn(5);
    rest(host);
    expect(host.given).to.deep.equal([...aids.slice(0, max), ...numbers((aids.at(-1) as number) + 1, 5)]);
  });

  it('that have not started yet all start, also when mail or a stop has fetched some of them out of their turn', () => {
    const host = attach('host');
    spawn(4 * limits.startingMax);
    rest(host);
    const started = host.given.slice();
    expect(started).to.have.length(limits.startingMax);
    // In one group: places become free, and the next in line get mail, or are to stop.
    host.handle(started);
    const next = numbers((started.at(-1) as number) + 1, limits.startingMax);
    tell(next.slice(0, -1));
    main.write((frame) => frame.stop(next.at(-1) as number, '', false));
    rest(host);
    for (let from = started.length; from < host.given.length; ) {
      const given = host.given.slice(from);
      from = host.given.length;
      host.handle(given);
      rest(host);
    }
    expect(new Set(host.given).size).to.equal(4 * limits.startingMax - 1);
  });
});
