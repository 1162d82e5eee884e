/** What an entrant finds in its environment. */
import { expect } from 'chai';
import { entrantEnv } from '../../../bench/runner/entrant.js';

describe("an entrant's environment", () => {
  it('is that of production', () => {
    expect(entrantEnv({ NODE_ENV: 'development', PATH: '/bin' })).to.deep.equal({
      NODE_ENV: 'production',
      PATH: '/bin',
    });
  });

  it('has nothing that would have others trace, log or run otherwise', () => {
    const stray = { LANGSMITH_TRACING: 'true', LANGCHAIN_API_KEY: 'key', BLUEBIRD_DEBUG: '1', DEBUG: '*' };
    const env = entrantEnv({ ...stray, NODE_OPTIONS: '--inspect', DEBUGGER: 'none' });
    expect(env).to.deep.equal({ NODE_ENV: 'production', DEBUGGER: 'none' });
  });
});
