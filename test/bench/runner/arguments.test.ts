/** The command line of the benches: what is wrong is told in one line, with what would be right. */
import { expect } from 'chai';
import { readArguments, UsageError } from '../../../bench/runner/arguments.js';

const suites = [
  { name: 'kernel', entrants: [{ name: 'prepare', once: true }, { name: 'none-tell' }, { name: 'none-ask' }] },
  { name: 'recovery', entrants: [{ name: 'states' }] },
];

describe('the arguments of bench', () => {
  const read = (...args: string[]) => readArguments(args, suites);

  it('are all suites, full sizes and nothing else when none is given', () => {
    expect(read()).to.deep.equal({
      suites: ['kernel', 'recovery'],
      quick: false,
      rounds: undefined,
      help: false,
      json: undefined,
      dir: undefined,
      only: [],
      profile: false,
      profileDir: undefined,
      against: undefined,
    });
  });

  it('are taken as given', () => {
    const all = 'kernel kernel --quick --rounds 3 --only tell --only ask --json f --dir d --against HEAD~1'.split(' ');
    expect(read(...all)).to.deep.include({ suites: ['kernel'], quick: true, rounds: 3, only: ['tell', 'ask'] });
    expect(read(...all)).to.deep.include({ json: 'f', dir: 'd', against: 'HEAD~1' });
    expect(read('--profile')).to.include({ profile: true, profileDir: undefined });
    expect(read('--profile-dir', 'p')).to.include({ profile: true, profileDir: 'p' });
  });

  const wrong: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    'an unknown suite': [['kernal'], /there is no suite 'kernal'; there is kernel, recovery/],
    'an unknown contender': [['--only', 'nme'], /--only nme: .* there is none-tell, none-ask, states$/],
    'a contender of a suite that was not chosen': [['recovery', '--only', 'ask'], /there is states$/],
    'one that only prepares': [['--only', 'prepare'], /no contender has that/],
    'an unknown option': [['--fast'], /Unknown option '--fast'/],
    'no round': [['--rounds', '0'], /--rounds takes a whole number from 1 to 1000, not '0'/],
    'half a round': [['--rounds', '1.5'], /not '1\.5'/],
    'an option without its value': [['--against'], /--against/],
  };
  for (const [title, [args, says]] of Object.entries(wrong)) {
    it(`refuse ${title}`, () => {
      expect(() => read(...args)).to.throw(UsageError, says);
    });
  }
});
