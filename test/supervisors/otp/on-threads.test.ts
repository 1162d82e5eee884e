/**
 * OTP's supervisor over real threads: the cases in which children live on other threads than their supervisor, and in
 * which a failure takes a thread along with everybody on it. Two hosts; who lives where is placement's. One system has
 * all of the trees, each when the one before it has been stopped; the one in which somebody hangs has a system of its
 * own, with less patience: on a busy machine others are slow and do not hang.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type ActorRef, createSystem, type System } from '../../../src/index.js';
import { eventually } from '../../../src/testing/index.js';
import type { SupervisorEvents } from '../../../supervisors/index.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { useSystems } from '../../helpers/with-system.js';
import type { Written } from '../fixtures/declared.js';
import type { WorkerEvents } from '../fixtures/workers.js';

type Deed = WorkerEvents['type'] | 'stop' | 'stopChild' | 'restartChild' | 'deleteChild' | 'weak' | 'stopTop';

interface Case {
  it: string;
  spec: Written;
  /** `crash b, exit c`: each when what came before has come to rest. */
  deeds: string;
  /** What happens after the start. */
  log: string;
  /** How the children stand then; a code: the tree has ended with it; `ended`. */
  stands: string;
}

const intensity = { restarts: 3, periodMs: 600_000 };
const one = { strategy: 'one-for-one', intensity } as const;
const all = { strategy: 'one-for-all', intensity } as const;
const rest = { strategy: 'rest-for-one', intensity } as const;
const up = 'a running, b running, c running';

const cases: Case[] = [
  {
    it: 'starts and stops in order',
    spec: { ...one, children: 'a b c' },
    deeds: 'stopTop',
    log: 'stop c, stop b, stop a',
    stands: 'ended',
  },
  {
    it: 'one-for-one: a crash concerns one',
    spec: { ...one, children: 'a b c' },
    deeds: 'crash b',
    log: 'start b',
    stands: up,
  },
  {
    it: 'one-for-one: a lost thread concerns one',
    spec: { ...one, children: 'a b c' },
    deeds: 'exit b',
    log: 'start b',
    stands: up,
  },
  {
    it: 'one-for-all: a crash concerns all',
    spec: { ...all, children: 'a b c' },
    deeds: 'crash b',
    log: 'stop c, stop a, start a, start b, start c',
    stands: up,
  },
  {
    it: 'one-for-all: a lost thread concerns all',
    spec: { ...all, children: 'a b c' },
    deeds: 'exit b',
    log: 'stop c, stop a, start a, start b, start c',
    stands: up,
  },
  {
    it: 'rest-for-one: a crash concerns those behind',
    spec: { ...rest, children: 'a b c' },
    deeds: 'crash b',
    log: 'stop c, start b, start c',
    stands: up,
  },
  {
    it: 'rest-for-one: a lost thread concerns those behind',
    spec: { ...rest, children: 'a b c' },
    deeds: 'exit b',
    log: 'stop c, start b, start c',
    stands: up,
  },
  {
    it: 'a transient child that lost its thread is restarted',
    spec: { ...one, children: 'a b:transient c' },
    deeds: 'exit b',
    log: 'start b',
    stands: up,
  },
  {
    it: 'a transient child that ends by itself is not',
    spec: { ...one, children: 'a b:transient c' },
    deeds: 'leave b',
    log: 'stop b',
    stands: 'a running, b stopped, c running',
  },
  {
    it: 'a temporary child that lost its thread is gone',
    spec: { ...one, children: 'a b:temporary c' },
    deeds: 'exit b',
    log: '',
    stands: 'a running, c running',
  },
  {
    it: 'temporary children are not restarted with the others',
    spec: { ...all, children: 'a b:temporary c' },
    deeds: 'exit c',
    log: 'stop b, stop a, start a, start c',
    stands: 'a running, c running',
  },
  {
    it: 'a permanent child that ends by itself is restarted',
    spec: { ...one, children: 'a b' },
    deeds: 'leave a',
    log: 'stop a, start a',
    stands: 'a running, b running',
  },
  {
    it: 'a permanent child that gives up is restarted',
    spec: { ...one, children: 'a b' },
    deeds: 'giveUp a',
    log: 'start a',
    stands: 'a running, b running',
  },
  {
    it: 'lost threads and crashes are paid from one budget',
    spec: { ...one, children: 'a b c' },
    deeds: 'exit a, crash b, exit c, crash a',
    log: 'start a, start b, start c, stop c, stop b',
    stands: 'SUPERVISOR_GAVE_UP',
  },
  {
    it: 'a hang is a failure like any other',
    spec: { ...rest, children: 'a b' },
    deeds: 'spin a',
    log: 'spin a, stop b, start a, start b',
    stands: 'a running, b running',
  },
  {
    it: 'a start that fails within a restart is another restart',
    spec: { ...all, children: 'a b' },
    deeds: 'weak b, crash a',
    log: 'stop b, start a, stop a, start a, start b',
    stands: 'a running, b running',
  },
  {
    it: 'any: a significant child that ends by itself ends the tree',
    spec: { ...one, autoShutdown: 'any', children: 'a b:transient! c' },
    deeds: 'leave b',
    log: 'stop b, stop c, stop a',
    stands: 'ended',
  },
  {
    it: 'any: one that lost its thread is restarted',
    spec: { ...one, autoShutdown: 'any', children: 'a b:transient! c' },
    deeds: 'exit b',
    log: 'start b',
    stands: up,
  },
  {
    it: 'management: stop, restart, delete',
    spec: { ...one, children: 'a b c' },
    deeds: 'stopChild b, restartChild b, stopChild c, deleteChild c',
    log: 'stop b, start b, stop c',
    stands: 'a running, b running',
  },
  {
    it: 'a child that somebody else stops is restarted',
    spec: { ...one, children: 'a b' },
    deeds: 'stop a',
    log: 'stop a, start a',
    stands: 'a running, b running',
  },
  {
    it: 'a branch that gives up is restarted as a whole by the one above',
    spec: { ...one, children: [{ id: 'in', ...one, intensity: { restarts: 1, periodMs: 600_000 }, children: 'a b' }] },
    deeds: 'exit in/a, exit in/b',
    log: 'start a, stop a, start a, start b',
    stands: 'in running',
  },
  {
    it: 'escalate: the first lost thread goes up',
    spec: { ...one, children: [{ id: 'in', strategy: 'escalate', children: 'a b' }] },
    deeds: 'exit in/a',
    log: 'stop b, start a, start b',
    stands: 'in running',
  },
  {
    it: 'goes up to the top when it does not help',
    spec: {
      ...one,
      intensity: { restarts: 0, periodMs: 1_000 },
      children: [{ id: 'in', ...one, intensity: { restarts: 0, periodMs: 1_000 }, children: 'a b' }],
    },
    deeds: 'exit in/a',
    log: 'stop b',
    stands: 'SUPERVISOR_GAVE_UP',
  },
];

