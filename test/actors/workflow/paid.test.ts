/**
 * A workflow whose steps ask a model, on threads, in a process that dies with kill -9 at every boundary of its run:
 * before and behind its commits, and while a call is under way. What was paid is counted at the server, in this
 * process; what was on record at a death is read from the journal it leaves.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type FixtureModelServer, fixtureModelServer, type FixtureRequest } from '../../../actors/index.js';
import type { RunState } from '../../../actors/workflow/run-state.js';
import { viewStored } from '../../../src/cell/stored.js';
import { withStanding } from '../../../src/cli/open.js';
import { parseEnvelope } from '../../../src/core/envelope.js';
import type { FailpointName } from '../../../src/core/failpoint.js';
import { Child } from '../../helpers/child.js';
import { passesByProgress } from '../../helpers/passes.js';
import { makeQuickFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { modelVariable } from './fixtures/paid.js';

const childFile = fileURLToPath(new URL('./fixtures/paid-child.js', import.meta.url));
/** In the order in which they are asked first; `shorten` is asked as often as the loop turns. */
const nodes = ['paid/draft', 'paid/views/left', 'paid/views/right', 'paid/join', 'paid/cut/shorten'];
const callsWanted = 6;
const livesMax = 60;

/** What was on record when a process died. */
interface Fell {
  /** Calls that had been made by then, in all lives. */
  made: number;
  /** Ids of the calls whose results are on record. */
  recorded: string[];
}

describe('a workflow that pays for its steps, kill -9', function () {
  this.timeout(180_000);
  let folder: string;
  let server: FixtureModelServer;
  /** The step that is to be kept waiting when it asks, before or in its answer. */
  let held: { step: string; hold: 'headers' | 'body' } | undefined;

  beforeEach(async () => {
    folder = makeQuickFolder();
    held = undefined;
    server = await fixtureModelServer({ otherwise: answerTo });
  });
  afterEach(async () => {
    await server.close();
    removeFolder(folder);
  });

  for (const place of ['journal.beforeCommit', 'journal.afterCommitBeforeRoute'] as const) {
    it(`at every ${place}: what is on record is not paid for again`, async () => {
      const fell = await livesUntilOver(place);
      const steps = new Set(fell.map(({ recorded }) => recorded.length));
      // At several of its steps: a commit may bring more than one of them.
      expect(steps.size, JSON.stringify(fell)).to.be.above(2);
      check(fell);
    });
  }

  it('in the middle of each call: that one is paid for again, under its id, and no other', async () => {
    const journal = path.join(folder, 'journal');
    const fell: Fell[] = [];
    for (const step of ['draft', 'right', 'join', 'shorten']) {
      held = { step, hold: 'body' };
      const known = server.calls.length;
      const child = start(journal);
      await server.until(() => server.calls.slice(known).some(({ body, isPaid }) => stepOf(body) === step && isPaid));
      await child.kill();
      fell.push(await fellAt(journal));
    }
    const child = start(journal);
    await child.end();
    expect(child.stderr).to.equal('');
    expect(child.messages).to.deep.equal([{ said: 'cut' }]);
    check(fell);
    const timesPaid = (name: string) =>
      server.calls.filter(({ body, isPaid }) => stepOf(body) === name && isPaid).length;
    expect(['draft', 'right', 'join'].map(timesPaid)).to.deep.equal([2, 2, 2]);
    // The loop's first turn was broken off; each turn is a call.
    expect(timesPaid('shorten')).to.equal(3);
    expect(server.paidCalls).to.be.within(callsWanted + 4, callsWanted + 5);
  });

  function start(journal: string, failpoint?: string): Child {
    const env = { ...process.env, [modelVariable]: server.url, ...(failpoint && { TROUPE_FAILPOINT: failpoint }) };
    return new Child(process.execPath, [childFile, journal], { env });
  }

  /** Dies at one place after the other. */
  async function livesUntilOver(place: FailpointName): Promise<Fell[]> {
    const journal = path.join(folder, 'journal');
    const fell: Fell[] = [];
    const passes = passesByProgress();
    for (let life = 0; life < livesMax; life += 1) {
      const child = start(journal, `${place}:kill:${passes(fell.at(-1)?.recorded.length ?? 0)}`);
      const { signal } = await child.end();
      expect(child.stderr, `life ${life}`).to.equal('');
      if (signal !== 'SIGKILL') {
        expect(child.messages).to.deep.equal([{ said: 'cut' }]);
        return fell;
      }
      fell.push(await fellAt(journal));
    }
    throw new Error(`it has come to no end in ${livesMax} lives: ${JSON.stringify(fell)}`);
  }

  async function fellAt(journal: string): Promise<Fell> {
    const made = server.calls.length;
    return { made, recorded: await recordedIn(journal, callIds()) };
  }

  function callIds(): string[] {
    return [...new Set(server.calls.map(({ callId = 'none' }) => callId))];
  }

  /** What must be so wherever it died. */
  function check(fell: readonly Fell[]): void {
    const ids = callIds();
    const at = JSON.stringify({ ids, fell });
    expect(ids.map(nodeOf), at).to.have.members([...nodes, 'paid/cut/shorten']);
    for (const { made, recorded } of fell) {
      const again = server.calls.slice(made).filter(({ callId = 'none' }) => recorded.includes(callId));
      expect(
        again.map(({ callId }) => callId),
        `on record, and paid for again: ${at}`,
      ).to.deep.equal([]);
    }
    for (const id of ids) {
      const paidFor = server.calls.filter(({ callId, isPaid }) => callId === id && isPaid).length;
      const deaths = fell.filter(({ recorded }) => !recorded.includes(id)).length;
      expect(paidFor, `${id}: ${at}`).to.be.within(1, 1 + deaths);
    }
  }

  function answerTo(body: FixtureRequest) {
    const step = stepOf(body);
    const given = body.messages.at(-1)?.content ?? '';
    const text = step === 'shorten' ? (given.includes('long') ? 'short' : 'cut') : `a long ${step}`;
    if (held?.step !== step) return { text };
    const { hold } = held;
    held = undefined;
    return { text, hold };
  }
});

function stepOf({ messages }: FixtureRequest): string {
  return messages[0]?.content ?? '';
}

/** The node of a call: its id is that of the effect, `/run#paid/draft#7.1`. */
function nodeOf(callId: string): string {
  return callId.split('#')[1] ?? '';
}

/** Which of these calls a journal has results of: the run has heard of them, or they wait in its mail. */
async function recordedIn(journal: string, ids: readonly string[]): Promise<string[]> {
  return withStanding(journal, (standing) => {
    const row = standing.find('/run');
    const state = row && standing.stateOf(row);
    if (row === undefined || state === undefined) return [];
    const { run } = viewStored(state).context as { run: RunState };
    const recorded = new Set<string>();
    for (const node of nodes) {
      const [, done = 0] = (run.counts[node] ?? []) as readonly number[];
      for (const id of ids.filter((each) => nodeOf(each) === node).slice(0, done)) recorded.add(id);
    }
    for (const { bytes, offset, length } of row.mail.items(standing.model)) {
      const { effectId } = parseEnvelope(bytes.subarray(offset, offset + length));
      if (effectId !== undefined) recorded.add(effectId);
    }
    return [...recorded];
  });
}
