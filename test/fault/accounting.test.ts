/** The checks of the kill tests can fail: a history that is in order, and one doctored copy for each kind of fault. */
import { expect } from 'chai';
import { type Account, account, type History, type LifeNotes } from './accounting.js';

const first = 1_000_001;

/** Two lives, two accounts, a clerk, a branch with two tellers; the second life's last message was not acknowledged. */
function inOrder(): History {
  const told = (path: string, n: number) => [`sent ${path} ${n}`, `acked ${path} ${n}`];
  const effects = [`/clerk-0#x#1`, `/clerk-0#x#2`];
  const lives: LifeNotes[] = [
    {
      notes: [
        'spawned /account-0',
        'spawned /account-1',
        ...told('/account-0', first),
        ...told('/account-0', first + 1),
        ...told('/account-0', first + 2),
        ...told('/clerk-0', first),
        ...told('/clerk-0', first + 1),
      ],
      ledger: [`run ${effects[0]} ${first}`, `run ${effects[1]} ${first + 1}`],
    },
    {
      notes: [...told('/branch', first), ...told('/branch', first + 1), 'sent /account-0 2000001'],
      ledger: ['recorded /clerk-0 1', `run ${effects[1]} ${first + 1}`],
    },
  ];
  const timers = { set: [first, first + 2], rang: [first], early: [], cancelled: [first + 2] };
  const none = { set: [], rang: [], early: [], cancelled: [] };
  const contexts = {
    '/account-0': { balance: 990, heard: { outside: [[first, first + 2]] }, sent: { '/account-1': 2 }, ...timers },
    '/account-1': { balance: 1_010, heard: { '/account-0': [[1, 2]] }, sent: {}, ...none },
    '/clerk-0': {
      heard: { outside: [[first, first + 1]] },
      applied: effects.map((effectId, index) => ({ n: first + index, effectId })),
    },
    '/branch': {
      heard: { outside: [[first, first + 1]] },
      opened: [first, first + 1],
      ended: ['/branch/teller-1000001'],
    },
    '/branch/teller-1000002': { heard: { '/branch': [[first + 1, first + 1]] } },
  };
  const actors = Object.entries(contexts).map(([path, context]) => [path, { status: 'running', context }]);
  const ended = { '/branch/teller-1000001': { output: { '/branch': [[first, first]] } } };
  return structuredClone({
    lives,
    balanceAtStart: 1_000,
    audit: { waiting: 0, actors: Object.fromEntries(actors), ended, deadLetters: [] },
  });
}

/** The context of an actor, open for doctoring. */
function contextOf(history: History, path: string): Record<string, never[]> {
  return history.audit.actors[path]?.context as Record<string, never[]>;
}

/** What a life wrote down, open for doctoring. */
function written(history: History, life: number, what: keyof LifeNotes): string[] {
  const lines = history.lives[life]?.[what];
  if (lines === undefined) throw new Error(`there is no life ${life}`);
  return lines as string[];
}

/** What an actor heard from one sender, replaced. */
function rewrite(history: History, path: string, from: string, runs: [number, number][]): void {
  (contextOf(history, path).heard as unknown as Record<string, unknown>)[from] = runs;
}

type Doctored = [what: string, doctor: (history: History) => void, complaint: RegExp, counted?: keyof Account];

