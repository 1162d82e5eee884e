import { expect } from 'chai';
import { type AnyActorLogic, assign, fromTransition, setup } from 'xstate';
import { logicFor } from '../../../src/cell/logic-for.js';
import type { EffectCall, EffectFunction } from '../../../src/cell/named-effects.js';
import type { EventObject } from '../../../src/core/message.js';
import { deferred, FakeCell, thrownBy } from '../../helpers/fake-port.js';

/** Notes what it hears. */
const notes = fromTransition((heard: EventObject[], event: EventObject) => [...heard, event], []);

/** A machine that hears only of effects that were done, while it is open. */
const gate = setup({ types: { context: {} as { heard: unknown[] } } }).createMachine({
  context: { heard: [] },
  initial: 'open',
  states: {
    open: {
      on: {
        close: 'closed',
        'troupe.effect.ended': { actions: assign({ heard: ({ context, event }) => [...context.heard, event.output] }) },
      },
    },
    closed: {},
  },
});

function cellOf(effects: Record<string, EffectFunction>, logic: AnyActorLogic = notes): FakeCell {
  return new FakeCell(logicFor(logic, effects)).start();
}

/** Begin an effect, in a turn of its own. */
function run(cell: FakeCell, name: string, options: { id?: string; input?: unknown } = {}): FakeCell {
  cell.turn(() => cell.instance.runEffect?.(name, options));
  return cell;
}

const heardBy = (cell: FakeCell) => cell.view.context as { id: string; how: string; output?: unknown; error?: Error }[];

