/**
 * The suite `durable`: work that is kept, beside the durable systems that Node programs use, and beside the disk. Every
 * contender is written as its own documentation writes it, runs on this machine alone, and proves what it kept.
 *
 * A title says what survives: `fsync`, all that was confirmed, also a power cut; `kill-safe`, all of it, but a power
 * cut may take the last of it.
 */
import { fullSizes, quickSizes } from './durable/sizes.js';
import type { Row, Section, Suite } from './runner/suite.js';

const disk = 'The disk and its controller.';
const raw = 'Encoding a record, and commits that wait for the disk.';
const jobs =
  'Scripts in Redis and commands over the loopback for each job: it is kept, taken and finished. What is durable is ' +
  'the job, not the sum, which its worker counts in memory.';
const steps = 'A transaction of PostgreSQL for each step, over the loopback. A question is a workflow: two of them.';
const calls =
  'Its server and our handlers, which talk over HTTP/2: the message, the state and the end of it pass through its log.';
const graphs =
  "LangGraph itself, which makes a run of each increment, and SQLite's synchronous calls. It hardly waits for the " +
  "disk. Its checkpoint is written as the run ends (durability: 'exit'), which for one node is as safe.";
const host =
  'The host: reading the envelope, the turn around a call, writing state. A commit is shared by many messages.';
const interpreter = `${host} For machines the interpreter of XState above all.`;
const commits =
  'Two commits, one behind the other: the question is kept before it is handled, then the turn. Where turns wait for ' +
  'the disk, they share one flush.';
const loop =
  'Spawning and asking all of them at once; then what a turn of the loop takes, and other work on the cores.';

interface Peer {
  readonly entrant: string;
  readonly title: string;
  readonly isFlushed: boolean;
  readonly limitedBy: string;
}

const peers: readonly Peer[] = [
  { entrant: 'bullmq-always', title: 'BullMQ, Redis always: fsync', isFlushed: true, limitedBy: jobs },
  { entrant: 'bullmq-everysec', title: 'BullMQ, everysec: loses 1 s', isFlushed: false, limitedBy: jobs },
  { entrant: 'dbos', title: 'DBOS, PostgreSQL: fsync', isFlushed: true, limitedBy: steps },
  { entrant: 'restate', title: 'Restate: fsync', isFlushed: true, limitedBy: calls },
  { entrant: 'langgraph', title: 'LangGraph, sqlite: kill-safe', isFlushed: false, limitedBy: graphs },
];
const flushedPeers = peers.filter(({ isFlushed }) => isFlushed);

type Measure = 'perSecond' | 'p50Us' | 'p99Us';
type More = Pick<Row, 'base' | 'bestOf' | 'target'>;

function row(entrant: string, measure: Measure, title: string, limitedBy: string, more: More = {}): Row {
  const unit = measure === 'perSecond' ? '/s' : 'us';
  return { id: `${entrant}-${measure}`, title, entrant, measure, unit, limitedBy, ...more };
}

function peerRows(measure: Measure): Row[] {
  return peers.map(({ entrant, title, limitedBy }) => row(entrant, measure, title, limitedBy));
}

/** The best peer that waits for the disk. */
function best(measure: Measure): readonly string[] {
  return flushedPeers.map(({ entrant }) => `${entrant}-${measure}`);
}

const increments: Section = {
  title: 'Increments that are kept, many on their way',
  rows: [
    row('disk-writes', 'perSecond', 'fdatasync, 512 B, one by one', disk),
    row('lmdb-puts', 'perSecond', 'lmdb, a record each: fsync', raw),
    ...peerRows('perSecond'),
    troupe('machine', 'flushed', { target: { ratioMin: 40 } }),
    troupe('machine', 'committed'),
    troupe('function', 'flushed', { target: { ratioMin: 150 } }),
    troupe('function', 'committed'),
  ],
};

function troupe(kind: 'machine' | 'function', durability: 'flushed' | 'committed', more: More = {}): Row {
  const title = `troupe ${kind}s: ${durability === 'flushed' ? 'fsync' : 'kill-safe'}`;
  const limitedBy = kind === 'machine' ? interpreter : host;
  return row(`${durability}-tell-${kind}`, 'perSecond', title, limitedBy, { bestOf: best('perSecond'), ...more });
}

