import { expect } from 'chai';
import type { ToolBusEvents, ToolCallFields, ToolError, ToolOutcome } from '../../../actors/tools/index.js';
import type { ActorRef } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { contextOf, rejection, useSystems } from '../../helpers/with-system.js';
import { bus, clerk, gates, listener, seen } from './fixtures/tools.js';

const day = 86_400_000;

describe('a tool bus', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<ToolBusEvents>;

  const open = async (store?: TestSystem['store']): Promise<void> => {
    const old = store === undefined ? {} : { store, clock: system.clock };
    system = await systems.oneThread({ seed: 1, ...old });
    ref = await system.spawn(bus, { id: 'tools' });
  };
  beforeEach(async () => {
    seen.length = 0;
    gates.clear();
    await open();
  });

  /** A call under way; time may have to pass before it is answered. */
  const call = (fields: Partial<ToolCallFields>): Promise<ToolOutcome> =>
    ref.ask({ type: 'call', from: 'agent', tool: 'echo', args: { text: 'hi' }, ...fields }, { timeoutMs: day });
  const errorOf = (outcome: ToolOutcome): ToolError => {
    if (outcome.ok) throw new Error(`it went well: ${JSON.stringify(outcome)}`);
    return outcome.error;
  };
  const codeOf = async (fields: Partial<ToolCallFields>): Promise<string> => errorOf(await call(fields)).code;
  const metrics = async (tool: string) => (await ref.ask({ type: 'metrics' })).tools[tool];
  const pendingIds = async (by?: string): Promise<string[]> => {
    await system.settle();
    return (await ref.ask({ type: 'pending', ...(by === undefined ? {} : { by }) })).map(({ id }) => id);
  };

  it('runs a granted tool, and answers with its value', async () => {
    expect(await call({})).to.deep.equal({ ok: true, value: 'hi' });
    expect(seen).to.have.length(1);
    expect(await metrics('echo')).to.include({ calls: 1, failures: 0, denied: 0 });
    expect(await ref.ask({ type: 'metrics' })).to.include({ open: 0, waiting: 0, unknown: 0 });
    const { value, status } = (await system.state('/tools')) as { value: unknown; status: string };
    expect([value, status]).to.deep.equal(['idle', 'running']);
  });

  it('lists only what a principal may use, as a model is shown it', async () => {
    const listed = await ref.ask({ type: 'list', from: 'boss' });
    expect(listed.map(({ name, approval }) => [name, approval])).to.deep.equal([
      ['echo', 'allow'],
      ['send', 'allow'],
    ]);
    expect(listed[0]).to.deep.include({ description: 'Says what it is told.', touches: 'nothing' });
    expect(listed[0]!.input).to.deep.include({ type: 'object', required: ['text'] });
    expect(listed[0]!.example).to.deep.equal({ args: { text: 'hello' }, says: 'hello' });
    expect(await ref.ask({ type: 'list', from: 'stranger' })).to.deep.equal([]);
    // Granted, but what touches the outside is denied unless somebody says otherwise.
    expect(await ref.ask({ type: 'list', from: 'careless' })).to.deep.equal([]);
  });

  it('refuses what is unknown, not granted, denied, or too deep, and counts it', async () => {
    expect(await codeOf({ tool: 'nonsense' })).to.equal('TOOL_UNKNOWN');
    expect(await codeOf({ tool: '__proto__' })).to.equal('TOOL_UNKNOWN');
    expect(await codeOf({ from: 'stranger' })).to.equal('TOOL_NOT_GRANTED');
    expect(await codeOf({ from: 'constructor' })).to.equal('TOOL_NOT_GRANTED');
    expect(await codeOf({ tool: 'send' })).to.equal('TOOL_NOT_GRANTED');
    expect(await codeOf({ from: 'careless', tool: 'send' })).to.equal('TOOL_DENIED');
    expect(await codeOf({ depth: 6 })).to.equal('TOOL_DEPTH');
    expect((await call({ depth: 5 })).ok).to.equal(true);
    expect(await ref.ask({ type: 'metrics' })).to.include({ unknown: 2 });
    expect(await metrics('echo')).to.include({ calls: 1, denied: 3 });
    expect(seen).to.have.length(1);
  });

  it('checks arguments at run time, names the place, and lets nothing of them through', async () => {
    const error = errorOf(await call({ args: { text: 7 } }));
    expect(error.code).to.equal('TOOL_ARGS');
    expect(error.issues?.map(({ path }) => path)).to.deep.equal(['text']);
    for (const args of [undefined, null, 'text', [], { txet: 'hi' }])
      expect(await codeOf({ args })).to.equal('TOOL_ARGS');
    expect(await codeOf({ args: { text: 'x'.repeat(3_000) } })).to.equal('TOOL_ARGS');
    expect(seen).to.deep.equal([]);
  });

  it('hands the grant’s data to the tool, and an effectId that is the call’s own', async () => {
    const outcome = await call({ from: 'boss', tool: 'send', args: { text: 'a' } });
    expect(outcome).to.deep.equal({ ok: true, value: 'sent a as {"as":"boss"}' });
    await call({ from: 'boss', tool: 'send', args: { text: 'b' } });
    const ids = seen.map((line) => line.split(' ')[1]);
    expect(new Set(ids).size).to.equal(2);
    expect(ids[0]).to.match(/^\/tools#call-1-\w+$/);
  });

  describe('a tool that', () => {
    it('throws is TOOL_FAILED with its cause, and the bus goes on', async () => {
      const outcome = call({ tool: 'flaky', args: { fails: 9, code: 'TOOL_LIMIT' } });
      const error = errorOf(await outcome);
      expect(error).to.deep.include({ code: 'TOOL_FAILED', message: 'flaky failed: stumbled at 1' });
      expect(error.cause).to.deep.equal({ name: 'Error', message: 'stumbled at 1', code: 'TOOL_LIMIT' });
      expect((await call({})).ok).to.equal(true);
      expect(systems.heard('actorFailed')).to.deep.equal([]);
      expect(
        seen.filter((line) => line.startsWith('flaky')),
        'its code says that nothing would help',
      ).to.have.length(1);
    });

    it('fails for a while is tried again, later each time, under the same effectId', async () => {
      const outcome = call({ tool: 'flaky', args: { fails: 2 } });
      await system.settle();
      await system.advance(999);
      expect(seen).to.have.length(1);
      await system.advance(1);
      expect(seen).to.have.length(2);
      await system.advance(1_999);
      expect(seen).to.have.length(2);
      await system.advance(1);
      expect(await outcome).to.deep.equal({ ok: true, value: 3 });
      expect(new Set(seen.map((line) => line.split(' ')[1])).size).to.equal(1);
      expect(await metrics('flaky')).to.include({ calls: 1, retries: 2, failures: 0 });
    });

    it('lies is not tried again: it would lie again', async () => {
      expect(await codeOf({ tool: 'flaky', args: { fails: 9, code: 'lie' } })).to.equal('TOOL_RESULT');
      expect(seen).to.have.length(1);
    });

    it('fails too often is TOOL_FAILED', async () => {
      const outcome = call({ tool: 'flaky', args: { fails: 9 } });
      await system.advance(10_000);
      expect(errorOf(await outcome).message).to.equal('flaky failed: stumbled at 3');
      expect(await metrics('flaky')).to.include({ retries: 2, failures: 1 });
    });

    it('hangs is TOOL_TIMEOUT after its time, not earlier, and does not hold others up', async () => {
      const outcome = call({ tool: 'hung', args: {} });
      await system.advance(4_999);
      expect((await call({})).ok).to.equal(true);
      expect((await ref.ask({ type: 'metrics' })).open).to.equal(1);
      await system.advance(1);
      expect(errorOf(await outcome)).to.include({ code: 'TOOL_TIMEOUT' });
      expect(await metrics('hung')).to.include({ timeouts: 1, failures: 1, ms: 5_000, msMax: 5_000 });
    });

    it('hangs is told to stop, and what it says then is not heard', async () => {
      const outcome = call({ tool: 'held', args: { text: 'a' } });
      await system.advance(60_000);
      expect(errorOf(await outcome).code).to.equal('TOOL_TIMEOUT');
      const gate = gates.get('a')!;
      expect(gate.signal.aborted).to.equal(true);
      gate.open('too late');
      await system.settle();
      expect(await ref.ask({ type: 'metrics' })).to.include({ open: 0 });
      expect(systems.heard('actorFailed')).to.deep.equal([]);
    });

    for (const [how, much, code] of [
      ['text', 10_000_000, 'TOOL_RESULT'],
      ['list', 100_000, 'TOOL_RESULT'],
      ['error', 10_000_000, 'TOOL_FAILED'],
    ] as const) {
      it(`floods with ${how} costs its caller no more than a line`, async () => {
        const error = errorOf(await call({ tool: 'flood', args: { how, much } }));
        expect(error.code).to.equal(code);
        expect(JSON.stringify(error).length).to.be.lessThan(5_000);
        if (code === 'TOOL_RESULT') expect(error.message).to.match(/may have 10000( bytes)?$/);
      });
    }

    const progressOf = async (args: object) => {
      const ears = await system.spawn(listener, { id: 'ears' });
      expect((await call({ tool: 'flood', progressTo: ears, args })).ok).to.equal(true);
      await system.settle();
      return (await contextOf<{ heard: { text: string; number: number }[] }>(system, '/ears')).heard;
    };

    it('floods with progress faster than it can be sent is heard with the first and the last of it', async () => {
      const heard = await progressOf({ how: 'progress', much: 100_000 });
      expect(heard.map(({ number }) => number)).to.deep.equal([1, 100_000]);
      expect(heard[0]).to.include({ type: 'toolProgress', tool: 'flood', callId: 'call-1' });
      expect(heard.map(({ text }) => text.length)).to.deep.equal([1_000, 1_000]);
    });

    it('reports progress step by step is heard as often as the bus allows', async () => {
      const heard = await progressOf({ how: 'steps', much: 2_000 });
      expect(heard).to.have.length(50);
      const numbers = heard.map(({ number }) => number);
      expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
    });

    for (const how of ['type', 'nothing', 'function']) {
      it(`lies about its result (${how}) is TOOL_RESULT`, async () => {
        const error = errorOf(await call({ tool: 'liar', args: { how } }));
        expect(error.code).to.equal('TOOL_RESULT');
        expect(error.message).to.match(/does not fit its schema/);
      });
    }

    for (const how of ['function', 'cycle']) {
      it(`promises nothing and returns what cannot be carried (${how}) is TOOL_RESULT`, async () => {
        const error = errorOf(await call({ tool: 'flood', args: { how, much: 1 } }));
        expect(error.code).to.equal('TOOL_RESULT');
        expect(error.message).to.match(/cannot be carried: result\./);
      });
    }
  });

  describe('cancel', () => {
    it('ends a running call: it is told to stop, and answered once', async () => {
      const outcome = call({ tool: 'held', args: { text: 'a' }, callId: 'mine' });
      await system.settle();
      expect(await ref.ask({ type: 'cancel', from: 'agent', callId: 'mine' })).to.deep.equal({ ok: true });
      expect(errorOf(await outcome).code).to.equal('TOOL_CANCELLED');
      await system.settle();
      expect(gates.get('a')!.signal.aborted).to.equal(true);
      const again = await ref.ask({ type: 'cancel', from: 'agent', callId: 'mine' });
      expect(again).to.have.nested.property('error.code', 'TOOL_CALL_UNKNOWN');
      expect(await metrics('held')).to.include({ cancelled: 1, failures: 0 });
    });

    it('of another’s call is no call of yours', async () => {
      const outcome = call({ tool: 'held', args: { text: 'a' }, callId: 'mine' });
      await system.settle();
      const other = await ref.ask({ type: 'cancel', from: 'boss', callId: 'mine' });
      expect(other).to.have.nested.property('error.code', 'TOOL_CALL_UNKNOWN');
      gates.get('a')!.open('fine');
      expect(await outcome).to.deep.equal({ ok: true, value: 'fine' });
    });

    it('ends a call that waits for its next attempt, or for an approval', async () => {
      const flaky = call({ tool: 'flaky', args: { fails: 9 }, callId: 'f' });
      const asking = call({ from: 'clerk', tool: 'send', args: { text: 'a' }, callId: 's' });
      await system.settle();
      await ref.ask({ type: 'cancel', from: 'agent', callId: 'f' });
      await ref.ask({ type: 'cancel', from: 'clerk', callId: 's' });
      expect(errorOf(await flaky).code).to.equal('TOOL_CANCELLED');
      expect(errorOf(await asking).code).to.equal('TOOL_CANCELLED');
      await system.advance(day);
      expect(seen).to.have.length(1);
    });
  });

  describe('grants', () => {
    const grant = (principal: string, tool: string, more = {}) =>
      ref.ask({ type: 'grant', by: 'root', principal, tool, ...more });

    it('made and taken away count from the next call on, and survive a crash', async () => {
      expect(await grant('stranger', 'echo')).to.deep.equal({ ok: true });
      expect((await call({ from: 'stranger' })).ok).to.equal(true);
      await ref.ask({ type: 'revoke', by: 'root', principal: 'agent', tool: 'echo' });
      expect(await codeOf({})).to.equal('TOOL_NOT_GRANTED');
      await open(system.crash('kill'));
      expect((await call({ from: 'stranger' })).ok).to.equal(true);
      expect(await codeOf({})).to.equal('TOOL_NOT_GRANTED');
    });

    it('to everybody are grants to all but those it was taken from', async () => {
      await grant('*', 'send', { approval: 'allow' });
      await ref.ask({ type: 'revoke', by: 'root', principal: 'agent', tool: 'send' });
      expect((await call({ from: 'anybody', tool: 'send' })).ok).to.equal(true);
      expect(await codeOf({ tool: 'send' })).to.equal('TOOL_NOT_GRANTED');
    });

    it('are made by grantors only, of tools that exist', async () => {
      const byOther = await ref.ask({ type: 'grant', by: 'ada', principal: 'ada', tool: 'echo' });
      expect(byOther).to.have.nested.property('error.code', 'GRANT_FORBIDDEN');
      const unknown = await grant('ada', 'nonsense');
      expect(unknown).to.have.nested.property('error.code', 'TOOL_UNKNOWN');
      expect(unknown).to.have.nested.property('error.message').that.includes('known are echo, ');
      expect(await codeOf({ from: 'ada' })).to.equal('TOOL_NOT_GRANTED');
    });

    it('that would let a tool reach itself are TOOL_CYCLE', async () => {
      const answer = await grant('measurer', 'measure');
      expect(answer).to.have.nested.property('error.code', 'TOOL_CYCLE');
      expect(answer).to.have.nested.property('error.message').that.includes('measure > measure');
      expect(await grant('measurer', 'echo')).to.deep.equal({ ok: true });
      expect(await grant('*', 'measure')).to.have.nested.property('error.code', 'TOOL_CYCLE');
    });

    it('taken away stop what waits: an attempt that is to come is not made', async () => {
      const flaky = call({ tool: 'flaky', args: { fails: 2 } });
      const asking = call({ from: 'clerk', tool: 'send', args: { text: 'a' } });
      const [id] = await pendingIds();
      await ref.ask({ type: 'revoke', by: 'root', principal: 'agent', tool: 'flaky' });
      await ref.ask({ type: 'revoke', by: 'root', principal: 'clerk', tool: 'send' });
      await system.advance(1_000);
      expect(errorOf(await flaky).code).to.equal('TOOL_NOT_GRANTED');
      expect(await ref.ask({ type: 'approve', by: 'ada', id: id! })).to.deep.equal({ ok: true });
      expect(errorOf(await asking).code).to.equal('TOOL_NOT_GRANTED');
      expect(seen).to.have.length(1);
    });
  });

  describe('a named call', () => {
    it('that is asked twice runs once, and both askers are answered', async () => {
      const one = call({ tool: 'held', args: { text: 'a' }, callId: 'x' });
      const two = call({ tool: 'held', args: { text: 'a' }, callId: 'x' });
      await system.settle();
      gates.get('a')!.open('fine');
      expect(await one).to.deep.equal({ ok: true, value: 'fine' });
      expect(await two).to.deep.equal({ ok: true, value: 'fine' });
      expect(await call({ tool: 'held', args: { text: 'a' }, callId: 'x' })).to.deep.equal({ ok: true, value: 'fine' });
      expect(seen).to.have.length(1);
    });

    it('is answered from what was recorded after a crash, and not run twice', async () => {
      await call({ callId: 'x' });
      await open(system.crash('kill'));
      expect(await call({ callId: 'x' })).to.deep.equal({ ok: true, value: 'hi' });
      expect(seen).to.have.length(1);
    });

    it('is no other call: another tool or other arguments under its name are refused', async () => {
      await call({ callId: 'x' });
      const other = await rejection(call({ callId: 'x', args: { text: 'other' } }));
      expect(other).to.include({ code: 'TOOL_CALL', field: 'callId' });
      expect((await call({ callId: 'x', from: 'boss', args: { text: 'other' } })).ok).to.equal(true);
    });

    it('is forgotten when enough others came, so that memory has an end', async () => {
      for (const callId of ['a', 'b', 'c', 'd', 'e']) await call({ callId });
      const { kept } = await contextOf<{ kept: { callId: string }[] }>(system, '/tools');
      expect(kept.map(({ callId }) => callId)).to.deep.equal(['b', 'c', 'd', 'e']);
      const long = { args: { text: 'x'.repeat(1_900) } };
      for (const callId of ['f', 'g', 'h']) await call({ callId, ...long });
      const after = await contextOf<{ kept: { callId: string }[] }>(system, '/tools');
      expect(after.kept.map(({ callId }) => callId)).to.deep.equal(['g', 'h']);
    });
  });

  it('answers an actor by message, exactly once, over a crash in the middle', async () => {
    const caller = await system.spawn(listener, { id: 'caller' });
    const args = { text: 'a' };
    await caller.tell({ type: 'forward', to: ref, call: { from: 'agent', tool: 'held', args, callId: 'm' } });
    await system.settle();
    expect(seen).to.have.length(1);
    await open(system.crash('kill'));
    await system.settle();
    expect(seen, 'begun again').to.have.length(2);
    expect(seen[1]).to.equal(seen[0]);
    gates.get('a')!.open('fine');
    await system.settle();
    await open(system.crash('kill'));
    await system.settle();
    const { heard } = await contextOf<{ heard: object[] }>(system, '/caller');
    const outcome = { ok: true, value: 'fine' };
    expect(heard).to.deep.equal([{ type: 'toolAnswered', callId: 'm', tool: 'held', outcome }]);
    expect(seen).to.have.length(2);
  });

  it('has room for so many calls, and says so to the next', async () => {
    const calls = Array.from({ length: 20 }, (_, n) => call({ tool: 'held', args: { text: `${n}` } }));
    await system.settle();
    expect(await codeOf({})).to.equal('TOOL_BUSY');
    for (const { open: finish } of gates.values()) finish('fine');
    expect((await Promise.all(calls)).every(({ ok }) => ok)).to.equal(true);
    expect((await call({})).ok).to.equal(true);
  });

  describe('an actor as a tool', () => {
    it('is started with its input, and its output is the result', async () => {
      const outcome = await call({ tool: 'measure', args: { text: 'four' }, depth: 2 });
      expect(outcome).to.deep.equal({ ok: true, value: { length: 4, depth: 3 } });
      await system.settle();
      expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/tools']);
    });

    it('that fails is TOOL_FAILED with its error', async () => {
      const error = errorOf(await call({ tool: 'measure', args: { text: 'nothing' } }));
      expect(error).to.include({ code: 'TOOL_FAILED' });
      expect(error.cause?.message).to.equal('there is nothing to measure');
    });

    it('that ends with nothing where something was promised is TOOL_RESULT', async () => {
      expect(await codeOf({ tool: 'measure', args: { text: 'empty' } })).to.equal('TOOL_RESULT');
    });

    it('that takes too long, or is cancelled, is stopped', async () => {
      const late = call({ tool: 'measure', args: { text: 'for ever' } });
      const cancelled = call({ tool: 'measure', args: { text: 'for ever' }, callId: 'c' });
      await system.settle();
      expect(await system.actors()).to.have.length(3);
      await ref.ask({ type: 'cancel', from: 'agent', callId: 'c' });
      await system.advance(10_000);
      expect(errorOf(await late).code).to.equal('TOOL_TIMEOUT');
      expect(errorOf(await cancelled).code).to.equal('TOOL_CANCELLED');
      expect(await system.actors()).to.have.length(1);
    });

    it('that is stopped by somebody else is TOOL_FAILED', async () => {
      const outcome = call({ tool: 'measure', args: { text: 'for ever' } });
      await system.settle();
      const [child] = (await system.actors()).filter(({ path }) => path !== '/tools');
      await system.get(child!.path).stop();
      expect(errorOf(await outcome).code).to.equal('TOOL_FAILED');
    });

    it('is there again after a crash, with the call that waits for it', async () => {
      const caller = await system.spawn(listener, { id: 'caller' });
      const args = { text: 'for ever' };
      await caller.tell({ type: 'forward', to: ref, call: { from: 'agent', tool: 'measure', args, callId: 'm' } });
      await system.settle();
      await open(system.crash('kill'));
      await system.advance(10_000);
      const { heard } = await contextOf<{ heard: { outcome: ToolOutcome }[] }>(system, '/caller');
      expect(heard.map(({ outcome }) => errorOf(outcome).code)).to.deep.equal(['TOOL_TIMEOUT']);
    });

    it('is as deep as the call it works for, also when it forgets to say so', async () => {
      await ref.ask({ type: 'grant', by: 'root', principal: 'measurer', tool: 'echo' });
      const outer = call({ tool: 'measure', args: { text: 'for ever' }, depth: 5, callId: 'outer' });
      await system.settle();
      expect(await codeOf({ from: 'measurer' })).to.equal('TOOL_DEPTH');
      await ref.ask({ type: 'cancel', from: 'agent', callId: 'outer' });
      expect(errorOf(await outer).code).to.equal('TOOL_CANCELLED');
      expect((await call({ from: 'measurer' })).ok).to.equal(true);
    });

    it('whose input cannot be carried is TOOL_FAILED, and starts nobody', async () => {
      const error = errorOf(await call({ tool: 'measure', args: { text: 'a function' } }));
      expect(error).to.include({ code: 'TOOL_FAILED' });
      expect(error.message).to.match(/input of measure cannot be carried/);
    });

    it('that is there already is asked', async () => {
      expect(await codeOf({ tool: 'consult' })).to.equal('TOOL_FAILED');
      await system.spawn(clerk, { id: 'clerk' });
      expect(await call({ tool: 'consult' })).to.deep.equal({ ok: true, value: 'about hi' });
    });
  });

  describe('the door', () => {
    const wrong: [string, object, string][] = [
      ['no caller', { type: 'call', tool: 'echo', args: {} }, 'from'],
      ['a caller without a name', { type: 'call', from: '', tool: 'echo' }, 'from'],
      ['a tool that is no name', { type: 'call', from: 'agent', tool: 7 }, 'tool'],
      ['half a depth', { type: 'call', from: 'agent', tool: 'echo', depth: 1.5 }, 'depth'],
      ['a depth below', { type: 'call', from: 'agent', tool: 'echo', depth: -1 }, 'depth'],
      ['a path for a ref', { type: 'call', from: 'agent', tool: 'echo', answerTo: '/a' }, 'answerTo'],
      ['an empty callId', { type: 'call', from: 'agent', tool: 'echo', callId: '' }, 'callId'],
      ['a cancel of nothing', { type: 'cancel', from: 'agent' }, 'callId'],
      ['an approval of nothing', { type: 'approve', by: 'ada' }, 'id'],
      [
        'a grant of half an approval',
        { type: 'grant', by: 'root', principal: 'a', tool: 'echo', approval: 'x' },
        'approval',
      ],
    ];
    for (const [what, event, field] of wrong) {
      it(`refuses ${what}, asked and told`, async () => {
        expect(await rejection(ref.ask(event as never))).to.include({ code: 'TOOL_CALL', field });
        await ref.tell(event as never);
        await system.settle();
        expect(systems.heard('deadLetter').map(({ code }) => code)).to.deep.equal(['TOOL_CALL']);
        expect(systems.heard('actorFailed')).to.deep.equal([]);
      });
    }

    it('tells whoever waits for a call that it makes no sense', async () => {
      const caller = await system.spawn(listener, { id: 'caller' });
      const forward = async (more: object) => {
        const sent = { from: 'agent', tool: 'held', args: { text: 'a' }, ...more };
        await caller.tell({ type: 'forward', to: ref, call: sent as never });
        await system.settle();
      };
      const callId = 'x'.repeat(600);
      await forward({ callId });
      await forward({ callId: 'y' });
      await forward({ callId: 'y', args: { text: 'other' } });
      const { heard } = await contextOf<{ heard: { callId: string; outcome: ToolOutcome }[] }>(system, '/caller');
      expect(heard.map((each) => [each.callId, errorOf(each.outcome).code])).to.deep.equal([
        [callId, 'TOOL_CALL'],
        ['y', 'TOOL_CALL'],
      ]);
      expect(systems.heard('deadLetter')).to.deep.equal([]);
    });

    it('does not mind questions that are told, nor words it does not know', async () => {
      for (const type of ['metrics', 'pending', 'nonsense']) await ref.tell({ type } as never);
      await ref.tell({ type: 'list', from: 'agent' });
      await ref.tell({ type: 'cancel', from: 'agent', callId: 'x' });
      await ref.tell({ type: 'approve', by: 'ada', id: 'call-1' });
      await ref.tell({ type: 'call', from: 'agent', tool: 'echo', args: { text: 'unheard' } });
      await system.settle();
      expect(systems.heard('actorFailed')).to.deep.equal([]);
      expect(seen).to.have.length(1);
    });
  });
});
