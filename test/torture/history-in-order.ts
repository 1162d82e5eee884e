/** A made-up history in which nothing is wrong, for tests to doctor. */
import type { FailureSeen, History, LifeNotes } from './evidence.js';

/** The first order of a life; odd, so the first teller ends by itself. */
export const first = 1_000_001;
/** The saboteur: its messages are tried twice. */
export const saboteur = '/saboteur-1';

/**
 * Two lives, two accounts, a clerk, a branch with three tellers (one ended by itself, one closed, one lives), two
 * offices (one stopped); the second life's last message was not acknowledged. And a saboteur, which has looped twice
 * and given up, has counted, and has left a rejection behind; while an account worked, its thread was ended
 * from outside.
 */
export function inOrder(): History {
  const told = (path: string, n: number) => [`sent ${path} ${n}`, `acked ${path} ${n}`];
  const spawned = (path: string, depth: number | string = '') => [`spawning ${path} ${depth}`, `spawned ${path} `];
  const effects = [`/clerk-0#x#1`, `/clerk-0#x#2`];
  const lives: LifeNotes[] = [
    {
      notes: [
        'began 2',
        ...['/account-0', '/account-1', '/clerk-0', '/branch-0', saboteur].flatMap((path) => spawned(path)),
        ...spawned('/office-1-0', 1),
        ...spawned('/office-1-1', 1),
        ...told('/account-0', first),
        ...told('/account-0', first + 1),
        ...told('/account-0', first + 2),
        ...told('/clerk-0', first),
        ...told('/clerk-0', first + 1),
        ...['loop', 'count', 'reject'].flatMap((act, index) => {
          const [sent, acked] = told(saboteur, first + index);
          return [`${sent} ${act}`, `${acked} `];
        }),
        'killed host-0',
        ...['loop', 'killed', 'loop', 'reject'].map((kind) => `fell ${kind} `),
        'rested',
      ],
      ledger: [
        `run ${effects[0]} ${first} a`,
        `run ${effects[1]} ${first + 1} b`,
        ...[`${first} loop`, `${first} loop`, `${first + 2} reject`].map((what) => `act ${saboteur} ${what}`),
      ],
    },
    {
      notes: [
        ...[first, first + 1, first + 2, first + 3, first + 4].flatMap((n) => told('/branch-0', n)),
        'stopping /office-1-1',
        'stopped /office-1-1 ',
        'sent /account-0 2000001',
      ],
      ledger: ['recorded /clerk-0 1', `run ${effects[1]} ${first + 1} b`, `settled ${effects[1]}`],
    },
  ];
  const timers = { set: [first, first + 2], rang: [first], early: [], cancelled: [first + 2] };
  const none = { set: [], rang: [], early: [], cancelled: [] };
  const gathering = { spread: [first + 1], gathered: [first + 1], gathering: [], stray: [] };
  const idle = { spread: [], gathered: [], gathering: [], stray: [] };
  const contexts = {
    '/account-0': {
      balance: 990,
      heard: { outside: [[first, first + 2]], '/account-1': [[1, 1]] },
      sent: { '/account-1': 2 },
      ...timers,
      ...gathering,
    },
    '/account-1': {
      balance: 1_010,
      heard: { '/account-0': [[1, 2]] },
      sent: { '/account-0': 1 },
      ...none,
      ...idle,
    },
    '/clerk-0': {
      heard: { outside: [[first, first + 1]] },
      applied: effects.map((effectId, index) => ({ n: first + index, effectId, mark: 'ab'[index] })),
    },
    '/branch-0': {
      heard: { outside: [[first, first + 4]] },
      opened: [first, first + 1, first + 3],
      hellos: [first, first + 1, first + 3],
      closed: [first + 1],
      ended: [teller(first), teller(first + 1)],
    },
    [teller(first + 3)]: { greetings: [first + 3] },
    [saboteur]: { heard: { outside: [[first + 1, first + 2]] }, handled: 2 },
    '/office-1-0': { depth: 1 },
    '/office-1-0/room-0': { depth: 0 },
    '/office-1-0/room-1': { depth: 0 },
  };
  const actors = Object.entries(contexts).map(([path, context]) => [path, { status: 'running', context }]);
  const ended = { [teller(first)]: { output: { greetings: [first] } }, [teller(first + 1)]: {} };
  const hung = { path: saboteur, n: first, act: 'loop', code: 'MESSAGE_HUNG', error: 'it was at one message for 1 s' };
  const failures: FailureSeen[] = [
    { path: '/account-1', code: '', error: 'stumbled, as the order asked', attempts: 1, decision: 'restore' },
    { ...hung, attempts: 1, decision: 'restore' },
    { path: '/account-0', code: 'THREAD_LOST', error: 'it was: terminated', attempts: 1, decision: 'restore' },
    { ...hung, attempts: 2, decision: 'resume' },
    { path: saboteur, code: 'EFFECT_UNCAUGHT', error: 'nobody caught it', attempts: 1, decision: 'resume' },
  ];
  return structuredClone({
    lives,
    balanceAtStart: 1_000,
    audit: {
      waiting: 0,
      actors: Object.fromEntries(actors),
      ended,
      deadLetters: [],
      givenUp: [
        { path: saboteur, what: first },
        { path: saboteur, what: 'word' },
      ],
      failures,
      journalProblems: [],
    },
  });
}

/** The path of the teller opened by order `n`. */
export function teller(n: number): string {
  return `/branch-0/teller-${n}`;
}
