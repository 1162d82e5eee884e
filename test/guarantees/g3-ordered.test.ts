import { expect } from 'chai';
import type { ActorRef } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { contextOf, useSystems } from '../helpers/with-system.js';
import { type ReceiverEvents, type ReceiverState, receiver, sender } from './fixtures/order.js';
import { committed as errandsCommitted, flushed as errandsFlushed } from '../src/system/fixtures/errands.js';
import { player0, player1, relay } from './fixtures/relay.js';

const nothing: ReceiverState = { count: 0, next: {}, faults: [] };

describe('G3: messages from one sender to one receiver are handled in the order sent', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('100,000 messages from actors on two hosts and from main', async () => {
    const system = await systems.threads({ hosts: 2 });
    const to = await system.spawn(receiver, { id: 'receiver' });
    const names = ['a', 'b', 'c'];
    const senders = await Promise.all(names.map((name) => system.spawn(sender, { id: name, input: { name } })));
    const each = 25_000;
    await Promise.all(senders.map((ref) => ref.tell({ type: 'send', to, until: each, batch: 200 })));
    for (let n = 0; n < each; n += 500) {
      const told = Array.from({ length: 500 }, (_, i) => to.tell({ type: 'item', from: 'main', n: n + i }));
      await Promise.all(told);
    }
    const state = async () => (await contextOf<ReceiverState | undefined>(system, '/receiver')) ?? nothing;
    await eventually(async () => (await state()).count >= 4 * each, 'all are handled', 50_000);
    expect(await state()).to.deep.equal({
      count: 4 * each,
      next: { a: each, b: each, c: each, main: each },
      faults: [],
    });
  });

  it('also when hosts die on the way', async () => {
    const system = await systems.threads({ hosts: 2 });
    const to = await system.spawn(receiver, { id: 'receiver' });
    const names = ['a', 'b', 'c', 'd'];
    const senders = await Promise.all(names.map((name) => system.spawn(sender, { id: name, input: { name } })));
    const each = 5_000;
    await Promise.all(senders.map((ref) => ref.tell({ type: 'send', to, until: each, batch: 50 })));
    const state = async () => (await contextOf<ReceiverState | undefined>(system, '/receiver')) ?? nothing;
    for (const [index, share] of [1, 4, 7, 10, 13, 16].entries()) {
      await eventually(async () => (await state()).count >= share * 1_000, `${share},000 are handled`, 30_000);
      await system.killHost(index % 2);
    }
    await eventually(async () => (await state()).count >= 4 * each, 'all are handled', 30_000);
    expect((await state()).faults).to.deep.equal([]);
    expect((await state()).count).to.equal(4 * each);
  });

  it('on one thread, whatever the seed, when crashes come in between', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      let system = await systems.oneThread({ seed, hosts: 1 + (seed % 3) });
      const to = await system.spawn(receiver, { id: 'receiver' });
      for (const name of ['a', 'b', 'c']) {
        const ref = await system.spawn(sender, { id: name, input: { name } });
        await ref.tell({ type: 'send', to, until: 300, batch: 7 });
      }
      for (let crash = 0; crash < 5; crash += 1) {
        for (let turn = 0; turn < seed + crash; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const store = system.crash(crash % 2 === 0 ? 'kill' : 'powerCut');
        system = await systems.oneThread({ seed: seed + crash, hosts: 1 + crash, store, clock: system.clock });
      }
      await system.settle();
      const state = await contextOf<ReceiverState>(system, '/receiver');
      expect(state, `seed ${seed}`).to.deep.equal({ count: 900, next: { a: 300, b: 300, c: 300 }, faults: [] });
      await system.stop();
    }
  });

  for (const begin of ['awake', 'asleep', 'not yet born', 'born at the same time']) {
    it(`on one host, where some go straight and some through the journal; the receiver is ${begin}`, async () => {
      for (let seed = 1; seed <= 6; seed += 1) {
        const system = await systems.oneThread({ seed, hosts: 1 });
        const names = ['a', 'b', 'c'];
        const refs = await Promise.all(names.map((name) => system.spawn(sender, { id: name, input: { name } })));
        const to: ActorRef<ReceiverEvents> = system.get('/receiver');
        if (begin === 'awake' || begin === 'asleep') await system.spawn(receiver, { id: 'receiver' });
        await system.settle();
        if (begin === 'asleep') await system.passivate();
        const born = begin.startsWith('born') ? system.spawn(receiver, { id: 'receiver' }) : undefined;
        // More than a turn can hold: what is left over travels, and the next batch must not overtake it.
        const bursts = refs.flatMap((ref) =>
          Array.from({ length: 200 }, () => ref.tell({ type: 'send', to, until: 0, batch: 3 })),
        );
        if (begin.startsWith('not')) await system.spawn(receiver, { id: 'receiver' });
        await Promise.all([born, ...bursts]);
        await system.settle();
        const next = { a: 600, b: 600, c: 600 };
        expect(await contextOf(system, '/receiver'), `seed ${seed}`).to.deep.equal({ count: 1_800, next, faults: [] });
        await system.stop();
      }
    });
  }

  it('a chain of 6,000 actors passes a baton on to its end', async () => {
    const system = await systems.threads({ hosts: 2 });
    const count = 6_000;
    const refOf = (n: number): ActorRef => system.get(`/relay-${n}`);
    const spawned = Array.from({ length: count }, (_, n) =>
      system.spawn(relay, { id: `relay-${n}`, input: n + 1 < count ? { next: refOf(n + 1) } : {} }),
    );
    await Promise.all(spawned);
    await refOf(0).tell({ type: 'pass', hops: 1 });
    const last = async () => (await contextOf<{ got: number[] } | undefined>(system, `/relay-${count - 1}`))?.got ?? [];
    await eventually(async () => (await last()).length > 0, 'the last one has it', 50_000);
    expect(await last()).to.deep.equal([count]);
  });

  for (const definition of [errandsFlushed, errandsCommitted]) {
    it(`what an effect tells its own actor comes before its result (${definition.options.durability})`, async () => {
      const system = await systems.threads({ hosts: 1 });
      for (let at = 0; at < 20; at += 1) {
        const ref = await system.spawn(definition, { id: `one-${at}` });
        await ref.tell({ type: 'run', name: 'chatter', id: 'c' });
        const heard = async () => ref.ask({ type: 'read' });
        await eventually(async () => (await heard()).length === 4, 'all is heard');
        expect(await heard()).to.deep.equal(['one', 'two', 'three', 'c done over']);
      }
    });
  }

  it('a ball goes to and fro between hosts', async () => {
    const system = await systems.threads({ hosts: 2 });
    const left = await system.spawn(player0, { id: 'left' });
    const right = await system.spawn(player1, { id: 'right' });
    await left.tell({ type: 'ball', left: 399, back: right });
    const hits = async () => (await contextOf<{ hits: number } | undefined>(system, '/right'))?.hits ?? 0;
    await eventually(async () => (await hits()) === 200, 'all strokes are made', 30_000);
    expect((await contextOf<{ hits: number }>(system, '/left')).hits).to.equal(200);
  });
});
