import { expect } from 'chai';
import { type AnyActorLogic, fromCallback, fromPromise, fromTransition, setup } from 'xstate';
import { logicFor } from '../../../src/cell/logic-for.js';
import { FakeCell } from '../../helpers/fake-port.js';

describe('logic for', () => {
  it('runs every kind of logic, with the state each stores', () => {
    const stored = (logic: AnyActorLogic) => new FakeCell(logicFor(logic)).start().instance.persist();
    expect(stored(setup({}).createMachine({ context: { a: 1 } }))).to.deep.equal([{}, { a: 1 }]);
    expect(stored(fromTransition((n: number) => n, 7))).to.deep.equal([7]);
    expect(stored(fromPromise(async () => 1))).to.deep.include({ e: { '': '1.1' } });
    expect(stored(fromCallback(() => undefined))).to.deep.include({ e: { '': '1.1' } });
  });
});
