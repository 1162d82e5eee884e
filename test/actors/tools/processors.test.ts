import { inspect } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';
import {
  audit,
  type AuditRecord,
  defineTool,
  manager,
  permit,
  redact,
  toolBus,
  type ToolBusEvents,
  type ToolError,
  type ToolOutcome,
  type ToolProcessor,
} from '../../../actors/index.js';
import { type ActorRef, TroupeError } from '../../../src/index.js';
import { armFailpoint, disarmFailpoint, type MemoryStore, type TestSystem } from '../../../src/testing/index.js';
import { thrownBy } from '../../helpers/fake-port.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { auditLog, did, gates, hears, processed, veiled } from './fixtures/processed.js';

describe('processors', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<ToolBusEvents>;

  const open = async (store?: TestSystem['store']): Promise<void> => {
    const old = store === undefined ? {} : { store, clock: system.clock };
    system = await systems.oneThread({ seed: 1, ...old });
    await system.spawn(auditLog, { id: 'audit' });
    ref = await system.spawn(processed, { id: 'tools' });
  };
  beforeEach(async () => {
    did.length = 0;
    gates.clear();
    await open();
  });

  afterEach(() => disarmFailpoint());

  const call = (text: string, more = {}): Promise<ToolOutcome> =>
    ref.ask({ type: 'call', from: 'ann', tool: 'say', args: { text }, ...more }, { timeoutMs: 86_400_000 });
  const errorOf = (outcome: ToolOutcome): ToolError => {
    if (outcome.ok) throw new Error(`it went well: ${JSON.stringify(outcome)}`);
    return outcome.error;
  };
  const records = async (): Promise<AuditRecord[]> => {
    await system.settle();
    const log = manager<AuditRecord>(system.get('/audit') as never, system.clock);
    return (await log.order('logged').page()).elements.map(({ value }) => value);
  };
  const seenBy = (code: string): string[] => [`inner after ${code}`, `outer after ${code}`];

  it('run before a call in their order, and after it in the reverse', async () => {
    expect((await call('hi')).ok).to.equal(true);
    expect(did).to.deep.equal(['outer before hi', 'inner before hi', 'say hi', ...seenBy('ok')]);
  });

  it('are only around the tools they name', async () => {
    expect(await call('hi', { tool: 'bare' })).to.deep.equal({ ok: true, value: 'sk-12345' });
    expect(did).to.deep.equal([]);
    expect(await records()).to.have.length(1);
  });

  describe('after a call see', () => {
    it('that the tool failed', async () => {
      expect(errorOf(await call('break'))).to.include({ code: 'TOOL_FAILED' });
      expect(did).to.deep.equal(['outer before break', 'inner before break', 'say break', ...seenBy('TOOL_FAILED')]);
    });

    it('that the arguments do not fit, and before it nothing', async () => {
      const outcome = await call('', { args: { text: 7 } });
      expect(errorOf(outcome).code).to.equal('TOOL_ARGS');
      expect(did).to.deep.equal(seenBy('TOOL_ARGS'));
    });

    it('that it took too long', async () => {
      const outcome = call('hang');
      await system.advance(1_000);
      expect(errorOf(await outcome).code).to.equal('TOOL_TIMEOUT');
      expect(did.slice(-2)).to.deep.equal(seenBy('TOOL_TIMEOUT'));
    });

    it('that it was cancelled', async () => {
      const outcome = call('hang', { callId: 'mine' });
      await system.settle();
      expect(await ref.ask({ type: 'cancel', from: 'ann', callId: 'mine' })).to.deep.equal({ ok: true });
      expect(errorOf(await outcome).code).to.equal('TOOL_CANCELLED');
      expect(did.slice(-2)).to.deep.equal(seenBy('TOOL_CANCELLED'));
      expect((await ref.ask({ type: 'metrics' })).tools.say).to.include({ cancelled: 1, failures: 0 });
    });

    it('that it was rejected', async () => {
      const outcome = call('hi', { from: 'ben' });
      await system.settle();
      const [waits] = await ref.ask({ type: 'pending' });
      await ref.ask({ type: 'reject', by: 'root', id: waits!.id });
      expect(errorOf(await outcome).code).to.equal('TOOL_DENIED');
      expect(did).to.deep.equal(['outer before hi', 'inner before hi', ...seenBy('TOOL_DENIED')]);
    });

    it('that it was answered out of the cache, if they say so', async () => {
      await call('hi', { tool: 'recall' });
      did.length = 0;
      const hit = await call('hi', { tool: 'recall' });
      expect(hit).to.include({ ok: true, value: '[redacted] hi' });
      expect(hit).to.have.property('cachedAt');
      expect(did, 'it was seen when it was made').to.deep.equal(['outer before hi', 'inner before hi']);
      expect((await records()).map(({ data }) => data.cached)).to.deep.equal([undefined, true]);
    });
  });

  it('may change what a call is made with: the tool, the approver and the audit see that', async () => {
    const outcome = call('  hi ', { from: 'ben' });
    await system.settle();
    const [waits] = await ref.ask({ type: 'pending' });
    expect(waits?.args).to.deep.equal({ text: 'hi' });
    await ref.ask({ type: 'approve', by: 'root', id: waits!.id });
    expect((await outcome).ok).to.equal(true);
    expect(did).to.include.members(['outer before   hi ', 'inner before hi', 'say hi']);
    expect((await records()).map(({ data }) => data.args)).to.deep.equal([{ text: 'hi' }]);
  });

  it('may refuse a call: it is not made, counts as denied, and is not tried again', async () => {
    const error = errorOf(await call('forbidden fruit'));
    expect(error).to.deep.equal({ code: 'TOOL_REFUSED', message: 'permit refused say: by the house' });
    expect(did).to.deep.equal(['outer before forbidden fruit', ...seenBy('TOOL_REFUSED')]);
    expect((await ref.ask({ type: 'metrics' })).tools.say).to.include({ calls: 1, denied: 1, failures: 0 });
  });

  it('work once on what the cache answers again, and each caller has what they showed it', async () => {
    ref = await system.spawn(veiled, { id: 'veiled' });
    const show = (from: string) => call('', { from, tool: 'open', args: {} });
    const [first, second] = [await show('boss'), await show('boss')];
    expect(first).to.deep.equal({ ok: true, value: { shown: 'boss' } });
    expect(second)
      .to.deep.include({ value: { shown: 'boss' } })
      .and.to.have.property('cachedAt');
    expect(await show('eve')).to.deep.equal({ ok: true, value: { shown: 'nothing for you' } });
    expect(await show('boss')).to.deep.include({ value: { shown: 'boss' } });
  });

  it('see texts of progress before they are sent; one that fails keeps the text back', async () => {
    ref = await system.spawn(veiled, { id: 'veiled' });
    const listener = await system.spawn(hears, { id: 'listener' });
    await call('', { from: 'boss', tool: 'open', args: { say: 'my sk-12345' }, progressTo: listener });
    await call('', { from: 'boss', tool: 'open', args: { say: 'throw' }, progressTo: listener });
    await system.settle();
    const heard = await contextOf<unknown>(system, '/listener');
    expect(JSON.stringify(heard))
      .to.include('my [redacted]')
      .and.not.match(/sk-|throw/);
  });

  it('may make an answer of a failure', async () => {
    expect(await call('forgive me')).to.deep.equal({ ok: true, value: 'forgiven' });
  });

  for (const [text, message] of [
    ['throw before', /meddler of say failed: it meddled/],
    ['throw after', /meddler of say failed: it meddled/],
    ['nonsense before', /meddler answered with "nonsense"/],
    ['nonsense after', /meddler answered with an object/],
    ['spoil', /does not fit/],
  ] as const) {
    it(`that fail (${text}) keep back what the call came to`, async () => {
      const error = errorOf(await call(text));
      expect(error).to.include({ code: 'TOOL_PROCESSOR' });
      expect(error.message).to.match(message);
      expect(did.includes(`say ${text}`)).to.equal(text.endsWith('after'));
      expect(did.at(-1)).to.equal('outer after TOOL_PROCESSOR');
      expect(systems.heard('actorFailed')).to.deep.equal([]);
    });
  }

  it('that hang take the time of the call, and no more', async () => {
    const before = call('hang before');
    await system.advance(1_000);
    await system.settle();
    expect(errorOf(await before).code).to.equal('TOOL_TIMEOUT');
    const behind = call('hang after');
    await system.advance(1_000);
    await system.settle();
    await system.advance(1_000);
    expect(errorOf(await behind).code).to.equal('TOOL_PROCESSOR');
    expect((await call('hi')).ok).to.equal(true);
  });

  describe('over a crash', () => {
    it('do not decide again what is recorded', async () => {
      void call(' hold', { callId: 'x' }).catch(() => {});
      await system.settle();
      await open(system.crash('kill'));
      await system.settle();
      const outcome = call(' hold', { callId: 'x' });
      await system.settle();
      gates.get('say')!();
      expect((await outcome).ok).to.equal(true);
      expect(did.filter((line) => line.includes('before'))).to.deep.equal(['outer before  hold', 'inner before hold']);
      expect(did.filter((line) => line.startsWith('say'))).to.deep.equal(['say hold', 'say hold']);
    });

    it('see a failure again, and the tool does not run again for that', async () => {
      gates.set('hold after', () => {});
      void call('break', { callId: 'x' }).catch(() => {});
      await system.settle();
      expect(did.at(-1)).to.equal('inner after TOOL_FAILED');
      gates.delete('hold after');
      await open(system.crash('kill'));
      const error = errorOf(await call('break', { callId: 'x' }));
      expect(error.code).to.equal('TOOL_FAILED');
      expect(did.filter((line) => line === 'say break')).to.have.length(1);
      expect(await records()).to.have.length(1);
    });
  });

  describe('that redact', () => {
    it('take texts and properties out of values, before they are recorded', async () => {
      const outcome = await call('hi sk-9', { callId: 'x' });
      const value = {
        text: 'hi [redacted]',
        Password: '[redacted]',
        notes: ['a [redacted]', new Map([['key', '[redacted]']])],
      };
      expect(outcome).to.deep.equal({ ok: true, value });
      const context = await contextOf<object>(system, '/tools');
      expect(JSON.stringify(context))
        .to.match(/redacted/)
        .and.not.match(/sesame|sk-\d/);
    });

    it('take them out of errors that are values, whole', async () => {
      const cause = Object.assign(new TypeError('because of sk-2'), { code: 'sk-3' });
      const { after } = redact({ patterns: [/sk-\d+/], keys: ['key'] });
      const error = new TroupeError('TOOL_CONTENT', 'it is sk-1', { value: { key: 'x', more: 'sk-4' }, cause });
      const seen = await after!({} as never, { ok: true, value: [error, new AggregateError([cause], 'sk-5')] });
      const shown = inspect(seen, { depth: 9 });
      expect(shown)
        .to.include('it is [redacted]')
        .and.include('because of [redacted]')
        .and.not.match(/sk-\d|'x'/);
      const [first] = (seen as { value: unknown[] }).value;
      expect(first).to.be.instanceOf(TroupeError).and.include({ code: 'TOOL_CONTENT' });
    });

    it('take them out of the words of errors', async () => {
      const error = errorOf(await call('break'));
      expect(error.code).to.equal('TOOL_FAILED');
      expect(error.message).to.equal('say failed: it broke over [redacted]');
      expect(error.cause?.message).to.equal('it broke over [redacted]');
    });
  });

  it('that audit write each call down, once, and what it came to', async () => {
    await call('hi');
    await call('break');
    await call('forbidden');
    const all = await records();
    expect(all.map(({ level, text }) => [level, text])).to.deep.equal([
      ['info', 'ann called say: done'],
      ['warn', 'ann called say: TOOL_FAILED'],
      ['warn', 'ann called say: TOOL_REFUSED'],
    ]);
    expect(all[0]!.data).to.deep.include({ tool: 'say', from: 'ann', depth: 0, ok: true, args: { text: 'hi' } });
    expect(all[0]!.data.effectId).to.match(/^\/tools#call-1-/);
  });

  it('that audit write a call down once, wherever the process is killed', async () => {
    let crashes = 0;
    for (let count = 1; ; count += 1) {
      did.length = 0;
      await systems.stopAll();
      await open();
      await system.settle();
      let left: MemoryStore | undefined;
      armFailpoint('journal.afterCommitBeforeRoute', count, () => {
        left = system.store.fork('kill');
      });
      void call('break', { callId: 'x' }).catch(() => {});
      await system.settle();
      disarmFailpoint();
      const { clock } = system;
      system.crash('kill');
      if (left === undefined) break;
      crashes += 1;
      system = await systems.oneThread({ seed: 1, store: left, clock });
      ref = system.get('/tools') as typeof ref;
      expect(errorOf(await call('break', { callId: 'x' })).code).to.equal('TOOL_FAILED');
      expect(await records(), `${count}`).to.have.length(1);
    }
    expect(crashes).to.be.above(4);
  });

  it('that cannot write a call down let nothing of it out', async () => {
    await system.get('/audit').stop();
    await system.settle();
    expect(errorOf(await call('hi'))).to.include({ code: 'TOOL_PROCESSOR' });
  });

  it('are declared with sense', () => {
    const tool = defineTool({ name: 't', description: 'd', touches: 'nothing', input: z.object({}), run: () => 1 });
    const declared = (processor: object, field: string) =>
      thrownBy(() =>
        toolBus(import.meta, `t.bad.${field}`, { tools: [tool], processors: [processor as ToolProcessor] }),
      );
    const before = () => undefined;
    const bad: [object, string][] = [
      [null as never, 'processors[0]'],
      [{ name: 'x' }, 'processors[0]'],
      [{ before }, 'processors[0].name'],
      [{ name: 'x', before: 1 }, 'processors[0].before'],
      [{ name: 'x', before, after: 'y' }, 'processors[0].after'],
      [{ name: 'x', progress: 'y' }, 'processors[0].progress'],
      [{ name: 'x', before, seesCached: 1 }, 'processors[0].seesCached'],
      [{ name: 'x', before, tools: ['other'] }, 'processors[0].tools'],
    ];
    for (const [processor, field] of bad) {
      expect(declared(processor, field), field).to.include({ code: 'TOOL_SPEC', field });
    }
    expect(thrownBy(() => redact({}))).to.include({ code: 'TOOL_SPEC', field: 'patterns' });
    expect(thrownBy(() => redact({ patterns: ['x' as never] }))).to.include({ code: 'TOOL_SPEC', field: 'patterns' });
    expect(thrownBy(() => redact({ keys: [1 as never] }))).to.include({ code: 'TOOL_SPEC', field: 'keys' });
    expect(thrownBy(() => audit({ log: 7 as never }))).to.include({ code: 'TOOL_SPEC', field: 'log' });
    expect(thrownBy(() => audit({} as never))).to.include({ code: 'OPTION_TYPE', field: 'log' });
    expect(thrownBy(() => permit('yes' as never))).to.include({ code: 'OPTION_TYPE', field: 'rule' });
  });
});
