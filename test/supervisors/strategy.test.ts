/** OTP's rules as tables: whom a failure concerns, who is restarted, and with what. */
import { expect } from 'chai';
import type { OnFailure, RestartType, Strategy } from '../../supervisors/index.js';
import { concerned, decisionFor, type Ending, isBegunAnew, isRestarted } from '../../supervisors/strategy.js';

describe('strategies', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const rows: [says: string, strategy: Strategy, failed: string, concerned: string][] = [
    ['if a child process terminates, only that process is restarted', 'one-for-one', 'b', 'b'],
    ['if one child process terminates, all other child processes are terminated too', 'one-for-all', 'b', 'a b c d'],
    ['and then all are restarted, when it is the first', 'one-for-all', 'a', 'a b c d'],
    ['the rest, those after the terminated one in start order, are terminated', 'rest-for-one', 'b', 'b c d'],
    ['the first has all others after it', 'rest-for-one', 'a', 'a b c d'],
    ['the last has nobody after it', 'rest-for-one', 'd', 'd'],
    ['who leaves it to the one above concerns nobody else', 'escalate', 'b', 'b'],
  ];
  for (const [says, strategy, failed, expected] of rows) {
    it(`${strategy}, ${failed}: ${says}`, () => {
      expect(concerned(strategy, ids, failed).join(' ')).to.equal(expected);
    });
  }
});

describe('restart types', () => {
  const rows: [says: string, restart: RestartType, ending: Ending, isRestarted: boolean][] = [
    ['a permanent child is always restarted', 'permanent', 'failed', true],
    ['also when it is done (normal)', 'permanent', 'done', true],
    ['also when it was stopped (shutdown)', 'permanent', 'stopped', true],
    ['a transient child is restarted only if it terminates abnormally', 'transient', 'failed', true],
    ['normal is not abnormal', 'transient', 'done', false],
    ['neither is shutdown', 'transient', 'stopped', false],
    ['a temporary child is never restarted', 'temporary', 'failed', false],
    ['not when it is done', 'temporary', 'done', false],
    ['not when it was stopped', 'temporary', 'stopped', false],
  ];
  for (const [says, restart, ending, expected] of rows) {
    it(`${restart}, ${ending}: ${says}`, () => expect(isRestarted(restart, ending)).to.equal(expected));
  }
});

describe('what a restarted child goes on with', () => {
  const message = { seq: 7, mayRetry: true };
  const lastTry = { seq: 7, mayRetry: false };
  const start = { seq: 0, mayRetry: true };
  type Row = [
    says: string,
    onFailure: OnFailure,
    isSupervisor: boolean,
    failure: typeof message | undefined,
    is: string,
  ];
  const rows: Row[] = [
    ['its last state, and the message is tried again', 'restore', false, message, 'restore'],
    ['its last state; the message has been tried often enough', 'restore', false, lastTry, 'resume'],
    ['its last state; the message is given up at once', 'resume', false, message, 'resume'],
    ['its initial state, which is OTP’s restart', 'reset', false, message, 'reset'],
    ['a start that failed is tried again', 'restore', false, start, 'restore'],
    ['there is no message to give up in a start', 'resume', false, start, 'restore'],
    ['a start has no state to keep', 'reset', false, start, 'reset'],
    ['who has exited goes on with its last state', 'restore', false, undefined, 'restore'],
    ['also where a message would be given up', 'resume', false, undefined, 'restore'],
    ['or begins anew', 'reset', false, undefined, 'reset'],
    ['a supervisor that has exited begins anew, with its budget', 'restore', true, undefined, 'reset'],
    ['a supervisor whose turn failed goes on', 'restore', true, message, 'restore'],
  ];
  for (const [says, onFailure, isSupervisor, failure, expected] of rows) {
    const of = failure === undefined ? 'an exit' : failure.seq === 0 ? 'a start' : 'a message';
    it(`${onFailure}, after ${of}: ${says}`, () => {
      expect(decisionFor(onFailure, isSupervisor, failure)).to.equal(expected);
    });
  }

  it('a start anew: who says reset, and every supervisor', () => {
    expect(isBegunAnew('reset', false)).to.equal(true);
    expect(isBegunAnew('restore', true)).to.equal(true);
    expect(isBegunAnew('restore', false)).to.equal(false);
    expect(isBegunAnew('resume', false)).to.equal(false);
  });
});
