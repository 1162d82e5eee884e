import { expect } from 'chai';
import { z } from 'zod';
import { defineTool, type ToolBusEvents, type ToolOutcome } from '../../../actors/tools/index.js';
import type { ActorRef } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { limited, oneByOne, ran } from './fixtures/limited.js';

describe('results that a tool bus keeps', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<ToolBusEvents>;

  const open = async (store?: TestSystem['store']): Promise<void> => {
    const old = store === undefined ? {} : { store, clock: system.clock };
    system = await systems.oneThread({ seed: 1, ...old });
    ref = await system.spawn(limited, { id: 'tools' });
  };
  beforeEach(async () => {
    ran.length = 0;
    await open();
  });

  const call = (tool: string, args: unknown, from = 'ann', more = {}): Promise<ToolOutcome> =>
    ref.ask({ type: 'call', from, tool, args, ...more }, { timeoutMs: 86_400_000 });
  const price = (item: unknown, from?: string) => call('price', { item }, from);
  const codeOf = (outcome: ToolOutcome): string => (outcome.ok ? 'ok' : outcome.error.code);

  it('answer the same call without the tool, say since when, and are counted', async () => {
    const at = system.clock.now();
    expect(await call('price', { item: 'tea', in: { a: 1, b: [{ c: 2, d: 3 }] } })).to.deep.equal({
      ok: true,
      value: '1',
    });
    await system.advance(5_000);
    const again = await call('price', { in: { b: [{ d: 3, c: 2 }], a: 1 }, item: 'tea' });
    expect(again).to.deep.equal({ ok: true, value: '1', cachedAt: at });
    expect(ran).to.have.length(1);
    const { tools, open: stillOpen } = await ref.ask({ type: 'metrics' });
    expect(tools.price).to.include({ calls: 2, cached: 1, failures: 0 });
    expect(stillOpen).to.equal(0);
  });

  it('are not taken for those of a call that only looks alike', async () => {
    const items = ['1', 1n, '1n', null, [], {}, new Map(), new Set(), new Date(0), '1970-01-01T00:00:00.000Z', -0, 0];
    for (const item of items) await price(item);
    expect(ran).to.have.length(items.length);
  });

  it('last as long as the tool says, by the time of the bus', async () => {
    await price('tea');
    await system.advance(59_999);
    await price('tea');
    expect(ran).to.have.length(1);
    await system.advance(1);
    expect(await price('tea')).to.deep.equal({ ok: true, value: '2' });
  });

  it('are there after a crash, and no longer than before', async () => {
    await price('tea');
    await open(system.crash('kill'));
    await system.advance(59_999);
    expect(await price('tea')).to.include({ value: '1' });
    await open(system.crash('powerCut'));
    await system.advance(1);
    expect(await price('tea')).to.include({ value: '2' });
  });

  it('are good ones: a failure is made again', async () => {
    for (const _ of [1, 2]) expect(codeOf(await price('nothing'))).to.equal('TOOL_FAILED');
    expect(ran).to.have.length(2);
  });

  describe('never cross grants:', () => {
    it('a caller without one gets none, nor one that has lost it', async () => {
      await call('news', {});
      expect(codeOf(await call('news', {}, 'eve'))).to.equal('TOOL_NOT_GRANTED');
      await ref.ask({ type: 'revoke', by: 'root', principal: 'ann', tool: 'news' });
      expect(codeOf(await call('news', {}))).to.equal('TOOL_NOT_GRANTED');
      expect(ran).to.deep.equal(['news ann']);
    });

    it('each caller has its own, unless the tool shares them', async () => {
      await price('tea');
      await price('tea', 'ben');
      expect(ran).to.deep.equal(['price ann tea', 'price ben tea']);
      await call('news', {});
      expect(await call('news', {}, 'ben')).to.deep.include({ value: { seen: null, by: 'ann' } });
    });

    it('shared ones go to those who may see the same', async () => {
      await call('news', {});
      expect(await call('news', {}, 'cat')).to.deep.include({ value: { seen: { desk: 'sports' }, by: 'cat' } });
      expect(await call('news', {}, 'dan')).to.deep.include({ value: { seen: { desk: 'sports' }, by: 'cat' } });
      const data = { desk: 'weather' };
      await ref.ask({ type: 'grant', by: 'root', principal: 'dan', tool: 'news', data });
      expect(await call('news', {}, 'dan')).to.deep.equal({ ok: true, value: { seen: data, by: 'dan' } });
    });

    it('who must ask asks each time', async () => {
      await price('tea');
      for (const count of [2, 3]) {
        const outcome = price('tea', 'eve');
        await system.settle();
        const [waits] = await ref.ask({ type: 'pending' });
        await ref.ask({ type: 'approve', by: 'root', id: waits!.id });
        expect(await outcome).to.deep.equal({ ok: true, value: `${count}` });
      }
    });
  });

  it('are so many of a tool: those that were not asked for the longest go', async () => {
    for (const item of ['a', 'b', 'c', 'a', 'd']) await price(item);
    ran.length = 0;
    for (const item of ['a', 'c', 'd', 'b']) await price(item);
    expect(ran).to.deep.equal(['price ann b']);
  });

  it('are so many bytes in all, and none that has more by itself', async () => {
    const bytes = async () => {
      const { cached } = await contextOf<{ cached: { bytes: number }[] }>(system, '/tools');
      return cached.map((each) => each.bytes);
    };
    for (const item of [300, 301, 302]) await price(item);
    const sizes = await bytes();
    expect(sizes).to.have.length(2);
    expect(sizes.reduce((a, b) => a + b)).to.be.within(800, 1_000);
    await price(1_000);
    expect(await bytes()).to.deep.equal(sizes);
    for (const _ of [1, 2]) await price(1_000);
    expect(ran).to.have.length(6);
  });

  it('answer a named call again as they did, also when they are too old for another', async () => {
    await price('tea');
    const first = await call('price', { item: 'tea' }, 'ann', { callId: 'mine' });
    await system.advance(60_000);
    expect(await call('price', { item: 'tea' }, 'ann', { callId: 'mine' })).to.deep.equal(first);
    expect(ran).to.have.length(1);
  });

  it('answer those that wait in line for the same', async () => {
    ref = await system.spawn(oneByOne, { id: 'one' });
    const outcomes = await Promise.all([1, 2, 3].map(() => price('tea')));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).to.deep.equal(['1', '1', '1']);
    expect(ran).to.have.length(1);
  });

  it('are declared by tools that may be called twice, and with a time', () => {
    const tool = (cache: object, more = {}) =>
      thrownBy(() =>
        defineTool({
          name: 't',
          description: 'd',
          touches: 'nothing',
          input: z.object({}),
          run: () => 1,
          cache,
          ...more,
        }),
      );
    expect(tool({ ttlMs: 1 }, { touches: 'outside' })).to.include({ code: 'TOOL_SPEC', field: 'cache' });
    expect(tool({})).to.include({ code: 'OPTION_TYPE', field: 'cache.ttlMs' });
    expect(tool({ ttlMs: 0 })).to.include({ code: 'OPTION_RANGE', field: 'cache.ttlMs' });
    expect(tool({ ttlMs: 1, entriesMax: 0 })).to.include({ code: 'OPTION_RANGE', field: 'cache.entriesMax' });
    expect(tool({ ttlMs: 1, ttl: 1 })).to.include({ code: 'OPTION_UNKNOWN', field: 'cache.ttl' });
  });
});
