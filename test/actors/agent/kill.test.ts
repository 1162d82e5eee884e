/**
 * An agent on threads, in a process that is killed with -9 at every boundary of its run and started again until it is
 * through: behind its commits, while its model is asked, and between what a tool does and the record of it. The model
 * is a fixture server in this process, so what was paid for is counted outside of the processes that die.
 *
 * What is on record at a death is read from the journal it leaves; what is on record is never asked or done again.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  type FixtureCall,
  type FixtureModelServer,
  fixtureModelServer,
  type FixtureRequest,
} from '../../../actors/index.js';
import { withStanding } from '../../../src/cli/open.js';
import { viewStored } from '../../../src/cell/stored.js';
import { parseEnvelope } from '../../../src/core/envelope.js';
import { Child } from '../../helpers/child.js';
import { passesByProgress } from '../../helpers/passes.js';
import { makeQuickFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { clerkVariables } from './fixtures/clerk.js';

const childFile = fileURLToPath(new URL('./fixtures/clerk-child.js', import.meta.url));
/** What its model lets it write down, in this order; then it answers. */
const notes = ['first', 'second'];
const modelCalls = notes.length + 1;
const livesMax = 60;

/** Where a process dies. */
type Death =
  /** Behind so many of its commits, before anybody is told of the last one. */
  | { at: 'commit'; count: number }
  /** While the server keeps the nth call waiting: before its answer, when nothing is paid, or in the middle of it. */
  | { at: 'call'; nth: number; hold: 'headers' | 'body' }
  /** In a tool, when it has done what it does and nobody knows. */
  | { at: 'tool'; note: string };

/** What there was when a process died. */
interface Fell {
  /** Calls of the model that had been made by then, in all its lives. */
  before: number;
  /** Calls of the model whose replies are on record. */
  recorded: number;
}

/** What became of one run. */
interface Account {
  said: unknown;
  fell: Fell[];
  /** Calls of the model by their ids, as they were made. */
  calls: { id: string; isPaid: boolean }[];
  /** Lines of the tool: the note, and the id of the effect. */
  did: [note: string, effectId: string][];
}

describe('an agent, kill -9', function () {
  this.timeout(180_000);
  let folder: string;
  let server: FixtureModelServer;
  /** Which call of a run is to be kept waiting, by what the clerk is told. */
  const holds = new Map<string, Death & { at: 'call' }>();

  beforeEach(async () => {
    folder = makeQuickFolder();
    server = await fixtureModelServer({ otherwise: answerTo });
  });
  afterEach(async () => {
    holds.clear();
    await server.close();
    removeFolder(folder);
  });

  it('at every boundary of its run: the same answer, and nothing on record is paid for or done again', async () => {
    const [commits, moments] = await Promise.all([live('commits', behindCommits), live('moments', atMoments)]);
    for (const account of [commits, moments]) check(account);

    // It died with nothing on record, and with something: a commit may bring more than one reply.
    expect(commits.fell.length, 'deaths behind a commit').to.be.above(2);
    const recorded = new Set(commits.fell.map((each) => each.recorded));
    expect(recorded.has(0) && (recorded.has(1) || recorded.has(2)), `${[...recorded]}`).to.equal(true);

    // Where it is known what was under way, it is known to the cent: what was paid twice has one id.
    const ids = [...new Set(moments.calls.map(({ id }) => id))];
    const paid = ids.map((id) => moments.calls.filter((call) => call.id === id).map(({ isPaid }) => isPaid));
    expect(paid).to.deep.equal([
      [false, true, true],
      [true, true],
      [true, true],
    ]);
    expect(moments.did.map(([note]) => note)).to.deep.equal(['first', 'first', 'second', 'second']);
  });

  /** One run, in as many processes as it takes. @param deaths where they die, by how those before them fell */
  async function live(text: string, deaths: (fell: readonly Fell[]) => Iterable<Death>): Promise<Account> {
    const journal = path.join(folder, text);
    const file = path.join(folder, `${text}-notes`);
    const callsOf = () => server.calls.filter((call) => saidIn(call.body) === text);
    const fell: Fell[] = [];
    for (const death of deaths(fell)) {
      if (death.at === 'call') holds.set(text, death);
      const known = callsOf().length;
      const env = {
        ...process.env,
        ...diesAt(death),
        [clerkVariables.model]: server.url,
        [clerkVariables.notes]: file,
      };
      const child = new Child(process.execPath, [childFile, journal, text], { env });
      if (death.at === 'call') {
        const isUnderWay = ({ body, isPaid }: FixtureCall) =>
          toldOf(body) === death.nth && (death.hold === 'headers' || isPaid);
        await server.until(() => callsOf().slice(known).some(isUnderWay));
        await child.kill();
      }
      const { signal } = await child.end();
      expect(child.stderr, JSON.stringify(death)).to.equal('');
      if (signal !== 'SIGKILL') {
        const calls = callsOf().map(({ callId = 'none', isPaid }) => ({ id: callId, isPaid }));
        return { said: child.messages, fell, calls, did: linesOf(file) };
      }
      fell.push({ before: callsOf().length, recorded: await recordedIn(journal) });
    }
    throw new Error(`${text} has come to no end in ${fell.length} lives`);
  }

  function answerTo(body: FixtureRequest) {
    const told = toldOf(body);
    const text = notes[told];
    const said =
      text === undefined ? { text: 'Both are written down.' } : { toolCalls: [{ name: 'note', args: { text } }] };
    const held = holds.get(saidIn(body));
    if (held?.nth !== told) return said;
    holds.delete(saidIn(body));
    return { ...said, hold: held.hold };
  }
});

