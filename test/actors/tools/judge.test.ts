import { expect } from 'chai';
import { type BusBooks, type BusDeed, type BusRules, type CallPhase, emptyBooks } from '../../../actors/tools/books.js';
import { type BusWord, judge } from '../../../actors/tools/judge.js';
import { isTakenOtherwise } from '../../../actors/tools/ledger.js';
import { tableOf } from '../../../actors/tools/grants.js';
import { echo, flaky, measure, send } from './fixtures/tools.js';

const tools = new Map([echo, flaky, measure, send].map((tool) => [tool.name, tool]));
const grants = { agent: ['echo', 'flaky', 'measure', { tool: 'send', approval: 'ask' as const }] };
const rules: BusRules = {
  tools,
  grants: tableOf(grants, tools, 'a test'),
  approvers: ['ada'],
  grantors: [],
  depthMax: 5,
  callsMax: 10,
  workingMax: 3,
  argsBytesMax: 1_000,
  answersKept: 10,
  answersKeptBytes: 1_000,
  approvalTimeoutMs: undefined,
  progressMax: 10,
  interruptionsMax: 2,
  cacheBytesMax: 1_000,
  processors: [],
};

/** Hear words, one after the other, at one time. */
function hear(books: BusBooks, ...words: BusWord[]): { books: BusBooks; deeds: BusDeed[] } {
  let now = books;
  const deeds: BusDeed[] = [];
  for (const word of words) {
    const judged = judge(now, word, rules, { self: '/bus', now: 1_000 });
    now = judged.books;
    deeds.push(...judged.deeds);
  }
  return { books: now, deeds };
}

const call = (tool: string): BusWord => ({
  type: 'call',
  call: { from: 'agent', tool, args: {} },
  asker: undefined,
  argsBytes: 1,
  print: 1,
});
const worked = (workId: string): BusWord => ({ type: 'worked', workId, report: { ok: true, value: 1, bytes: 1 } });
const failedWork = (workId: string): BusWord => ({
  type: 'worked',
  workId,
  report: { ok: false, error: { code: 'TOOL_FAILED', message: 'no' }, bytes: 0 },
});
const late = (phase: CallPhase, attempt: number): BusWord => ({ type: 'late', id: 'call-1', phase, attempt });

