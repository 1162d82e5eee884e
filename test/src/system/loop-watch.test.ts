import { expect } from 'chai';
import { limits } from '../../../src/core/limits.js';
import { LoopWatch } from '../../../src/system/loop-watch.js';
import { TestClock } from '../../../src/testing/index.js';

describe('the watch of the main thread', () => {
  let clock: TestClock;
  let watch: LoopWatch;
  let changes: number[];
  beforeEach(() => {
    clock = new TestClock();
    changes = [];
    watch = new LoopWatch(clock, () => changes.push(watch.lateMs));
    watch.start();
  });
  /** The thread does nothing else for so long: what was due meanwhile comes late. */
  const hold = (ms: number): void => {
    clock.set(clock.now() + ms);
    clock.advance(0);
  };

  it('says nothing while looks come in time, or nearly', () => {
    clock.advance(60_000);
    hold(limits.loopLookMs + limits.loopLateMsMax);
    expect([changes, watch.lateMs]).to.deep.equal([[], 0]);
  });

  it('says once that it was held up, and once that it is not any more', () => {
    hold(limits.loopLookMs + limits.loopLateMsMax + 1);
    expect(changes).to.deep.equal([limits.loopLateMsMax + 1]);
    hold(limits.loopLookMs + 5_000);
    expect([changes.length, watch.lateMs]).to.deep.equal([1, 5_000]);
    clock.advance(limits.loopLookMs);
    clock.advance(60_000);
    expect(changes).to.deep.equal([limits.loopLateMsMax + 1, 0]);
  });

  it('looks no more when it is told to stop', () => {
    watch.stop();
    expect(clock.waitingCount).to.equal(0);
  });
});
