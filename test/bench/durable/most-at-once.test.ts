/** How many jobs ran at once is read from when each began and ended. */
import { expect } from 'chai';
import { mostAtOnce } from '../../../bench/durable/tasks.js';

describe('the most spans at once', () => {
  const span = (beginMs: number, endMs: number) => ({ beginMs, endMs });

  it('is how many overlap, in whatever order they are told', () => {
    expect(mostAtOnce([span(4, 6), span(0, 3), span(2, 5), span(1, 2.5)])).to.equal(3);
  });

  it('does not count one that begins when another ends', () => {
    expect(mostAtOnce([span(0, 1), span(1, 2), span(2, 3)])).to.equal(1);
  });

  it('is none of none', () => {
    expect(mostAtOnce([])).to.equal(0);
  });
});
