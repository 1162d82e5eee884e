/** What errors ask for, where a declaration lets them: every hint, of declared and of dynamic children. */
import { expect } from 'chai';
import type { ErrorRecovery } from '../../src/index.js';
import { type DynamicEvents, dynamicSupervisor } from '../../supervisors/index.js';
import { hintOf, onFailureBy, pauseMs } from '../../supervisors/recovery.js';
import { worker } from './fixtures/workers.js';
import { declare, useTrees } from './otp/tree.js';

const intensity = { restarts: 1, periodMs: 600_000 };
const hints: ErrorRecovery[] = ['retry', 'restart', 'failover', 'ignore', 'breaker', 'reload', 'escalate'];
const recovery = Object.fromEntries(hints.map((hint) => [hint, hint]));

/** One for each way to be told, because a definition's name is a system's. */
const pools = hints.map((hint) =>
  dynamicSupervisor(import.meta, `recovery.pool-${hint}`, {
    child: { actor: worker, onFailure: 'reset' },
    intensity,
    recovery,
  }),
);

describe('recovery hints', () => {
  const { tree, systems } = useTrees();

  /** What becomes of a child that has noted `kept`, and fails with a code, by a hint: declared, then dynamic. */
  const outcome = async (code: ErrorRecovery): Promise<{ declared: string; pooled: string }> => {
    const t = await tree({ children: 'a b', intensity, recovery });
    await t.at('a').tell({ type: 'note', text: 'kept' });
    await t.at('a').tell({ type: 'crash', code });
    await t.system.settle();
    const pooled = await systems.oneThread({ seed: 2 });
    const ref = await pooled.spawn(pools[hints.indexOf(code)]!, { id: 'pool' });
    await ref.ask({ type: 'startChild', id: 'a' });
    const child = pooled.get('/pool/a');
    await child.tell({ type: 'note', text: 'kept' } as never);
    await child.tell({ type: 'crash', code } as never);
    await pooled.settle();
    const tell = async (system: typeof pooled, path: string): Promise<string> => {
      const state = await system.state(path);
      const letters = (await system.deadLetters()).length;
      if (state?.status !== 'running') return `${state?.status}, dead letters ${letters}`;
      return `${((await system.get(path).ask({ type: 'read' } as never)) as string[]).join()}, dead letters ${letters}`;
    };
    return { declared: await tell(t.system, '/top/a'), pooled: await tell(pooled, '/pool/a') };
  };
  const both = (what: string): object => ({ declared: what, pooled: what });

  it('restart: as declared, which is anew', async () => {
    expect(await outcome('restart')).to.deep.equal(both(', dead letters 1'));
  });

  it('ignore: goes on with its last state, and the message is given up', async () => {
    expect(await outcome('ignore')).to.deep.equal(both('kept, dead letters 1'));
  });

  for (const hint of ['breaker', 'reload'] as const) {
    it(`${hint}: does not run`, async () => {
      const { declared, pooled } = await outcome(hint);
      const status = hint === 'breaker' ? 'failed, dead letters 0' : 'ended, dead letters 1';
      expect([declared, pooled]).to.deep.equal([status, status]);
    });
  }

  it('retry, failover: the message is tried again on the last state; a second failure is counted too', async () => {
    for (const code of ['retry', 'failover']) {
      const t = await tree({ children: 'a b', intensity: { restarts: 2, periodMs: 600_000 }, recovery });
      await t.at('a').tell({ type: 'note', text: 'kept' });
      await t.at('a').tell({ type: 'crash', code });
      await t.system.settle();
      expect(await t.at('a').ask({ type: 'read' }), code).to.deep.equal(['kept']);
      const decisions = await t.system.decisions({ path: '/top/a' });
      expect(decisions.map(({ decision, why }) => `${decision}: ${why}`)).to.deep.equal([
        `restore: a failed: ${code} asks for ${code}; restart 1 of 2 in 600000 ms`,
        `resume: a failed: ${code} asks for ${code}; restart 2 of 2 in 600000 ms`,
      ]);
    }
  });

  it('retry, of one that has given up: its last state, declared and dynamic', async () => {
    const reset = { actor: worker, onFailure: 'reset' } as const;
    const t = await tree({ children: [{ id: 'a', ...reset }], intensity, recovery });
    const system = await systems.oneThread({ seed: 4 });
    const ref = await system.spawn(pools[0]!, { id: 'top' });
    await ref.ask({ type: 'startChild', id: 'a' });
    for (const each of [t.system, system]) {
      const child = each.get('/top/a');
      await child.tell({ type: 'note', text: 'kept' });
      await child.tell({ type: 'giveUp', code: 'retry' });
      await each.settle();
      expect(await child.ask({ type: 'read' })).to.deep.equal(['kept']);
    }
  });

  it('ignore: no restart is counted, however often', async () => {
    const t = await tree({ children: 'a', intensity: { restarts: 0, periodMs: 1_000 }, recovery });
    for (let n = 0; n < 5; n += 1) await t.at('a').tell({ type: 'crash', code: 'ignore' });
    await t.system.settle();
    expect(await t.children()).to.equal('a running');
    await t.crash('a');
    await t.expectOver('SUPERVISOR_GAVE_UP');
  });

  it('breaker: restarts after a minute, or after the longest backoff', async () => {
    for (const [backoff, ms] of [
      [undefined, 60_000],
      [{ minMs: 10, maxMs: 5_000 }, 5_000],
    ] as const) {
      const t = await tree({ children: 'a', intensity, recovery, ...(backoff && { backoff }) });
      await t.at('a').tell({ type: 'crash', code: 'breaker' });
      await t.system.settle();
      await t.system.advance(ms - 1);
      expect(await t.children()).to.equal('a restarting');
      await t.system.advance(1);
      expect(await t.children()).to.equal('a running');
    }
  });

  it('reload: can be restarted by name', async () => {
    const t = await tree({ children: 'a b', intensity, recovery });
    await t.at('a').tell({ type: 'crash', code: 'reload' });
    await t.system.settle();
    expect(await t.children()).to.equal('a stopped, b running');
    expect(await t.ask('restartChild', 'a')).to.include({ ok: true });
    expect(await t.children()).to.equal('a running, b running');
  });

  it('escalate: the supervisor fails at once, with the error as the cause', async () => {
    const t = await tree({ children: 'a b', intensity, recovery });
    await t.at('a').tell({ type: 'crash', code: 'escalate' });
    await t.system.settle();
    await t.expectOver('SUPERVISOR_ESCALATED');
    const error = (await t.system.state('/top'))?.error;
    expect(error?.message).to.equal('a failed: escalate asks for escalate');
    expect(error?.cause).to.include({ message: 'a crashed', code: 'escalate' });
    const system = await systems.oneThread({ seed: 3 });
    const ref = await system.spawn(pools[hints.indexOf('escalate')]!, { id: 'pool' });
    await (ref as typeof ref & { ask: (event: DynamicEvents) => Promise<unknown> }).ask({
      type: 'startChild',
      id: 'a',
    });
    await system.get('/pool/a').tell({ type: 'crash', code: 'escalate' } as never);
    await system.settle();
    expect((await system.state('/pool'))?.error).to.include({ code: 'SUPERVISOR_ESCALATED' });
  });

  it('an error without a code in the table is met as declared', async () => {
    const t = await tree({ children: 'a', intensity, recovery: { other: 'ignore' } });
    await t.at('a').tell({ type: 'note', text: 'kept' });
    await t.at('a').tell({ type: 'crash', code: 'valueOf' });
    await t.system.settle();
    expect(await t.at('a').ask({ type: 'read' })).to.deep.equal([]);
  });
});

