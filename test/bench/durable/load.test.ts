/** The load of durable peers: every way is tried and proven, and the best one counts. */
import { expect } from 'chai';
import { byCounters, measureCounters, sumOf, waysOf } from '../../../bench/durable/load.js';
import { quickSizes } from '../../../bench/durable/sizes.js';

describe('the load of durable counters', () => {
  const sizes = { ...quickSizes, peerAhead: [2, 5], peerAsks: 4 };
  const load = { increments: 50, ways: waysOf(sizes) };

  it('adds every number once in each way, behind a warm-up, and tells the better rate', async () => {
    const parts: number[][] = [];
    let total = 0;
    const addAll = async (from: number, to: number, { ahead }: { ahead: number }): Promise<void> => {
      parts.push([from, to, ahead]);
      total += sumOf(from, to);
    };
    const measures = await measureCounters(
      { addAll, total: async () => total, ask: async (at) => at + 1 },
      load,
      sizes,
    );
    expect(parts).to.deep.equal([
      [0, 5, 2],
      [5, 10, 5],
      [10, 60, 2],
      [60, 110, 5],
    ]);
    const { perSecond, ahead2PerSecond, ahead5PerSecond } = measures as Record<string, number>;
    expect(perSecond).to.equal(Math.max(ahead2PerSecond!, ahead5PerSecond!));
  });

  it('refuses a sum that lacks something in whichever way', async () => {
    let total = 0;
    const addAll = async (from: number, to: number, { ahead }: { ahead: number }): Promise<void> => {
      total += sumOf(from, to) - (ahead === 5 && from >= 10 ? 1 : 0);
    };
    const counters = { addAll, total: async () => total, ask: async (at: number) => at + 1 };
    const error = await measureCounters(counters, load, sizes).catch((each) => each);
    expect(error.message).to.match(/sum of all counters, ahead5/);
  });

  it('gives each counter one number after the other', async () => {
    const busy = new Set<number>();
    const added: number[] = [];
    await byCounters(3, 20, 4, async (at, counter) => {
      expect(busy.has(counter)).to.equal(false);
      busy.add(counter);
      await Promise.resolve();
      busy.delete(counter);
      added.push(at);
    });
    expect(added.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 17 }, (_, at) => at + 3));
  });
});
