import { expect } from 'chai';
import { ByteWriter } from '../../../src/core/bytes.js';
import { encode } from '../../../src/core/codec.js';
import { EnvelopeKind, writeEnvelope } from '../../../src/core/envelope.js';
import { toPlain } from '../../../src/core/errors.js';
import { DecisionFold } from '../../../src/journal/decision-fold.js';
import type { DecisionEntry } from '../../../src/journal/decision-entry.js';
import { GroupBuilder, readGroup } from '../../../src/journal/group.js';
import { Decision, EndKind, FailKind, FrameWriter } from '../../../src/journal/ops.js';
import { Standing } from '../../../src/journal/standing.js';
import type { JournalReader } from '../../../src/journal/store.js';
import { weak, worker } from '../../supervisors/fixtures/workers.js';
import { useTrees } from '../../supervisors/otp/tree.js';
import { stir } from './fixtures/traffic.js';

/** Fold a whole log. @returns what is remembered at its end, and at most on the way */
function foldAll(reader: JournalReader): { left: number; most: number; told: number } {
  const fold = new DecisionFold(new Standing(reader), () => true);
  let [most, told] = [0, 0];
  for (const { position, bytes } of reader.readLog()) {
    fold.take(bytes, readGroup(bytes, `log record ${position}`));
    told += fold.drain().length;
    most = Math.max(most, fold.remembered);
  }
  return { left: fold.remembered, most, told };
}

describe('the fold of decisions', () => {
  const { systems, tree } = useTrees();

  it('remembers nothing of failures that are settled', async () => {
    const t = await tree({ strategy: 'one-for-all', children: 'a b c', intensity: { restarts: 100, periodMs: 1_000 } });
    for (const trouble of ['stumble', 'crash', 'leave', 'giveUp'] as const) {
      for (const id of ['a', 'b', 'c']) await t.tell(id, trouble);
    }
    const { left, most, told } = foldAll(t.system.store);
    expect(told).to.be.greaterThan(20);
    expect(most).to.be.within(2, 3);
    expect(left).to.equal(0);
  });

  it('nor of messages that were tried again and handled, and of actors that ended meanwhile', async () => {
    const system = await systems.oneThread({ hosts: 3 });
    await stir(system, 4, 250);
    weak.set('weak', 1);
    await system.spawn(worker, { id: 'weak' });
    for (let each = 0; each < 50; each += 1) {
      const ref = await system.spawn(worker, { id: `w${each}` });
      await ref.tell({ type: 'stumble' });
      await system.settle();
      if (each % 2 === 0) await ref.tell({ type: 'giveUp' });
      await system.settle();
    }
    const { left, most, told } = foldAll(system.store);
    expect(told).to.be.greaterThan(60);
    expect(most).to.be.lessThan(10);
    expect(left).to.equal(0);
  });

  describe('of records made by hand', () => {
    const report = (message: string): Uint8Array =>
      encode({ error: toPlain(new Error(message)), attemptsMax: 3, retry: true }, 'report');

    /** Fold records of one frame each. Actor 2 is supervised by actor 1, all others by nobody. */
    function fold(...records: ((frame: FrameWriter) => void)[]): DecisionEntry[] {
      const row = (aid: number) => ({ path: `/${aid}`, supervised: aid === 2, parent: 1 });
      const standing = { row, pathOf: (aid: number) => `/${aid}` } as unknown as Standing;
      const folding = new DecisionFold(standing, () => true);
      const builder = new GroupBuilder();
      for (const [position, write] of records.entries()) {
        const frame = new FrameWriter();
        frame.begin('flushed');
        write(frame);
        const bytes = frame.view();
        builder.begin();
        builder.append(1, bytes);
        const before = { position, seq: 0, aid: 0, session: 1 };
        const record = Buffer.from(builder.finish(before, 'flushed', position * 1_000));
        folding.take(record, readGroup(record, `record ${position}`));
      }
      return [...folding.drain(), ...folding.undecided()];
    }

    it('a thread that dies when its actor has failed already changes nothing', () => {
      const entries = fold(
        (frame) => frame.fail(3, 5, FailKind.message, report('failed')),
        (frame) => frame.hostDown(1, 3, 5, report('died')),
        (frame) => frame.decide(3, 5, Decision.resume, 'once'),
      );
      expect(entries.map(({ cause, attempts, failedAt }) => [cause, attempts, failedAt])).to.deep.equal([
        ['message', 1, 0],
      ]);
    });

    it('what is told to the supervisor says how often it was: a stop charges nothing', () => {
      const word = encode([2, '/2', 'w', 'failed', 5, 1, report('again')], 'child') as Buffer;
      const envelope = (frame: FrameWriter): void => {
        const out = new ByteWriter(64);
        writeEnvelope(out, {
          kind: EnvelopeKind.child,
          to: 1,
          from: 0,
          id: 0,
          sentAt: 0,
          causationId: 0,
          correlationId: 0,
          receipt: false,
          payload: word,
        });
        frame.told(1, 9, out.copy());
      };
      const entries = fold(
        (frame) => {
          frame.fail(2, 5, FailKind.message, report('while it was stopping'));
          frame.held(2, EndKind.stopped);
        },
        (frame) => frame.decide(2, 0, Decision.restore, 'restarted'),
        (frame) => {
          frame.fail(2, 5, FailKind.message, report('again'));
          envelope(frame);
        },
        (frame) => frame.decide(2, 5, Decision.resume, 'enough'),
      );
      expect(entries.map(({ cause, attempts, by }) => [cause, attempts, by])).to.deep.equal([
        ['exit', 1, '/1'],
        ['message', 1, '/1'],
      ]);
    });

    it('of one that ended meanwhile nobody has decided, and what is open still waits', () => {
      const entries = fold(
        (frame) => frame.fail(3, 5, FailKind.message, report('failed')),
        (frame) => frame.fail(4, 6, FailKind.message, report('failed too')),
        (frame) => frame.over(3, EndKind.stopped),
        (frame) => frame.decide(3, 5, Decision.restore, 'late'),
      );
      expect(entries.map(({ aid, decision, why }) => [aid, decision, why])).to.deep.equal([
        [3, undefined, 'it ended before anybody had decided'],
        [4, undefined, ''],
      ]);
    });
  });
});
