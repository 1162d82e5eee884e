import { expect } from 'chai';
import { type AnyActorLogic, fromCallback, fromPromise, fromTransition, setup, spawnChild } from 'xstate';
import { checkLogic } from '../../../src/cell/check-logic.js';
import { thrownBy } from '../../helpers/fake-port.js';

const leaf = fromPromise(async () => 1);
// XState's types refuse some of these, as they should; JavaScript does not.
const inline = () => spawnChild(leaf as never, { id: 'kid' } as never) as never;
const machine = (config: object, implementations: object = {}) =>
  setup(implementations as object).createMachine(config as never) as AnyActorLogic;

const refused = (logic: unknown) => {
  const { code, message } = thrownBy(() => checkLogic(logic, 'shop'));
  return `${code} ${message}`;
};

describe('check logic', () => {
  it("accepts all of XState's logics, named children and inline invokes", () => {
    const good: unknown[] = [
      leaf,
      fromCallback(() => undefined),
      fromTransition((n: number) => n, 0),
      machine({ invoke: [{ src: leaf }, { src: 'leaf' }], entry: spawnChild('leaf' as never) }, { actors: { leaf } }),
      machine(
        { entry: ['named', { type: 'other', params: {} }, () => undefined] },
        { actions: { named: () => undefined } },
      ),
    ];
    for (const logic of good) checkLogic(logic, 'good');
  });

  it('accepts a machine that names itself', () => {
    const actors: Record<string, unknown> = {};
    const self = machine({ on: { go: { actions: spawnChild('self' as never) } } }, { actors });
    (self as unknown as { implementations: { actors: Record<string, unknown> } }).implementations.actors.self = self;
    checkLogic(self, 'self');
  });

  it('refuses what is no logic', () => {
    for (const wrong of [undefined, null, 1, {}, () => 1, { transition: () => 1 }]) {
      expect(refused(wrong)).to.match(/^DEFINITION_LOGIC shop is not actor logic/);
    }
  });

  it('refuses inline children wherever the configuration shows them', () => {
    const places: object[] = [
      { entry: inline() },
      { exit: [inline()] },
      { on: { go: { actions: inline() } } },
      { always: { guard: () => false, actions: inline() } },
      { after: { 5: { actions: inline() } } },
      { initial: { target: 'a', actions: inline() }, states: { a: {} } },
      {
        initial: 'a',
        states: { a: { initial: 'b', states: { b: { on: { x: [{ guard: () => true }, { actions: inline() }] } } } } },
      },
      { invoke: { src: leaf, onDone: { actions: inline() } } },
    ];
    for (const config of places) expect(refused(machine({ id: 'm', ...config }))).to.match(/^INLINE_CHILD .*'m.*'kid'/);
    expect(refused(machine({ entry: 'named' }, { actions: { named: inline() } }))).to.match(/^INLINE_CHILD/);
    expect(refused(machine({ entry: { type: 'named' } }, { actions: { named: inline() } }))).to.match(/^INLINE_CHILD/);
  });

  it('refuses them in children too, saying whose', () => {
    const bad = machine({ id: 'bad', entry: inline() });
    expect(refused(machine({}, { actors: { bad } }))).to.match(/^INLINE_CHILD state 'bad' of the actor 'bad' of shop/);
    expect(refused(machine({ id: 'top', invoke: { src: bad } }))).to.match(
      /^INLINE_CHILD .*state 'top' of shop invokes/,
    );
  });

  it('refuses names nobody registered', () => {
    expect(refused(machine({ invoke: { src: 'lost', id: 'kid' } }))).to.match(/^DEFINITION_LOGIC .*'kid'.*'lost'/);
    expect(refused(machine({ entry: spawnChild('toString' as never) }))).to.match(/^DEFINITION_LOGIC .*'toString'/);
  });
});
