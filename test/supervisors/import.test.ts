/**
 * A child whose definition's module throws when it is imported, or never comes to its end. ES modules run before those
 * that import them: what cannot be imported by the program is refused by Node.js, before anything is declared. What
 * cannot be imported by a host alone is found out there.
 */
import { expect } from 'chai';
import { lookupDefinition } from '../../src/cell/define.js';
import type { TroupeError } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { childOf } from '../../supervisors/index.js';
import { rejection, useSystems } from '../helpers/with-system.js';
import { crew } from './fixtures/trees.js';

const imported = <Module>(file: string): Promise<Module> =>
  import(new URL(`./fixtures/import/${file}.js`, import.meta.url).href) as Promise<Module>;

describe('a child whose module throws when it is imported', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('for the program: the import of the tree is refused with what was thrown, and nothing is declared', async () => {
    const error = await rejection(imported('never-tree'));
    expect(error).to.be.instanceOf(RangeError);
    expect(error.message).to.equal('broken on purpose');
    expect(lookupDefinition('s.never-tree')).to.equal(undefined);
  });

  it('for hosts, as the tree that imports it: nothing starts, and the tree is quarantined with the cause', async () => {
    const { onMainTree } = await imported<typeof import('./fixtures/import/on-main-tree.js')>('on-main-tree');
    const system = await systems.threads({ hosts: 1 });
    await system.spawn(onMainTree, { id: 'top' });
    await eventually(async () => (await system.state('/top'))?.status === 'quarantined', 'it is quarantined');
    const error = (await system.state('/top'))?.error as TroupeError;
    expect(error.code).to.equal('DEFINITION_IMPORT');
    expect((error.cause as Error).message).to.equal('broken on hosts');
    expect(await system.state('/top/a'), 'also the one before it').to.equal(undefined);
  });

  it('for a host that has not the tree: its start fails, those before it are stopped, the cause is told', async () => {
    const { elsewhereTree } = await imported<typeof import('./fixtures/import/elsewhere-tree.js')>('elsewhere-tree');
    const system = await systems.threads({ hosts: 2 });
    const error = (await rejection(system.spawn(elsewhereTree, { id: 'top' }))) as TroupeError;
    expect(error.code).to.equal('SUPERVISOR_START');
    expect(error.message).to.contain('b could not start').and.to.contain('never.js: broken on purpose');
    expect(error.cause).to.include({ code: 'DEFINITION_IMPORT' });
    expect((error.cause as Error).cause).to.be.instanceOf(RangeError);
    for (const path of ['/top', '/top/a', '/top/b']) {
      await eventually(async () => (await system.state(path))?.status === 'ended', `${path} has ended`);
    }
    expect(await system.state('/top/c'), 'the one after it').to.equal(undefined);
  });

  it('for hosts, and is to be started by a message: the answer has the cause, and the others go on', async () => {
    const { onMain } = await imported<typeof import('./fixtures/import/on-main.js')>('on-main');
    const system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(crew, { id: 'crew' });
    const child = childOf({ id: 'x', actor: onMain });
    const answer = await ref.ask({ type: 'startChild', child }, { timeoutMs: 20_000 });
    expect(answer).to.include({ ok: false, reason: 'start-failed' });
    const error = (answer as { error?: Error }).error as TroupeError;
    expect(error.code).to.equal('DEFINITION_IMPORT');
    expect((error.cause as Error).message).to.equal('broken on hosts');
    const standings = (await ref.ask({ type: 'children' })).map(({ id, standing }) => `${id} ${standing}`);
    expect(standings.slice(0, 3)).to.deep.equal(['a running', 'b running', 'c running']);
  });

  it('or never becomes ready on hosts: it is killed when its supervisor stops', async () => {
    const { neverReady } = await imported<typeof import('./fixtures/import/never-ready.js')>('never-ready');
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(crew, { id: 'crew' });
    const child = childOf({ id: 'x', actor: neverReady, shutdownMs: 200 });
    ref.ask({ type: 'startChild', child }).catch(() => {});
    await eventually(async () => (await system.state('/crew/x')) !== undefined, 'it is there');
    await ref.stop();
    expect((await system.state('/crew/x'))?.error).to.have.property('code', 'SHUTDOWN_TIMEOUT');
  });
});