describe('OTP’s supervisor over threads', function () {
  this.timeout(60_000);
  const systems = useSystems();
  let folder: string;
  let patient: System;
  let system: System;
  before(async () => {
    folder = makeFolder();
    process.env.TROUPE_TEST_DIARY = folder;
    const journal = `${folder}/journal`;
    patient = await createSystem({ journal, hosts: 2, logger: false, signals: false });
  });
  after(async () => {
    delete process.env.TROUPE_TEST_DIARY;
    await patient.stop({ drainMs: 0 });
    removeFolder(folder);
  });
  const diary = (): string =>
    existsSync(`${folder}/diary`) ? readFileSync(`${folder}/diary`, 'utf8').trim().split('\n').join(', ') : '';

  const declare = async (spec: Written) => {
    const url = new URL('../fixtures/declared.js', import.meta.url);
    url.searchParams.set('spec', JSON.stringify(spec));
    return ((await import(url.href)) as typeof import('../fixtures/declared.js')).declared;
  };

  const standing = async (path: string): Promise<string> => {
    const state = await system.state(path);
    if (state?.status === 'ended') return (state.error as { code?: string } | undefined)?.code ?? 'ended';
    // It may end just now.
    const views = await (system.get(path) as ActorRef<SupervisorEvents>).ask({ type: 'children' }).catch(() => []);
    return views.map(({ id, standing: how }) => `${id} ${how}`).join(', ');
  };

  const perform = async (path: string, deed: Deed, id: string): Promise<void> => {
    const top = system.get(path) as ActorRef<SupervisorEvents>;
    if (deed === 'stopTop') return top.stop();
    const child = system.get(`${path}/${id}`) as ActorRef<WorkerEvents>;
    if (deed === 'stop') await child.stop();
    else if (deed === 'weak') writeFileSync(`${folder}/weak-${id}`, '');
    else if (deed === 'stopChild' || deed === 'restartChild' || deed === 'deleteChild') {
      expect(await top.ask({ type: deed, id }, { timeoutMs: 20_000 })).to.include({ ok: true });
    } else await child.tell({ type: deed } as WorkerEvents);
  };

  for (const [number, { it: what, spec, deeds, log, stands }] of cases.entries()) {
    it(what, async () => {
      system = deeds.includes('spin') ? await systems.threads({ hosts: 2, hangAfterMs: 1_000 }) : patient;
      rmSync(`${folder}/diary`, { force: true });
      const path = `/top-${number}`;
      const top = await system.spawn(await declare(spec), { id: path.slice(1) });
      const started = diary();
      expect(started.split(', ').every((each) => each.startsWith('start '))).to.equal(true);
      const list = deeds.split(', ');
      for (const [index, each] of list.entries()) {
        const [deed, id = ''] = each.split(' ') as [Deed, string?];
        const decided = (await system.decisions()).length;
        await perform(path, deed, id);
        // What follows must not be taken for the same failure.
        const isFailure = ['crash', 'exit', 'spin', 'giveUp', 'leave', 'stop'].includes(deed);
        const isLast = index === list.length - 1;
        if (!isLast && isFailure) {
          await eventually(async () => (await system.decisions()).length > decided, `${each} was decided about`);
          const [, above = '', child] = /^(.*)\/(.*)$/.exec(`${path}/${id}`) ?? [];
          const isUp = async () => (await standing(above)).split(', ').includes(`${child} running`);
          await eventually(isUp, `${each} is settled`);
        }
      }
      let told = '';
      const isSo = eventually(async () => {
        told = `${diary().slice(started.length).replace(/^, /, '')}; ${await standing(path)}`;
        return told === `${log}; ${stands}`;
      }, what);
      await isSo.catch(() => expect(told).to.equal(`${log}; ${stands}`));
      // Nobody but who failed was charged.
      const guilty = new Set(list.map((each) => `${path}/${each.split(' ')[1]}`));
      const charged = systems.heard('actorFailed').map(({ path }) => path);
      expect(charged.filter((each) => !guilty.has(each))).to.deep.equal([]);
      if ((await system.state(path))?.status !== 'ended') await top.stop();
    });
  }
});
