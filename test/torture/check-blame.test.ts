/** The checks of blame can fail: the history that is in order, and one doctored copy for each way to misjudge. */
import { expect } from 'chai';
import { account } from './accounting.js';
import type { FailureSeen, History } from './evidence.js';
import type { Account } from './findings.js';
import { first, inOrder, saboteur } from './history-in-order.js';

/** A failure on record, open for doctoring. */
function failure(history: History, index: number): FailureSeen {
  return history.audit.failures[index] as FailureSeen;
}

/** What the first life wrote down, open for doctoring. */
function ledger(history: History): string[] {
  return history.lives[0]?.ledger as string[];
}

function notes(history: History): string[] {
  return history.lives[0]?.notes as string[];
}

function remove(lines: string[], line: string): void {
  lines.splice(lines.indexOf(line), 1);
}

const context = (history: History) => history.audit.actors[saboteur]?.context as Record<string, unknown>;

type Doctored = [what: string, doctor: (history: History) => void, complaint: RegExp, counted?: keyof Account];

const doctored: Doctored[] = [
  [
    'an innocent was charged',
    (history) => Object.assign(failure(history, 0), { code: 'THREAD_LOST', error: 'it ended: exit with code 70' }),
    /^\/account-1 is innocent, and was charged: THREAD_LOST it ended: exit with code 70$/,
    'misjudged',
  ],
  [
    'an innocent was charged with a hang',
    (history) => Object.assign(failure(history, 2), { code: 'MESSAGE_HUNG', error: 'it was at one message for 1 s' }),
    /^\/account-0 is innocent, and was charged: MESSAGE_HUNG/,
    'misjudged',
  ],
  [
    'a saboteur was charged for what it had not done',
    (history) => Object.assign(failure(history, 1), { act: 'count', n: first + 1 }),
    /^\/saboteur-1 was charged for count 1000002: MESSAGE_HUNG/,
    'misjudged',
  ],
  [
    'a saboteur was charged with the wrong code',
    (history) => Object.assign(failure(history, 1), { code: 'THREAD_LOST' }),
    /^\/saboteur-1 was charged for loop 1000001: THREAD_LOST/,
    'misjudged',
  ],
  [
    'more were charged than threads were ended from outside',
    (history) => remove(notes(history), 'fell killed '),
    /^1 were charged for the 0 threads ended from outside$/,
    'misjudged',
  ],
  [
    'an attempt was charged twice',
    (history) => void history.audit.failures.push({ ...failure(history, 3) }),
    /^\/saboteur-1 was charged for loop 1000001 like this: 1 restore, 2 resume, 2 resume; not 1 restore, 2 resume$/,
    'misjudged',
  ],
  [
    'an attempt was not charged',
    (history) => void history.audit.failures.splice(1, 1),
    /^\/saboteur-1 was charged for loop 1000001 like this: 2 resume; not/,
    'misjudged',
  ],
  [
    'a fatal message was never given up',
    (history) => void history.audit.givenUp.shift(),
    /^\/saboteur-1 never gave up 1000001, which was loop$/,
    'lost',
  ],
  [
    'a fatal message was given up twice',
    (history) => void history.audit.givenUp.push({ path: saboteur, what: first }),
    /^\/saboteur-1 gave up 1000001 twice$/,
    'doubled',
  ],
  [
    'a fatal message was handled',
    (history) => Object.assign(context(history), { heard: { outside: [[first, first + 2]] }, handled: 3 }),
    /^\/saboteur-1 gave up 1000001 and has handled it$/,
    'doubled',
  ],
  [
    'a harmless message was given up',
    (history) => {
      history.audit.givenUp.push({ path: saboteur, what: first + 1 });
      Object.assign(context(history), { heard: { outside: [[first + 2, first + 2]] }, handled: 1 });
    },
    /^\/saboteur-1 gave up 1000002, which was only count$/,
    'lost',
  ],
  [
    'something else was given up',
    (history) => void history.audit.givenUp.push({ path: saboteur, what: '{"type":"other"}' }),
    /^\/saboteur-1 gave up \{"type":"other"\}$/,
    'lost',
  ],
  [
    'nobody was charged for a rejection',
    (history) => {
      history.audit.failures.pop();
      history.audit.givenUp.pop();
    },
    /^1 threads died of what was begun, and 0 were charged$/,
    'misjudged',
  ],
  [
    'a rejection was charged twice',
    (history) => {
      history.audit.failures.push({ ...failure(history, 4) });
      history.audit.givenUp.push({ path: saboteur, what: 'word' });
    },
    /^2 were charged for the 1 threads that died of what was begun$/,
    'doubled',
  ],
  [
    'word of a rejection was not given up',
    (history) => void history.audit.givenUp.pop(),
    /^1 failed at word of a thread, and 0 such words were given up$/,
  ],
  [
    'an attempt was made too often',
    (history) => void ledger(history).push(`act ${saboteur} ${first} loop`),
    /^3 attempts were made, and 2 can be explained$/,
    'misjudged',
  ],
  [
    'an attempt was charged that was not made',
    (history) => remove(ledger(history), `act ${saboteur} ${first} loop`),
    /^2 attempts were charged, and 1 were made$/,
    'doubled',
  ],
  [
    'a message was handled and not carried out',
    (history) => remove(ledger(history), `act ${saboteur} ${first + 2} reject`),
    /^\/saboteur-1 has handled 1000003 and not done it$/,
  ],
  [
    'a saboteur has lost count',
    (history) => Object.assign(context(history), { handled: 3 }),
    /^\/saboteur-1 has handled 3 messages, and heard 2$/,
  ],
];

describe('accounting for blame', () => {
  it('does not count threads where nobody notes how they die', () => {
    const history = inOrder();
    const lines = notes(history).filter((line) => !/^(began|fell|rested)/.test(line));
    Object.assign(history.lives[0] as object, { notes: lines });
    const { complaints } = account(history);
    expect(complaints.filter((complaint) => complaint.includes('from outside'))).to.deep.equal([]);
  });

  it('takes an attempt that was cut short by the end of the process', () => {
    const history = inOrder();
    remove(notes(history), 'rested');
    ledger(history).push(`act ${saboteur} ${first} loop`);
    expect(account(history).complaints).to.deep.equal([]);
  });

  it('takes an attempt after which nobody could be charged, because others of its turn were lost with it', () => {
    const history = inOrder();
    notes(history).push('fell exit ');
    ledger(history).push(`act ${saboteur} ${first} loop`);
    expect(account(history).complaints).to.deep.equal([]);
  });

  it('takes a harmless message that was given up because its thread was ended from outside each time', () => {
    const history = inOrder();
    const outside = { ...failure(history, 2), path: saboteur, n: first + 1, act: 'count' };
    history.audit.failures.push({ ...outside }, { ...outside, attempts: 2, decision: 'resume' });
    history.audit.givenUp.push({ path: saboteur, what: first + 1 });
    notes(history).push('fell killed ', 'fell failpoint ');
    Object.assign(context(history), { heard: { outside: [[first + 2, first + 2]] }, handled: 1 });
    expect(account(history).complaints).to.deep.equal([]);
  });

  for (const [what, doctor, complaint, counted] of doctored) {
    it(`complains when ${what}`, () => {
      const history = inOrder();
      doctor(history);
      const result = account(history);
      const isFound = result.complaints.some((each) => complaint.test(each));
      expect(isFound, result.complaints.join('\n')).to.equal(true);
      if (counted !== undefined) expect(result[counted]).to.be.greaterThan(0);
    });
  }
});
