/** Supervisors over real threads. What happens to one when a child takes its thread along is in test/fault. */
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { ActorRef, System } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import type { ChildView, SupervisorEvents } from '../../supervisors/index.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import { useSystems } from '../helpers/with-system.js';
import { brutal } from './fixtures/company.js';
import { crew, shop } from './fixtures/trees.js';
import type { WorkerEvents } from './fixtures/workers.js';

describe('a supervisor on threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  const standings = async (ref: ActorRef<SupervisorEvents>): Promise<string> =>
    (await ref.ask({ type: 'children' })).map(({ id, standing }: ChildView) => `${id} ${standing}`).join(', ');
  const allUp = (ref: ActorRef<SupervisorEvents>): Promise<unknown> =>
    eventually(
      async () => !/restarting|stopped/.test(await standings(ref)) && (await standings(ref)) !== '',
      'all are up',
    );
  const worker = (system: System, path: string): ActorRef<WorkerEvents> => system.get(path) as ActorRef<WorkerEvents>;

  it('starts a tree, restarts what fails, and stops it in order', async () => {
    const system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(shop, { id: 'shop' });
    await allUp(ref);
    await worker(system, '/shop/front/b').tell({ type: 'note', text: 'kept' });
    await worker(system, '/shop/front/b').tell({ type: 'crash' });
    expect(await worker(system, '/shop/front/b').ask({ type: 'read' })).to.deep.equal(['kept']);
    await ref.stop();
    expect((await system.state('/shop/back/c'))?.status).to.equal('ended');
  });

  it('kills a child that does not stop in its time, and says so', async () => {
    const folder = makeFolder();
    process.env.TROUPE_TEST_DIARY = folder;
    const system = await systems.threads({ hosts: 1, hangAfterMs: 0 });
    delete process.env.TROUPE_TEST_DIARY;
    const ref = await system.spawn(crew, { id: 'crew' });
    await allUp(ref);
    await worker(system, '/crew/c').tell({ type: 'spin' });
    // One that has not begun would stop like any other, and the message would wait for ever.
    const diary = `${folder}/diary`;
    await eventually(() => existsSync(diary) && readFileSync(diary, 'utf8').includes('spin c'), 'it spins');
    await ref.stop();
    removeFolder(folder);
    expect((await system.state('/crew'))?.status).to.equal('ended');
    expect((await system.state('/crew/c'))?.status).to.equal('ended');
    expect((await system.state('/crew/c'))?.error).to.have.property('code', 'SHUTDOWN_TIMEOUT');
    // News travels another way than the word that all have stopped.
    await eventually(() => systems.heard('journalWarned').length > 0, 'the journal has said so');
    const warned = systems.heard('journalWarned').map(({ code, message }) => `${code} ${message}`);
    expect(warned).to.deep.equal(['SHUTDOWN_TIMEOUT /crew/c had not stopped after 2000 ms and was killed']);
    await eventually(() => systems.heard('threadLost').length > 0, 'the loss of the thread is known');
    expect(systems.heard('threadLost')).to.have.length(1);
  });

  it('kills a child at once that is declared so: the thread that is at a message of it goes', async () => {
    const folder = makeFolder();
    process.env.TROUPE_TEST_DIARY = folder;
    const system = await systems.threads({ hosts: 2, hangAfterMs: 0 });
    delete process.env.TROUPE_TEST_DIARY;
    const ref = await system.spawn(brutal, { id: 'top' });
    await allUp(ref);
    const diary = (): string => (existsSync(`${folder}/diary`) ? readFileSync(`${folder}/diary`, 'utf8') : '');
    await worker(system, '/top/b').tell({ type: 'spin' });
    await eventually(() => diary().includes('spin b'), 'it spins');
    await ref.stop();
    expect(
      diary()
        .split('\n')
        .filter((line) => line.startsWith('stop')),
    ).to.deep.equal(['stop a']);
    removeFolder(folder);
    expect((await system.state('/top/a'))?.error).to.equal(undefined);
    expect((await system.state('/top/b'))?.error).to.have.property('code', 'SHUTDOWN_KILL');
    await eventually(() => systems.heard('threadLost').length > 0, 'the loss of the thread is known');
    expect(systems.heard('journalWarned')).to.deep.equal([]);
    expect(systems.heard('actorFailed'), 'nobody is charged').to.deep.equal([]);
  });

  it('goes on where it was when the process has gone', async () => {
    let system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(shop, { id: 'shop' });
    await allUp(ref);
    await worker(system, '/shop/back/a').tell({ type: 'note', text: 'kept' });
    system = await systems.restart(system, { hosts: 1 });
    await worker(system, '/shop/back/a').tell({ type: 'crash' });
    expect(await worker(system, '/shop/back/a').ask({ type: 'read' })).to.deep.equal(['kept']);
    expect(await standings(system.get('/shop') as ActorRef<SupervisorEvents>)).to.equal('front running, back running');
  });
});
