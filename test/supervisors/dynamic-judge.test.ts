/** What a dynamic supervisor decides: as a function, without actors. */
import { expect } from 'chai';
import { ActorRef, type ChildWord, type ReplyTo } from '../../src/index.js';
import {
  type DynamicBooks,
  type DynamicHeard,
  type DynamicRules,
  type DynamicVerdict,
  judgeDynamic,
  noDynamicBooks,
} from '../../supervisors/dynamic-judge.js';

const rules: DynamicRules = {
  restart: 'permanent',
  onFailure: 'reset',
  isSupervisor: false,
  intensity: { restarts: 0, periodMs: 1_000 },
  backoff: undefined,
  recovery: {},
};
const [first, second]: ReplyTo[] = [
  { session: 1, askId: 1 },
  { session: 1, askId: 2 },
];

const refTo = (id: string): ActorRef => new ActorRef(`/pool/${id}`);
const judge = (books: DynamicBooks, heard: DynamicHeard): DynamicVerdict =>
  judgeDynamic(books, heard, rules, { scatter: '/pool' });
const failed = (id: string): ChildWord => ({
  type: 'troupe.child',
  child: refTo(id),
  definition: 'worker',
  at: 1_000,
  what: 'failed',
  seq: 7,
  attempts: 1,
  attemptsMax: 3,
  isNew: false,
  retry: true,
  error: new Error(`${id} failed`),
});

describe('supervisors/dynamic-judge', () => {
  let books: DynamicBooks;

  beforeEach(() => {
    books = judge(noDynamicBooks, { type: 'troupe.begin' }).books;
    for (let children = 0; children < 2; children += 1) ({ books } = judge(books, { type: 'startChild' }));
  });

  it('whoever waits for the stop of a child is answered when the supervisor gives up, before it ends', () => {
    for (const asker of [first, second] as ReplyTo[]) {
      ({ books } = judge(books, { type: 'stopChild', id: 'a', ref: refTo('a'), asker }));
    }
    const verdict = judge(books, failed('b'));
    const answer = { ok: false, reason: 'ending' };
    expect(verdict.deeds.slice(0, 2)).to.deep.equal([
      { do: 'reply', asker: first, answer },
      { do: 'reply', asker: second, answer },
    ]);
    expect(verdict.deeds[2])
      .to.deep.include({ do: 'end' })
      .and.have.nested.property('error.code', 'SUPERVISOR_GAVE_UP');
    expect(verdict.books).to.deep.include({ phase: 'over', stopping: new Map() });
  });

  it('hears nothing any more once it is over', () => {
    const { books: over } = judge(books, failed('b'));
    expect(judge(over, failed('a'))).to.deep.equal({ books: over, deeds: [] });
  });
});
