import { expect } from 'chai';
import fc from 'fast-check';
import { EnvelopeKind } from '../../../src/core/envelope.js';
import { JournalCore } from '../../../src/journal/core.js';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import type { JournalModel } from '../../../src/journal/model.js';
import { Decision, FrameWriter } from '../../../src/journal/ops.js';
import { place } from '../../../src/journal/placement.js';
import { recover, silentOutcomes } from '../../../src/journal/recovery.js';
import { type ActorRow, decodeRow, encodeRow, RowStatus } from '../../../src/journal/row.js';
import { TestClock } from '../../../src/testing/test-clock.js';
import { createMemoryLink } from '../../../src/thread/memory-link.js';

/** A core with one writer that plays main and host at once. */
function startCore(store: MemoryStore, clock: TestClock, checkpointBytes: number) {
  const core = new JournalCore({
    store,
    clock,
    place,
    groupBytesMax: 1 << 16,
    checkpointBytes,
    retentionBytes: 1 << 12,
    windowItems: 4,
  });
  const wake = () => {};
  const up = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
  const down = createMemoryLink({ wakeReader: wake, wakeWriter: wake });
  core.attach('host', up.reader, down.writer);
  const frame = new FrameWriter();
  return {
    core,
    write(fill: (frame: FrameWriter) => void) {
      frame.begin('flushed');
      fill(frame);
      frame.address(0, 1);
      up.writer.write(frame.view());
      while ((core.step() as { worked: boolean }).worked) while (down.reader.read() !== undefined);
    },
  };
}

/** Everything the model knows, to be compared; dormant actors and states that only the store has, too. */
function describeModel(model: JournalModel, store: MemoryStore): unknown {
  const stored = [...store.scan('rows')].map(({ key }) => key as number);
  const aids = new Set([...stored, ...[...model.rows.inMemory()].map(({ aid }) => aid)]);
  const rows = [...aids].sort((a, b) => a - b).map((aid) => model.rows.get(aid));
  const living = rows.filter((row) => row !== undefined && row.status !== RowStatus.ended) as ActorRow[];
  return {
    counters: model.counters,
    waiting: model.waiting,
    living: model.livingCount,
    rows: living.map((row) => {
      const before = store.get('rows', row.aid);
      const state = row.stateStored && before !== undefined ? decodeRow(before, row.path).state : row.state;
      return encodeRow(row, state, row.hasMail ? [...row.mail.items(model)] : []).toString('hex');
    }),
    paths: living.map((row) => model.rows.at(row.path) === row),
    next: model.nextTimer()?.dueAt,
  };
}

const decisions = [Decision.restore, Decision.resume, Decision.reset];

const step = fc.record({
  op: fc.constantFrom(
    'spawn',
    'send',
    'send',
    'send',
    'work',
    'work',
    'timer',
    'cancel',
    'end',
    'fail',
    'stop',
    'time',
  ),
  who: fc.integer({ min: 0, max: 5 }),
  size: fc.integer({ min: 0, max: 3000 }),
});

describe('recovery', () => {
  it('stands where the journal stood, after any history and with checkpoints anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.constantFrom(1, 4_000, 20_000, 1 << 30),
        (steps, checkpointBytes) => {
          const store = new MemoryStore();
          const clock = new TestClock(1_000);
          const { core, write } = startCore(store, clock, checkpointBytes);
          for (const { op, who, size } of steps) {
            const path = `/actor-${who}`;
            const row = core.model.rows.at(path);
            const aid = row?.aid ?? 0;
            const head = row?.mail.first(core.model)?.seq ?? 0;
            const isRunning = row?.status === RowStatus.running;
            write((frame) => {
              if (op === 'spawn') frame.spawn(spawnOf(path, (who * 7) % 3 === 0 ? 0 : aidOf(core, '/actor-0')));
              else if (op === 'send') frame.send(messageTo(aid, path, size));
              else if (op === 'work' && isRunning) {
                if (head !== 0) frame.consume(aid, head);
                frame.state(aid, false, Buffer.alloc(size % 200, who), 0, size % 200);
              } else if (op === 'timer' && isRunning)
                frame.timerSet(aid, `t${size % 3}`, clock.now() + size, messageTo(aid, path, 8));
              else if (op === 'cancel' && isRunning) frame.timerCancel(aid, `t${size % 3}`);
              else if (op === 'end' && isRunning) frame.ended(aid, 0, Buffer.from([size % 5]));
              else if (op === 'fail' && isRunning && head !== 0) frame.fail(aid, head, 0, Buffer.from('why'));
              else if (op === 'stop') frame.stop(aid, path, false);
            });
            if (op === 'fail' && row?.failure) {
              const { seq } = row.failure;
              write((frame) => frame.decide(aid, seq, decisions[size % decisions.length] ?? Decision.restore, 'test'));
            }
            if (op === 'time') {
              clock.advance(size);
              write(() => {});
            }
          }
          const again = recover(store.fork('kill'), silentOutcomes).model;
          expect(describeModel(again, store)).to.deep.equal(describeModel(core.model, store));
          expect(again.livingCount).to.equal(livingIn(core, store));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('refuses a log record whose bytes have changed, and names it', () => {
    const store = new MemoryStore();
    const { write } = startCore(store, new TestClock(), 1 << 30);
    write((frame) => frame.spawn(spawnOf('/a', 0)));
    const record = [...store.readLog()].at(-1);
    const bytes = Buffer.from(record?.bytes ?? []);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const damaged = new MemoryStore();
    const position = record?.position ?? 0;
    for (const each of store.readLog(0, position)) damaged.commit([], 'flushed', each);
    damaged.commit([], 'flushed', { position, bytes });
    expect(() => recover(damaged, silentOutcomes))
      .to.throw(`log record ${position}`)
      .with.property('code', 'JOURNAL_CORRUPT');
  });
});

/** Counted one by one. */
function livingIn({ model }: JournalCore, store: MemoryStore): number {
  const stored = [...store.scan('rows')].map(({ key }) => key as number);
  const aids = new Set([...stored, ...[...model.rows.inMemory()].map(({ aid }) => aid)]);
  return [...aids].filter((aid) => (model.rows.get(aid)?.status ?? RowStatus.ended) !== RowStatus.ended).length;
}

function aidOf(core: JournalCore, path: string): number {
  return core.model.rows.at(path)?.aid ?? 0;
}

function spawnOf(path: string, parent: number) {
  return {
    path,
    parent,
    name: 'thing',
    url: 'file:///thing.js',
    version: 1,
    durability: 2 as const,
    placement: '',
    keepHistoryMs: 0,
    input: new Uint8Array(0),
    autoId: false,
    receipt: false,
  };
}

function messageTo(aid: number, path: string, size: number) {
  return {
    kind: EnvelopeKind.event,
    to: aid,
    toPath: aid === 0 ? path : undefined,
    from: 0,
    id: 1,
    sentAt: 0,
    causationId: 0,
    correlationId: 0,
    receipt: false,
    payload: Buffer.alloc(size, 1),
  };
}
