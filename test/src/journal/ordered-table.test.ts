import { expect } from 'chai';
import fc from 'fast-check';
import { OrderedTable } from '../../../src/journal/ordered-table.js';

describe('ordered table', () => {
  it('is a map with ordered keys, for any sequence of changes and readings', () => {
    const anyChange = fc.record({ key: fc.string({ maxLength: 3 }), isRemoval: fc.boolean(), read: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(anyChange),
        fc.string({ maxLength: 2 }),
        fc.string({ maxLength: 2 }),
        (changes, from, to) => {
          const table = new OrderedTable();
          const model = new Map<string, Buffer | undefined>();
          for (const { key, isRemoval, read } of changes) {
            const value = isRemoval ? undefined : Buffer.from(key);
            table.set(key, value);
            model.set(key, value);
            if (read) table.keys('', '\uffff');
          }
          const ordered = [...model.keys()].sort((a, b) => (a < b ? -1 : Number(a > b)));
          expect([...table.entries()]).to.deep.equal(ordered.map((key) => [key, model.get(key)]));
          expect(table.keys(from, to)).to.deep.equal(ordered.filter((key) => key >= from && key < to));
          expect(table.keys(from, to, 2)).to.deep.equal(ordered.filter((key) => key >= from && key < to).slice(0, 2));
          expect([...table.copy().entries()]).to.deep.equal([...table.entries()]);
        },
      ),
    );
  });

  it('keeps marks of removed keys until they are many', () => {
    const table = new OrderedTable();
    for (let key = 0; key < 3_000; key += 1) table.set(`k${key}`, Buffer.from('x'));
    for (let key = 0; key < 1_000; key += 1) table.set(`k${key}`, undefined);
    table.forgetRemovedIfMany();
    expect(table.size).to.equal(3_000);
    expect(table.has('k1')).to.equal(true);
    for (let key = 1_000; key < 2_000; key += 1) table.set(`k${key}`, undefined);
    table.forgetRemovedIfMany();
    expect(table.size).to.equal(1_000);
    expect(table.has('k1')).to.equal(false);
    expect(table.keys('k1', 'k2')).to.deep.equal([]);
    expect(table.keys('', '\uffff')).to.have.length(1_000);
  });
});
