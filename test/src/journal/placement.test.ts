import { expect } from 'chai';
import { place } from '../../../src/journal/placement.js';

const hosts = [
  { index: 1, actors: 5 },
  { index: 2, actors: 3 },
  { index: 4, actors: 3 },
];
const request = (placement: string, path = '/a', parentIndex = -1) => ({ path, placement, parentIndex });

describe('placement', () => {
  it('takes the host with the fewest actors, the first of equals', () => {
    expect(place(request(''), hosts)).to.equal(2);
    expect(place(request('least-loaded'), hosts)).to.equal(2);
  });

  it('hashes a path to the same host each time, and different paths to all hosts', () => {
    const chosen = new Set(Array.from({ length: 50 }, (_, at) => place(request('hash', `/actor-${at}`), hosts)));
    expect([...chosen].sort()).to.deep.equal([1, 2, 4]);
    expect(place(request('hash', '/x'), hosts)).to.equal(place(request('hash', '/x'), hosts));
  });

  it('goes with the parent while the parent runs on a host, else to the least loaded', () => {
    expect(place(request('with-parent', '/a', 4), hosts)).to.equal(4);
    expect(place(request('with-parent', '/a', 0), hosts)).to.equal(2);
  });

  it('pins to the n-th host, modulo their number', () => {
    expect([0, 1, 2, 3].map((n) => place(request(`pinned:${n}`), hosts))).to.deep.equal([1, 2, 4, 1]);
  });
});
