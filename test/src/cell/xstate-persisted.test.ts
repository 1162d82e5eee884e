import { expect } from 'chai';
import { type AnyActorRef, assign, createActor, fromPromise, fromTransition, setup } from 'xstate';
import type { LocalSnapshot } from '../../../src/cell/xstate-internals.js';
import { hidingBytes, persistedOf } from '../../../src/cell/xstate-persisted.js';

const counter = fromTransition((count: number) => count + 1, 0);
const never = fromPromise(() => new Promise<number>(() => {}));

const inner = setup({ actors: { counter } }).createMachine({
  context: ({ spawn }) => ({ mine: spawn('counter', { id: 'deep' }) }),
  initial: 'a',
  states: { a: { on: { next: 'b' } }, b: { type: 'final' } },
  output: 'out',
});

/** Children of every kind, named all over the context; parallel states; history. */
const outer = setup({
  types: { context: {} as Record<string, unknown> },
  actors: { counter, never, inner },
}).createMachine({
  context: ({ spawn }) => ({
    plain: [1, null, undefined, 'x', { deep: [{}] }],
    list: [spawn('counter', { id: 'one' }), 2],
    object: { of: { child: spawn('inner', { id: 'two', systemId: 'known', syncSnapshot: true }) } },
    bytes: new Uint8Array([1, 2, 3]),
    date: new Date(7),
    map: new Map([['key', 'value']]),
  }),
  invoke: { src: 'never', id: 'waits' },
  type: 'parallel',
  states: {
    left: {
      initial: 'one',
      states: {
        one: { on: { next: 'two' } },
        two: { initial: 'deep', states: { deep: { on: { next: '#back' } } } },
        back: { id: 'back', type: 'history', history: 'deep', target: 'one' },
      },
    },
    right: {
      on: {
        next: {
          actions: ({ context }) => (context.object as { of: { child: AnyActorRef } }).of.child.send({ type: 'next' }),
        },
        more: { actions: assign({ late: ({ spawn }) => ({ ref: spawn('counter', { id: 'three' }) }) }) },
      },
    },
  },
});

describe('what is persisted of a machine', () => {
  it('is what XState persists, member for member, in its order (V1)', () => {
    const actor = createActor(outer).start();
    for (const type of ['next', 'more', 'next', 'next']) {
      actor.send({ type } as never);
      const ours = persistedOf(actor.getSnapshot() as unknown as LocalSnapshot);
      const theirs = actor.getPersistedSnapshot();
      expect(ours).to.deep.equal(theirs);
      expect(JSON.stringify(ours)).to.equal(JSON.stringify(theirs));
    }
  });

  it('takes a buffer for what it is, not for an object with millions of members', () => {
    const bytes = new Uint8Array(2 ** 26);
    const machine = setup({ actors: { counter } }).createMachine({
      context: ({ spawn }) => ({ bytes, nested: [{ bytes }], ref: spawn('counter', { id: 'one' }) }),
    });
    const { context } = persistedOf(createActor(machine).start().getSnapshot() as unknown as LocalSnapshot) as {
      context: { bytes: unknown; nested: { bytes: unknown }[] };
    };
    expect(context.bytes).to.equal(bytes);
    expect(context.nested[0]?.bytes).to.equal(bytes);
  });

  it('and on the way back too', () => {
    const machine = setup({ types: { context: {} as { own: Uint8Array; list: unknown[] } } }).createMachine({
      context: { own: new Uint8Array(), list: [] },
    });
    const bytes = new Uint8Array(2 ** 26);
    const stored = { status: 'active', value: {}, children: {}, context: { own: bytes, list: [1, bytes, { bytes }] } };
    const actor = hidingBytes(stored, () => createActor(machine, { snapshot: stored as never }));
    const { context } = actor.getSnapshot();
    expect(Object.keys(context)).to.deep.equal(['own', 'list']);
    expect(context.own).to.equal(bytes);
    expect({ ...context.list }).to.deep.include({ 0: 1, 1: bytes });
    expect(Object.keys(context.list[2] as object)).to.deep.equal(['bytes']);
  });

  it('leaves alone what a migration has frozen', () => {
    const context = Object.freeze({ bytes: new Uint8Array([1, 2]) });
    const stored = { status: 'active', value: {}, children: {}, context };
    const actor = hidingBytes(stored, () => createActor(setup({}).createMachine({}), { snapshot: stored as never }));
    expect(actor.getSnapshot().context).to.deep.equal({ bytes: new Uint8Array([1, 2]) });
  });
});