describe('the judgement of a tool bus', () => {
  it('does not hear of work that is not under way: of another attempt, of another step, of a call that is over', () => {
    const running = hear(emptyBooks, call('flaky')).books;
    const second = hear(running, failedWork('call-1.1'), late('pausing', 1)).books;
    expect(second.open['call-1']).to.include({ phase: 'running', attempt: 2 });
    for (const workId of ['call-1.1', 'call-1.3', 'call-1.check', 'call-1.settle', 'call-9.1', 'nonsense', '']) {
      const { books, deeds } = hear(second, worked(workId));
      expect(books, workId).to.deep.equal(second);
      expect(deeds, workId).to.deep.equal([]);
    }
    expect(hear(second, worked('call-1.2')).books.open).to.deep.equal({});
  });

  it('does not mind timers of steps that are over', () => {
    const running = hear(emptyBooks, call('flaky')).books;
    const second = hear(running, failedWork('call-1.1'), late('pausing', 1)).books;
    for (const word of [late('running', 1), late('pausing', 2), late('checking', 0), late('waiting', 2)]) {
      expect(hear(second, word)).to.deep.equal({ books: second, deeds: [] });
    }
  });

  it('takes the timer of every call along that ends', () => {
    const ends: [string, BusWord[]][] = [
      ['done', [call('echo'), worked('call-1.1')]],
      ['cancelled', [call('echo'), { type: 'cancel', from: 'agent', callId: 'call-1', asker: undefined }]],
      ['rejected', [call('send'), worked('call-1.check'), decided(false)]],
      ['late', [call('echo'), late('running', 1)]],
    ];
    for (const [how, words] of ends) {
      const { books, deeds } = hear(emptyBooks, ...words);
      expect(books.open, how).to.deep.equal({});
      const timers = deeds.filter((deed) => deed.do === 'wait' || deed.do === 'forgetWait');
      expect(timers.at(-1), how).to.deep.equal({ do: 'forgetWait', id: 'call-1' });
    }
  });

  it('starts nothing before an approval, and exactly one attempt with it', () => {
    const waiting = hear(emptyBooks, call('send'), worked('call-1.check'));
    expect(waiting.deeds.filter((deed) => deed.do === 'work').map((deed) => deed.id)).to.deep.equal(['call-1.check']);
    const twice = hear(waiting.books, decided(true), decided(true), decided(false));
    expect(twice.deeds.filter((deed) => deed.do === 'work').map((deed) => deed.id)).to.deep.equal(['call-1.1']);
  });

  it('begins work anew whose thread died, in its old time, so often and no more', () => {
    const first = hear(emptyBooks, call('flaky'));
    const input = (first.deeds[0] as BusDeed & { do: 'work' }).input;
    const lost = (workId: string): BusWord => ({ type: 'interrupted', workId, input });
    const second = hear(first.books, lost('call-1.1'));
    expect(second.deeds).to.deep.equal([{ do: 'work', id: 'call-1.1~1', input }]);
    expect(hear(second.books, lost('call-1.1')).books, 'heard twice').to.deep.equal(second.books);
    const third = hear(second.books, lost('call-1.1~1')).books;
    expect(hear(third, worked('call-1.1~2')).books.open).to.deep.equal({});
    const last = hear(third, lost('call-1.1~2'));
    expect(last.books.open).to.deep.equal({});
    expect(last.books.metrics.flaky).to.include({ failures: 1 });
    // Another attempt begins to count anew.
    const next = hear(third, failedWork('call-1.1~2'), late('pausing', 1));
    expect(next.deeds.at(-2)).to.deep.include({ do: 'work', id: 'call-1.2' });
  });

  it('lets so many work at once, and the others in their order when there is room', () => {
    const five = hear(emptyBooks, call('echo'), call('echo'), call('send'), call('echo'), call('echo'));
    const begun = (deeds: BusDeed[]) => deeds.filter((deed) => deed.do === 'work').map((deed) => deed.id);
    expect(begun(five.deeds)).to.deep.equal(['call-1.1', 'call-2.1', 'call-3.check']);
    const more = hear(five.books, worked('call-3.check'));
    expect(begun(more.deeds), 'who waits for an approval takes no room').to.deep.equal(['call-4.1']);
    const cancelled = hear(more.books, { type: 'cancel', from: 'agent', callId: 'call-5', asker: undefined });
    expect(cancelled.deeds.filter((deed) => deed.do === 'stopWork')).to.deep.equal([]);
    expect(begun(hear(cancelled.books, worked('call-1.1')).deeds)).to.deep.equal([]);
    expect(begun(hear(more.books, late('running', 1)).deeds)).to.deep.equal(['call-5.1']);
  });

  it('has room for so many calls, those in the line counted, and knows their names', () => {
    const named = { ...call('echo'), call: { from: 'agent', tool: 'echo', args: {}, callId: 'x' } } as BusWord;
    const ten = hear(emptyBooks, ...Array.from({ length: 9 }, () => call('echo')), named);
    expect([Object.keys(ten.books.open).length, ten.books.line.length]).to.deep.equal([3, 7]);
    expect(hear(ten.books, call('echo')).books).to.deep.include({ open: ten.books.open, line: ten.books.line });
    const fields = { from: 'agent', tool: 'echo', args: {}, callId: 'x' };
    expect(isTakenOtherwise(ten.books, fields, 1)).to.equal(false);
    expect(isTakenOtherwise(ten.books, fields, 2)).to.equal(true);
    expect(hear(ten.books, named).books.line, 'joined').to.have.length(7);
  });

  it('starts an actor also when there is no room, because it takes none', () => {
    const full = hear(emptyBooks, call('measure'), call('echo'), call('echo'), call('echo'), worked('call-1.check'));
    expect(full.deeds.filter((deed) => deed.do === 'spawn')).to.have.length(1);
    expect(full.books.line).to.deep.equal([]);
  });

  it('forgets a call whose grant went while it paused', () => {
    const pausing = hear(emptyBooks, call('flaky'), failedWork('call-1.1')).books;
    const revoked: BusBooks = { ...pausing, changed: { agent: { flaky: null } } };
    const { open, line } = hear(revoked, late('pausing', 1)).books;
    expect([open, line]).to.deep.equal([{}, []]);
  });

  it('changes nothing that it was given', () => {
    const frozen = deepFreeze(hear(emptyBooks, call('flaky'), call('send'), call('measure')).books);
    for (const word of [
      worked('call-1.1'),
      failedWork('call-1.1'),
      worked('call-3.check'),
      decided(true),
      call('echo'),
    ]) {
      expect(() => hear(frozen, word)).not.to.throw();
    }
  });
});

function decided(approved: boolean): BusWord {
  return { type: 'decide', by: 'ada', id: 'call-1', approved, why: '', asker: undefined };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
