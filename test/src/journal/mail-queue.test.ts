import { expect } from 'chai';
import fc from 'fast-check';
import { type ChunkStore, type MailItem, MailQueue } from '../../../src/journal/mail-queue.js';

/** Chunks in a map; what is removed disappears only at the next checkpoint, as in the journal. */
class Chunks implements ChunkStore {
  readonly stored = new Map<number, Buffer>();
  readonly garbage: number[] = [];

  read(_aid: number, firstSeq: number): Buffer {
    const value = this.stored.get(firstSeq);
    if (value === undefined) throw new Error(`chunk ${firstSeq} was read after it had gone`);
    return value;
  }

  put(_aid: number, firstSeq: number, value: Uint8Array): void {
    this.stored.set(firstSeq, Buffer.from(value));
  }

  remove(_aid: number, firstSeq: number): void {
    this.garbage.push(firstSeq);
  }

  collect(): void {
    for (const firstSeq of this.garbage.splice(0)) this.stored.delete(firstSeq);
  }
}

const item = (seq: number, bytes = 8): MailItem => {
  const buffer = Buffer.alloc(bytes + 4);
  buffer.writeUInt32LE(seq, 4);
  return { seq, bytes: buffer, offset: 4, length: bytes };
};

describe('mail queue', () => {
  it('keeps a short queue in RAM and returns it for the row', () => {
    const [queue, chunks] = [new MailQueue(1), new Chunks()];
    for (const seq of [3, 5, 9]) queue.push(item(seq));
    expect(queue.checkpoint(chunks).map(({ seq }) => seq)).to.deep.equal([3, 5, 9]);
    expect(chunks.stored.size).to.equal(0);
    expect(queue.consume(5, chunks)).to.equal(undefined);
    expect(queue.consume(3, chunks)?.seq).to.equal(3);
    expect(queue.length).to.equal(2);
  });

  it('puts a long queue on disk at a checkpoint and reads it back chunk by chunk, in order', () => {
    const [queue, chunks] = [new MailQueue(1), new Chunks()];
    for (let seq = 1; seq <= 1000; seq += 1) queue.push(item(seq));
    expect(queue.checkpoint(chunks)).to.deep.equal([]);
    expect(chunks.stored.size).to.equal(4);
    queue.push(item(1001));
    for (let seq = 1; seq <= 1001; seq += 1) expect(queue.consume(seq, chunks)?.bytes.length).to.be.greaterThan(0);
    expect(queue.length).to.equal(0);
  });

  it('keeps a worked-off chunk readable until the next checkpoint, for a recovery from the row before', () => {
    const [queue, chunks] = [new MailQueue(1), new Chunks()];
    for (let seq = 1; seq <= 300; seq += 1) queue.push(item(seq));
    queue.checkpoint(chunks);
    const { consumedSeq } = queue;
    for (let seq = 1; seq <= 300; seq += 1) queue.consume(seq, chunks);
    const again = new MailQueue(1);
    const found = [...chunks.stored].map(([firstSeq, value]) => ({ firstSeq, value }));
    again.restore(found, [], consumedSeq);
    for (let seq = 1; seq <= 300; seq += 1) expect(again.consume(seq, chunks)?.seq).to.equal(seq);
  });

  it('keeps all but the one that is taken out of a long queue on disk, also when it is stored again', () => {
    const [queue, chunks] = [new MailQueue(1), new Chunks()];
    for (let seq = 1; seq <= 1000; seq += 1) queue.push(item(seq));
    queue.checkpoint(chunks);
    expect(queue.takeOut(5, chunks)?.seq).to.equal(5);
    chunks.collect();
    queue.checkpoint(chunks);
    const again = new MailQueue(1);
    const found = [...chunks.stored].sort(([a], [b]) => a - b).map(([firstSeq, value]) => ({ firstSeq, value }));
    again.restore(found, [], queue.consumedSeq);
    for (const each of [queue, again]) {
      for (let seq = 1; seq <= 1000; seq += 1) if (seq !== 5) expect(each.consume(seq, chunks)?.seq).to.equal(seq);
      expect(each.length).to.equal(0);
    }
  });

  it('is a first-in-first-out queue, out of which one may be taken, under any mix of what is done to it', () => {
    const many = fc.integer({ min: 1, max: 400 });
    const weighted = <K extends string>(weight: number, kind: K, count: fc.Arbitrary<number> = fc.constant(0)) => ({
      weight,
      arbitrary: fc.record({ kind: fc.constant(kind), count }),
    });
    const step = fc.oneof(
      weighted(5, 'push', many),
      weighted(5, 'work', many),
      weighted(3, 'take out', fc.nat()),
      weighted(2, 'checkpoint'),
      weighted(1, 'release'),
      weighted(1, 'keep'),
      weighted(1, 'restart'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const chunks = new Chunks();
        let queue = new MailQueue(7);
        let pushed = 0;
        const waiting: number[] = [];
        for (const { kind, count } of steps) {
          if (kind === 'push') {
            for (let left = count; left > 0; left -= 1) {
              pushed += 1;
              waiting.push(pushed);
              queue.push(item(pushed));
            }
          } else if (kind === 'work') {
            for (let left = count; left > 0; left -= 1) {
              const next = queue.nextToDeliver(chunks);
              if (next !== undefined) {
                expect(next.seq).to.equal(waiting[queue.delivered]);
                queue.delivered += 1;
              }
              if (queue.delivered > 3 || (next === undefined && queue.delivered > 0)) {
                const oldest = waiting.shift() as number;
                expect(queue.consume(oldest, chunks)?.seq).to.equal(oldest);
              }
            }
          } else if (kind === 'take out') {
            queue.undeliver();
            const [seq = pushed + 1] = waiting.splice(count % (waiting.length + 1), 1);
            expect(queue.takeOut(seq, chunks)?.seq).to.equal(seq > pushed ? undefined : seq);
            expect(queue.takeOut(seq, chunks), 'it is there no more').to.equal(undefined);
          } else if (kind === 'release') {
            queue.undeliver();
          } else if (kind === 'keep') {
            // Taken back from a host that goes on with it.
            queue.undeliver();
            queue.redelivered();
          } else {
            chunks.collect();
            const inline = queue.checkpoint(chunks).map((kept) => ({ ...kept }));
            if (kind === 'restart') {
              const found = [...chunks.stored]
                .sort(([a], [b]) => a - b)
                .map(([firstSeq, value]) => ({ firstSeq, value }));
              const restored = new MailQueue(7);
              restored.restore(found, inline, queue.consumedSeq);
              queue = restored;
            }
          }
          expect(queue.length).to.equal(waiting.length);
        }
        expect([...queue.items(chunks)].map(({ seq }) => seq)).to.deep.equal(waiting);
      }),
      { numRuns: 200 },
    );
  });
});
