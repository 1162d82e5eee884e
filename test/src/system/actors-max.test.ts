/** `actorsMax`: how many actors a system may have. */
import { expect } from 'chai';
import type { TroupeError } from '../../../src/index.js';
import { checkJournal } from '../../../src/journal/check.js';
import { pool } from '../../supervisors/fixtures/trees.js';
import { worker } from '../../supervisors/fixtures/workers.js';
import { declare } from '../../supervisors/otp/tree.js';
import { rejection, useSystems } from '../../helpers/with-system.js';

const crew = declare({ children: 'a b' });

describe('actorsMax', () => {
  const systems = useSystems();

  it('refuses more living actors, and lets others take the place of those that have ended', async () => {
    const system = await systems.oneThread({ actorsMax: 3 });
    const refs = await Promise.all(['a', 'b', 'c'].map((id) => system.spawn(worker, { id })));
    expect(await system.spawn(worker, { id: 'a' }), 'found, not made').to.have.property('path', '/a');
    const refused = (await rejection(system.spawn(worker, { id: 'd' }))) as TroupeError;
    expect(refused).to.include({ code: 'ACTORS_MAX', message: '/d was not spawned: 3 actors live, and 3 may' });
    await refs[0]!.stop();
    await system.spawn(worker, { id: 'd' });
  });

  it('counts actors of supervisors, whose requests are answered', async () => {
    const system = await systems.oneThread({ actorsMax: 3 });
    const ref = await system.spawn(pool, { id: 'pool' });
    for (const id of ['a', 'b']) expect(await ref.ask({ type: 'startChild', id })).to.include({ ok: true });
    const answer = await ref.ask({ type: 'startChild', id: 'c' });
    expect(answer).to.deep.include({ ok: false, reason: 'max-children' });
    expect((answer as { error?: TroupeError }).error?.code).to.equal('ACTORS_MAX');
    expect(await ref.ask({ type: 'count' })).to.deep.equal({ active: 2 });
  });

  it('a supervisor whose children find no room cannot start', async () => {
    const system = await systems.oneThread({ actorsMax: 2 });
    const refused = (await rejection(system.spawn(crew, { id: 'crew' }))) as TroupeError;
    expect(refused.code).to.equal('SUPERVISOR_START');
    expect((refused.cause as TroupeError).code).to.equal('ACTORS_MAX');
    expect((await system.stats()).journal.actors).to.equal(0);
  });

  it('what was refused behind a checkpoint is refused again by a recovery', async () => {
    let system = await systems.oneThread({ actorsMax: 2, checkpointBytes: 65_536 });
    const a = await system.spawn(worker, { id: 'a' });
    await system.spawn(worker, { id: 'b' });
    const isStored = () => [...system.store.scan('rows')].length >= 2;
    for (let bytes = 0; !isStored() && bytes < 1_000_000; bytes += 8_192) {
      await a.tell({ type: 'note', text: 'x'.repeat(8_192) });
    }
    expect(isStored(), 'there is a checkpoint').to.equal(true);
    expect(await rejection(system.spawn(worker, { id: 'c' }))).to.include({ code: 'ACTORS_MAX' });
    const store = system.crash('kill');
    expect(checkJournal(store).problems).to.deep.equal([]);
    system = await systems.oneThread({ store, actorsMax: 2 });
    expect(await system.state('/c')).to.equal(undefined);
    expect((await system.stats()).journal.actors).to.equal(2);
  });

  it('is the journal’s until another one is given: also over a crash', async () => {
    let system = await systems.oneThread({ actorsMax: 2 });
    for (const id of ['a', 'b']) await system.spawn(worker, { id });
    system = await systems.oneThread({ store: system.crash('kill'), actorsMax: 1 });
    expect((await system.state('/b'))?.status, 'who lives is left alone').to.equal('running');
    expect(await rejection(system.spawn(worker, { id: 'c' }))).to.include({ code: 'ACTORS_MAX' });
    system = await systems.oneThread({ store: system.crash('kill') });
    await system.spawn(worker, { id: 'c' });
  });
});
