import { expect } from 'chai';
import type { Failure } from '../../src/index.js';
import { oneForOne } from '../../supervisors/index.js';

const failure = (changes: Partial<Failure> = {}): Failure => ({
  path: '/a',
  definition: 'a',
  during: 'message',
  attempts: 1,
  attemptsMax: 3,
  retry: true,
  error: new Error('boom'),
  at: 0,
  ...changes,
});

describe('one-for-one', () => {
  it('restores and tries again while there are attempts, then gives the message up', () => {
    const decide = oneForOne({ intensity: { restarts: 10, periodMs: 1_000 } });
    expect(decide(failure()).decision).to.equal('restore');
    expect(decide(failure({ attempts: 3 })).decision).to.equal('resume');
    expect(decide(failure({ retry: false })).decision).to.equal('resume');
  });

  it('stops an actor that spends its budget, and no other', () => {
    const decide = oneForOne({ intensity: { restarts: 1, periodMs: 1_000 } });
    expect(decide(failure({ at: 0 })).decision).to.equal('restore');
    expect(decide(failure({ at: 10, path: '/b' })).decision).to.equal('restore');
    expect(decide(failure({ at: 20 })).decision).to.equal('stop');
  });

  it('ends an actor whose start cannot succeed', () => {
    const decide = oneForOne();
    expect(decide(failure({ during: 'start', attempts: 3 })).decision).to.equal('stop');
  });

  it('resets or resumes when told to', () => {
    expect(oneForOne({ onFailure: 'reset' })(failure()).decision).to.equal('reset');
    expect(oneForOne({ onFailure: 'resume' })(failure()).decision).to.equal('resume');
  });

  it('refuses unknown options and values', () => {
    expect(() => oneForOne({ intensty: 1 } as object))
      .to.throw('intensty')
      .with.property('code', 'OPTION_UNKNOWN');
    expect(() => oneForOne({ onFailure: 'explode' as 'reset' }))
      .to.throw('explode')
      .with.property('field', 'onFailure');
  });
});
