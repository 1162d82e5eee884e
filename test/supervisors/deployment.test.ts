/** Another declaration is deployed while the actors of the one before rest in the journal. */
import { expect } from 'chai';
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor } from '../../src/index.js';
import { eventually, type TestSystem } from '../../src/testing/index.js';
import { type ChildSpec, supervisor, type SupervisorEvents, type SupervisorSpec } from '../../supervisors/index.js';
import { useSystems } from '../helpers/with-system.js';
import { company } from './fixtures/deployed.js';
import { diary, weak, worker, type WorkerEvents } from './fixtures/workers.js';

/** Reads something else, where `worker` reads notes. */
const clerk = defineActor(
  import.meta,
  'deployment.clerk',
  fromTransition((state: string) => {
    const { reply, replyTo } = actorContext();
    if (replyTo !== undefined) reply(['a clerk']);
    return state;
  }, ''),
);

const children = (ids: string): ChildSpec[] => ids.split(' ').map((id) => ({ id, actor: worker }));

describe('another declaration', () => {
  const systems = useSystems();
  let system: TestSystem | undefined;
  let ref: ActorRef<SupervisorEvents>;
  beforeEach(() => {
    diary.splice(0);
    weak.clear();
    system = undefined;
  });

  /** Deploy a declaration: the same process with another definition. */
  const deploy = async (spec: SupervisorSpec): Promise<void> => {
    const definition = supervisor(import.meta, 'deployment.top', spec);
    const resting = system && { store: system.crash('kill'), clock: system.clock };
    system = await systems.oneThread({ seed: 1, ...resting });
    diary.splice(0);
    ref = await system.spawn(definition, { id: 'top' });
    await system.settle();
  };
  const at = (id: string): ActorRef<WorkerEvents> => system!.get(`/top/${id}`) as ActorRef<WorkerEvents>;
  const standing = async (): Promise<string> =>
    (await ref.ask({ type: 'children' }))
      .map((view) => `${view.id} ${view.standing}${view.isDeclared ? '' : ' (not declared)'}`)
      .join(', ');

  it('the same once more changes nothing', async () => {
    await deploy({ children: children('a b') });
    await deploy({ children: children('a b') });
    expect(await standing()).to.equal('a running, b running');
    expect(diary).to.deep.equal([]);
  });

  it('new children are started in their place, the others go on with what they have', async () => {
    await deploy({ children: children('b d') });
    await at('b').tell({ type: 'note', text: 'kept' });
    await deploy({ children: children('a b c d e') });
    expect(await standing()).to.equal('a running, b running, c running, d running, e running');
    expect(diary).to.deep.equal(['start a', 'start c', 'start e']);
    expect(await at('b').ask({ type: 'read' })).to.deep.equal(['kept']);
    diary.splice(0);
    await ref.stop();
    expect(diary.join(', ')).to.equal('stop e, stop d, stop c, stop b, stop a');
  });

  it('another shutdownMs counts for who is started under it: a running child keeps its own', async () => {
    const error = async (id: string) => (await system!.state(`/top/${id}`))?.error;
    await deploy({ children: children('a') });
    await deploy({ children: [{ id: 'a', actor: worker, shutdownMs: 'kill' }] });
    expect(await standing()).to.equal('a running');
    await ref.ask({ type: 'stopChild', id: 'a' });
    await ref.ask({ type: 'restartChild', id: 'a' });
    expect(diary.splice(0).join(', ')).to.equal('stop a, start a');
    await ref.stop();
    expect(diary).to.deep.equal([]);
    expect(await error('a')).to.have.property('code', 'SHUTDOWN_KILL');
  });

  it('children that are not declared any more go on, until they are stopped and deleted', async () => {
    const intensity = { restarts: 5, periodMs: 1_000 };
    await deploy({ intensity, children: children('a b') });
    await at('a').tell({ type: 'note', text: 'kept' });
    await deploy({ intensity, children: children('b') });
    expect(await standing()).to.equal('a running (not declared), b running');
    await at('a').tell({ type: 'crash' });
    expect(await at('a').ask({ type: 'read' }), 'still restarted').to.deep.equal(['kept']);
    await ref.ask({ type: 'stopChild', id: 'a' });
    await ref.ask({ type: 'deleteChild', id: 'a' });
    expect(await standing()).to.equal('b running');
  });

  it('who was stopped, deleted, or temporary and done does not come back with the same declaration', async () => {
    const spec = { children: [...children('a b'), { id: 't', actor: worker, restart: 'temporary' as const }] };
    await deploy(spec);
    await ref.ask({ type: 'stopChild', id: 'a' });
    await ref.ask({ type: 'stopChild', id: 'b' });
    await ref.ask({ type: 'deleteChild', id: 'b' });
    await at('t').tell({ type: 'leave' });
    await deploy(spec);
    expect(await standing()).to.equal('a stopped');
  });

  it('a child of another definition is replaced', async () => {
    await deploy({ children: children('a b') });
    await at('a').tell({ type: 'note', text: 'gone' });
    await deploy({ children: [{ id: 'a', actor: clerk }, ...children('b')] });
    expect(await standing()).to.equal('a running, b running');
    expect(await at('a').ask({ type: 'read' })).to.deep.equal(['a clerk']);
    expect(diary).to.deep.equal(['stop a']);
  });

  it('what is declared of a child, and the intensity, hold from now on', async () => {
    await deploy({ intensity: { restarts: 0, periodMs: 1_000 }, children: children('a b') });
    const temporary = { id: 'a', actor: worker, restart: 'temporary' as const };
    await deploy({ intensity: { restarts: 2, periodMs: 1_000 }, children: [temporary, ...children('b')] });
    await at('b').tell({ type: 'crash' });
    await system!.settle();
    await at('a').tell({ type: 'crash' });
    await system!.settle();
    expect(await standing()).to.equal('b running');
  });

  it('a restart that was under way goes on, and then the new child is started', async () => {
    const spec = (ids: string): SupervisorSpec => ({
      strategy: 'one-for-all',
      intensity: { restarts: 3, periodMs: 600_000 },
      backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 },
      children: children(ids),
    });
    await deploy(spec('a b'));
    await at('a').tell({ type: 'stumble' });
    await system!.settle();
    await deploy(spec('a b c'));
    expect(await standing()).to.equal('a restarting, b running, c running');
    await system!.advance(1_000);
    expect(await standing()).to.equal('a running, b running, c running');
  });

  it('a new child that cannot start at first does not keep the other new ones from it', async () => {
    const spec = (ids: string): SupervisorSpec => ({
      intensity: { restarts: 3, periodMs: 600_000 },
      backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 },
      children: children(ids),
    });
    await deploy(spec('a'));
    weak.set('b', 1);
    await deploy(spec('a b c d'));
    expect(await standing()).to.equal('a running, b restarting, c running, d running');
    await system!.advance(1_000);
    expect(await standing()).to.equal('a running, b running, c running, d running');
  });

  it('goes down the tree, to supervisors declared in place', async () => {
    const spec = (inner: string): SupervisorSpec => ({
      children: [{ id: 'sales', supervisor: { strategy: 'one-for-all', children: children(inner) } }],
    });
    await deploy(spec('x'));
    await deploy(spec('x y'));
    expect(diary).to.deep.equal(['start y']);
    expect((await system!.state('/top/sales'))?.definition).to.equal('deployment.top.sales');
  });

  it('that contains itself is refused, and so is what stands in two places at once', () => {
    const spec: { children: ChildSpec[] } = { children: children('a') };
    spec.children.push({ id: 'again', supervisor: { children: [{ id: 'deeper', supervisor: spec }] } });
    expect(() => supervisor(import.meta, 'deployment.round', spec))
      .to.throw(/must not contain itself/)
      .with.property('code', 'SUPERVISOR_SPEC');
    const both = { id: 'a', actor: worker, supervisor: {} };
    expect(() => supervisor(import.meta, 'deployment.both', { children: [both] }))
      .to.throw(/cannot stand beside/)
      .with.property('field', 'supervisor("deployment.both").children[0].supervisor');
    const bad = { id: 'in', supervisor: { strategy: 'one-for-none' as never } };
    expect(() => supervisor(import.meta, 'deployment.bad', { children: [bad] })).to.throw(/deployment\.bad\.in/);
  });
});

describe('another declaration, on threads', function () {
  this.timeout(60_000);
  const systems = useSystems();
  afterEach(() => {
    delete process.env.TROUPE_TEST_DEPLOYMENT;
  });

  it('is taken up by the next process that spawns the tree', async () => {
    let system = await systems.threads({ hosts: 2 });
    await system.spawn(company, { id: 'company' });
    await system.get('/company/sales/x').tell({ type: 'note', text: 'kept' } as never);
    process.env.TROUPE_TEST_DEPLOYMENT = '2';
    system = await systems.restart(system, { hosts: 2 });
    const ref = await system.spawn(company, { id: 'company' });
    const views = async (): Promise<string> => (await ref.ask({ type: 'children' })).map(({ id }) => id).join();
    await eventually(async () => (await views()) === 'c,a,sales', 'it is taken up');
    await eventually(async () => (await system.state('/company/sales/y'))?.status === 'running', 'below as well');
    expect(await system.get('/company/sales/x').ask({ type: 'read' } as never)).to.deep.equal(['kept']);
  });
});