function asks(measure: 'p50Us' | 'p99Us', target?: Row['target']): Section {
  const ours = (['flushed', 'committed'] as const).flatMap((durability) =>
    (['machine', 'function'] as const).map((kind) => {
      const title = `troupe ${kind}: ${durability === 'flushed' ? 'fsync' : 'kill-safe'}`;
      const more = durability === 'flushed' && target !== undefined ? { target } : {};
      return row(`${durability}-ask-${kind}`, measure, title, commits, { bestOf: best(measure), ...more });
    }),
  );
  return {
    title: `A question that changes something, answered when that is kept, one at a time: ${measure.slice(0, 3)}`,
    rows: [
      row('disk-writes', measure, 'fdatasync, 512 B', disk),
      row('lmdb-puts', measure, 'lmdb, one put: fsync', raw),
      ...peerRows(measure),
      ...ours,
    ],
  };
}

const besideDisk: Section = {
  title: 'The same question beside one fdatasync: p50',
  rows: (['machine', 'function'] as const).map((kind) => ({
    ...row(`flushed-ask-${kind}`, 'p50Us', `troupe ${kind}: fsync`, commits),
    id: `flushed-ask-${kind}-of-disk`,
    base: 'disk-writes-p50Us',
    target: { ratioMax: 2.5 },
  })),
};

const tasks: Section = {
  title: '1,000 long tasks at the same time: how late the event loops are',
  rows: [
    delay('waiting-tasks', 'mainP99Ms', 'waiting 1 s, main, p99', true),
    delay('waiting-tasks', 'mainMaxMs', 'waiting 1 s, main, worst'),
    delay('waiting-tasks', 'hostP99Ms', 'waiting 1 s, host, p99', true),
    delay('waiting-tasks', 'hostMaxMs', 'waiting 1 s, host, worst'),
    delay('computing-tasks', 'mainP99Ms', 'jobs of 10 ms, main, p99', true),
    delay('computing-tasks', 'mainMaxMs', 'jobs of 10 ms, main, worst'),
    delay('computing-tasks', 'hostP99Ms', 'jobs of 10 ms, host, p99', true),
    delay('computing-tasks', 'hostMaxMs', 'jobs of 10 ms, host, worst'),
  ],
};

function delay(entrant: string, measure: string, title: string, isTarget = false): Row {
  const target = isTarget ? { target: { valueMax: 20 } } : {};
  return { id: `${entrant}-${measure}`, title, entrant, measure, unit: 'ms', limitedBy: loop, ...target };
}

/** See the file's header. */
export const durable: Suite = {
  name: 'durable',
  says: 'increments and questions that are kept, beside BullMQ, DBOS, Restate, LangGraph; long tasks',
  entry: new URL('./durable/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'disk-writes', isForeign: true },
    { name: 'lmdb-puts', isForeign: true },
    { name: 'bullmq-always', peer: 'bullmq' },
    { name: 'bullmq-everysec', peer: 'bullmq' },
    { name: 'dbos', peer: '@dbos-inc/dbos-sdk' },
    { name: 'restate', peer: '@restatedev/restate-server' },
    { name: 'langgraph', peer: '@langchain/langgraph-checkpoint-sqlite' },
    ...['tell', 'ask'].flatMap((what) =>
      ['machine', 'function'].flatMap((kind) =>
        ['flushed', 'committed'].map((durability) => ({ name: `${durability}-${what}-${kind}` })),
      ),
    ),
    { name: 'waiting-tasks' },
    { name: 'computing-tasks' },
  ],
  sections: [increments, asks('p50Us', { ratioMax: 0.5 }), asks('p99Us'), besideDisk, tasks],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  // Peers are measured in each of their ways.
  entrantMsMax: 900_000,
  rounds: 3,
  notMeasured: [
    'Peers cross a process and a socket with each increment, and could be on another machine; troupe is a library of ' +
      'the process, and is not.',
    'A power cut: that the disk keeps what it acknowledged is believed of all.',
    'Settings of peers beyond those of their documentation, more than one worker process of theirs, and LangGraph ' +
      'with its checkpointer for PostgreSQL (PostgresSaver).',
    'The delay of a loop is what lies between two looks a millisecond apart, so at rest it is a little more than one.',
  ],
};
