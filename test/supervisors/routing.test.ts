/** A supervisor as a hub: it routes tasks to the children that handle them. */
import { expect } from 'chai';
import type { ActorRef, TroupeError } from '../../src/index.js';
import { seededRandom } from '../../src/core/random.js';
import { eventually, type TestSystem } from '../../src/testing/index.js';
import { type Books, type ChildBook, newPage, noBooks } from '../../supervisors/books.js';
import {
  childOf,
  type ChildSpec,
  supervisor,
  type SupervisorEvents,
  type SupervisorSpec,
} from '../../supervisors/index.js';
import { routeFor, turnsLeft } from '../../supervisors/routing.js';
import { contextOf, rejection, useSystems } from '../helpers/with-system.js';
import { busy, eager, hand, hub } from './fixtures/hands.js';

const kid = (id: string, ...handles: string[]): ChildSpec => ({
  id,
  actor: hand,
  ...(handles.length > 0 ? { handles } : {}),
});

describe('the choice of a child for a task', () => {
  const page = (text: string, more: Partial<ChildBook> = {}): ChildBook => {
    const [id = '', ...handles] = text.split(' ');
    return { ...newPage(childOf(kid(id, ...handles)), 0), standing: 'running', ...more };
  };
  const booksOf = (children: ChildBook[], more: Partial<Books> = {}): Books => ({
    ...noBooks,
    phase: 'running',
    children: children.map((child, rank) => ({ ...child, rank })),
    ...more,
  });
  /** Who gets these tasks, one after the other. */
  const routed = (books: Books, ...tasks: string[]): string => {
    let { turns } = books;
    return tasks
      .map((task) => {
        const route = routeFor({ ...books, turns }, { type: 'route', by: { task }, message: { type: 'x' } });
        if (typeof route === 'string') return route;
        turns = route.turns;
        return route.child.spec.id;
      })
      .join(' ');
  };

  it('one that handles it; by turns, in declared order, for each task its own', () => {
    const books = booksOf([page('a x y'), page('b x'), page('c y x'), page('d z')]);
    expect(routed(books, 'x', 'x', 'x', 'x', 'x')).to.equal('a b c a b');
    expect(routed(books, 'x', 'y', 'x', 'y', 'x', 'y', 'z', 'z')).to.equal('a a b c c a d d');
  });

  it('the default, when nobody handles it; else nobody', () => {
    const books = booksOf([page('a x'), page('b *'), page('c')]);
    expect(routed(books, 'x', 'y', 'toString')).to.equal('a b b');
    expect(routed(booksOf([page('a x'), page('c')]), 'y')).to.equal('nobody');
  });

  it('whoever comes back gets it; who is stopped, or will not be restarted, does not', () => {
    for (const standing of ['running', 'starting', 'failed', 'stopping', 'held', 'waiting'] as const) {
      expect(routed(booksOf([page('a x', { standing }), page('b *')]), 'x'), standing).to.equal('a');
    }
    const temporary = { ...childOf({ ...kid('a', 'x'), restart: 'temporary' }) };
    const asker = { session: 1, askId: 1 };
    const gone: Partial<ChildBook>[] = [
      { standing: 'stopped' },
      { standing: 'stopping', asker },
      { standing: 'stopping', spec: temporary },
    ];
    for (const each of gone) {
      expect(routed(booksOf([page('a x', each), page('b *')]), 'x'), JSON.stringify(each)).to.equal('b');
      expect(routed(booksOf([page('a x', each), page('b x')]), 'x', 'x'), JSON.stringify(each)).to.equal('b b');
    }
    const fallen = { fallen: ['a'] };
    expect(routed(booksOf([page('a x', { standing: 'failed' }), page('b *')], fallen), 'x')).to.equal('a');
    expect(routed(booksOf([page('a x', { standing: 'failed', spec: temporary }), page('b *')], fallen), 'x')).to.equal(
      'b',
    );
  });

  it('one that has not started is waited for, unless another one is there', () => {
    const plan = [{ do: 'start', id: 'a' }] as const;
    const coming = page('a x', { standing: 'stopped' });
    expect(routed(booksOf([coming, page('b *')], { plan: [...plan] }), 'x')).to.equal('later');
    expect(routed(booksOf([coming, page('b x')], { plan: [...plan] }), 'x')).to.equal('b');
    const other = page('a x', { standing: 'running', definition: 'an.earlier-one' });
    expect(routed(booksOf([other, page('b *')], { plan: [...plan] }), 'x'), 'it is to be replaced').to.equal('later');
  });

  it('turns go on when children come and go, and are forgotten with them', () => {
    const turns = new Map([['x', 1]]);
    expect(
      routed(booksOf([page('a x'), page('b x', { standing: 'stopped' }), page('c x')], { turns }), 'x', 'x'),
    ).to.equal('c a');
    expect(turnsLeft(booksOf([page('a x'), page('b y')], { turns }))).to.deep.equal(new Map());
    expect(turnsLeft(booksOf([page('a x'), page('b x')], { turns }))).to.deep.equal(turns);
  });
});

