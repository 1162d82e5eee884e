import { expect } from 'chai';
import fc from 'fast-check';
import { createActor, fromTransition } from 'xstate';
import { transitionLogic } from '../../../src/cell/transition-logic.js';
import { FakeCell, thrownBy } from '../../helpers/fake-port.js';

const counter = fromTransition(
  (state: { n: number }, event: { type: string; by?: number }, { self, defer }) => {
    if (event.type === 'throw') throw new RangeError('no');
    if (event.type === 'twice') self.send({ type: 'add', by: 2 });
    if (event.type === 'defer') defer(() => self.send({ type: 'add', by: 5 }));
    return event.type === 'add' ? { n: state.n + (event.by ?? 1) } : state;
  },
  ({ input }: { input: number }) => ({ n: input ?? 0 }),
);

describe('transition logic', () => {
  it('keeps the state the function returns, and stores the context alone', () => {
    const cell = new FakeCell(transitionLogic(counter), 3).start().tell({ type: 'add' }).crash().tell({ type: 'add' });
    expect(cell.view).to.deep.equal({ context: { n: 5 }, status: 'active' });
    expect(cell.instance.persist()).to.deep.equal([{ n: 5 }]);
    expect(cell.instance.status()).to.deep.equal({ kind: 'active' });
    expect(cell.instance.isBusy()).to.equal(false);
  });

  it('throws what the function throws, and the state is the one before', () => {
    const cell = new FakeCell(transitionLogic(counter), 1).start();
    expect(thrownBy(() => cell.tell({ type: 'throw' }))).to.be.instanceOf(RangeError);
    expect(cell.view.context).to.deep.equal({ n: 1 });
  });

  it('handles own events and deferred work within the turn (T1)', () => {
    const cell = new FakeCell(transitionLogic(counter), 0).start().tell({ type: 'twice' }).tell({ type: 'defer' });
    expect(cell.view.context).to.deep.equal({ n: 7 });
  });

  it('posts own events sent outside a turn', () => {
    let later: (() => void) | undefined;
    const logic = fromTransition((n: number, event: { type: string }, { self }) => {
      if (event.type === 'go') later = () => self.send({ type: 'add' });
      return event.type === 'add' ? n + 1 : n;
    }, 0);
    const cell = new FakeCell(transitionLogic(logic)).start().tell({ type: 'go' });
    later!();
    expect(cell.port.posted).to.deep.equal([{ address: '', effectId: '', event: { type: 'add' } }]);
    expect(cell.settle().view.context).to.equal(1);
  });

  it('runs custom logic without a start, which says itself what is stored and when it ends', () => {
    const custom = {
      transition: (state: { left: number }) =>
        state.left > 1 ? { ...state, left: state.left - 1 } : { status: 'done', output: 'empty' },
      getInitialSnapshot: (_scope: unknown, left: number) => ({ status: 'active', left }),
      getPersistedSnapshot: ({ left, status, output }: Record<string, unknown>) => ({ l: left, status, output }),
      restoreSnapshot: ({ l, ...rest }: Record<string, unknown>) => {
        if (l === 13) throw new Error('unlucky');
        return { left: l, ...rest };
      },
    };
    const cell = new FakeCell(transitionLogic(custom as never), 3).start().crash();
    for (let count = 0; count < 3; count += 1) cell.tell({ type: 'x' }).crash();
    expect(cell.instance.status()).to.deep.equal({ kind: 'done', output: 'empty' });
    const unlucky = new FakeCell(transitionLogic(custom as never), 13).start();
    expect(thrownBy(() => unlucky.crash())).to.include({ code: 'STATE_UNKNOWN' });
  });

  it('refuses a stored state of other logic', () => {
    const logic = transitionLogic(counter);
    for (const state of [undefined, 1, { other: 1 }]) {
      expect(thrownBy(() => logic.restore(new FakeCell(logic).port, state))).to.include({ code: 'STATE_UNKNOWN' });
    }
  });

  it('migrates the context', () => {
    const change = (snapshot: unknown) => ({ context: { n: (snapshot as { context: number }).context } });
    expect(transitionLogic(counter).migrate([4], change)).to.deep.equal([{ n: 4 }]);
  });

  it('agrees with XState, whatever the events', () => {
    const event = fc.record({ type: fc.constantFrom('add', 'other', 'twice'), by: fc.integer() });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const cell = new FakeCell(transitionLogic(counter), 0).start();
        const actor = createActor(counter, { input: 0 }).start();
        for (const each of events) {
          cell.tell(each).crash();
          actor.send(each);
        }
        expect(cell.view.context).to.deep.equal(actor.getSnapshot().context);
      }),
    );
  });
});
