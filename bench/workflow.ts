/**
 * The suite `workflow`: what workflows and agents cost. Steps of workflows that are kept, beside LangGraph, DBOS and
 * Restate, each written as its own documentation writes it; the text of a model that an agent streams, beside the same
 * text read without one; and a thousand agents at the same time.
 */
import { fullSizes, quickSizes } from './workflow/sizes.js';
import type { Row, Section, Suite } from './runner/suite.js';

const graphs =
  "LangGraph's own work around each node, and SQLite's synchronous calls. It hardly waits for the disk, and a node " +
  'may begin before the checkpoint of the one before is written.';
const flushedGraphs =
  "LangGraph's own work around each node, and the disk: two transactions of SQLite for each node and three for the " +
  'start, one after the other.';
const steps = 'Transactions of PostgreSQL for each workflow and each step, over the loopback.';
const calls = 'Its server and our handler, which talk over HTTP/2: the start, every step and the result pass its log.';
const host =
  "The host: for each step a turn of XState's interpreter, and the state of the run, written again. The journal and " +
  'whoever starts the runs share the cores with it.';
const waits =
  'Seven commits that wait for the disk, one behind the other: the start, its turn, and of each step the turn that ' +
  'its result leads to.';
const latency = 'The same seven commits, which wait for no disk: turns, and hops between threads.';
const adapter = 'Reading the stream: its bytes, events and JSON.';
const flushedNews = 'A commit that waits for the disk, and the way over the journal: every piece is a kept message.';
const localNews = 'Within the thread: encoding a message, and a turn of the listener.';
const joined = 'One telling at a time: what comes meanwhile is joined to one piece. Nothing is left out.';
const agents =
  'The host: some six turns of a machine for each agent, and as many of the one tool bus, whose state with all calls ' +
  'under way is written each time. The journal and the model share the cores with it.';
const loop = 'Starting all of them at once; then what a turn of the loop takes, and other work on the cores.';

interface Contender {
  readonly entrant: string;
  readonly title: string;
  readonly limitedBy: string;
  /** Ours: whom it is measured beside, who keeps as much. */
  readonly beside?: string;
}

const contenders: readonly Contender[] = [
  { entrant: 'langgraph', title: 'LangGraph, sqlite: kill-safe', limitedBy: graphs },
  { entrant: 'langgraph-flushed', title: 'LangGraph, sqlite: fsync', limitedBy: flushedGraphs },
  { entrant: 'dbos', title: 'DBOS, PostgreSQL: fsync', limitedBy: steps },
  { entrant: 'restate', title: 'Restate: fsync', limitedBy: calls },
  { entrant: 'flushed-steps', title: 'troupe flushed: fsync', limitedBy: host, beside: 'langgraph-flushed' },
  { entrant: 'committed-steps', title: 'troupe committed: kill-safe', limitedBy: host, beside: 'langgraph' },
];

type More = Pick<Row, 'base' | 'target'>;

function row(entrant: string, measure: string, unit: Row['unit'], title: string, limitedBy: string, more?: More): Row {
  return { id: `${entrant}-${measure}`, title, entrant, measure, unit, limitedBy, ...more };
}

const many: Section = {
  title: 'Steps of workflows that are kept: five a run, 100 runs on their way',
  rows: contenders.flatMap(({ entrant, title, limitedBy, beside }) => {
    const steps = (base?: string, more?: More) =>
      row(entrant, 'stepsPerSecond', '/s', title, limitedBy, { ...baseOf('stepsPerSecond', base), ...more });
    if (entrant !== 'flushed-steps') return [steps(beside)];
    // What flushes beside what does not: that is more work.
    const other = { ...steps('langgraph'), id: 'flushed-steps-kill-safe', title: 'the same, beside kill-safe' };
    return [steps(beside, { target: { ratioMin: 20 } }), other];
  }),
};

function baseOf(measure: string, beside: string | undefined): More {
  return beside === undefined ? {} : { base: `${beside}-${measure}` };
}

function single(measure: 'p50Us' | 'p99Us'): Section {
  return {
    title: `One run of five steps at a time, from its start to its result: ${measure.slice(0, 3)}`,
    rows: [
      row('disk-writes', measure, 'us', 'fdatasync, 512 B', 'The disk and its controller.'),
      ...contenders.map(({ entrant, title, limitedBy, beside }) => {
        const why = entrant === 'flushed-steps' ? waits : entrant === 'committed-steps' ? latency : limitedBy;
        return row(entrant, measure, 'us', title, why, baseOf(measure, beside));
      }),
    ],
  };
}

