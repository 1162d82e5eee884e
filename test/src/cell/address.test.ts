import { expect } from 'chai';
import fc from 'fast-check';
import { childAddress, parentAddress, readTimerId, rootAddress, timerIdOf } from '../../../src/cell/address.js';

const ids = fc.array(fc.oneof(fc.string(), fc.constantFrom('', '~', '/', '|', '>', '~^', '~e', 'a/b')), {
  maxLength: 4,
});
const addressOf = (path: string[]) => path.reduce(childAddress, rootAddress);

describe('address', () => {
  it('reads as a path when the ids are plain', () => {
    expect(addressOf(['a', '0.machine.state'])).to.equal('a/0.machine.state');
  });

  it("is the same only for the same ids, and never the parent's", () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        expect(addressOf(a) === addressOf(b)).to.equal(JSON.stringify(a) === JSON.stringify(b));
        expect(addressOf(a)).to.not.equal(parentAddress);
      }),
    );
  });

  it('comes back from a timer id', () => {
    fc.assert(
      fc.property(ids, fc.option(ids, { nil: undefined }), fc.string(), (source, target, sendId) => {
        const from = addressOf(source);
        const to = target === undefined ? undefined : addressOf(target);
        expect(readTimerId(timerIdOf(from, to, sendId))).to.deep.equal({ source: from, target: to ?? from, sendId });
      }),
    );
  });
});