describe('named effects', () => {
  it('start after the commit of the turn that asked, and are told once, with what they gave', async () => {
    const calls: EffectCall[] = [];
    const cell = cellOf({ double: (call: EffectCall<number>) => calls.push(call) && call.input * 2 });
    cell.commitsAtOnce = false;
    run(cell, 'double', { id: 'a', input: 21 });
    expect(calls).to.deep.equal([]);
    expect(cell.instance.isBusy()).to.equal(true);
    cell.commitNow();
    expect(calls).to.have.length(1);
    expect(calls[0]).to.include({ input: 21, id: 'a', effectId: '/test#a#1.1', self: cell.port.self });
    await cell.settleNext();
    expect(cell.view.context).to.deep.equal([
      { type: 'troupe.effect.ended', id: 'a', name: 'double', how: 'done', output: 42 },
    ]);
    expect(cell.instance.isBusy()).to.equal(false);
    expect(cell.instance.hasEffects).to.equal(false);
  });

  it('are told of failures, also of one that throws at once or throws no error', async () => {
    const cell = cellOf({
      rejects: async () => {
        throw new Error('no');
      },
      throws() {
        throw new TypeError('at once');
      },
      throwsText() {
        // biome-ignore lint/style/useThrowOnlyError: that is what is tested
        throw 'text';
      },
    });
    for (const name of ['rejects', 'throws', 'throwsText']) await run(cell, name).settleNext();
    expect(heardBy(cell).map(({ how, error }) => `${how}: ${error?.message}`)).to.deep.equal([
      'failed: no',
      'failed: at once',
      'failed: the effect throwsText threw "text"',
    ]);
  });

  it('may take apart and hand on what they are told', () => {
    const calls: EffectCall[] = [];
    const handedOn = (call: EffectCall) => calls.push({ ...call });
    const cell = run(cellOf({ work: (call: EffectCall) => handedOn({ ...call, input: 2 }) }), 'work', { input: 1 });
    const { signal, ...rest } = calls[0] as EffectCall;
    expect(rest).to.deep.equal({ input: 2, id: 'work', effectId: '/test#work#1.1', self: cell.port.self });
    expect(signal.aborted).to.equal(false);
  });

  it('never start when the turn fails, or cancels them', () => {
    let calls = 0;
    const cell = cellOf({ work: () => (calls += 1) });
    const failing = () => {
      cell.instance.runEffect?.('work', {});
      throw new Error('the turn fails');
    };
    expect(() => cell.turn(failing)).to.throw('the turn fails');
    cell.turn(() => {
      cell.instance.runEffect?.('work', {});
      cell.instance.cancelEffect?.('work');
    });
    expect(calls).to.equal(0);
    expect(cell.instance.hasEffects).to.equal(false);
  });

  it('run again after a crash, with the same id; one begun anew has another', async () => {
    const calls: string[] = [];
    const held = deferred<string>();
    const cell = cellOf({
      work: ({ effectId }) => {
        calls.push(effectId);
        return held.promise;
      },
    });
    run(cell, 'work', { input: 1 }).crash();
    expect(calls).to.deep.equal(['/test#work#1.1', '/test#work#1.1']);
    cell.turn(() => {
      cell.instance.cancelEffect?.('work');
      cell.instance.runEffect?.('work', {});
    });
    expect(calls.at(-1)).to.equal('/test#work#1.2');
  });

  it('do not run again when their report was recorded before the crash, which counts once', async () => {
    let calls = 0;
    const cell = cellOf({ work: () => (calls += 1) });
    run(cell, 'work');
    await cell.untilPosted(1);
    cell.crash();
    expect(cell.instance.isBusy()).to.equal(false);
    const [report] = cell.port.posted;
    cell.settle();
    cell.port.posted.push(report as NonNullable<typeof report>);
    cell.settle();
    expect(calls).to.equal(1);
    expect(heardBy(cell)).to.have.length(1);
  });

  it('are aborted when they are cancelled, after the commit, and nothing more is heard of them', async () => {
    const held = deferred<string>();
    const signals: AbortSignal[] = [];
    const cell = cellOf({ work: ({ signal }) => signals.push(signal) && held.promise });
    run(cell, 'work');
    cell.commitsAtOnce = false;
    cell.turn(() => cell.instance.cancelEffect?.('work'));
    expect(signals[0]?.aborted).to.equal(false);
    cell.commitNow();
    expect(signals[0]?.aborted).to.equal(true);
    held.resolve('late');
    await held.promise;
    expect(cell.port.posted).to.deep.equal([]);
  });

  it('drop a report that was under way when they were cancelled, also where the id was begun anew', async () => {
    const answers = [deferred<string>(), deferred<string>()];
    let at = 0;
    const cell = cellOf({ work: () => answers[at++]?.promise });
    run(cell, 'work');
    answers[0]?.resolve('old');
    await cell.untilPosted(1);
    cell.turn(() => {
      cell.instance.cancelEffect?.('work');
      cell.instance.runEffect?.('work', {});
    });
    cell.settle();
    expect(heardBy(cell)).to.deep.equal([]);
    answers[1]?.resolve('new');
    await cell.settleNext();
    expect(heardBy(cell).map(({ output }) => output)).to.deep.equal(['new']);
  });

  it('are aborted with their actor', () => {
    const signals: AbortSignal[] = [];
    const cell = cellOf({ work: ({ signal }) => signals.push(signal) && new Promise(() => {}) });
    run(cell, 'work');
    cell.instance.dispose();
    expect(signals[0]?.aborted).to.equal(true);
    expect(cell.port.effectErrors).to.deep.equal([]);
  });

  it('refuse names the definition does not have, ids that are no text, and ids that are taken', () => {
    const cell = cellOf({ work: () => new Promise(() => {}) });
    run(cell, 'work');
    const refused = (name: string, id?: unknown) =>
      thrownBy(() => cell.instance.runEffect?.(name, { id } as { id: string }));
    expect(refused('toString')).to.include({ code: 'EFFECT_UNKNOWN', field: 'name', value: 'toString' });
    expect(refused('work')).to.include({ code: 'EFFECT_RUNNING', field: 'id', value: 'work' });
    expect(refused('work', 7)).to.include({ code: 'OPTION_TYPE', field: 'id', value: 7 });
    expect(refused('work', '')).to.include({ code: 'OPTION_TYPE', field: 'id', value: '' });
  });

  it('report a result that cannot be carried as a failure that says where', async () => {
    const cell = cellOf({ work: () => ({ socket: () => 1 }) });
    await run(cell, 'work').settleNext();
    const [end] = heardBy(cell);
    expect(end).to.include({ id: 'work', how: 'failed' });
    expect(end?.error).to.include({ code: 'PAYLOAD_NOT_CARRIABLE' });
  });

  it('fail the message where a machine has no transition for a failure; given up, they are over', async () => {
    const fails = () => {
      throw new Error('nobody handles this');
    };
    const open = cellOf({ fails, works: () => 1 }, gate);
    await run(open, 'fails').settleNext();
    expect(open.view.value).to.equal('open');
    const closed = cellOf({ fails, works: () => 1 }, gate).tell({ type: 'close' });
    await run(closed, 'works').settleNext();
    run(closed, 'fails');
    await closed.untilPosted(1);
    const [report] = closed.port.posted;
    expect(() => closed.settle()).to.throw('nobody handles this');
    expect(closed.instance.hasEffects).to.equal(true);
    closed.turn(() => closed.instance.abandon(report?.effectId as string));
    expect(closed.instance.hasEffects).to.equal(false);
  });

  it('are stored beside the state, which is the same as without them once they are over', async () => {
    const held = deferred<number>();
    const cell = cellOf({ work: () => held.promise }, gate);
    const alone = cell.instance.persist();
    run(cell, 'work', { id: 'w', input: [1] });
    expect(cell.instance.persist()).to.deep.equal({ of: alone, effects: [['w', 'work', '1.1', [1]]] });
    held.resolve(5);
    await cell.settleNext();
    expect(cell.instance.persist()).to.deep.equal(['open', { heard: [5] }]);
  });

  it('are refused at a restore when the definition has them no more, and kept by a migration', () => {
    const cell = run(cellOf({ work: () => new Promise(() => {}) }, gate), 'work');
    const stored = cell.instance.persist();
    const other = logicFor(gate, { other: () => 1 });
    expect(thrownBy(() => other.restore(cell.port, stored))).to.include({ code: 'STATE_UNKNOWN', value: 'work' });
    const same = logicFor(gate, { work: () => 1 });
    const migrated = same.migrate(stored, (snapshot) => ({ ...(snapshot as object), context: { heard: ['kept'] } }));
    const back = same.restore(cell.port, migrated);
    expect(back.hasEffects).to.equal(true);
    expect(back.view()).to.deep.include({ context: { heard: ['kept'] } });
  });
});
