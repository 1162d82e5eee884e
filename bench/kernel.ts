/**
 * The suite `kernel`: what a message, a question, an idle actor and a restart cost, each beside what it would cost
 * without troupe on the same machine in the same run.
 */
import { fullSizes, quickSizes } from './kernel/sizes.js';
import type { Row, Section, Suite } from './runner/suite.js';

const messages: Section = {
  title: 'Messages to 1,000 XState machines, every one to another',
  rows: [
    {
      id: 'xstate-tell',
      title: 'XState alone, one thread',
      entrant: 'xstate-tell',
      measure: 'perSecond',
      unit: '/s',
      limitedBy: "XState's interpreter: every message makes a new snapshot.",
    },
    {
      id: 'flushed-tell',
      title: 'troupe flushed, from main',
      entrant: 'flushed-tell',
      measure: 'perSecond',
      unit: '/s',
      base: 'xstate-tell',
      target: { ratioMin: 0.35 },
      limitedBy:
        'The host: the same interpreter is 40 % of its work; decoding the message, encoding the state and collecting ' +
        'garbage are most of the rest. With two cores the journal and the sender share them.',
    },
    {
      id: 'committed-tell',
      title: 'troupe committed, from main',
      entrant: 'committed-tell',
      measure: 'perSecond',
      unit: '/s',
      base: 'xstate-tell',
      limitedBy: 'As above; the disk is not waited for, and was not the limit.',
    },
  ],
};

const processor: Section = {
  title: 'Processor time for each of these messages, all threads of the process',
  rows: [
    { id: 'xstate-cpu', title: 'XState alone', entrant: 'xstate-tell', measure: 'cpuUsPerMessage', unit: 'us' },
    { id: 'flushed-cpu', title: 'troupe flushed', entrant: 'flushed-tell', measure: 'cpuUsPerMessage', unit: 'us' },
    {
      id: 'committed-cpu',
      title: 'troupe committed',
      entrant: 'committed-tell',
      measure: 'cpuUsPerMessage',
      unit: 'us',
    },
    { id: 'post-cpu', title: 'postMessage, one by one', entrant: 'post-tell', measure: 'cpuUsPerMessage', unit: 'us' },
    {
      id: 'none-cpu',
      title: 'troupe none, to a function',
      entrant: 'none-tell',
      measure: 'cpuUsPerMessage',
      unit: 'us',
    },
  ].map(withCpuBase),
};

/** The bases of processor time are those of the rates. */
function withCpuBase(row: Omit<Row, 'base' | 'limitedBy' | 'unit'> & { unit: string }): Row {
  const limitedBy = 'Nothing limits it, it is what is spent. It changes little when others keep the machine busy.';
  const bases: Readonly<Record<string, string>> = {
    'flushed-cpu': 'xstate-cpu',
    'committed-cpu': 'xstate-cpu',
    'none-cpu': 'post-cpu',
  };
  return { ...row, unit: 'us', base: bases[row.id], limitedBy };
}

const threads: Section = {
  title: 'Messages to another thread',
  rows: [
    {
      id: 'post-tell',
      title: 'postMessage, one by one',
      entrant: 'post-tell',
      measure: 'perSecond',
      unit: '/s',
      limitedBy: 'Structured clone, and a task of the event loop for the messages that have gathered.',
    },
    {
      id: 'none-tell',
      title: 'troupe none, to a function',
      entrant: 'none-tell',
      measure: 'perSecond',
      unit: '/s',
      base: 'post-tell',
      target: { ratioMin: 1.5 },
      limitedBy:
        'The host, which spends more on a message than the sender: reading the envelope, and the turn around a call.',
    },
  ],
};

const asks: Section = {
  title: 'One question at a time to another thread',
  rows: [
    {
      id: 'disk-p50',
      title: 'disk: fdatasync 512 B, p50',
      entrant: 'disk-writes',
      measure: 'p50Us',
      unit: 'us',
      limitedBy: 'The disk and its controller.',
    },
    {
      id: 'post-p50',
      title: 'postMessage, p50',
      entrant: 'post-ask',
      measure: 'p50Us',
      unit: 'us',
      limitedBy: 'Waking a sleeping thread, twice.',
    },
    { ...p99('post'), title: 'postMessage, p99' },
    ask('none', 'Waking a sleeping thread, each way.'),
    { ...p99('none'), base: 'post-p99' },
    ask('committed', 'Two commits, one behind the other: the question is kept before it is handled, then the turn.'),
    { ...p99('committed'), base: 'post-p99' },
    ask('flushed', 'Two commits, one behind the other, of which the second waits for the disk.'),
    { ...p99('flushed'), base: 'post-p99' },
  ],
};

