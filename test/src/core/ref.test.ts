import { expect } from 'chai';
import { createActor, setup } from 'xstate';
import { TroupeError } from '../../../src/core/errors.js';
import type { Request } from '../../../src/core/message.js';
import { ActorRef, installRefClient, type RefClient } from '../../../src/core/ref.js';

describe('core/ref', () => {
  afterEach(() => installRefClient(undefined));

  it('rejects with NO_SYSTEM on a thread without one, and never throws', async () => {
    const ref = new ActorRef('/a');
    for (const call of [() => ref.tell({ type: 'x' }), () => ref.ask({ type: 'x' }), () => ref.stop()]) {
      const error = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(TroupeError.is(error, 'NO_SYSTEM')).to.equal(true);
    }
  });

  it('hands everything to the client of its thread', async () => {
    const calls: unknown[][] = [];
    const client: RefClient = {
      tell: async (...args) => void calls.push(['tell', ...args]),
      ask: async (...args) => calls.push(['ask', ...args]),
      stop: async (...args) => void calls.push(['stop', ...args]),
    };
    installRefClient(client);
    const ref = new ActorRef<{ type: 'add' } | Request<'read', {}, number>>('/a/b', 7, 'none');
    await ref.tell({ type: 'add' }, { traceparent: 't' });
    expect(await ref.ask({ type: 'read' }, { timeoutMs: 5 })).to.equal(2);
    await ref.stop();
    expect(calls).to.deep.equal([
      ['tell', ref, { type: 'add' }, { traceparent: 't' }],
      ['ask', ref, { type: 'read' }, { timeoutMs: 5 }],
      ['stop', ref],
    ]);
    expect(`${ref}`).to.equal('/a/b');
  });

  it('stays itself in the context of a persisted machine: XState does not take it for a local child', () => {
    const peer = new ActorRef('/peer', 3);
    const machine = setup({ types: { context: {} as { peer: ActorRef; list: ActorRef[] } } }).createMachine({
      context: { peer, list: [peer] },
    });
    const persisted = createActor(machine).start().getPersistedSnapshot() as unknown as {
      context: { peer: unknown; list: unknown[] };
    };
    expect(persisted.context.peer).to.equal(peer);
    expect(persisted.context.list[0]).to.equal(peer);
  });
});
