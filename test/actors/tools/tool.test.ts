import { expect } from 'chai';
import { z } from 'zod';
import { actorTool, defineTool, type Tool, toolBus, type ToolBusOptions } from '../../../actors/tools/index.js';
import type { TroupeError } from '../../../src/index.js';
import { clerk, doubled, echo, measure, measurer, send } from './fixtures/tools.js';

/** What a declaration is refused with: code and field. */
function refusal(declare: () => unknown): string {
  try {
    declare();
  } catch (error) {
    const { code, field } = error as TroupeError;
    return `${code} ${field}`;
  }
  return 'nothing';
}

const good = { name: 'a', description: 'Does a.', input: z.object({ n: z.number() }), run: () => 1 };

describe('the definition of a tool', () => {
  it('has its defaults, on the safe side', () => {
    const { touches, approval, timeoutMs, retry, idempotent, resultBytesMax } = defineTool(good);
    expect({ touches, approval, timeoutMs, retry, idempotent, resultBytesMax }).to.deep.equal({
      touches: 'outside',
      approval: 'deny',
      timeoutMs: 30_000,
      retry: { attempts: 1, minMs: 200, maxMs: 10_000 },
      idempotent: false,
      resultBytesMax: 65_536,
    });
    expect(defineTool({ ...good, touches: 'nothing' })).to.include({ approval: 'allow', idempotent: true });
  });

  it('is what a model is shown', () => {
    expect(defineTool(good).facts).to.deep.equal({
      name: 'a',
      description: 'Does a.',
      input: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    });
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(defineTool(good))).to.equal(true);
  });

  const bad: [string, object, string][] = [
    ['no name', { ...good, name: undefined }, 'OPTION_TYPE name'],
    ['a name with a blank', { ...good, name: 'a b' }, 'TOOL_SPEC name'],
    ['a name that is too long', { ...good, name: 'a'.repeat(65) }, 'TOOL_SPEC name'],
    ['a name that is a trap', { ...good, name: '__proto__' }, 'TOOL_SPEC name'],
    ['no description', { ...good, description: ' ' }, 'TOOL_SPEC description'],
    ['no schema', { ...good, input: { type: 'object' } }, 'OPTION_RANGE input'],
    ['no work', { ...good, run: undefined }, 'TOOL_SPEC run'],
    ['work twice', { ...good, job: doubled }, 'TOOL_SPEC job'],
    ['work that is none', { ...good, run: 'fast' }, 'OPTION_TYPE run'],
    ['a job that is none', { ...good, run: undefined, job: () => 1 }, 'OPTION_TYPE job'],
    ['a typing error', { ...good, timeoutMS: 1 }, 'OPTION_UNKNOWN timeoutMS'],
    ['no time', { ...good, timeoutMs: 0 }, 'OPTION_RANGE timeoutMs'],
    ['more than a day', { ...good, timeoutMs: 86_400_001 }, 'OPTION_RANGE timeoutMs'],
    ['no attempts', { ...good, retry: { attempts: 0 } }, 'OPTION_RANGE retry.attempts'],
    ['pauses backwards', { ...good, retry: { minMs: 2, maxMs: 1 } }, 'OPTION_RANGE maxMs'],
    ['attempts of what may happen once', { ...good, retry: { attempts: 2 } }, 'TOOL_SPEC retry.attempts'],
    ['an approval by chance', { ...good, approval: 'maybe' }, 'OPTION_RANGE approval'],
    ['an example that cannot be shown', { ...good, example: { args: { n: 1, f: () => 1 } } }, 'TOOL_SPEC example'],
    ['a schema of no JSON', { ...good, input: z.object({ at: z.date() }) }, 'SCHEMA_NOT_JSON schema'],
  ];
  for (const [what, options, expected] of bad) {
    it(`is refused with ${what}`, () => expect(refusal(() => defineTool(options as never))).to.equal(expected));
  }

  it('of an actor is refused without one, with two, or without a request', () => {
    const { run: _, ...rest } = good;
    expect(refusal(() => actorTool(rest))).to.equal('TOOL_SPEC definition');
    expect(refusal(() => actorTool({ ...rest, definition: measurer, ref: '/a' }))).to.equal('TOOL_SPEC definition');
    expect(refusal(() => actorTool({ ...rest, ref: '/a' }))).to.equal('OPTION_TYPE request');
    const request = () => ({ type: 'question' });
    expect(refusal(() => actorTool({ ...rest, ref: 7 as never, request }))).to.equal('TOOL_SPEC ref');
    expect(refusal(() => actorTool({ ...rest, definition: clerk, request }))).to.equal('TOOL_SPEC request');
    expect(refusal(() => actorTool({ ...rest, definition: clerk, principal: '' }))).to.equal('TOOL_SPEC principal');
  });
});

