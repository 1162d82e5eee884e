import { expect } from 'chai';
import fc from 'fast-check';
import { bucketOf, bucketToSplit } from '../../../actors/managers/buckets.js';
import {
  filtered,
  includes,
  indexOf,
  insertAt,
  lengthOf,
  noRuns,
  type Runs,
  slice,
  withArrival,
  without,
  withSorted,
} from '../../../actors/managers/runs.js';

describe('runs', () => {
  it('are a list of numbers, whatever is done to them', () => {
    const doings = fc.array(fc.tuple(fc.constantFrom('insert', 'insert', 'append', 'remove'), fc.nat(30), fc.nat(30)));
    fc.assert(
      fc.property(doings, fc.nat(30), fc.nat(10), (steps, from, limit) => {
        let runs: Runs = noRuns;
        let model: number[] = [];
        for (const [what, number, place] of steps) {
          if (what === 'remove') {
            runs = without(runs, number);
            model = model.filter((each) => each !== number);
          } else if (!model.includes(number)) {
            const index = what === 'append' ? model.length : place % (model.length + 1);
            runs = insertAt(runs, index, number);
            model.splice(index, 0, number);
          }
          expect(slice(runs, 0, 100)).to.deep.equal(model);
        }
        expect(lengthOf(runs)).to.equal(model.length);
        expect(slice(runs, from, limit)).to.deep.equal(model.slice(from, from + limit));
        expect(slice(runs, from, limit, true)).to.deep.equal(model.toReversed().slice(from, from + limit));
        for (let number = 0; number < 32; number += 1) {
          expect(indexOf(runs, number)).to.equal(model.indexOf(number));
          expect(includes(runs, number)).to.equal(model.includes(number));
        }
        const arrived = withArrival(runs, 15);
        const smaller = model.findLastIndex((number) => number < 15) + 1;
        if (!model.includes(15)) expect(slice(arrived, 0, 100)).to.deep.equal(model.toSpliced(smaller, 0, 15));
        const even = filtered(runs, (number) => number % 2 === 0);
        expect(slice(even, 0, 100)).to.deep.equal(model.filter((number) => number % 2 === 0));
        const sorted = model.reduce(withSorted, noRuns);
        expect(slice(sorted, 0, 100)).to.deep.equal(model.toSorted((a, b) => a - b));
      }),
    );
  });

  it('that count upwards are short', () => {
    const upwards = Array.from({ length: 10_000 }, (_, n) => n);
    expect(upwards.reduce<Runs>((runs, n) => insertAt(runs, n, n), noRuns)).to.deep.equal([0, 10_000]);
  });
});

describe('buckets', () => {
  it('with one more, only ids of the divided one move, and only to the new one', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `id-${n}`);
    for (let count = 1; count < 70; count += 1) {
      for (const id of ids) {
        const [before, after] = [bucketOf(id, count), bucketOf(id, count + 1)];
        const isGood = before < count && (before === after || (before === bucketToSplit(count) && after === count));
        if (!isGood) throw new Error(`${id} went from ${before} to ${after} of ${count + 1}`);
      }
    }
  });

  it('are of about the same size', () => {
    const counts = new Map<number, number>();
    for (let n = 0; n < 64_000; n += 1) {
      const bucket = bucketOf(`some-id-${n.toString(36)}`, 64);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(count).to.be.within(850, 1_150);
  });
});
