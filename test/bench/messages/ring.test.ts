/** The bare ring: every frame arrives once, in order, also where the ring turns round. */
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Packr } from 'msgpackr';
import { makeRing, Ring } from '../../../bench/messages/ring.js';

const entry = new URL('../../../bench/messages/ring-entry.js', import.meta.url);

describe('the bare ring', () => {
  it('carries several times what fits, to another thread', async () => {
    const ring = makeRing();
    const worker = new Worker(entry, { workerData: ring.memory });
    const packr = new Packr();
    let sum = 0;
    // Frames of many lengths: their ends fall everywhere, also on the ring's own.
    for (let at = 0; at < 20_000; at += 1) {
      const batch = Array.from({ length: (at % 61) + 1 }, (_, index) => ({ type: 'add', by: at * index }));
      for (const { by } of batch) sum += by;
      ring.write(packr.pack(batch));
    }
    await ring.whenEmpty();
    expect(ring.total()).to.equal(sum);
    await worker.terminate();
  });

  it('keeps the order', () => {
    const ring = makeRing();
    for (let at = 0; at < 100; at += 1) ring.write(Uint8Array.of(at));
    const seen: number[] = [];
    const full = new Error('all are read');
    const read = (): void =>
      new Ring(ring.memory).read(([first = -1]) => {
        seen.push(first);
        // It reads for ever: this is the way out.
        if (seen.length === 100) throw full;
        return 1;
      });
    expect(read).to.throw(full);
    expect(seen).to.deep.equal(Array.from({ length: 100 }, (_, at) => at));
    expect(ring.total()).to.equal(99);
  });
});
