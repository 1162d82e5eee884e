/** Questions that wait for a reply: their deadlines, and what ends them. */
import { expect } from 'chai';
import { encode } from '../../../src/core/codec.js';
import { TroupeError } from '../../../src/core/errors.js';
import { Asked, Questions } from '../../../src/host/questions.js';
import { TestClock } from '../../../src/testing/index.js';

describe('host/questions', () => {
  let clock: TestClock;
  let questions: Questions;
  let heard: string[];
  /** The machine's clock is so far ahead of the time that passes. */
  let aheadMs: number;

  beforeEach(() => {
    clock = new TestClock();
    aheadMs = 0;
    questions = new Questions({
      now: () => clock.now() + aheadMs,
      after: (delayMs, wake) => clock.after(delayMs, wake),
    });
    heard = [];
  });

  const ask = (name: string, timeoutMs: number, signal?: AbortSignal): number => {
    const say = (what: string) => heard.push(`${name}: ${what}`);
    const resolve = (reply: unknown) => say(String(reply));
    const reject = (error: unknown) => say((error as TroupeError).code);
    return questions.begin(new Asked(`/${name}`, 'read', timeoutMs, signal, resolve, reject)).askId;
  };

  it('each is given up at its own time, not earlier, whatever the order they were asked in', () => {
    for (const [name, timeoutMs] of Object.entries({ c: 300, a: 100, b: 200, a2: 100 })) ask(name, timeoutMs);
    clock.advance(99);
    expect(heard).to.deep.equal([]);
    clock.advance(1);
    expect(heard).to.deep.equal(['a: ASK_TIMEOUT', 'a2: ASK_TIMEOUT']);
    clock.advance(100);
    expect(heard.slice(2)).to.deep.equal(['b: ASK_TIMEOUT']);
    clock.advance(100);
    expect(heard.slice(3)).to.deep.equal(['c: ASK_TIMEOUT']);
  });

  it('one that is asked while others wait has its whole time', () => {
    ask('first', 100);
    clock.advance(60);
    ask('second', 100);
    clock.advance(99);
    expect(heard).to.deep.equal(['first: ASK_TIMEOUT']);
    clock.advance(1);
    expect(heard[1]).to.equal('second: ASK_TIMEOUT');
  });

  it('thousands that are answered in time have one timer among them', () => {
    const ids = Array.from({ length: 5_000 }, (_, at) => ask(`q${at}`, 5_000));
    expect(clock.waitingCount).to.equal(1);
    for (const id of ids) questions.replied(id, true, Buffer.from(encode(id, 'reply')));
    clock.advance(5_000);
    expect(clock.waitingCount).to.equal(0);
    expect(heard)
      .to.have.length(5_000)
      .and.satisfy((all: string[]) => all.every((one) => !one.includes('TIMEOUT')));
  });

  it('a clock that is set back an hour makes nobody wait more than twice as long, and nobody less', () => {
    ask('before', 100);
    clock.advance(50);
    aheadMs = -3_600_000;
    ask('after', 100);
    clock.advance(99);
    expect(heard).to.not.include('after: ASK_TIMEOUT');
    clock.advance(1);
    expect(heard).to.have.members(['before: ASK_TIMEOUT', 'after: ASK_TIMEOUT']);
    ask('alone', 100);
    aheadMs = -7_200_000;
    clock.advance(200);
    expect(heard[2]).to.equal('alone: ASK_TIMEOUT');
  });

  it('is answered once: by its reply, its signal, or the end', () => {
    const controller = new AbortController();
    const replied = ask('replied', 100, controller.signal);
    const aborted = ask('aborted', 100, controller.signal);
    ask('closed', 100);
    questions.replied(replied, true, Buffer.from(encode('hello', 'reply')));
    controller.abort();
    questions.close(new TroupeError('SYSTEM_STOPPED', 'over'));
    questions.replied(aborted, true, Buffer.from(encode('too late', 'reply')));
    clock.advance(1_000);
    expect(heard).to.deep.equal(['replied: hello', 'aborted: ASK_ABORTED', 'closed: SYSTEM_STOPPED']);
    expect(questions.lateReplies).to.equal(1);
  });
});