describe('a supervisor that routes', () => {
  const systems = useSystems();
  let system: TestSystem;
  let ref: ActorRef<SupervisorEvents>;

  /** Start, or deploy another declaration. */
  const deploy = async (spec: SupervisorSpec, before?: TestSystem): Promise<void> => {
    const definition = supervisor(import.meta, 'routing.hub', {
      intensity: { restarts: 9, periodMs: 60_000 },
      ...spec,
    });
    const resting = before && { store: before.crash('kill'), clock: before.clock };
    system = await systems.oneThread({ seed: 1, ...resting });
    ref = await system.spawn(definition, { id: 'hub' });
    await system.settle();
  };
  const message = (what: string) => ({ type: 'do', what }) as const;
  const ask = async (...tasks: string[]): Promise<string> => {
    const answers: unknown[] = [];
    for (const task of tasks) {
      const asked = ref.ask({ type: 'route', task, message: message(task) });
      answers.push(await asked.catch((error: TroupeError) => error.code));
    }
    return answers.join(', ');
  };
  const tell = async (task: string, what: string): Promise<void> =>
    ref.tell({ type: 'route', task, message: message(what) });
  const done = (id: string): Promise<string[]> => contextOf<string[]>(system, `/hub/${id}`);
  const letters = async (): Promise<string[]> =>
    (await system.deadLetters()).map(({ code, path }) => `${code} ${path}`);

  it('sends a task to who handles it, whose reply is the answer', async () => {
    await deploy({ children: [kid('a', 'x'), kid('b', 'y'), kid('rest', '*'), kid('none')] });
    expect(await ask('x', 'y', 'z', 'x')).to.equal('a did x, b did y, rest did z, a did x');
    const views = await ref.ask({ type: 'children' });
    expect(views.map(({ handles }) => handles.join())).to.deep.equal(['x', 'y', '*', '']);
  });

  it('what nobody can do is refused, with a code, and is a dead letter when it was told', async () => {
    await deploy({ children: [kid('a', 'x')] });
    const error = (await rejection(ref.ask({ type: 'route', task: 'y', message: message('y') }))) as TroupeError;
    expect([error.code, error.field, error.value]).to.deep.equal(['ROUTE_UNKNOWN', 'task', 'y']);
    expect(error.message).to.equal('task "y": no child can take it');
    expect(await letters()).to.deep.equal([]);
    await tell('y', 'told');
    await system.settle();
    expect((await system.deadLetters()).map(({ event }) => event)).to.deep.equal([
      { type: 'route', task: 'y', message: message('told') },
    ]);
    expect(await letters()).to.deep.equal(['ROUTE_UNKNOWN /hub']);
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });

  it('a request that makes no sense is refused, and is no failure of the supervisor', async () => {
    await deploy({ children: [kid('a', 'x', '*')] });
    const good = message('x');
    for (const [task, wrong, field] of [
      ['', good, 'task'],
      ['*', good, 'task'],
      [7, good, 'task'],
      ['x', undefined, 'message.type'],
      ['x', { what: 1 }, 'message.type'],
      ['x', { type: 'troupe.begin' }, 'message.type'],
      ['x', { type: 'xstate.stop' }, 'message.type'],
    ]) {
      const error = (await rejection(ref.ask({ type: 'route', task, message: wrong } as never))) as TroupeError;
      expect([error.code, error.field], String(field)).to.deep.equal(['EVENT_SHAPE', field]);
    }
    expect(systems.heard('actorFailed')).to.deep.equal([]);
  });

  it('whose turn it is survives the process', async () => {
    const spec = { children: [kid('a', 'x'), kid('b', 'x'), kid('c', 'x')] };
    await deploy(spec);
    expect(await ask('x', 'x')).to.equal('a did x, b did x');
    await deploy(spec, system);
    expect(await ask('x', 'x')).to.equal('c did x, a did x');
  });

  it('a child that is restarted keeps its tasks, and gets those that come meanwhile', async () => {
    const backoff = { minMs: 1_000, maxMs: 1_000, jitter: 0 };
    await deploy({ backoff, children: [kid('a', 'x'), kid('rest', '*')] });
    await ref.tell({ type: 'route', task: 'x', message: { type: 'do', what: 'one', stumble: true } });
    await tell('x', 'two');
    await system.settle();
    await tell('x', 'three');
    await system.settle();
    expect(await done('rest')).to.deep.equal([]);
    await system.advance(1_000);
    expect(await done('a')).to.deep.equal(['one', 'two', 'three']);
  });

  it('a stopped one gets none until it runs again; a deleted one none any more', async () => {
    await deploy({ children: [kid('a', 'x'), kid('b', 'x'), kid('rest', '*')] });
    expect(await ask('x')).to.equal('a did x');
    await ref.ask({ type: 'stopChild', id: 'b' });
    expect(await ask('x', 'x')).to.equal('a did x, a did x');
    await ref.ask({ type: 'restartChild', id: 'b' });
    expect(await ask('x', 'x')).to.equal('b did x, a did x');
    for (const id of ['a', 'b']) await ref.ask({ type: 'stopChild', id });
    expect(await ask('x')).to.equal('rest did x');
    await ref.ask({ type: 'deleteChild', id: 'a' });
    await ref.ask({ type: 'restartChild', id: 'b' });
    expect(await ask('x')).to.equal('b did x');
    await ref.ask({ type: 'startChild', child: childOf(kid('c', 'x', 'z')) });
    expect(await ask('x', 'x', 'z')).to.equal('b did x, c did x, c did z');
    expect(await ref.ask({ type: 'startChild', child: childOf(kid('d', '*')) })).to.deep.include({
      ok: false,
      reason: 'refused',
    });
  });

  it('another declaration may give tasks to others, and to new ones', async () => {
    await deploy({ children: [kid('a', 'x'), kid('b', 'y', '*')] });
    expect(await ask('x', 'y', 'z')).to.equal('a did x, b did y, b did z');
    await deploy({ children: [kid('new', 'z', 'x'), kid('a', 'y', '*'), kid('b')] }, system);
    expect(await ask('x', 'y', 'z', 'w')).to.equal('new did x, a did y, new did z, a did w');
  });

  it('tasks for children that have not started wait for them, in order', async () => {
    const eagerOne = { id: 'eager', actor: eager };
    const late = { ...kid('b', 'late', 'other'), actor: busy };
    await deploy({ children: [eagerOne, kid('a', 'x'), late, kid('c', 'other')] });
    expect(await done('b')).to.deep.equal(['early 0', 'early 1', 'early 2', 'its own']);
    expect(await letters()).to.deep.equal([]);
  });

  it('not more than a hundred; and none when the supervisor ends meanwhile', async () => {
    const inner: SupervisorSpec = { children: [{ id: 'eager', actor: eager }] };
    const outer: SupervisorSpec = {
      children: [{ id: 'inner', supervisor: inner }, kid('b', 'late')],
      intensity: { restarts: 0, periodMs: 1_000 },
    };
    const system0 = await systems.oneThread({ seed: 1, roundsPerTurn: 1 });
    system = system0;
    const spawned = system.spawn(supervisor(import.meta, 'routing.slow', outer), { id: 'hub' });
    ref = system.get('/hub') as ActorRef<SupervisorEvents>;
    const asked = Array.from({ length: 150 }, () =>
      ref.ask({ type: 'route', task: 'late', message: message('asked') }).catch((error: TroupeError) => error.code),
    );
    await spawned;
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'b did asked')).to.have.length(100);
    expect(answers.filter((answer) => answer === 'ROUTE_UNKNOWN')).to.have.length(50);
  });

  it('tasks that come while the branch is taken down and built up again are done by it', async () => {
    const branch: SupervisorSpec = {
      intensity: { restarts: 0, periodMs: 1_000 },
      children: [kid('a', 'x'), kid('b', 'y')],
    };
    await deploy({ backoff: { minMs: 500, maxMs: 500, jitter: 0 }, children: [{ id: 'branch', supervisor: branch }] });
    const at = system.get('/hub/branch') as ActorRef<SupervisorEvents>;
    await system.get('/hub/branch/a').tell({ type: 'do', what: 'trip', stumble: true });
    await system.settle();
    for (const task of ['x', 'y', 'x']) await at.tell({ type: 'route', task, message: message(`held ${task}`) });
    await system.settle();
    expect(await contextOf(system, '/hub/branch/b')).to.deep.equal([]);
    await system.advance(500);
    expect(await contextOf(system, '/hub/branch/a')).to.deep.equal(['trip', 'held x', 'held x']);
    expect(await contextOf(system, '/hub/branch/b')).to.deep.equal(['held y']);
  });

  it('every task is done exactly once, whatever crashes', async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const random = seededRandom(seed);
      system = await systems.oneThread({ seed, roundsPerTurn: 1 });
      ref = await system.spawn(hub, { id: 'hub' });
      const count = 60;
      for (let n = 0; n < count; n += 1) {
        const task = ['invoice', 'refund', 'both', 'unknown'][n % 4] as string;
        await ref.tell({ type: 'route', task, message: { type: 'do', what: `${n}`, stumble: random() < 0.3 } });
        if (random() < 0.2) await system.killHost(Math.floor(random() * 2));
        if (random() > 0.1) continue;
        system = await systems.oneThread({ seed, roundsPerTurn: 1, store: system.crash('kill'), clock: system.clock });
        ref = system.get('/hub') as ActorRef<SupervisorEvents>;
      }
      await system.settle();
      const lists = await Promise.all(['a', 'b', 'rest'].map(done));
      const all = lists
        .flat()
        .map(Number)
        .sort((x, y) => x - y);
      expect(all, `seed ${seed}`).to.deep.equal(Array.from({ length: count }, (_, n) => n));
      for (const list of lists)
        expect(list.map(Number), `seed ${seed}`).to.deep.equal(list.map(Number).sort((x, y) => x - y));
      expect(lists[2], `seed ${seed}`).to.have.length(count / 4);
      await system.stop();
    }
  });

  for (const [handles, field] of [
    [[], 'handles'],
    ['x', 'handles'],
    [['x', 7], 'handles[1]'],
    [['x', ''], 'handles[1]'],
    [['x', 'y', 'x'], 'handles[2]'],
  ] as const) {
    it(`is not declared with handles: ${JSON.stringify(handles)}`, () => {
      const children = [kid('b'), { id: 'a', actor: hand, handles }] as unknown as ChildSpec[];
      const where = `supervisor("routing.bad").children[1].${field}`;
      expect(() => supervisor(import.meta, 'routing.bad', { children }))
        .to.throw()
        .that.includes({ code: 'SUPERVISOR_SPEC', field: where });
    });
  }

  it('is not declared with two defaults', () => {
    const children = [kid('a', '*'), kid('b', 'x'), kid('c', 'y', '*')];
    expect(() => supervisor(import.meta, 'routing.bad', { children }))
      .to.throw('must not have `*`')
      .with.property('field', 'supervisor("routing.bad").children[2].handles');
  });
});

describe('a supervisor that routes, over threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('answers every question once, also when its own thread dies on the way', async () => {
    const system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(hub, { id: 'hub' });
    const asked = Array.from({ length: 200 }, (_, n) => {
      const task = ['invoice', 'refund', 'unknown'][n % 3] as string;
      return ref.ask({ type: 'route', task, message: { type: 'do', what: `${n}` } }, { timeoutMs: 30_000 });
    });
    await asked[20];
    await system.killHost(0);
    await asked[100];
    await system.killHost(1);
    const who = ['a', 'b', 'rest'];
    expect(await Promise.all(asked)).to.deep.equal(asked.map((_, n) => `${who[n % 3]} did ${n}`));
    const lists = await Promise.all(who.map((id) => contextOf<string[]>(system, `/hub/${id}`)));
    await eventually(() => lists.flat().length === 200, 'none was done twice');
  });
});
