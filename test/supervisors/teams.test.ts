/** Teams: a spec of roles is built as often as it is asked for, and each team is taken down whole. */
import { expect } from 'chai';
import { dynamicSupervisor, supervisor } from '../../supervisors/index.js';
import { useSystems } from '../helpers/with-system.js';
import { diary, weak, worker } from './fixtures/workers.js';

const team = supervisor(import.meta, 'teams.team', {
  strategy: 'rest-for-one',
  intensity: { restarts: 3, periodMs: 60_000 },
  children: [
    { id: 'planner', actor: worker, onFailure: 'reset' },
    {
      id: 'makers',
      supervisor: {
        children: [
          { id: 'coder', actor: worker, onFailure: 'reset' },
          { id: 'tester', actor: worker, onFailure: 'reset' },
        ],
      },
    },
    { id: 'editor', actor: worker, onFailure: 'reset' },
  ],
});

const teams = dynamicSupervisor(import.meta, 'teams.teams', { child: { actor: team, restart: 'temporary' } });

describe('a team', () => {
  const systems = useSystems();
  beforeEach(() => {
    diary.length = 0;
    weak.clear();
  });
  const log = (): string => diary.splice(0).join(', ');

  it('is built of the roles of its spec, and taken down whole, in reverse; others hear nothing of it', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(teams, { id: 'teams' });
    const whole = 'start planner, start coder, start tester, start editor';
    expect(await ref.ask({ type: 'startChild', id: 'red' })).to.deep.equal({ ok: true, path: '/teams/red' });
    expect(log(), 'it is up when that is answered').to.equal(whole);
    await ref.ask({ type: 'startChild', id: 'blue' });
    expect(log()).to.equal(whole);
    await system.get('/teams/blue/makers/tester').tell({ type: 'crash' });
    await system.settle();
    expect(log(), 'within the team').to.equal('start tester');
    expect(await ref.ask({ type: 'stopChild', id: 'red' })).to.deep.equal({ ok: true });
    expect(log()).to.equal('stop editor, stop tester, stop coder, stop planner');
    const left = (await system.actors()).map(({ path }) => path).sort();
    const blue = ['', '/editor', '/makers', '/makers/coder', '/makers/tester', '/planner'];
    expect(left).to.deep.equal(['/teams', ...blue.map((path) => `/teams/blue${path}`)]);
  });

  it('of which one role cannot start leaves nothing', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(teams, { id: 'teams' });
    weak.set('tester', 1);
    expect(await ref.ask({ type: 'startChild', id: 'red' })).to.include({ ok: false, reason: 'start-failed' });
    await system.settle();
    expect(log()).to.equal('start planner, start coder, stop coder, stop planner');
    expect((await system.actors()).map(({ path }) => path)).to.deep.equal(['/teams']);
  });
});
