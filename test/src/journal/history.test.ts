import { expect } from 'chai';
import type { ActorRef } from '../../../src/index.js';
import { checkJournal } from '../../../src/journal/check.js';
import { historyOf, readHistory } from '../../../src/journal/history.js';
import { Standing } from '../../../src/journal/standing.js';
import type { JournalReader } from '../../../src/journal/store.js';
import {
  type ActorHistoryView,
  type HistoryEntryView,
  type MessageView,
  viewHistory,
} from '../../../src/system/history.js';
import type { System } from '../../../src/system/system.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { clockwork, type DiaryEvents, diarist, noteOf } from './fixtures/diary.js';
import { stir } from './fixtures/traffic.js';

type Diarist = ActorRef<DiaryEvents>;
type Turn = HistoryEntryView & { kind: 'turn' };

/** All of an actor's history. */
function wholeHistory(reader: JournalReader, path: string): ActorHistoryView {
  return viewHistory(readHistory(historyOf(new Standing(reader), path), { limit: Number.POSITIVE_INFINITY }));
}

function turnsOf({ entries }: ActorHistoryView): Turn[] {
  return entries.filter((entry) => entry.kind === 'turn');
}

/** What a turn's messages were, as a diarist notes them. */
function notesIn({ messages }: Turn): string[] {
  return messages.map(({ event }) => noteOf(event as DiaryEvents));
}

