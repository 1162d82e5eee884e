/** The checks of the torture can fail: a history that is in order, and one doctored copy for each kind of fault. */
import { expect } from 'chai';
import { account } from './accounting.js';
import type { History, LifeNotes } from './evidence.js';
import type { Account } from './findings.js';
import { first, inOrder, teller } from './history-in-order.js';

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

/** Somebody lives, with this context. */
function revive(history: History, path: string, context: unknown): void {
  history.audit.actors[path] = { status: 'running', context };
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
    'a message was lost between two actors',
    (history) => rewrite(history, '/account-1', '/account-0', [[1, 1]]),
    /^\/account-1 handled 1 of 2 messages of \/account-0$/,
    'lost',
  ],
  [
    'a message between actors was handled twice',
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
    (history) => written(history, 1, 'ledger').push(`run /clerk-0#x#1 ${first} a`),
    /^\/clerk-0#x#1 ran again after its result was recorded$/,
    'doubled',
  ],
  [
    'an effect of a turn that was never committed ran',
    (history) => written(history, 1, 'ledger').push('run /clerk-0#x#3 1000003 c'),
    /^\/clerk-0#x#3 ran for 1000003 and has no result$/,
  ],
  [
    'an actor was lost',
    (history) => written(history, 0, 'notes').push('spawning /account-2 ', 'spawned /account-2 '),
    /^\/account-2 was spawned and is not there$/,
    'lost',
  ],
  [
    'a child was lost',
    (history) => Reflect.deleteProperty(history.audit.actors, teller(first + 3)),
    /^\/branch-0\/teller-1000004 should live$/,
    'lost',
  ],
  [
    'a watcher was not told',
    (history) => void contextOf(history, '/branch-0').ended?.pop(),
    /^\/branch-0 was never told of the end of \/branch-0\/teller-1000002$/,
    'lost',
  ],
  [
    'an actor is stuck',
    (history) => Object.assign(history.audit.actors['/clerk-0'] as object, { status: 'failed' }),
    /^\/clerk-0 is failed$/,
  ],
  ['mail waits', (history) => Object.assign(history.audit, { waiting: 1 }), /^1 messages still wait$/],
  ['there is a dead letter', (history) => history.audit.deadLetters.push('/branch X y'), /^dead letter: \/branch X y$/],
  [
    'the journal is damaged',
    (history) => history.audit.journalProblems.push('log record 7'),
    /^journal check: log record 7$/,
  ],
  [
    'an actor was told of a message of an account that sent none',
    (history) => rewrite(history, '/account-1', '/account-7', [[1, 1]]),
    /^\/account-1 handled messages that \/account-7 never sent$/,
  ],
  [
    'a fan-out never came together',
    (history) =>
      Object.assign(contextOf(history, '/account-0'), {
        gathered: [],
        gathering: [{ of: first + 1, from: ['/account-1'] }],
      }),
    /^\/account-0 still waits for receipts of 1000002 from \/account-1$/,
    'lost',
  ],
  [
    'a fan-out was forgotten',
    (history) => void contextOf(history, '/account-0').gathered?.pop(),
    /^\/account-0 spread 1000002 and never gathered it$/,
    'lost',
  ],
  [
    'a receipt came twice',
    (history) => void contextOf(history, '/account-0').stray?.push('1000002 of /account-1' as never),
    /^\/account-0 got a receipt that it did not wait for: 1000002 of \/account-1$/,
    'doubled',
  ],
  [
    'a timer rang that was never set',
    (history) => void contextOf(history, '/account-1').rang?.push(first as never),
    /^timer 1000001 of \/account-1 rang and was never set$/,
  ],
  [
    'an effect of a turn that was undone ran',
    (history) => void written(history, 0, 'ledger').push(`run /clerk-0#x#2 ${first + 1} c`),
    /^\/clerk-0#x#2 ran for 1000002 in a turn that was undone$/,
  ],
  [
    'an effect ran again whose result waited in the mail',
    (history) => void written(history, 1, 'ledger').push(`run /clerk-0#x#2 ${first + 1} b`),
    /^\/clerk-0#x#2 ran again after its result was recorded$/,
    'doubled',
  ],
  [
    'an order was never settled',
    (history) => void written(history, 1, 'notes').push('unsettled 2'),
    /^2 orders were never settled$/,
  ],
  [
    'the journal was damaged when it was killed',
    (history) => void written(history, 1, 'notes').push('unsound log record 8'),
    /^journal check: log record 8$/,
  ],
  [
    'an effect has a result and never ran',
    (history) => void written(history, 0, 'ledger').shift(),
    /^\/clerk-0#x#1 has a result and never ran$/,
    'lost',
  ],
  [
    'two results share an id',
    (history) => {
      const [one, two] = contextOf(history, '/clerk-0').applied as unknown as { effectId: string }[];
      (two as { effectId: string }).effectId = (one as { effectId: string }).effectId;
    },
    /^two results have the id \/clerk-0#x#1$/,
    'doubled',
  ],
  [
    'a teller was greeted twice',
    (history) => void contextOf(history, teller(first + 3)).greetings?.push((first + 3) as never),
    /^\/branch-0\/teller-1000004 was greeted with 1000004,1000004 and not with 1000004$/,
  ],
  [
    'a teller answered twice',
    (history) => void contextOf(history, '/branch-0').hellos?.push(first as never),
    /^\/branch-0 was answered twice by teller 1000001$/,
    'doubled',
  ],
  [
    'a watcher was told twice',
    (history) => void contextOf(history, '/branch-0').ended?.push(teller(first) as never),
    /^\/branch-0 was told twice of the end of \/branch-0\/teller-1000001$/,
    'doubled',
  ],
  [
    'a stopped child lives',
    (history) => {
      Reflect.deleteProperty(history.audit.ended, teller(first + 1));
      revive(history, teller(first + 1), { greetings: [first + 1] });
    },
    /^\/branch-0\/teller-1000002 lives, and should not$/,
    'orphans',
  ],
  [
    'an office lives whose stop was acknowledged',
    (history) => revive(history, '/office-1-1', { depth: 1 }),
    /^\/office-1-1 lives, and its stop was acknowledged$/,
    'orphans',
  ],
  [
    'a room outlived its office',
    (history) => revive(history, '/office-1-1/room-0', { depth: 0 }),
    /^\/office-1-1\/room-0 lives, and should not$/,
    'orphans',
  ],
  [
    'an office has lost a room',
    (history) => Reflect.deleteProperty(history.audit.actors, '/office-1-0/room-1'),
    /^\/office-1-0\/room-1 is not there, and \/office-1-0 is$/,
    'lost',
  ],
  [
    'somebody lives whom nobody spawned',
    (history) => revive(history, '/stranger', undefined),
    /^\/stranger lives, and should not$/,
    'orphans',
  ],
];

describe('accounting', () => {
  it('finds nothing wrong with a history that is in order', () => {
    const { complaints, ...counts } = account(inOrder());
    expect(complaints).to.deep.equal([]);
    expect(counts).to.deep.equal({
      acked: 13,
      unacked: 1,
      unackedHandled: 0,
      passed: 3,
      gathered: 1,
      timers: 2,
      effects: 2,
      effectRuns: 3,
      living: 9,
      ended: 3,
      hostsKilled: 1,
      givenUp: 1,
      attempts: 2,
      words: 1,
      lost: 0,
      doubled: 0,
      disordered: 0,
      orphans: 0,
      misjudged: 0,
    });
  });

  it('takes what was not acknowledged either way', () => {
    for (const lives of [true, false]) {
      const history = inOrder();
      written(history, 1, 'notes').push('spawning /office-2-0 0', 'stopping /office-1-0');
      if (lives) revive(history, '/office-2-0', undefined);
      else for (const path of ['', '/room-0', '/room-1']) delete history.audit.actors[`/office-1-0${path}`];
      expect(account(history).complaints).to.deep.equal([]);
    }
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
