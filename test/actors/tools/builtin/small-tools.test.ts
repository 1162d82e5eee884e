import { expect } from 'chai';
import {
  calculate,
  currentTime,
  fetchUrl,
  fileTools,
  jsonQuery,
  type MemoryPort,
  memoryPut,
  memoryRecall,
  type MemoryRecallResult,
  ramMemory,
  runJob,
  type Tool,
} from '../../../../actors/tools/index.js';
import { checkSchema } from '../../../../actors/schema/index.js';
import { job } from '../../../../src/index.js';
import type { TestSystem } from '../../../../src/testing/index.js';
import { rejection, useSystems } from '../../../helpers/with-system.js';
import { deskFor, type ToolDesk } from '../bus-for.js';

describe('small tools', () => {
  const systems = useSystems();
  let system: TestSystem;
  beforeEach(async () => {
    system = await systems.oneThread({ seed: 1 });
  });
  const desk = (...tools: Tool[]): Promise<ToolDesk> => deskFor(system, tools);

  describe('calculate', () => {
    const good: [string, number][] = [
      ['$round((3 + 4) * 5 / 3, 2)', 11.67],
      ['1 + 2 * 3', 7],
      ['-(2 - 5)', 3],
      ['$sum([1, 2, 3.5])', 6.5],
      ['$power(2, 10) % 1000', 24],
      ['$max([$abs(-7), 3])', 7],
      ['0.1 + 0.2', 0.1 + 0.2],
    ];
    for (const [expression, value] of good) {
      it(`${expression} is ${value}`, async () => {
        expect(await (await desk(calculate())).value('calculate', { expression })).to.equal(value);
      });
    }

    const bad: [string, string][] = [
      ['1 +', 'TOOL_CONTENT'],
      ['process.exit()', 'TOOL_CONTENT'],
      ['$eval("1")', 'TOOL_CONTENT'],
      ['"text"', 'TOOL_CONTENT'],
      ['x', 'TOOL_CONTENT'],
      ['(function($n){$n})(1)', 'TOOL_CONTENT'],
      ['$sum(function(){1})', 'TOOL_CONTENT'],
      ['/a/', 'TOOL_CONTENT'],
      ['1 / 0', 'TOOL_CONTENT'],
      ['[1..10]', 'TOOL_CONTENT'],
      ['$x := 1', 'TOOL_CONTENT'],
      ['[1, 2]', 'TOOL_CONTENT'],
      ['$now()', 'TOOL_CONTENT'],
      [`${'('.repeat(200)}1${')'.repeat(200)}`, 'TOOL_LIMIT'],
    ];
    for (const [expression, code] of bad) {
      it(`${expression.slice(0, 30)} is ${code}`, async () => {
        expect(await (await desk(calculate())).code('calculate', { expression })).to.equal(`TOOL_FAILED ${code}`);
      });
    }

    it('takes no expression that is none', async () => {
      const one = await desk(calculate());
      for (const args of [{}, { expression: '' }, { expression: 7 }, { expression: '1'.repeat(4_097) }]) {
        expect(await one.code('calculate', args)).to.equal('TOOL_ARGS');
      }
    });
  });

  describe('jsonQuery', () => {
    const json = {
      teas: [
        { name: 'Assam', cents: 450 },
        { name: 'Sencha', cents: 700 },
      ],
    };
    const query = async (text: string, given: unknown = json) =>
      (await desk(jsonQuery())).value('jsonQuery', { json: given, query: text });

    it('picks, filters and sums, of a value or its text', async () => {
      expect(await query('$sum(teas.cents)')).to.equal(1_150);
      expect(await query('teas[cents > 500].name')).to.equal('Sencha');
      expect(await query('teas.name', JSON.stringify(json))).to.deep.equal(['Assam', 'Sencha']);
      expect(await query('teas.{name: cents}')).to.deep.equal([{ Assam: 450 }, { Sencha: 700 }]);
      expect(await query('nothing')).to.equal(null);
      expect(await query('$pad("a", -3)')).to.equal('  a');
    });

    const bad: [string, string, string][] = [
      ['a broken one', 'teas[', 'TOOL_CONTENT'],
      ['one that makes no sense of the value', '"a" + 1', 'TOOL_CONTENT'],
      ['a regular expression', '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /(a+)+$/)', 'TOOL_CONTENT'],
      ['recursion without end', '($f := function($n){ 1 + $f($n + 1) }; $f(1))', 'TOOL_LIMIT'],
      ['a loop without end', '($f := function($n){ $f($n + 1) }; $f(1))', 'TOOL_LIMIT'],
      ['a range beyond everything', '[1..9000000]', 'TOOL_LIMIT'],
      ['a padding beyond everything', '$pad("a", 1e9)', 'TOOL_LIMIT'],
      ['one that nests too deep', `${'['.repeat(101)}${']'.repeat(101)}`, 'TOOL_LIMIT'],
    ];
    for (const [what, text, code] of bad) {
      it(`refuses ${what}`, async () => {
        const one = await desk(jsonQuery({ evaluateMsMax: 100 }));
        expect(await one.code('jsonQuery', { json, query: text })).to.equal(`TOOL_FAILED ${code}`);
      });
    }

    it('refuses what is no JSON, and a result beyond its limit', async () => {
      const one = await desk(jsonQuery({ evaluateMsMax: 10_000 }));
      expect(await one.code('jsonQuery', { json: '{', query: 'a' })).to.equal('TOOL_FAILED TOOL_CONTENT');
      const much = '$join([1..5000].("x" & $string($) & "yyyyyyyyyy"))';
      expect(await one.code('jsonQuery', { json, query: much })).to.equal('TOOL_RESULT');
      expect(await one.code('jsonQuery', { json })).to.equal('TOOL_ARGS');
    });

    it('cannot reach out of the value: no prototypes, no globals', async () => {
      for (const text of ['__proto__', 'constructor', 'teas.constructor', 'toString', '$lookup($, "constructor")']) {
        expect(await query(text), text).to.equal(null);
      }
    });
  });

  describe('currentTime', () => {
    it('is that of its clock, there and in UTC', async () => {
      const one = await desk(currentTime({ clock: system.clock }));
      expect(await one.value('currentTime', { timeZone: 'Europe/Vienna' })).to.deep.equal({
        epochMs: system.clock.now(),
        iso: '2030-01-01T00:00:00.000Z',
        timeZone: 'Europe/Vienna',
        local: 'Tuesday, 1 January 2030 at 01:00:00',
      });
      await system.advance(1_000);
      expect(await one.value('currentTime', {})).to.include({ iso: '2030-01-01T00:00:01.000Z', timeZone: 'UTC' });
    });

    it('refuses a zone that nobody knows, and a clock that is none', async () => {
      const one = await desk(currentTime({ clock: system.clock }));
      expect(await one.code('currentTime', { timeZone: 'Mars/Olympus' })).to.equal('TOOL_FAILED TOOL_CONTENT');
      expect(await one.code('currentTime', { timeZone: 7 })).to.equal('TOOL_ARGS');
      expect(() => currentTime({} as never))
        .to.throw()
        .with.property('field', 'clock');
    });
  });

  describe('memoryPut and memoryRecall', () => {
    let one: ToolDesk;
    const remember = async (memory: MemoryPort = ramMemory(system.clock, 3)): Promise<void> => {
      one = await desk(memoryPut(memory), memoryRecall(memory));
    };
    const recall = async (args: object, from?: string): Promise<string[]> =>
      ((await one.value('memoryRecall', args, from)) as MemoryRecallResult).hits.map(({ text }) => text);

    it('remember and recall, newest first, by words and tags', async () => {
      await remember();
      await one.value('memoryPut', { text: 'Ada takes no milk', tags: ['ada', 'tea'] });
      await one.value('memoryPut', { text: 'Bob takes milk', tags: ['bob', 'tea'] });
      expect(await recall({})).to.deep.equal(['Bob takes milk', 'Ada takes no milk']);
      expect(await recall({ text: 'no MILK' })).to.deep.equal(['Ada takes no milk']);
      expect(await recall({ tags: ['tea', 'bob'] })).to.deep.equal(['Bob takes milk']);
      expect(await recall({ tags: ['tea'], limit: 1 })).to.deep.equal(['Bob takes milk']);
      expect(await recall({ text: 'sugar' })).to.deep.equal([]);
    });

    it('keep to whoever remembered, and to their limit', async () => {
      await remember();
      for (const text of ['a', 'b', 'c', 'd']) await one.value('memoryPut', { text });
      expect(await recall({})).to.deep.equal(['d', 'c', 'b']);
      expect(await recall({}, 'another')).to.deep.equal([]);
    });

    it('refuse what is too much', async () => {
      await remember();
      expect(await one.code('memoryPut', { text: '' })).to.equal('TOOL_ARGS');
      expect(await one.code('memoryPut', { text: 'x'.repeat(8_193) })).to.equal('TOOL_ARGS');
      expect(await one.code('memoryPut', { text: 'x', tags: Array(17).fill('t') })).to.equal('TOOL_ARGS');
      expect(await one.code('memoryRecall', { limit: 101 })).to.equal('TOOL_ARGS');
    });

    it('hand on what the memory says', async () => {
      const full = async (): Promise<never> => {
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      };
      await remember({ put: full, recall: full });
      expect(await one.code('memoryPut', { text: 'a' })).to.equal('TOOL_FAILED ENOSPC');
    });
  });

  describe('runJob', () => {
    const hash = { job: job(import.meta, 'nobody'), description: 'nothing' };

    it('runs jobs of its list only, where there is a pool', async () => {
      const one = await desk(runJob({ jobs: { hash }, touches: 'nothing' }));
      expect(await one.code('runJob', { job: 'other' })).to.equal('TOOL_ARGS');
      expect(await one.code('runJob', { job: '__proto__' })).to.equal('TOOL_ARGS');
      // A system on one thread has no pool.
      expect(await one.code('runJob', { job: 'hash' })).to.equal('TOOL_FAILED NO_SYSTEM');
    });

    it('needs jobs, and jobs that are some', () => {
      expect(() => runJob({ jobs: {} }))
        .to.throw()
        .with.property('code', 'TOOL_SPEC');
      const jobs = { a: { job: {} as never, description: '' } };
      expect(() => runJob({ jobs }))
        .to.throw()
        .with.property('code', 'OPTION_TYPE');
    });
  });

  it('each have an example whose arguments fit their schema', async () => {
    const memory = ramMemory(system.clock);
    const all: Tool[] = [
      ...fileTools({ root: '/nowhere' }),
      fetchUrl({ hosts: ['example.com'] }),
      jsonQuery(),
      calculate(),
      currentTime({ clock: system.clock }),
      runJob({ jobs: { a: { job: job(import.meta, 'nobody'), description: 'nothing' } } }),
      memoryPut(memory),
      memoryRecall(memory),
    ];
    expect(all.map(({ name }) => name)).to.have.length(12);
    for (const { name, input, example, facts } of all) {
      expect(example, name).not.to.equal(undefined);
      expect(await checkSchema(input, example!.args), name).to.deep.include({ ok: true });
      expect(facts.input, name).to.include({ type: 'object', additionalProperties: false });
    }
  });

  it('are refused with options that nobody knows', async () => {
    for (const make of [() => jsonQuery({ depth: 1 } as never), () => calculate({ evaluateMsMax: 0 })]) {
      expect(await rejection((async () => make())()))
        .to.have.property('code')
        .that.matches(/^OPTION_/);
    }
  });
});
