import { expect } from 'chai';
import {
  type FallbackFailure,
  noUsage,
  scriptedModel,
  type ScriptEntry,
  usageOfError,
  withFallback,
  withRetry,
} from '../../../actors/model/index.js';
import { TroupeError } from '../../../src/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { rejection } from '../../helpers/with-system.js';
import { ask, bothWays, callOf, collect, textsOf } from './helpers.js';

const prices = { inputUsd: 0, outputUsd: 1_000_000 };
const down = (name: string, usage = noUsage) =>
  new TroupeError('MODEL_UNAVAILABLE', `${name}: down`, { value: { model: name, usage } });

describe('withFallback', () => {
  const large = (script: ScriptEntry[]) => scriptedModel(script, { name: 'large', prices });
  const small = (script: ScriptEntry[]) => scriptedModel(script, { name: 'small' });

  for (const [way, run] of bothWays) {
    it(`asks the first alone when it answers, ${way}`, async () => {
      const second = small([]);
      const reply = await run(withFallback([large(['two words']), second]), ask('?'));
      expect(reply).to.deep.include({ model: 'large', text: 'two words' });
      expect(reply.usage.costUsd).to.equal(2);
      expect(second.calls).to.deep.equal([]);
    });

    it(`asks the next when one fails, says who answered, and tells what failed, ${way}`, async () => {
      const failures: FallbackFailure[] = [];
      const row = withFallback([large([down('large')]), small(['here'])], {
        onFailure: (failure) => void failures.push(failure),
      });
      expect(row.name).to.equal('large|small');
      const reply = await run(row, ask('?'), callOf('same'));
      expect(reply).to.deep.include({ model: 'small', text: 'here' });
      expect(reply.usage.costUsd).to.equal(0);
      expect(failures).to.deep.equal([{ model: 'large', code: 'MODEL_UNAVAILABLE', message: 'large: down' }]);
    });

    it(`lists every failure when all fail, and what they cost, ${way}`, async () => {
      const used = { ...noUsage, outputTokens: 2, costUsd: 0.5 };
      const row = withFallback([large([down('large', used)]), small([down('small', used)])], { name: 'row' });
      const error = (await rejection(run(row, ask('?')))) as TroupeError;
      expect(error).to.have.property('code', 'MODEL_ALL_FAILED');
      expect((error.value as { failures: FallbackFailure[] }).failures.map(({ model }) => model)).to.deep.equal([
        'large',
        'small',
      ]);
      expect(usageOfError(error)).to.deep.equal({ ...used, outputTokens: 4, costUsd: 1 });
      expect(error.cause).to.have.property('message', 'small: down');
    });

    it(`asks nobody else when the call was given up, or the program is wrong, ${way}`, async () => {
      const aborted = new TroupeError('MODEL_ABORTED', 'large: given up');
      for (const error of [aborted, new RangeError('a bug')]) {
        const second = small(['no']);
        expect(await rejection(run(withFallback([large([error]), second]), ask('?')))).to.equal(error);
        expect(second.calls).to.deep.equal([]);
      }
      expect(await rejection(run(withFallback([large([]), small(['no'])]), ask('?')))).to.have.property(
        'code',
        'MODEL_SCRIPT',
      );
    });
  }

  it('moves a stream on only before its first word', async () => {
    const row = withFallback([large([{ chunks: ['half'], error: down('large') }]), small(['other'])]);
    const heard: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const part of row.stream(ask('?'), callOf())) heard.push(...textsOf([part]));
    };
    expect(await rejection(reading())).to.have.property('message', 'large: down');
    expect(heard).to.deep.equal(['half']);
  });

  it('stands in other policies, which keep who answered', async () => {
    const row = withRetry(withFallback([large([down('large')]), small(['here'])]));
    expect(await row.complete(ask('?'), callOf())).to.include({ model: 'small' });
    const nested = withFallback([withFallback([large([down('large')]), small([down('small')])]), small(['deep'])]);
    expect((await collect(nested.stream(ask('?'), callOf()))).reply.text).to.equal('deep');
  });

  it('refuses an empty row', () => {
    for (const models of [[], undefined, 'large']) {
      expect(thrownBy(() => withFallback(models as never))).to.include({ code: 'OPTION_RANGE', field: 'models' });
    }
  });
});
