import { expect } from 'chai';
import type { ActorRef } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { type DynamicEvents, dynamicSupervisor } from '../../../supervisors/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { pool, smallPool } from '../fixtures/trees.js';
import { diary, weak, worker } from '../fixtures/workers.js';

describe("OTP's supervisor: dynamic (simple-one-for-one)", () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<DynamicEvents>;
  const start = (id: string) => ref.ask({ type: 'startChild', id });
  const stop = (id: string) => ref.ask({ type: 'stopChild', id });
  const count = async (): Promise<number> => (await ref.ask({ type: 'count' })).active;
  const tell = async (id: string, type: 'crash' | 'leave' | 'giveUp'): Promise<void> => {
    await system.get(`/pool/${id}`).tell({ type });
    await system.settle();
  };
  const log = (): string => diary.splice(0).join(', ');
  const begin = async (definition = pool): Promise<void> => {
    system = await systems.oneThread();
    ref = await system.spawn(definition, { id: 'pool' });
  };
  beforeEach(() => {
    diary.length = 0;
    weak.clear();
  });

  it('no child is started with it', async () => {
    await begin();
    await system.settle();
    expect(log()).to.equal('');
    expect(await count()).to.equal(0);
  });

  it('a child is started with the template and its own input', async () => {
    await begin();
    expect(await start('a')).to.deep.equal({ ok: true, path: '/pool/a' });
    expect(log()).to.equal('start a');
    expect(await count()).to.equal(1);
  });

  it('a name that is taken: already started, and nothing is counted', async () => {
    await begin();
    await start('a');
    expect(await start('a')).to.include({ ok: false, reason: 'already-started' });
    expect(await count()).to.equal(1);
  });

  it('a child that cannot start: the error is told, and nothing is left of it', async () => {
    await begin();
    weak.set('a', 1);
    const answer = await start('a');
    expect(answer).to.include({ ok: false, reason: 'start-failed' });
    expect((answer as { error: Error }).error.message).to.equal('a cannot start');
    expect(await count()).to.equal(0);
    expect(await start('a')).to.deep.equal({ ok: true, path: '/pool/a' });
  });

  it('a child that fails is restarted, the others are not', async () => {
    await begin();
    for (const id of ['a', 'b', 'c']) await start(id);
    log();
    await tell('b', 'crash');
    expect(log()).to.equal('start b');
    expect(await count()).to.equal(3);
  });

  it('restart types hold: a transient child that ends is gone', async () => {
    await begin();
    await start('a');
    await tell('a', 'leave');
    expect(await count()).to.equal(0);
    expect((await system.state('/pool/a'))?.status).to.equal('ended');
  });

  it('the budget is shared; when it is spent all stop, and it fails', async () => {
    await begin();
    for (const id of ['a', 'b', 'c']) await start(id);
    await tell('a', 'crash');
    await tell('b', 'giveUp');
    log();
    await tell('c', 'crash');
    expect(log().split(', ').sort()).to.deep.equal(['stop a', 'stop b']);
    const state = await system.state('/pool');
    expect(state?.status).to.equal('ended');
    expect(state?.error).to.have.property('code', 'SUPERVISOR_GAVE_UP');
  });

  it('a child is stopped by name and not restarted', async () => {
    await begin();
    await start('a');
    await start('b');
    expect(await stop('a')).to.deep.equal({ ok: true });
    expect(await count()).to.equal(1);
    expect((await system.state('/pool/a'))?.status).to.equal('ended');
  });

  it('to stop one that is not there: not found', async () => {
    await begin();
    expect(await stop('x')).to.deep.equal({ ok: false, reason: 'not-found' });
    await start('a');
    await stop('a');
    expect(await stop('a')).to.deep.equal({ ok: false, reason: 'not-found' });
    expect(await count()).to.equal(0);
  });

  it('no more than maxChildren', async () => {
    await begin(smallPool);
    await start('a');
    await start('b');
    expect(await start('c')).to.include({ ok: false, reason: 'max-children' });
    expect(await count()).to.equal(2);
    await stop('a');
    expect(await start('c')).to.include({ ok: true });
  });

  it('backoff: it waits, longer each time; a stop meanwhile is a stop', async () => {
    await begin(smallPool);
    await start('a');
    log();
    await tell('a', 'crash');
    await system.advance(99);
    expect(log()).to.equal('');
    await system.advance(1);
    expect(log()).to.equal('start a');
    await tell('a', 'crash');
    await system.advance(199);
    expect(log()).to.equal('');
    expect(await stop('a')).to.deep.equal({ ok: true });
    await system.advance(5_000);
    expect(log()).to.equal('');
    expect(await count()).to.equal(0);
  });

  it('all stop at once with it', async () => {
    await begin();
    for (let n = 0; n < 500; n += 1) void start(`w${n}`);
    await system.settle();
    expect(await count()).to.equal(500);
    log();
    await ref.stop();
    expect(log().split(', ')).to.have.length(500);
    expect((await system.state('/pool/w499'))?.status).to.equal('ended');
  });

  it('its books survive the process', async () => {
    await begin();
    await start('a');
    await start('b');
    await tell('a', 'crash');
    const { clock } = system;
    system = await systems.oneThread({ store: system.crash('kill'), clock });
    ref = system.get('/pool') as ActorRef<DynamicEvents>;
    expect(await count()).to.equal(2);
    await tell('b', 'crash');
    expect((await system.state('/pool'))?.status).to.equal('running');
    await tell('b', 'crash');
    expect((await system.state('/pool'))?.status).to.equal('ended');
  });

  it('a declaration that makes no sense is refused', () => {
    const child = { actor: worker };
    const cases: [object, RegExp][] = [
      [{ child, children: [] }, /children is no field/],
      [{ child: [child, child] }, /child\.0 is no field/],
      [{ child, maxChildren: 0 }, /maxChildren must be a whole number from 1, and is 0/],
      [{ child: { ...child, restart: 'often' } }, /child\.restart must be one of/],
    ];
    for (const [spec, message] of cases) {
      expect(() => dynamicSupervisor(import.meta, 'otp.refused', spec as never)).to.throw(message);
    }
  });
});
