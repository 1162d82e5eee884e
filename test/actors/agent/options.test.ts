/** What an agent may not be declared with: each refused with AGENT_SPEC, naming the field and the value. */
import { expect } from 'chai';
import { z } from 'zod';
import { type AgentOptions, defineAgent, jsonSchema, scriptedModel } from '../../../actors/index.js';
import { TroupeError } from '../../../src/index.js';
import { talker } from './fixtures/agents.js';

const model = scriptedModel([]);
const good: AgentOptions<string> = { model, instructions: 'You answer.' };

function thrownBy(define: () => unknown): TroupeError {
  try {
    define();
  } catch (error) {
    if (TroupeError.is(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** What `defineAgent` says of options. */
function refusal(options: unknown): TroupeError {
  return thrownBy(() => defineAgent(import.meta, 'a.refused', options as AgentOptions<string>));
}

const century = 36_525 * 86_400_000;

describe('defineAgent', () => {
  const bad: [field: string, value: unknown][] = [
    ['description', 1],
    ['model', undefined],
    ['model', 'gpt'],
    ['model', { complete: () => {} }],
    ['instructions', undefined],
    ['instructions', ''],
    ['instructions', ['You', 'answer']],
    ['output', { type: 'object' }],
    ['outputAttemptsMax', 0],
    ['outputAttemptsMax', 1.5],
    ['principal', ''],
    ['principal', 7],
    ['tools', 'echo'],
    ['tools', [1]],
    ['handoffs', 'talker'],
    ['handoffFilter', 'none'],
    ['depthMax', -1],
    ['depthMax', Number.NaN],
    ['contextTokensMax', 0],
    ['contextTokensMax', '32000'],
    ['summarize', 'yes'],
    ['temperature', -0.1],
    ['temperature', Number.NaN],
    ['maxOutputTokens', 0],
    ['maxOutputTokens', 2.5],
    ['keepMs', -1],
    ['keepMs', century + 1],
    ['keepMs', Number.POSITIVE_INFINITY],
    ['limits', 5],
    ['limits', null],
    ['modle', model],
  ];
  const badLimits: [limit: string, value: unknown][] = [
    ['steps', 0],
    ['steps', 0.5],
    ['timeMs', 0],
    ['timeMs', Number.NaN],
    ['timeMs', century + 1],
    ['tokens', 0],
    ['tokens', 1.5],
    ['costUsd', 0],
    ['costUsd', '1'],
    ['cost', 1],
  ];
  it('refuses each bad option with AGENT_SPEC, the field and the value', () => {
    for (const [field, value] of bad) {
      const { code, field: named, value: shown, message } = refusal({ ...good, [field]: value });
      expect({ code, named, shown }, String(value)).to.deep.equal({ code: 'AGENT_SPEC', named: field, shown: value });
      expect(message).to.include(`defineAgent("a.refused"): ${field} `);
    }
  });

  it('refuses limits that leave nothing, or are none', () => {
    for (const [limit, value] of badLimits) {
      const { code, field, value: shown } = refusal({ ...good, limits: { [limit]: value } });
      expect({ code, field, shown }).to.deep.equal({ code: 'AGENT_SPEC', field: `limits.${limit}`, shown: value });
    }
  });

  it('refuses names that a model cannot call, that mean two things, and what is no agent', () => {
    const cases: [object, string][] = [
      [{ agents: [talker] }, 'agents'],
      [{ agents: { 'ask him': talker } }, 'agents.ask him'],
      [{ agents: { ask: {} } }, 'agents.ask'],
      [{ handoffs: { ask: 'talker' } }, 'handoffs.ask'],
      [{ agents: { ask: talker }, handoffs: { ask: talker } }, 'handoffs.ask'],
      [{ agents: { ask: talker }, tools: ['ask'] }, 'agents.ask'],
    ];
    for (const [options, field] of cases)
      expect(refusal({ ...good, ...options }), field).to.include({ code: 'AGENT_SPEC', field });
  });

  it('refuses teams that are cyclic, and names the way back', () => {
    const a = defineAgent(import.meta, 'a.cycle-a', good);
    const b = defineAgent(import.meta, 'a.cycle-b', { ...good, agents: { a } });
    const c = defineAgent(import.meta, 'a.cycle-c', { ...good, handoffs: { b } });
    for (const [again, field, value] of [
      [{ agents: { a } }, 'agents.a', 'a.cycle-a > a.cycle-a'],
      [{ agents: { b } }, 'agents.b', 'a.cycle-a > a.cycle-b > a.cycle-a'],
      [{ handoffs: { b } }, 'handoffs.b', 'a.cycle-a > a.cycle-b > a.cycle-a'],
      [{ agents: { c } }, 'agents.c', 'a.cycle-a > a.cycle-c > a.cycle-b > a.cycle-a'],
    ] as const) {
      const error = thrownBy(() => defineAgent(import.meta, 'a.cycle-a', { ...good, ...again }));
      expect(error).to.include({ code: 'AGENT_SPEC', field, value });
      expect(error.message).to.equal(`defineAgent("a.cycle-a"): ${field} leads back to it: ${value}`);
    }
    // One below two others is no cycle.
    defineAgent(import.meta, 'a.cycle-d', { ...good, agents: { a, b }, handoffs: { c } });
  });

  it('refuses a form of the answer that no model can be shown', () => {
    const { code, field, message, cause } = refusal({ ...good, output: z.object({ d: z.date() }) });
    expect({ code, field }).to.deep.equal({ code: 'AGENT_SPEC', field: 'output' });
    expect(message).to.match(/^defineAgent\("a.refused"\): output must be .*Date/);
    expect(cause).to.include({ code: 'SCHEMA_NOT_JSON' });
  });

  it('says that agents must have names, and that `import.meta` is missing', () => {
    expect(refusal({ ...good, agents: [talker] }).message).to.match(/agents must be an object.*but is an array of 1$/);
    const nameless = defineAgent as unknown as (name: string, options: object) => void;
    expect(() => nameless('a.refused', good))
      .to.throw('defineAgent: the first argument, meta, must be import.meta of the module')
      .that.includes({ code: 'OPTION_TYPE', field: 'meta', value: 'a.refused' });
  });

  it('refuses options that are none, and suggests the name that was meant', () => {
    expect(refusal(null)).to.include({ code: 'AGENT_SPEC', field: 'options', value: null });
    expect(refusal(undefined)).to.include({ code: 'AGENT_SPEC', field: 'model' });
    expect(refusal({ ...good, modle: model }).message).to.match(/did you mean "model"\?$/);
    expect(refusal({ ...good, limits: { costUSD: 1 } }).message).to.match(/did you mean "costUsd"\?$/);
    expect(refusal({ ...good, limits: { step: 1 } }).message).to.match(/did you mean "steps"\?$/);
  });

  it('takes everything that makes sense, also at its edges', () => {
    const edges: Partial<AgentOptions<string>>[] = [
      {},
      { limits: { steps: 1, timeMs: 0.5, tokens: 1, costUsd: Number.MIN_VALUE } },
      { limits: {} },
      { depthMax: 0, contextTokensMax: 1, outputAttemptsMax: 1, maxOutputTokens: 1, temperature: 0, keepMs: 0 },
      { keepMs: century, limits: { timeMs: century } },
      { tools: [], agents: {}, handoffs: {}, description: '' },
      { output: jsonSchema<string>({ type: 'string' }), principal: 'clerk', summarize: true },
    ];
    for (const options of edges) {
      const { name, version } = defineAgent(import.meta, 'a.taken', { ...good, ...options });
      expect({ name, version }).to.deep.equal({ name: 'a.taken', version: 1 });
    }
  });
});