describe('the declaration of a tool bus', () => {
  const declare = (options: Partial<ToolBusOptions>): string =>
    refusal(() => toolBus(import.meta, 't.declared', { tools: [echo, send, measure], ...options }));
  const researcher = (name: string, principal: string): Tool =>
    actorTool({ name, description: 'x', input: z.object({}), definition: measurer, principal });

  it('says which tools may be granted, and that `import.meta` is missing', () => {
    const options = { tools: [echo, send, measure], grants: { a: ['nonsense'] } };
    expect(() => toolBus(import.meta, 't.declared', options)).to.throw(
      '(known are echo, send, measure), and is "nonse',
    );
    const nameless = toolBus as unknown as (name: string, options: object) => string;
    expect(refusal(() => nameless('t.declared', options))).to.equal('OPTION_TYPE meta');
  });

  it('may grant anything that makes sense', () => {
    expect(declare({})).to.equal('nothing');
    expect(declare({ grants: { '*': ['echo', { tool: 'send', approval: 'deny' }] } })).to.equal('nothing');
    expect(declare({ grants: { a: [{ tool: 'send', approval: 'ask', approvers: ['b'] }] } })).to.equal('nothing');
  });

  const bad: [string, object, string][] = [
    ['no tools', { tools: undefined }, 'OPTION_TYPE tools'],
    ['a tool that is none', { tools: [{ name: 'x' }] }, 'TOOL_SPEC tools[0]'],
    ['two of a name', { tools: [echo, echo] }, 'TOOL_SPEC tools[1]'],
    ['a grant of what is not there', { grants: { a: ['nonsense'] } }, 'TOOL_SPEC grants.a'],
    ['grants that are no list', { grants: { a: 'echo' } }, 'TOOL_SPEC grants.a'],
    ['an approval by chance', { grants: { a: [{ tool: 'echo', approval: 'x' }] } }, 'TOOL_SPEC grants.a.approval'],
    ['a typing error', { grants: { a: [{ tool: 'echo', aproval: 'ask' }] } }, 'TOOL_SPEC grants.a.aproval'],
    ['data that cannot travel', { grants: { a: [{ tool: 'echo', data: () => 1 }] } }, 'TOOL_SPEC grants.a.data'],
    ['nobody to approve', { grants: { a: [{ tool: 'echo', approval: 'ask' }] } }, 'TOOL_SPEC grants.a'],
    [
      'nobody but the caller to approve',
      { approvers: ['a'], grants: { a: [{ tool: 'echo', approval: 'ask' }] } },
      'TOOL_SPEC grants.a',
    ],
    ['approvers without a name', { approvers: [''] }, 'OPTION_RANGE approvers'],
    ['no room', { callsMax: 0 }, 'OPTION_RANGE callsMax'],
    ['no durability', { durability: 'none' }, 'OPTION_RANGE durability'],
    ['a tool that may call itself', { grants: { measurer: ['measure'] } }, 'TOOL_CYCLE grants'],
    ['a tool that everybody may call', { grants: { '*': ['measure'] } }, 'TOOL_CYCLE grants'],
  ];
  for (const [what, options, expected] of bad) {
    it(`is refused with ${what}`, () => expect(declare(options as never)).to.equal(expected));
  }

  it('is refused with a ring of tools, and names the ring', () => {
    const tools = [researcher('ask1', 'one'), researcher('ask2', 'two'), researcher('ask3', 'three'), echo];
    const grants = { one: ['ask2', 'echo'], two: ['ask3'], three: ['echo'] };
    expect(declare({ tools, grants })).to.equal('nothing');
    const ring = { tools, grants: { ...grants, three: ['echo', 'ask1'] } };
    expect(declare(ring)).to.equal('TOOL_CYCLE grants');
    expect(() => toolBus(import.meta, 't.ring', ring)).to.throw('ask1 > ask2 > ask3 > ask1');
  });
});
