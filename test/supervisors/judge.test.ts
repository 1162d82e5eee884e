/** The judgement of a supervisor as a function: a line of what it hears, and what it does then. No actors. */
import { expect } from 'chai';
import { ActorRef, type ChildWord } from '../../src/index.js';
import { type Books, noBooks } from '../../supervisors/books.js';
import type { Deed } from '../../supervisors/deeds.js';
import { type Heard, judge } from '../../supervisors/judge.js';
import { checkSupervisor, type SupervisorSpec } from '../../supervisors/spec.js';
import { worker } from './fixtures/workers.js';

const asker = { session: 1, askId: 1 };

/** `up a`, `fail a`, `done a`, `stopped a`, `exit a` (gave up), `again a`, `stopChild a`, ...; `begin`. */
function heard(text: string, at: number): Heard {
  const [what = '', id = ''] = text.split(' ');
  const word = { type: 'troupe.child', child: new ActorRef(`/top/${id}`), definition: worker.name, at } as const;
  const error = new Error(`${id} broke`);
  const failure = { seq: 7, attempts: 1, attemptsMax: 3, isNew: false, retry: true, error };
  switch (what) {
    case 'begin':
      return { type: 'troupe.begin' };
    case 'up':
      return { ...word, what: 'started' };
    case 'fail':
      return { ...word, what: 'failed', ...failure } satisfies ChildWord;
    case 'noStart':
      return { ...word, what: 'failed', ...failure, seq: 0, isNew: true } satisfies ChildWord;
    case 'done':
    case 'stopped':
      return { ...word, what: 'exited', how: what };
    case 'exit':
      return { ...word, what: 'exited', how: 'failed', error };
    case 'again':
      return { type: 'troupe.again', id };
    default:
      return { type: 'asked', request: { type: what as 'stopChild', id }, asker };
  }
}

function said(deed: Deed): string {
  const idOf = (ref: ActorRef): string => ref.path.slice('/top/'.length);
  switch (deed.do) {
    case 'start':
      return `start ${deed.child.id}${deed.anew ? ' anew' : ''}`;
    case 'stop':
      return `stop ${idOf(deed.ref)}`;
    case 'decide':
      return `${deed.decision === 'stop' ? 'let go' : deed.decision} ${idOf(deed.ref)}`;
    case 'wait':
      return `wait ${deed.id} ${deed.ms}`;
    case 'reply':
      return deed.answer.ok ? 'ok' : deed.answer.reason;
    case 'end':
      return `end ${(deed.error as { code?: string } | undefined)?.code ?? 'normally'}`;
    default:
      return deed.do;
  }
}

/** Hear a line of things, a second apart. @returns what is done at each: `start a; up` */
function story(spec: SupervisorSpec, line: string): string[] {
  const checked = checkSupervisor(spec, 'spec');
  let books: Books = noBooks;
  return line.split(', ').map((text, index) => {
    const verdict = judge(books, heard(text, index * 1_000), checked, { scatter: '/top' });
    books = verdict.books;
    return verdict.deeds.map(said).join('; ');
  });
}

const child = (id: string, more: object = {}) => ({ id, actor: worker, ...more });
const abc = ['a', 'b', 'c'].map((id) => child(id));
const anew = ['a', 'b', 'c'].map((id) => child(id, { onFailure: 'reset' }));
const intensity = { restarts: 1, periodMs: 5_000 };
const up = 'begin, up a, up b, up c';

describe('the judgement of a supervisor', () => {
  const rows: [says: string, spec: SupervisorSpec, heard: string, done: string[]][] = [
    [
      'child processes are started in the order of the list, each when the one before is up',
      { children: abc },
      up,
      ['start a', 'start b', 'start c', 'up'],
    ],
    [
      'a start that fails ends the supervisor: the kernel stops those before, in reverse order',
      { children: abc },
      'begin, up a, noStart b',
      ['start a', 'start b', 'end SUPERVISOR_START'],
    ],
    ['one-for-one: only the one that failed is restarted', { children: abc }, `${up}, fail b`, ['restore b']],
    [
      'one-for-all: the others are terminated in reverse start order, then all are restarted in start order',
      { strategy: 'one-for-all', children: anew },
      `${up}, fail b, stopped c, stopped a, up a, up b, up c`,
      ['stop c', 'stop a', 'reset a', 'reset b', 'reset c', ''],
    ],
    [
      'rest-for-one: those after it are terminated, then it and they are restarted',
      { strategy: 'rest-for-one', children: abc },
      `${up}, fail b, stopped c, up c`,
      ['stop c', 'restore b; restore c', ''],
    ],
    [
      'escalate: the supervisor fails with the first child that would be restarted',
      { strategy: 'escalate', children: abc },
      `${up}, fail b`,
      ['end SUPERVISOR_ESCALATED'],
    ],
    [
      'more than `restarts` within `periodMs`: it terminates all child processes and then itself',
      { intensity, children: abc },
      `${up}, fail a, fail b`,
      ['restore a', 'end SUPERVISOR_GAVE_UP'],
    ],
    [
      'a transient child that is done is not restarted',
      { children: [child('a', { restart: 'transient' })] },
      'begin, up a, done a',
      ['start a', 'up', 'let go a'],
    ],
    [
      'a permanent child that is done is',
      { children: [child('a')] },
      'begin, up a, done a, up a',
      ['start a', 'up', 'restore a', ''],
    ],
    [
      'a temporary child that failed is not restarted',
      { children: [child('a', { restart: 'temporary' })] },
      'begin, up a, fail a',
      ['start a', 'up', 'let go a'],
    ],
    [
      'autoShutdown any: it ends when a significant child has terminated by itself',
      { autoShutdown: 'any', children: [child('a', { restart: 'transient', significant: true }), child('b')] },
      'begin, up a, up b, done a',
      ['start a', 'start b', 'up', 'let go a; end normally'],
    ],
    [
      'autoShutdown all: it ends when the last significant child has',
      {
        autoShutdown: 'all',
        children: ['a', 'b'].map((id) => child(id, { restart: 'transient', significant: true })),
      },
      'begin, up a, up b, done a, done b',
      ['start a', 'start b', 'up', 'let go a', 'let go b; end normally'],
    ],
    [
      'a backoff is waited for, and a wait that is over is no second restart',
      { backoff: { minMs: 100, maxMs: 100, jitter: 0 }, children: abc },
      `${up}, fail a, again a, again a`,
      ['wait a 100', 'restore a', ''],
    ],
    [
      'terminate_child keeps the child specification; restart_child starts it again',
      { children: abc },
      `${up}, stopChild b, stopped b, restartChild b, up b`,
      ['stop b', 'let go b; ok', 'start b', 'ok'],
    ],
    ['restart_child of one that runs: running', { children: abc }, `${up}, restartChild b`, ['running']],
    ['delete_child of one that runs: running', { children: abc }, `${up}, deleteChild b`, ['running']],
    ['what is not there: not found', { children: abc }, `${up}, stopChild x`, ['not-found']],
    [
      'who fails while others are restarted is judged after that',
      { strategy: 'rest-for-one', intensity: { restarts: 2, periodMs: 60_000 }, children: abc },
      `${up}, fail b, fail a, stopped c, up c, stopped c, stopped b, up b, up c`,
      ['stop c', '', 'restore b; restore c', 'stop c', 'stop b', 'restore a; restore b', 'restore c', ''],
    ],
    ['V3: late words change nothing', { children: abc }, `${up}, up b, again b`, ['', '']],
  ];
  for (const [says, spec, line, done] of rows) {
    it(says, () => expect(story(spec, line).slice(-done.length)).to.deep.equal(done));
  }
});
