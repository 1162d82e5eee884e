import { expect } from 'chai';
import { TroupeError } from '../../../src/core/errors.js';
import { checkOptions, nearestName, type OptionsSpec } from '../../../src/core/options.js';

interface Sample {
  hosts: number;
  ratio?: number;
  mode: string;
  label?: string;
  quick?: boolean;
  hook?: () => void;
  list?: unknown[];
  even?: number;
  retention?: { days: number };
}

const spec: OptionsSpec<Sample> = {
  hosts: { type: 'integer', min: 1, max: 64, default: 2 },
  ratio: { type: 'number', max: 1 },
  mode: { type: 'string', oneOf: ['fast', 'safe'], default: 'safe' },
  label: { type: 'string', charsMax: 3 },
  quick: { type: 'boolean' },
  hook: { type: 'function' },
  list: { type: 'array' },
  even: { type: 'custom', check: (value) => (Number(value) % 2 === 0 ? undefined : 'an even number') },
  retention: { type: 'options', spec: { days: { type: 'integer', min: 0, required: true } } },
};

function refusal(given: unknown): Pick<TroupeError, 'code' | 'message' | 'field' | 'value'> {
  try {
    checkOptions(given, spec, 'createSystem');
  } catch (error) {
    if (TroupeError.is(error))
      return { code: error.code, message: error.message, field: error.field, value: error.value };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('core/options', () => {
  it('fills in defaults and leaves the given object alone', () => {
    const given = { hosts: undefined, quick: false };
    expect(checkOptions(given, spec, 'x')).to.deep.equal({ hosts: 2, mode: 'safe', quick: false });
    expect(given).to.deep.equal({ hosts: undefined, quick: false });
    expect(checkOptions(undefined, spec, 'x')).to.deep.equal({ hosts: 2, mode: 'safe' });
  });

  it('refuses unknown names and suggests the nearest one', () => {
    expect(refusal({ host: 3 })).to.deep.equal({
      code: 'OPTION_UNKNOWN',
      message: 'createSystem: host is not an option; did you mean "hosts"?',
      field: 'host',
      value: 3,
    });
    expect(refusal({ zzz: 3 }).message).to.match(/known are hosts, ratio, mode/);
    expect(refusal(JSON.parse('{"__proto__":1}')).code).to.equal('OPTION_UNKNOWN');
    expect(refusal({ toString: 1 }).code, 'a name every object has').to.equal('OPTION_UNKNOWN');
  });

  it('refuses values of the wrong type, naming field and value', () => {
    expect(refusal({ hosts: '4' })).to.deep.equal({
      code: 'OPTION_TYPE',
      message: 'createSystem: hosts must be a whole number, but is "4"',
      field: 'hosts',
      value: '4',
    });
    for (const wrong of [{ hosts: null }, { mode: 1 }, { quick: 0 }, { hook: {} }, { list: {} }, { retention: 3 }]) {
      expect(refusal(wrong).code, JSON.stringify(wrong)).to.equal('OPTION_TYPE');
    }
    expect(refusal(null)).to.include({ code: 'OPTION_TYPE', field: 'options' });
    expect(refusal({ retention: [] })).to.include({ field: 'retention' });
  });

  it('refuses values out of range', () => {
    expect(refusal({ hosts: 65 }).message).to.equal('createSystem: hosts must be between 1 and 64, but is 65');
    expect(refusal({ ratio: 2 }).message).to.equal('createSystem: ratio must be at most 1, but is 2');
    expect(refusal({ mode: 'fst' }).message).to.equal('createSystem: mode must be one of "fast", "safe", but is "fst"');
    expect(refusal({ even: 3 }).message).to.equal('createSystem: even must be an even number, but is 3');
    for (const wrong of [
      { hosts: 1.5 },
      { hosts: Number.NaN },
      { hosts: Infinity },
      { ratio: Number.NaN },
      { label: 'long' },
    ]) {
      expect(refusal(wrong).code, JSON.stringify(wrong)).to.equal('OPTION_RANGE');
    }
  });

  it('checks nested options with the whole name in the field', () => {
    expect(refusal({ retention: { days: -1 } })).to.include({ code: 'OPTION_RANGE', field: 'retention.days' });
    expect(refusal({ retention: {} })).to.include({
      code: 'OPTION_TYPE',
      message: 'createSystem: retention.days is required',
    });
    expect(refusal({ retention: { day: 1 } }).message).to.match(/retention\.day is not an option; did you mean "days"/);
    expect(checkOptions({ retention: { days: 1 } }, spec, 'x').retention).to.deep.equal({ days: 1 });
  });

  it('finds the nearest name only when one is near', () => {
    expect(nearestName('timeOutMs', ['timeoutMs', 'hosts'])).to.equal('timeoutMs');
    expect(nearestName('passivateAfter', ['placement', 'passivateAfterMs'])).to.equal('passivateAfterMs');
    expect(nearestName('colour', ['hosts', 'journal'])).to.equal(undefined);
  });
});
