import { expect } from 'chai';
import { scriptedModel } from '../../../actors/model/index.js';
import { TroupeError } from '../../../src/index.js';
import { guarded } from '../../../supervisors/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { provider } from './fixtures/circuit.js';
import { ask, callOf } from './helpers.js';

describe('a model behind a circuit breaker', () => {
  const systems = useSystems();

  it('is not asked while it is down, and rejected requests are not its fault', async () => {
    const system = await systems.oneThread();
    await system.spawn(provider, { id: 'provider' });
    const failure = (code: 'MODEL_UNAVAILABLE' | 'MODEL_REJECTED') => new TroupeError(code, code);
    const model = scriptedModel([
      failure('MODEL_REJECTED'),
      failure('MODEL_REJECTED'),
      failure('MODEL_UNAVAILABLE'),
      failure('MODEL_UNAVAILABLE'),
      'back again',
    ]);
    const isFailure = (error: unknown): boolean => TroupeError.is(error, 'MODEL_UNAVAILABLE');
    const outcome = async (): Promise<string> => {
      const call = callOf();
      const made = guarded('/provider', () => model.complete(ask('?'), call), { signal: call.signal, isFailure });
      const said = await made.then(({ text }) => text).catch((error: TroupeError) => error.code);
      await system.settle();
      return said;
    };
    const outcomes = [];
    for (let nth = 0; nth < 6; nth += 1) outcomes.push(await outcome());
    expect(outcomes.slice(0, 4)).to.deep.equal([
      'MODEL_REJECTED',
      'MODEL_REJECTED',
      'MODEL_UNAVAILABLE',
      'MODEL_UNAVAILABLE',
    ]);
    expect(outcomes.slice(4)).to.deep.equal(['CIRCUIT_OPEN', 'CIRCUIT_OPEN']);
    expect(model.calls).to.have.length(4);
    await system.advance(10_000);
    expect(await outcome()).to.equal('back again');
  });
});