function ask(level: 'none' | 'committed' | 'flushed', limitedBy: string) {
  const title = `troupe ${level}, p50`;
  const row = { id: `${level}-p50`, entrant: `${level}-ask`, measure: 'p50Us', unit: 'us', base: 'post-p50' } as const;
  return { ...row, title, limitedBy };
}

function p99(level: 'post' | 'none' | 'committed' | 'flushed') {
  const limitedBy = 'Collections of garbage, other work on the machine, and for commits a slow moment of the disk.';
  const title = `troupe ${level}, p99`;
  return { id: `${level}-p99`, title, entrant: `${level}-ask`, measure: 'p99Us', unit: 'us', limitedBy } as const;
}

const many: Section = {
  title: 'Many actors (100,000 at full size)',
  rows: [
    {
      id: 'xstate-spawn',
      title: 'spawn: XState alone',
      entrant: 'xstate-spawn',
      measure: 'perSecond',
      unit: '/s',
      limitedBy: 'What a parent does to spawn each, the interpreter that starts it, and the collection of what stays.',
    },
    {
      id: 'spawn',
      title: 'spawn: troupe flushed',
      entrant: 'idle-actors',
      measure: 'perSecond',
      unit: '/s',
      base: 'xstate-spawn',
      limitedBy: 'The host: bringing the machine up and writing its first state; each spawn is two commits.',
    },
    {
      id: 'xstate-rss',
      title: 'memory: XState alone',
      entrant: 'xstate-spawn',
      measure: 'rssMb',
      unit: 'MB',
      limitedBy: "XState's actor, its mailbox and closures.",
    },
    {
      id: 'idle-rss',
      title: 'memory: troupe, resident',
      entrant: 'idle-actors',
      measure: 'rssMb',
      unit: 'MB',
      base: 'xstate-rss',
      target: { valueMax: 600 },
      limitedBy: "XState's actor in the host, the row in the journal thread, and heaps V8 has grown on the way.",
    },
    {
      id: 'passive-rss',
      title: 'memory: troupe, passivated',
      entrant: 'idle-actors',
      measure: 'passiveMb',
      unit: 'MB',
      base: 'xstate-rss',
      limitedBy: 'V8 keeps the heap of an idle thread until that thread allocates again.',
    },
  ],
};

const starts: Section = {
  title: 'From createSystem to the first reply (100,000 actors at full size)',
  rows: [
    {
      id: 'start-empty',
      title: 'an empty journal',
      entrant: 'start-empty',
      measure: 'firstReplyMs',
      unit: 'ms',
      limitedBy: 'Starting two threads, which each import their modules.',
    },
    {
      id: 'recovery',
      title: 'many actors, after kill -9',
      entrant: 'recover-journal',
      measure: 'firstReplyMs',
      unit: 'ms',
      base: 'start-empty',
      limitedBy:
        'Replaying the log since the last checkpoint, which here is all of it: the actors fit into less than one.',
    },
  ],
};

function isForeign(name: string): boolean {
  return /^(xstate|post|disk)-/.test(name);
}

/** See the file's header. */
export const kernel: Suite = {
  name: 'kernel',
  says: 'messages, questions, idle actors and recovery, beside XState alone and postMessage',
  entry: new URL('./kernel/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'prepare-journal', once: true },
    ...['xstate-tell', 'flushed-tell', 'committed-tell', 'post-tell', 'none-tell', 'disk-writes', 'post-ask'],
    ...['none-ask', 'committed-ask', 'flushed-ask', 'xstate-spawn', 'idle-actors', 'start-empty'],
    { name: 'recover-journal', isPrepared: true },
  ].map((entrant) => (typeof entrant === 'string' ? { name: entrant, isForeign: isForeign(entrant) } : entrant)),
  sections: [messages, threads, processor, asks, many, starts],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  notMeasured: [
    'More than one host: that is a question of cores, and of another suite.',
    'Large states and large messages: these are of one number each.',
    'A power cut: that the disk keeps what it acknowledged is believed.',
    'The first messages of a process: each entrant warms up by a fifth of its work, except where actors are ' +
      'spawned, memory is weighed or a start is timed; those are cold.',
  ],
};
