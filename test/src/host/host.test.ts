import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import { defineActor, loadedDefinition } from '../../../src/cell/define.js';
import { HeartbeatWriter, heartbeatBytes } from '../../../src/host/heartbeat.js';
import { Host } from '../../../src/host/host.js';
import { durabilityCodes } from '../../../src/journal/ops.js';
import { type Activation, SignalWriter } from '../../../src/journal/signals.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';
import { fromTransition } from 'xstate';

const started: string[] = [];
const logic = fromTransition((state: null) => state, null);
const known = defineActor(import.meta, 'host-test-known', logic, {
  hooks: { preStart: ({ self }) => void started.push(self.path) },
});

const slowClock = new TestClock();
const slow = defineActor(import.meta, 'host-test-slow', logic, {
  hooks: {
    preStart: ({ self }) => {
      started.push(self.path);
      slowClock.advance(1);
    },
  },
});

function nothing(): void {
  // Nobody sleeps in these tests.
}

/** A host whose journal is the test: it writes activations, and looks at what has started. */
function hostOf(clock = new TestClock()) {
  const wakes = { wakeReader: nothing, wakeWriter: nothing };
  const [signals, frames] = [createMemoryLink(wakes), createMemoryLink(wakes)];
  const woken = new EventEmitter();
  const host = new Host({
    session: 1,
    reader: signals.reader,
    writer: frames.writer,
    clock,
    heartbeat: new HeartbeatWriter(new SharedArrayBuffer(heartbeatBytes)),
    wake: () => void woken.emit('wake'),
  });
  const activate = (...activations: Partial<Activation>[]) => {
    const writer = new SignalWriter();
    for (const [index, each] of activations.entries()) writer.activate({ ...plain, aid: index + 1, ...each });
    signals.writer.write(writer.out.view8());
  };
  return { host, activate, woken };
}

const plain: Activation = {
  aid: 1,
  parent: 0,
  parentPath: '',
  parentDurability: 0,
  path: '/a',
  name: known.name,
  url: known.url,
  version: 1,
  durability: durabilityCodes.committed,
  input: Buffer.alloc(0),
  state: undefined,
  more: false,
  settled: [],
  mail: 0,
  abandoned: [],
  supervised: false,
  retrying: false,
  life: 0,
};

describe('a host', () => {
  beforeEach(() => {
    started.length = 0;
  });

  it('brings a cell up in the step that reads its activation, when the definition is known', () => {
    const { host, activate } = hostOf();
    activate({ path: '/a' }, { path: '/b' });
    host.step();
    expect(started).to.deep.equal(['/a', '/b']);
  });

  it('lets cells wait together for a definition that is not, and brings them up in their order', async () => {
    const { host, activate, woken } = hostOf();
    const name = 'host-test-late';
    const url = new URL('./fixtures/late-definition.js', import.meta.url).href;
    expect(loadedDefinition(name, url)).to.equal(undefined);
    activate({ path: '/a', name, url }, { path: '/b', name, url }, { path: '/known' }, { path: '/c', name, url });
    host.step();
    expect(started).to.deep.equal(['/known']);
    await once(woken, 'wake');
    while (host.step()) nothing();
    const { lateStarts } = (await import('./fixtures/late-definition.js')) as { lateStarts: string[] };
    expect(lateStarts).to.deep.equal(['/a', '/b', '/c']);
    expect(host.stats()).to.include({ cells: 4, activations: 4, messages: 4 });
  });

  it('gives children of one parent the same ref of it', () => {
    const { host, activate } = hostOf();
    const parents = { parent: 7, parentPath: '/p' };
    activate(
      { path: '/p/a', ...parents },
      { path: '/p/b', ...parents },
      { path: '/c' },
      { path: '/q/a', parent: 8, parentPath: '/q' },
    );
    host.step();
    const [a, b, c, d] = ['/p/a', '/p/b', '/c', '/q/a'].map((path) => host.cellAt(path)?.parent);
    expect(a).to.equal(b).and.to.include({ aid: 7, path: '/p' });
    expect(c).to.equal(undefined);
    expect(d).to.include({ aid: 8, path: '/q' });
  });

  it('closes its first turn early, for the journal to have something to do, and goes on for longer', () => {
    const { host, activate } = hostOf(slowClock);
    const { name, url } = slow;
    activate(...Array.from({ length: 16 }, (_, at) => ({ path: `/${at}`, name, url })));
    const inTurns = [1, 2].map(() => {
      started.length = 0;
      host.step();
      return started.length;
    });
    // It looks at the time after every fourth message, each of which takes a millisecond.
    expect(inTurns).to.deep.equal([4, 8]);
  });

  it('keeps no mailbox for a cell without mail', () => {
    const { host, activate } = hostOf();
    activate({ path: '/a' });
    host.step();
    expect(host.cellAt('/a')).to.include({ stage: 'ready', mailbox: undefined, activation: undefined });
  });
});
