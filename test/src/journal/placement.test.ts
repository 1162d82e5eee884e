import { expect } from 'chai';
import { place } from '../../../src/journal/placement.js';

const hosts = [
  { index: 1, actors: 5, hasPlace: true },
  { index: 2, actors: 3, hasPlace: false },
  { index: 4, actors: 3, hasPlace: false },
];
const request = (placement: string, path = '/a', parentIndex = -1, isBack = false) => ({
  path,
  placement,
  parentIndex,
  isBack,
});

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

  it('gives who comes back to a host that has a place, if there is one and it has no other wish', () => {
    expect(place(request('', '/a', -1, true), hosts)).to.equal(1);
    expect(place(request('with-parent', '/a', -1, true), hosts)).to.equal(1);
    expect(place(request('with-parent', '/a', 4, true), hosts)).to.equal(4);
    expect(place(request('pinned:1', '/a', -1, true), hosts)).to.equal(2);
    const full = hosts.map((host) => ({ ...host, hasPlace: false }));
    expect(place(request('', '/a', -1, true), full)).to.equal(2);
  });
});