describe('the strategy escalate', () => {
  const { tree } = useTrees();

  it('fails with the first child that would be restarted, and stops the others', async () => {
    const t = await tree({ strategy: 'escalate', children: 'a b c', intensity: { restarts: 9, periodMs: 1_000 } });
    t.log();
    await t.crash('b');
    expect(t.log()).to.equal('stop c, stop a');
    await t.expectOver('SUPERVISOR_ESCALATED');
  });

  it('leaves children alone that are not restarted anyway', async () => {
    const t = await tree({ strategy: 'escalate', children: 'a:temporary b:transient c' });
    await t.crash('a');
    await t.tell('b', 'leave');
    expect(await t.children()).to.equal('b stopped, c running');
  });

  it('the supervisor above restarts the whole branch', async () => {
    const t = await tree({
      intensity: { restarts: 1, periodMs: 1_000 },
      children: [{ id: 'inner', actor: inner }],
    });
    t.log();
    await t.system.get('/top/inner/x').tell({ type: 'crash' } as never);
    await t.system.settle();
    expect(t.log()).to.equal('stop y, start x, start y');
    expect(await t.children()).to.equal('inner running');
  });
});

const inner = declare({ strategy: 'escalate', children: 'x y' });

describe('what an error asks for', () => {
  const coded = (code: unknown, cause?: unknown): Error => Object.assign(new Error('x', { cause }), { code });
  const deep = (depth: number): Error => (depth === 0 ? coded('A') : coded('NONE', deep(depth - 1)));
  const table = { A: 'retry', B: 'breaker' } as const;
  const rows: [says: string, error: unknown, expected: object | undefined][] = [
    ['its own code', coded('A'), { hint: 'retry', code: 'A' }],
    ['a code that the table has not: nothing', coded('C'), undefined],
    ['an error without a code: nothing', new Error('x'), undefined],
    ['its own code before that of its cause', coded('A', coded('B')), { hint: 'retry', code: 'A' }],
    ['the nearest cause that the table has', coded('C', coded('B', coded('A'))), { hint: 'breaker', code: 'B' }],
    ['the eighth in a row is looked at', deep(7), { hint: 'retry', code: 'A' }],
    ['the ninth is not', deep(8), undefined],
    ['a code that is no text', coded(5), undefined],
    ['what every object has is no row', coded('toString'), undefined],
    ['what is no error', 'A', undefined],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
  ];
  for (const [says, error, expected] of rows) {
    it(says, () => expect(hintOf(error, table)).to.deep.equal(expected));
  }

  it('is tried again with its last state for retry and failover, else as declared', () => {
    for (const hint of [...hints, undefined]) {
      const isTriedAgain = hint === 'retry' || hint === 'failover';
      expect(onFailureBy(hint, 'reset'), hint).to.equal(isTriedAgain ? 'restore' : 'reset');
    }
  });

  it('a breaker pauses for the longest backoff, without one for a minute', () => {
    expect(pauseMs({ minMs: 1, maxMs: 700 })).to.equal(700);
    expect(pauseMs(undefined)).to.equal(60_000);
  });
});
