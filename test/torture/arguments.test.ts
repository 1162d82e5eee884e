/** The command line of the torture: what it understands, and one clear line for what it does not. */
import { expect } from 'chai';
import { readArguments, UsageError } from './arguments.js';

describe('the arguments of npm run torture', () => {
  it('have defaults', () => {
    const { dir, ...rest } = readArguments([]);
    expect(dir).to.be.a('string');
    expect(rest).to.deep.equal({
      help: false,
      victims: 'kills',
      deaths: 300,
      seed: 1,
      durability: 'flushed',
      hosts: 3,
      lanes: 2,
      journal: undefined,
      record: undefined,
      mutant: undefined,
    });
  });

  it('are read', () => {
    const line =
      '--kills 1000 --seed 7 --durability committed --hosts 2 --lanes 3 --journal 4 --dir /d --record r.jsonl';
    expect(readArguments(line.split(' '))).to.deep.equal({
      help: false,
      victims: 'kills',
      deaths: 1_000,
      seed: 7,
      durability: 'committed',
      hosts: 2,
      lanes: 3,
      journal: 4,
      dir: '/d',
      record: 'r.jsonl',
      mutant: undefined,
    });
  });

  it('are for processes or for threads', () => {
    expect(readArguments(['--faults', '40'])).to.include({ victims: 'faults', deaths: 40 });
  });

  for (const [line, complaint] of [
    ['--kills 10 --faults 10', '--kills and --faults are alternatives: give one of them'],
    ['--faults 0', "--faults takes a whole number from 1 to 1000000, not '0'"],
    ['--kills 0', "--kills takes a whole number from 1 to 1000000, not '0'"],
    ['--kills ten', "--kills takes a whole number from 1 to 1000000, not 'ten'"],
    ['--seed=-1', "--seed takes a whole number from 0 to 1000000000, not '-1'"],
    ['--hosts 65', "--hosts takes a whole number from 1 to 64, not '65'"],
    ['--lanes 1.5', "--lanes takes a whole number from 1 to 64, not '1.5'"],
    ['--kills 500 --journal 3', "--journal takes a whole number from 1 to 2, not '3'"],
    ['--durability none', "--durability is flushed, committed or mixed, not 'none'"],
    ['--seed -1', "Option '--seed' argument is ambiguous"],
    ['--mutant none', '--mutant is one of acknowledges-early, '],
    ['--speed 1', "Unknown option '--speed'"],
    ['often', "Unexpected argument 'often'"],
  ] as const) {
    it(`refuse ${line}`, () => {
      expect(() => readArguments(line.split(' '))).to.throw(UsageError, complaint);
    });
  }
});