const pieces: Section = {
  title: "A model's text, a piece each 5 ms: from a piece's bytes to whoever reads it",
  rows: [...listening('flushed', flushedNews), ...listening('none', localNews)],
};

/** Both ways of reading run in one process, by turns. */
function listening(durability: 'flushed' | 'none', limitedBy: string): Row[] {
  const entrant = `${durability}-stream`;
  const level = durability === 'flushed' ? 'kept' : 'not kept';
  return [
    row(entrant, 'directP50Us', 'us', 'the adapter alone, p50', adapter),
    row(entrant, 'agentP50Us', 'us', `agent, listener ${level}, p50`, limitedBy),
    row(entrant, 'addedP50Us', 'us', 'what the agent adds, p50', limitedBy, { target: { valueMax: 1_000 } }),
    row(entrant, 'directP99Us', 'us', 'the adapter alone, p99', adapter),
    row(entrant, 'agentP99Us', 'us', `agent, listener ${level}, p99`, limitedBy),
  ];
}

const fast: Section = {
  title: "A model's text, as fast as it comes: pieces from the question to the last one",
  rows: (['flushed', 'none'] as const).flatMap((durability) => {
    const entrant = `${durability}-stream`;
    const level = durability === 'flushed' ? 'kept' : 'not kept';
    const base = `${entrant}-directPerSecond`;
    return [
      row(entrant, 'directPerSecond', '/s', 'the adapter alone', adapter),
      row(entrant, 'agentPerSecond', '/s', `agent, listener ${level}`, joined, { base }),
    ];
  }),
};

const crowd: Section = {
  title: '1,000 agents at the same time: two calls of a model and one of a tool each',
  rows: (['server', 'inside'] as const).flatMap((where) => {
    const entrant = `${where}-agents`;
    const model = where === 'server' ? 'over HTTP' : 'inside';
    const late = { target: { valueMax: 20 } };
    return [
      row(entrant, 'perSecond', '/s', `model ${model}: runs`, agents),
      row(entrant, 'mainP99Ms', 'ms', `${model}: delay, main, p99`, loop, late),
      row(entrant, 'mainMaxMs', 'ms', `${model}: delay, main, worst`, loop),
      row(entrant, 'hostP99Ms', 'ms', `${model}: delay, host, p99`, agents, late),
      row(entrant, 'hostMaxMs', 'ms', `${model}: delay, host, worst`, agents),
    ];
  }),
};

/** See the file's header. */
export const workflow: Suite = {
  name: 'workflow',
  says: 'steps of workflows, beside LangGraph, DBOS, Restate; streams of agents; many agents at once',
  entry: new URL('./workflow/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'disk-writes', isForeign: true },
    ...['langgraph', 'langgraph-flushed'].map((name) => ({ name, peer: '@langchain/langgraph-checkpoint-sqlite' })),
    { name: 'dbos', peer: '@dbos-inc/dbos-sdk' },
    { name: 'restate', peer: '@restatedev/restate-server' },
    ...['flushed-steps', 'committed-steps', 'flushed-stream', 'none-stream'].map((name) => ({ name })),
    ...['server-agents', 'inside-agents'].map((name) => ({ name })),
  ],
  sections: [many, single('p50Us'), single('p99Us'), pieces, fast, crowd],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  // A peer with a choice is measured with each.
  entrantMsMax: 900_000,
  rounds: 3,
  notMeasured: [
    'Steps that do something: each adds one to a number, so that what is measured is everything else.',
    'A power cut: that the disk keeps what it acknowledged is believed of all.',
    "Settings of peers beyond those of their documentation, but for SQLite's `synchronous` where it says fsync; and " +
      'more than one process of theirs: DBOS and Restate share work out to several, and so can LangGraph with its ' +
      'checkpointer for PostgreSQL (PostgresSaver).',
    'DBOS and Restate cross a process and a socket with each step, and could be on another machine; troupe and ' +
      'LangGraph are libraries of the process.',
    'Models: the server answers by rule, on a thread of the same process and the same cores.',
    'The delay of a loop is what lies between two looks a millisecond apart, so at rest it is a little more than one.',
  ],
};