describe('history', () => {
  const systems = useSystems();

  const seen = { words: 0, shared: 0 };
  after(() => {
    // Otherwise the traffic has not been what the first tests are about.
    expect(seen.words, 'words of ends').to.be.greaterThan(10);
    expect(seen.shared, 'turns of several messages').to.be.greaterThan(100);
  });

  for (let seed = 1; seed <= 12; seed += 1) {
    it(`tells of every diarist what its diary says, whatever happened (seed ${seed})`, async () => {
      const system = await systems.oneThread({ seed, hosts: 3, checkpointBytes: 65_536 });
      const paths = await stir(system, seed, 250);
      let messages = 0;
      for (const path of paths) {
        const state = await system.state(path);
        if (state === undefined) continue;
        const history = wholeHistory(system.store, path);
        expect(history.numbering, path).to.equal('turns');
        const turns = turnsOf(history);
        expect(history.entries[0], path).to.include({ kind: 'spawned', turn: 0 });
        expect(
          turns.map(({ turn }) => turn),
          path,
        ).to.deep.equal(turns.map((_, index) => index + 1));
        let diary: unknown;
        for (const turn of turns) {
          const where = `${path} turn ${turn.turn}`;
          expect(turn.isStart, where).to.equal(turn.turn === 1);
          expect(turn.before?.context, where).to.deep.equal(diary);
          if (turn.end !== undefined) continue;
          diary = turn.after?.context;
          expect(diary, where).to.deep.equal([...((turn.before?.context ?? []) as string[]), ...notesIn(turn)]);
          messages += turn.messages.length;
          seen.words += turn.messages.filter(({ kind }) => kind === 'ended').length;
          if (turn.messages.length > 1) seen.shared += 1;
        }
        if (state.status !== 'ended') expect(diary, path).to.deep.equal(state.context);
        expect(history.entries.filter(({ kind }) => kind === 'ended').length, path).to.equal(
          state.status === 'ended' ? 1 : 0,
        );
      }
      expect(messages).to.be.greaterThan(200);
      expect(checkJournal(system.store).problems).to.deep.equal([]);
    });
  }

  it('links what one turn sent to what another got, over several actors and hosts', async () => {
    const system = await systems.oneThread({ seed: 5, hosts: 2 });
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => system.spawn(diarist, { id }) as Promise<Diarist>));
    await a!.tell({ type: 'say', id: '1', rest: [b!, c!] }, { traceparent: '00-trace' });
    await system.settle();
    const got = (path: string): MessageView =>
      turnsOf(wholeHistory(system.store, path)).flatMap((turn) => turn.messages)[0] as MessageView;
    const sent = (path: string): MessageView[] =>
      turnsOf(wholeHistory(system.store, path)).flatMap(({ deeds }) =>
        deeds.flatMap((deed) => (deed.kind === 'sent' ? [deed.message] : [])),
      );
    expect(got('/a')).to.not.have.property('from');
    expect(got('/b').from).to.equal('/a');
    expect(got('/c').from).to.equal('/b');
    expect(sent('/a').map(({ id, to }) => [id, to])).to.deep.equal([[got('/b').id, '/b']]);
    expect(sent('/b').map(({ id, to }) => [id, to])).to.deep.equal([[got('/c').id, '/c']]);
    expect(got('/c').causationId).to.equal(got('/b').id);
    expect(got('/c').correlationId).to.equal(got('/a').id);
    expect(got('/c').traceparent).to.equal('00-trace');
    expect(got('/c').seq).to.be.greaterThan(got('/b').seq);
  });

  it('tells failures, decisions and the dead letter of a message that left no trace', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(diarist, { id: 'a' });
    await ref.tell({ type: 'poison', id: '1' });
    await ref.tell({ type: 'say', id: '2' });
    await system.settle();
    const { entries } = wholeHistory(system.store, '/a');
    expect(entries.map(({ kind, turn }) => `${turn} ${kind}`)).to.deep.equal([
      '0 spawned',
      '1 turn',
      '1 failed',
      '1 decided',
      '1 failed',
      '1 decided',
      '2 turn',
    ]);
    const [, , failed, first, again, second, turn] = entries;
    expect(failed).to.deep.include({ cause: 'message', attempts: 1 });
    expect((failed as { error: Error }).error.message).to.equal('1 cannot be borne');
    expect((failed as { message: MessageView }).message.event).to.include({ type: 'poison', id: '1' });
    expect(first).to.include({ decision: 'restore', why: 'attempt 1 of 2' });
    expect(again).to.include({ attempts: 2 });
    expect(second).to.include({ decision: 'resume' });
    expect(notesIn(turn as Turn)).to.deep.equal(['say 2']);
  });

  it('tells timers set, fired and cancelled, promises, and replies, with what led to what', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(clockwork, { id: 'clock' });
    await system.settle();
    await ref.tell({ type: 'start', ms: 1_000 });
    await system.advance(10_000);
    await ref.tell({ type: 'fetch' });
    await system.settle();
    expect(await ref.ask({ type: 'laps' })).to.equal(2);
    const turns = turnsOf(wholeHistory(system.store, '/clock'));
    const steps = turns.map(({ messages, deeds, after }) => ({
      by: messages.map(({ kind, event }) => `${kind} ${event?.type}`).join(),
      did: deeds.map(({ kind }) => kind).join(),
      to: String(after?.value),
    }));
    const timer = (to: string, did: string) => ({ by: steps[2]!.by, did, to });
    expect(steps[2]!.by).to.match(/^timer xstate\.after\.lap\./);
    expect(steps).to.deep.equal([
      { by: '', did: '', to: 'still' },
      { by: 'event start', did: 'timerSet', to: 'running' },
      timer('running', 'timerSet'),
      timer('running', 'timerSet'),
      timer('still', ''),
      { by: 'event fetch', did: '', to: 'fetching' },
      { by: 'effect xstate.promise.resolve', did: '', to: 'still' },
      { by: 'event laps', did: 'replied', to: 'still' },
    ]);
    expect(turns[6]!.messages[0]).to.have.property('effectId');
    const set = turns[1]!.deeds[0] as { kind: 'timerSet'; dueAt: Date };
    expect(set.dueAt.getTime() - turns[1]!.at.getTime()).to.equal(1_000);
    expect(turns[7]!.deeds[0]).to.deep.include({
      kind: 'replied',
      ok: true,
      value: 2,
      cause: turns[7]!.messages[0]!.seq,
    });
  });

  it('a path taken twice has the history of who lived there last; the other is found by its number', async () => {
    const system = await systems.oneThread();
    for (const id of ['1', '2']) {
      const ref = await system.spawn(diarist, { id: 'a' });
      await system.settle();
      await ref.tell({ type: 'say', id });
      await system.settle();
      if (id === '1') await ref.stop();
    }
    await system.settle();
    const said = (target: string) => turnsOf(wholeHistory(system.store, target)).flatMap(notesIn);
    expect(said('/a')).to.deep.equal(['say 2']);
    expect(said('#1')).to.deep.equal(['say 1']);
    const kinds = wholeHistory(system.store, '#1').entries.map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['spawned', 'turn', 'turn', 'stopping', 'turn', 'ended']);
  });

  it('beyond retention it numbers by position, says what it does not know, and refuses what is gone', async () => {
    const system = await systems.oneThread({ checkpointBytes: 65_536, retentionBytes: 0 });
    const ref = await system.spawn(diarist, { id: 'a' });
    for (let round = 0; round < 400; round += 1) {
      void ref.tell({ type: 'say', id: String(round), pad: 'x'.repeat(500) });
      if (round % 10 === 0) await system.settle();
    }
    await system.settle();
    const history = await system.history('/a', { limit: 10_000 });
    expect(history.numbering).to.equal('positions');
    const [first] = turnsOf(history);
    expect(first!.turn).to.equal(first!.position);
    expect(first!.before).to.equal(undefined);
    expect(first!.beforeMissing).to.match(/before the oldest log record/);
    const last = turnsOf(history).at(-1)!;
    expect(notesIn(last).at(-1)).to.equal('say 399');
    expect((await system.state('/a', { turn: last.turn })).context).to.deep.equal((await system.state('/a'))?.context);
    for (const asked of [system.history('/a', { from: 1 }), system.state('/a', { turn: 1 })]) {
      const error = await rejection(asked);
      expect(error.code).to.equal('HISTORY_GONE');
      expect(error.message).to.include(`the oldest turn kept is ${first!.turn}`);
    }
  });
});

