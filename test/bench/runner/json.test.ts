import { expect } from 'chai';
import { jsonText } from '../../../bench/runner/json.js';

describe('results as JSON', () => {
  const value = {
    name: 'a "{ quoted\n [thing',
    list: [
      { atMs: 1, mb: 2.5 },
      { atMs: 2, mb: 3 },
    ],
    flat: [1, 2],
    none: {},
  };

  it('say the same as they did before', () => {
    expect(JSON.parse(jsonText(value))).to.deep.equal(value);
  });

  it('have each sample on a line of its own', () => {
    const lines = jsonText(value).split('\n');
    expect(lines).to.include('    { "atMs": 1, "mb": 2.5 },').and.to.include('  "flat": [ 1, 2 ],');
    expect(lines).to.have.length(10);
  });
});
