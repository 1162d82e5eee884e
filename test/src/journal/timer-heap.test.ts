import { expect } from 'chai';
import fc from 'fast-check';
import { TimerHeap } from '../../../src/journal/timer-heap.js';

describe('timer heap', () => {
  it('gives times back in order, equal ones in the order they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
        const heap = new TimerHeap();
        for (const [serial, dueAt] of times.entries()) heap.push({ dueAt, aid: 1, timerId: 't', serial });
        const popped: [number, number][] = [];
        for (let top = heap.pop(); top !== undefined; top = heap.pop()) popped.push([top.dueAt, top.serial]);
        const sorted = times.map((dueAt, serial): [number, number] => [dueAt, serial]);
        sorted.sort(([a, i], [b, j]) => a - b || i - j);
        expect(popped).to.deep.equal(sorted);
      }),
    );
  });
});
