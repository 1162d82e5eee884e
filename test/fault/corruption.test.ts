/**
 * Bits that flip where nobody looks. Any value of a journal's tables is flipped, cut or zeroed while the system is
 * down: either the journal is refused with a code, or it opens, the actor whose record it was is quarantined, and
 * everybody else goes on. Damage in the log: `lmdb-store.test.ts` and `lmdb-reader.test.ts`.
 */
import { expect } from 'chai';
import { seededRandom } from '../../src/core/random.js';
import type { MemoryStore } from '../../src/journal/memory-store.js';
import type { StoreKey, Table } from '../../src/journal/store.js';
import type { TestSystem } from '../../src/testing/index.js';
import { book } from '../guarantees/fixtures/book.js';
import { deploy } from '../guarantees/fixtures/deploy.js';
import { traveller } from '../guarantees/fixtures/versions.js';
import { clockwork, diarist } from '../src/journal/fixtures/diary.js';
import { anyRef, contextOf, rejection, useSystems } from '../helpers/with-system.js';

/** Messages to one actor, most of which wait when the system is killed. */
const backlog = 1_000;

const tables = ['rows', 'paths', 'awake', 'ended', 'mail', 'dead', 'meta'] as const satisfies Table[];

describe('a record that is damaged', function () {
  this.timeout(60_000);
  const systems = useSystems();
  afterEach(() => deploy('first'));

  /** Actors at work and dormant ones, a parent, a timer, a dead letter, one that ended, a long mailbox. Killed. */
  async function killedStore(): Promise<MemoryStore> {
    const system = await systems.oneThread({ checkpointBytes: 65_536 });
    const parent = await system.spawn(diarist, { id: 'parent' });
    await parent.tell({ type: 'spawn', id: '1', child: 'child' });
    await parent.tell({ type: 'poison', id: '2' });
    await (await system.spawn(clockwork, { id: 'clock' })).tell({ type: 'start', ms: 1_000_000 });
    await (await system.spawn(diarist, { id: 'gone' })).tell({ type: 'leave', id: '3' });
    const healthy = await system.spawn(book, { id: 'healthy' });
    await healthy.tell({ type: 'note', text: 'kept' });
    const busy = await system.spawn(traveller, { id: 'busy' });
    await busy.tell({ type: 'move' });
    await system.settle();
    await system.passivate();
    // Its mail waits while it has no definition.
    await deploy('without');
    const waiting = await systems.oneThread({ store: system.crash('kill'), checkpointBytes: 65_536 });
    for (let n = 0; n < backlog; n += 100) {
      const some = Array.from({ length: 100 }, (_, i) => `${n + i} ${'x'.repeat(300)}`);
      await Promise.all(some.map((text) => anyRef(waiting, '/busy').tell({ type: 'note', text })));
    }
    const store = waiting.crash('kill');
    expect([...store.scan('mail')]).to.have.length.above(1);
    await deploy('first');
    return store;
  }

  function* valuesOf(store: MemoryStore): Generator<{ table: Table; key: StoreKey; value: Buffer }> {
    for (const table of tables) for (const entry of store.scan(table)) yield { table, ...entry };
  }

  function damaged(store: MemoryStore, table: Table, key: StoreKey, value: Buffer): MemoryStore {
    const copy = store.fork('kill');
    copy.commit([{ table, key, value }], 'flushed');
    return copy;
  }

  function flipped(value: Buffer, at = value.length - 1): Buffer {
    const copy = Buffer.from(value);
    copy[at] = (copy[at] as number) ^ 1;
    return copy;
  }

  const keyOf = async (store: MemoryStore, path: string): Promise<number> => store.get('paths', path)!.readDoubleLE(4);

  /** What everybody expects of the actors that are whole. */
  async function goesOn(system: TestSystem, but: readonly string[]): Promise<string[]> {
    const wrong: string[] = [];
    const read = async (path: string) => (await anyRef(system, path).ask({ type: 'read', id: '9' })) as string[];
    const wants: Record<string, () => Promise<boolean>> = {
      '/healthy': async () => (await read('/healthy'))[0] === 'kept',
      '/parent': async () => (await read('/parent'))[0] === 'spawn 1',
      '/parent/child': async () => (await read('/parent/child')).length === 0,
      '/clock': async () => (await anyRef(system, '/clock').ask({ type: 'laps' })) === 0,
      '/busy': async () => (await contextOf<{ entries: string[] }>(system, '/busy')).entries.length === backlog,
    };
    for (const [path, isWell] of Object.entries(wants)) {
      if (!but.includes(path) && !(await isWell())) wrong.push(path);
    }
    return wrong;
  }

  it('is refused or quarantines one actor, whichever record it is and however it is damaged', async () => {
    const store = await killedStore();
    const random = seededRandom(5);
    const seen = new Map<string, number>();
    for (const { table, key, value } of valuesOf(store)) {
      if (value.length === 0) continue;
      const ways: [string, Buffer][] = [
        ['flipped', flipped(value, Math.floor(random() * value.length))],
        ['cut', Buffer.from(value.subarray(0, Math.floor(random() * value.length)))],
        ['zeroed', Buffer.alloc(value.length)],
      ];
      for (const [way, bytes] of ways) {
        const what = `${table} ${String(key)} ${way}`;
        const quarantinedBefore = systems.heard('actorQuarantined').length;
        const opened = await systems
          .oneThread({ store: damaged(store, table, key, bytes) })
          .catch((error: Error & { code?: string }) => error);
        if (opened instanceof Error) {
          expect(opened, what).to.have.property('code', 'JOURNAL_CORRUPT');
          expect(table, what).to.equal('meta');
          seen.set('refused', (seen.get('refused') ?? 0) + 1);
          continue;
        }
        // Whoever is dormant is looked at when it is spoken to.
        await Promise.all(
          ['/healthy', '/parent', '/parent/child', '/clock', '/gone'].map((path) => opened.state(path)),
        );
        await opened.settle();
        const quarantined = systems
          .heard('actorQuarantined')
          .slice(quarantinedBefore)
          .map(({ path }) => path);
        expect(quarantined.length, what).to.be.at.most(1);
        if (table === 'rows' && key !== (await keyOf(store, '/gone'))) expect(quarantined, what).to.have.length(1);
        if (table === 'mail') expect(quarantined, what).to.deep.equal(['/busy']);
        expect(await goesOn(opened, quarantined), what).to.deep.equal([]);
        for (const path of quarantined) seen.set(path, (seen.get(path) ?? 0) + 1);
        await opened.stop();
      }
    }
    expect([...seen.keys()]).to.have.members([
      'refused',
      '/busy',
      '/healthy',
      '/parent',
      '/parent/child',
      '/clock',
      '/gone',
    ]);
  });

  it('stays as it is until its actor is stopped; mail is kept, its path is not given away', async () => {
    const store = await killedStore();
    const aid = await keyOf(store, '/healthy');
    const bytes = flipped(store.get('rows', aid)!);
    let system = await systems.oneThread({ store: damaged(store, 'rows', aid, bytes), checkpointBytes: 65_536 });
    await anyRef(system, '/healthy').tell({ type: 'note', text: 'for later' });
    await system.settle();
    expect(await system.state('/healthy')).to.include({ status: 'quarantined', mail: 1 });
    expect((await system.state('/healthy'))?.error?.message).to.contain(`row ${aid}: checksum`);
    const conflict = await rejection(system.spawn(book, { id: 'healthy' }));
    expect(conflict).to.have.property('code', 'SPAWN_CONFLICT');
    expect(conflict.message).to.contain('damaged');
    // A checkpoint, and a crash: nothing has been written over it.
    await system.stop();
    const rested = system.store.fork('kill');
    expect(rested.get('rows', aid)).to.deep.equal(bytes);
    system = await systems.oneThread({ store: rested, clock: system.clock });
    expect(await system.state('/healthy')).to.include({ status: 'quarantined', mail: 1 });
    await anyRef(system, '/healthy').stop();
    expect(systems.heard('deadLetter').map(({ path, code }) => [path, code])).to.deep.include([
      '/healthy',
      'ACTOR_STOPPED',
    ]);
    const again = await system.spawn(book, { id: 'healthy' });
    expect(await again.ask({ type: 'read' })).to.deep.equal([]);
    expect(await goesOn(system, ['/healthy'])).to.deep.equal([]);
  });

  it('of a parent: its children are found, go on, and stop with it', async () => {
    const store = await killedStore();
    const aid = await keyOf(store, '/parent');
    const system = await systems.oneThread({ store: damaged(store, 'rows', aid, flipped(store.get('rows', aid)!)) });
    expect(await anyRef(system, '/parent/child').ask({ type: 'read', id: '7' })).to.deep.equal([]);
    await anyRef(system, '/parent').stop();
    expect((await system.state('/parent/child'))?.status).to.equal('ended');
    expect(await goesOn(system, ['/parent', '/parent/child'])).to.deep.equal([]);
  });

  it('of a child does not keep its parent from stopping', async () => {
    const store = await killedStore();
    const aid = await keyOf(store, '/parent/child');
    const system = await systems.oneThread({ store: damaged(store, 'rows', aid, flipped(store.get('rows', aid)!)) });
    await anyRef(system, '/parent').stop();
    expect((await system.state('/parent'))?.status).to.equal('ended');
    expect((await system.state('/parent/child'))?.status).to.equal('ended');
  });

  it('whose path now reads like another one is still found under its own, and that one goes on', async () => {
    const store = await killedStore();
    await deploy('first');
    const before = await systems.oneThread({ store, checkpointBytes: 65_536 });
    await before.spawn(book, { id: 'a2' });
    await (await before.spawn(book, { id: 'a3' })).tell({ type: 'note', text: 'mine' });
    await before.stop();
    const rested = before.store.fork('kill');
    const aid = await keyOf(rested, '/a2');
    const bytes = Buffer.from(rested.get('rows', aid)!);
    // '2' and '3' differ in one bit.
    bytes[bytes.indexOf('/a2') + 2]! ^= 1;
    const system = await systems.oneThread({ store: damaged(rested, 'rows', aid, bytes) });
    expect((await system.state('/a2'))?.status).to.equal('quarantined');
    expect(await anyRef(system, '/a3').ask({ type: 'read' })).to.deep.equal(['mine']);
  });

  it('of waiting mail: its actor waits with it, and what can be read becomes dead letters with its stop', async () => {
    const store = await killedStore();
    const [chunk] = [...store.scan('mail')];
    const bytes = flipped(chunk!.value);
    const system = await systems.oneThread({ store: damaged(store, 'mail', chunk!.key, bytes) });
    const state = await system.state('/busy');
    expect(state).to.include({ status: 'quarantined' });
    expect(state?.error?.message).to.match(/mail \d+\/\d+: checksum/);
    expect(state?.mail).to.be.within(100, backlog - 1);
    const before = systems.heard('deadLetter').length;
    await anyRef(system, '/busy').stop();
    await system.settle();
    expect(systems.heard('deadLetter').length - before).to.equal(state?.mail);
    await system.stop();
    expect([...system.store.fork('kill').scan('mail')]).to.deep.equal([]);
  });
});
