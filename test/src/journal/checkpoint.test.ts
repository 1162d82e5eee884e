import { expect } from 'chai';
import { type Segment, segmentsToDrop, withSegment } from '../../../src/journal/checkpoint.js';

const MiB = 2 ** 20;

describe('segments of the log', () => {
  const segment = (first: number, last: number, bytes: number, keepUntil = 0): Segment => ({
    first,
    last,
    bytes,
    keepUntil,
  });

  it('are joined while they are short, and keep the longest wish', () => {
    let segments = withSegment([], segment(1, 5, MiB, 70), 4 * MiB);
    segments = withSegment(segments, segment(6, 9, MiB, 30), 4 * MiB);
    expect(segments).to.deep.equal([segment(1, 9, 2 * MiB, 70)]);
    segments = withSegment(segments, segment(10, 12, 3 * MiB), 4 * MiB);
    expect(segments).to.deep.equal([segment(1, 9, 2 * MiB, 70), segment(10, 12, 3 * MiB)]);
  });

  it('are dropped from the oldest on, as far as the rest is still enough', () => {
    const segments = [segment(1, 2, 10), segment(3, 4, 10), segment(5, 6, 10), segment(7, 8, 10)];
    expect(segmentsToDrop(segments, 40, 0)).to.equal(0);
    expect(segmentsToDrop(segments, 39, 0)).to.equal(1);
    expect(segmentsToDrop(segments, 20, 0)).to.equal(2);
    expect(segmentsToDrop(segments, 0, 0)).to.equal(3);
    expect(segmentsToDrop([segment(1, 2, 10)], 0, 0)).to.equal(0);
    expect(segmentsToDrop([], 0, 0)).to.equal(0);
  });

  it('are not dropped before their time, nor is anything behind them', () => {
    const segments = [segment(1, 2, 10), segment(3, 4, 10, 500), segment(5, 6, 10), segment(7, 8, 10)];
    expect(segmentsToDrop(segments, 0, 499)).to.equal(1);
    expect(segmentsToDrop(segments, 0, 500)).to.equal(3);
  });
});