/** What both machines answer alike. */
function publicHistory(start: () => Promise<System>, settle: (system: System) => Promise<unknown>): void {
  it('is read from the system page by page, from its end, and state by state', async () => {
    const system = await start();
    const ref = await system.spawn(diarist, { id: 'a' });
    for (let round = 1; round <= 30; round += 1) await ref.ask({ type: 'read', id: String(round) });
    await settle(system);
    const whole = await system.history(ref, { limit: 1_000 });
    expect(whole).to.include({ path: '/a', definition: 't.diarist', numbering: 'turns', next: undefined });
    const paged: HistoryEntryView[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const page: ActorHistoryView = await system.history('/a', { from, limit: 12 });
      paged.push(...page.entries);
      from = page.next;
    }
    expect(paged).to.deep.equal(whole.entries);
    expect((await system.history('/a', { last: 3 })).entries).to.deep.equal(whole.entries.slice(-3));
    for (const turn of [...turnsOf(whole).slice(0, 2), ...turnsOf(whole).slice(-2)]) {
      expect(await system.state('/a', { turn: turn.turn })).to.deep.include({
        turn: turn.turn,
        context: turn.after?.context,
      });
    }
    expect(await system.state('/a', { turn: 0 })).to.deep.equal({ path: '/a', definition: 't.diarist', turn: 0 });
  });

  it('refuses what there is not', async () => {
    const system = await start();
    await system.spawn(diarist, { id: 'a' });
    const cases: [() => Promise<unknown>, string][] = [
      [() => system.history('/nobody'), 'ACTOR_UNKNOWN'],
      [() => system.state('/nobody', { turn: 1 }), 'ACTOR_UNKNOWN'],
      [() => system.history('nobody'), 'PATH_ILLEGAL'],
      [() => system.state('/a', { turn: 99 }), 'OPTION_RANGE'],
      [() => system.state('/a', { turn: -1 }), 'OPTION_RANGE'],
      [() => system.history('/a', { limit: 0 }), 'OPTION_RANGE'],
      [() => system.history('/a', { lats: 3 } as object), 'OPTION_UNKNOWN'],
      [() => system.history('/a', { last: 'x' } as object), 'OPTION_TYPE'],
    ];
    for (const [asked, code] of cases) expect((await rejection(asked())).code).to.equal(code);
    await system.stop();
    expect((await rejection(system.history('/a'))).code).to.equal('SYSTEM_STOPPED');
  });
}

describe('system.history on one thread', () => {
  const systems = useSystems();
  publicHistory(
    () => systems.oneThread(),
    (system) => (system as TestSystem).settle(),
  );
});

describe('system.history on threads', () => {
  const systems = useSystems();
  publicHistory(
    () => systems.threads(),
    async () => {},
  );
});