/** What must be so wherever it died. */
function check(account: Account): void {
  const { said, fell, calls, did } = account;
  const at = JSON.stringify(account);
  expect(said, at).to.deep.equal([{ answer: 'Both are written down.', steps: modelCalls, tools: notes.length }]);
  // One id for each call, and whoever bills by it bills each once.
  const ids = [...new Set(calls.map(({ id }) => id))];
  expect(ids, at).to.have.length(modelCalls);
  expect(new Set(calls.filter(({ isPaid }) => isPaid).map(({ id }) => id)).size, at).to.equal(modelCalls);
  for (const { before, recorded } of fell) {
    const again = calls.slice(before).filter(({ id }) => ids.indexOf(id) < recorded);
    expect(again, `on record, and made again: ${at}`).to.deep.equal([]);
  }
  for (const [nth, id] of ids.entries()) {
    const under = fell.filter(({ recorded }) => recorded === nth).length;
    const made = calls.filter((call) => call.id === id).length;
    expect(made, `${id}: ${at}`).to.be.within(1, 1 + under);
  }
  // Each deed of the tool has one id too, and came to be once for those who look at it.
  expect(
    [...new Set(did.map((line) => line.join(' ')))].map((line) => line.split(' ')[0]),
    at,
  ).to.deep.equal(notes);
  expect(new Set(did.map(([, effectId]) => effectId)).size, at).to.equal(notes.length);
  expect(did.length, at).to.be.at.most(notes.length + fell.length);
}

/** Behind one commit after the other. */
function* behindCommits(fell: readonly Fell[]): Generator<Death> {
  const passes = passesByProgress();
  for (let life = 0; life < livesMax; life += 1) yield { at: 'commit', count: passes(fell.at(-1)?.recorded ?? 0) };
}

/** At the moments between two commits at which money or deeds are under way; then it is let go. */
function* atMoments(): Generator<Death> {
  yield { at: 'call', nth: 0, hold: 'headers' };
  yield { at: 'call', nth: 0, hold: 'body' };
  yield { at: 'tool', note: 'first' };
  yield { at: 'call', nth: 1, hold: 'body' };
  yield { at: 'tool', note: 'second' };
  yield { at: 'call', nth: 2, hold: 'body' };
  yield { at: 'commit', count: Number.MAX_SAFE_INTEGER };
}

function diesAt(death: Death): Record<string, string> {
  if (death.at === 'commit') return { TROUPE_FAILPOINT: `journal.afterCommitBeforeRoute:kill:${death.count}` };
  return death.at === 'tool' ? { [clerkVariables.diesAfter]: death.note } : {};
}

/** What the clerk was told. */
function saidIn({ messages }: FixtureRequest): string {
  return messages.find(({ role }) => role === 'user')?.content ?? '';
}

/** How many tools have answered. */
function toldOf({ messages }: FixtureRequest): number {
  return messages.filter(({ role }) => role === 'tool').length;
}

/** How many replies of the model a journal has: those the run has heard of, and one that waits in its mail. */
async function recordedIn(journal: string): Promise<number> {
  return withStanding(journal, (standing) => {
    const row = standing.find('/run');
    const state = row && standing.stateOf(row);
    if (row === undefined || state === undefined) return 0;
    const { books } = viewStored(state).context as { books: { used: { steps: number } } };
    let waiting = 0;
    for (const { bytes, offset, length } of row.mail.items(standing.model)) {
      const { effectId } = parseEnvelope(bytes.subarray(offset, offset + length));
      if (effectId?.includes('.think#')) waiting += 1;
    }
    return books.used.steps + waiting;
  });
}

function linesOf(file: string): [string, string][] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ') as [string, string]);
}