const doctored: Doctored[] = [
  [
    'an acknowledged message was lost',
    (history) => rewrite(history, '/account-0', 'outside', [[first, first + 1]]),
    /^\/account-0 never handled 1000003, which was acknowledged$/,
    'lost',
  ],
  [
    'a message was handled twice',
    (history) =>
      rewrite(history, '/account-0', 'outside', [
        [first, first + 1],
        [first + 1, first + 2],
      ]),
    /^\/account-0 handled 1000002 of outside more than once$/,
    'doubled',
  ],
  [
    'two messages changed places',
    (history) =>
      rewrite(history, '/account-0', 'outside', [
        [first, first],
        [first + 2, first + 2],
        [first + 1, first + 1],
      ]),
    /^\/account-0 handled 1000002 of outside after 1000003$/,
    'disordered',
  ],
  [
    'a message came from nowhere',
    (history) => rewrite(history, '/account-0', 'outside', [[first, first + 3]]),
    /^\/account-0 handled 1000004, which nobody sent$/,
  ],
  [
    'a message before a handled one is missing',
    (history) => {
      written(history, 1, 'notes').push('sent /account-0 2000002');
      rewrite(history, '/account-0', 'outside', [
        [first, first + 2],
        [2_000_002, 2_000_002],
      ]);
    },
    /^\/account-0 handled 2000002 without 2000001/,
    'lost',
  ],
  [
    'a message was refused',
    (history) => written(history, 1, 'notes').push('refused /account-0 2000001 Error: no'),
    /^\/account-0 refused 2000001: Error: no$/,
  ],
  [
    'a credit was lost between two actors',
    (history) => rewrite(history, '/account-1', '/account-0', [[1, 1]]),
    /^\/account-1 handled 1 of 2 credits of \/account-0$/,
    'lost',
  ],
  [
    'a credit was handled twice',
    (history) =>
      rewrite(history, '/account-1', '/account-0', [
        [1, 2],
        [2, 2],
      ]),
    /^\/account-1 handled 2 of \/account-0 more than once$/,
    'doubled',
  ],
  [
    'money vanished',
    (history) => Object.assign(contextOf(history, '/account-1'), { balance: 1_009 }),
    /^the accounts hold 1999 and not 2000$/,
  ],
  [
    'a timer was lost',
    (history) => void contextOf(history, '/account-0').rang?.pop(),
    /^timer 1000001 of .* never rang$/,
    'lost',
  ],
  [
    'a timer rang twice',
    (history) => void contextOf(history, '/account-0').rang?.push(first as never),
    /^timer 1000001 of \/account-0 rang twice/,
    'doubled',
  ],
  [
    'a timer rang early',
    (history) => void contextOf(history, '/account-0').early?.push(first as never),
    /^timer 1000001 of \/account-0 rang early$/,
  ],
  [
    'a result was lost',
    (history) => void contextOf(history, '/clerk-0').applied?.pop(),
    /^\/clerk-0 never applied a result of 1000002$/,
    'lost',
  ],
  [
    'a result was applied twice',
    (history) => {
      const applied = contextOf(history, '/clerk-0').applied;
      applied?.push(applied[0] as never);
    },
    /^\/clerk-0 applied the result of 1000001 twice$/,
    'doubled',
  ],
  [
    'an effect ran again after its result was recorded',
    (history) => written(history, 1, 'ledger').push(`run /clerk-0#x#1 ${first}`),
    /^\/clerk-0#x#1 ran again after its result was recorded$/,
    'doubled',
  ],
  [
    'an effect of a turn that was never committed ran',
    (history) => written(history, 1, 'ledger').push('run /clerk-0#x#3 1000003'),
    /^\/clerk-0#x#3 ran for 1000003 and has no result$/,
  ],
  [
    'an actor was lost',
    (history) => written(history, 0, 'notes').push('spawned /account-2'),
    /^\/account-2 was spawned and is not there$/,
    'lost',
  ],
  [
    'a child was lost',
    (history) => Reflect.deleteProperty(history.audit.actors, '/branch/teller-1000002'),
    /^\/branch\/teller-1000002 was spawned and is not there$/,
    'lost',
  ],
  [
    'a watcher was not told',
    (history) => void contextOf(history, '/branch').ended?.pop(),
    /^\/branch was never told of the end of \/branch\/teller-1000001$/,
    'lost',
  ],
  [
    'an actor is stuck',
    (history) => Object.assign(history.audit.actors['/clerk-0'] as object, { status: 'failed' }),
    /^\/clerk-0 is failed$/,
  ],
  ['mail waits', (history) => Object.assign(history.audit, { waiting: 1 }), /^1 messages still wait$/],
  ['there is a dead letter', (history) => history.audit.deadLetters.push('/branch X y'), /^dead letter: \/branch X y$/],
];

describe('accounting', () => {
  it('finds nothing wrong with a history that is in order', () => {
    const { complaints, ...counts } = account(inOrder());
    expect(complaints).to.deep.equal([]);
    expect(counts).to.deep.equal({
      acked: 7,
      unacked: 1,
      unackedHandled: 0,
      credits: 2,
      timers: 2,
      effects: 2,
      lost: 0,
      doubled: 0,
      disordered: 0,
    });
  });

  for (const [what, doctor, complaint, counted] of doctored) {
    it(`complains when ${what}`, () => {
      const history = inOrder();
      doctor(history);
      const result = account(history);
      expect(
        result.complaints.some((each) => complaint.test(each)),
        result.complaints.join('\n'),
      ).to.equal(true);
      if (counted !== undefined) expect(result[counted]).to.be.greaterThan(0);
    });
  }
});
