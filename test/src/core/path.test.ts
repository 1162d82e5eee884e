import { expect } from 'chai';
import fc from 'fast-check';
import { TroupeError } from '../../../src/core/errors.js';
import { limits } from '../../../src/core/limits.js';
import { checkId, childPath, formatPath, idOfPath, isUnder, parentPath, parsePath } from '../../../src/core/path.js';

const characters = 'ABCXYZabcxyz0189_.~@:$+-'.split('');
const id = fc
  .string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: limits.idCharsMax })
  .filter((each) => each !== '.' && each !== '..');

function codeOf(run: () => unknown): [string, string] {
  try {
    run();
  } catch (error) {
    if (TroupeError.is(error)) return [error.code, error.message];
    throw error;
  }
  return ['none', ''];
}

describe('core/path', () => {
  it('parses what it formats, and formats what it parses (P1)', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 7 }), (ids) => {
        const path = formatPath(ids);
        expect(parsePath(path)).to.deep.equal(ids);
        expect(formatPath(parsePath(path))).to.equal(path);
      }),
    );
  });

  it('takes a path apart at its last id', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 5 }), id, (ids, last) => {
        const parent = formatPath(ids);
        const path = childPath(parent, last);
        expect(parentPath(path)).to.equal(parent);
        expect(idOfPath(path)).to.equal(last);
      }),
    );
    expect(parentPath('/')).to.equal(undefined);
    expect(idOfPath('/')).to.equal('');
  });

  it('names the first illegal character and where it is', () => {
    expect(codeOf(() => checkId('order/17'))).to.deep.equal([
      'PATH_ILLEGAL',
      'id "order/17" has "/" at position 5; allowed are letters, digits and _ . ~ @ : $ + -',
    ]);
    expect(codeOf(() => checkId('a\u{1F600}', 'children[0].id'))[1]).to.match(
      /^children\[0\]\.id .*"\u{1F600}" at position 1/u,
    );
  });

  it('refuses ids that are empty, too long, dots or no strings', () => {
    expect(codeOf(() => checkId(''))).to.deep.equal(['PATH_ILLEGAL', 'id is empty']);
    expect(codeOf(() => checkId('.'))[0]).to.equal('PATH_ILLEGAL');
    expect(codeOf(() => checkId('..'))[0]).to.equal('PATH_ILLEGAL');
    expect(codeOf(() => checkId('x'.repeat(limits.idCharsMax)))[0]).to.equal('none');
    expect(codeOf(() => checkId('x'.repeat(limits.idCharsMax + 1)))[0]).to.equal('PATH_ILLEGAL');
    expect(codeOf(() => checkId(7))[0]).to.equal('OPTION_TYPE');
    expect(codeOf(() => checkId('a\n'))[0], 'a line break at the end').to.equal('PATH_ILLEGAL');
  });

  it('refuses paths that are relative, doubled, open-ended or too long', () => {
    for (const path of ['', 'a', 'a/b', '//', '/a//b', '/a/', '/a/../b']) {
      expect(codeOf(() => parsePath(path))[0], path).to.equal('PATH_ILLEGAL');
    }
    const long = formatPath(Array.from({ length: 8 }, () => 'x'.repeat(127)));
    expect(long).to.have.length(limits.pathCharsMax);
    expect(codeOf(() => childPath(long, 'y'))[0]).to.equal('PATH_ILLEGAL');
  });

  it('knows what is below a path, and what only begins like it', () => {
    const under = ['/', '/a', '/a/b', '/ab', '/b'].filter((path) => isUnder(path, '/a'));
    expect(under).to.deep.equal(['/a', '/a/b']);
    expect(isUnder('/a/b', '/')).to.equal(true);
  });
});
