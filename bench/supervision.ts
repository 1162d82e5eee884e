/**
 * The suite `supervision`: what a crash, a thread's death and a child of many cost, and what supervision costs those
 * who do not fail; beside XState restarted by hand, and beside Erlang where it is installed.
 */
import type { Durability } from '../src/index.js';
import type { Row, Section, Suite } from './runner/suite.js';
import { fullSizes, quickSizes } from './supervision/sizes.js';

const oneRecord =
  'The host: making an error with its stack and writing it down, a turn of the supervisor and its books, and the ' +
  'child anew. Failure, decision and new life are one record, and the next message is handled in the same turn; ' +
  'nobody hears of any of it before that is committed.';
const policy =
  'Two commits and four crossings: the failure is committed, the main thread is asked, and what it decides is ' +
  'committed before the actor goes on.';
const local =
  'The thread gives up the message, says so to the journal, and the actor begins anew with the rest of its mail: ' +
  'always, there is no supervisor and no budget.';
const tail = 'Collections of garbage, other work on the machine, and a slow moment of the disk.';

const bare: Section = {
  title: 'Nothing is kept: from the crash to the answer of the next message',
  rows: [
    {
      id: 'xstate-p50',
      title: 'XState alone, by hand, p50',
      entrant: 'xstate-crash',
      measure: 'p50Us',
      unit: 'us',
      limitedBy: "Making an error with its stack, and XState's actor and actor system anew.",
    },
    {
      id: 'otp-p50',
      title: 'OTP gen_server, p50',
      entrant: 'otp-crash',
      measure: 'p50Us',
      unit: 'us',
      limitedBy:
        'A process ends, its supervisor hears of it and starts another, and the caller looks until it is there.',
    },
    { ...crash('none', 'p50', local, 'alone'), base: 'xstate-p50', target: { ratioMax: 3 } },
    {
      ...crash('none', 'p50', local, 'alone'),
      id: 'none-alone-p50-otp',
      title: 'the same, beside OTP',
      base: 'otp-p50',
      target: { ratioMax: 20 },
    },
    crash('none', 'p99', tail, 'alone'),
  ],
};

/** What keeps nothing, and has no supervisor. */
const besideXState = 'the same, beside XState';

const kept: Section = {
  title: 'Kept, and reset by a kept supervisor on its thread, whose decision survives',
  rows: [
    { ...crash('committed', 'p50', oneRecord), base: 'otp-p50', target: { ratioMax: 20 } },
    { ...crash('committed', 'p50', oneRecord), id: 'committed-p50-xstate', title: besideXState, base: 'xstate-p50' },
    crash('committed', 'p99', tail),
    { ...crash('flushed', 'p50', oneRecord), base: 'otp-p50', target: { ratioMax: 20 } },
    { ...crash('flushed', 'p50', oneRecord), id: 'flushed-p50-xstate', title: besideXState, base: 'xstate-p50' },
    crash('flushed', 'p99', tail),
  ],
};

const alone: Section = {
  title: 'Kept, without a supervisor: the policy of the system decides',
  rows: [
    { ...crash('committed', 'p50', policy, 'alone'), base: 'otp-p50' },
    crash('committed', 'p99', tail, 'alone'),
    { ...crash('flushed', 'p50', policy, 'alone'), base: 'otp-p50' },
    crash('flushed', 'p99', tail, 'alone'),
  ],
};

function crash(level: Durability, share: 'p50' | 'p99', limitedBy: string, kind = 'crash'): Row {
  const entrant = `${level}-${kind}`;
  const id = kind === 'crash' ? `${level}-${share}` : `${level}-${kind}-${share}`;
  return { id, title: `troupe ${level}, ${share}`, entrant, measure: `${share}Us`, unit: 'us', limitedBy };
}

const many: Section = {
  title: 'At the same time: crashes over, next message answered (1,000 actors)',
  rows: [
    rate('xstate-rate', 'XState alone, by hand', 'xstate-crash', 'As one at a time, with more objects that stay.'),
    rate(
      'otp-rate',
      'OTP gen_servers',
      'otp-crash',
      'One supervisor restarts them all, and walks its list of the restarts of the last second each time.',
    ),
    {
      ...rate(
        'crowd-rate',
        'dynamic supervisor, committed',
        'crowd-crash',
        'The host, a quarter of whose time goes into errors and their stacks; and the disk, for which each turn of ' +
          'the supervisor waits.',
      ),
      base: 'xstate-rate',
    },
    {
      ...rate(
        'crew-rate',
        'supervisor, list of 100',
        'crew-crash',
        'It restarts one after the other, each when the one before is up; and its books, the pages of all its ' +
          'children, are written each time.',
      ),
      base: 'xstate-rate',
    },
    {
      ...rate(
        'strangers-rate',
        'no supervisor, committed',
        'strangers-crash',
        'As below a dynamic supervisor, with the main thread in its place.',
      ),
      base: 'xstate-rate',
    },
  ],
};

function rate(id: string, title: string, entrant: string, limitedBy: string): Row {
  return { id, title, entrant, measure: 'perSecond', unit: '/s', limitedBy };
}

const death: Section = {
  title: 'A thread of two dies with 10,000 actors, flushed; all are asked at once',
  rows: [
    ...(['machines', 'functions'] as const).flatMap((kind): Row[] => [
      {
        ...answers(kind, 'first', 'first answer', 'firstP50Ms'),
        limitedBy: 'The other thread, which brings up thousands of those that are asked before it runs the first one.',
      },
      { ...answers(kind, 'last', 'all answers, p50', 'lastP50Ms'), target: { valueMax: 300 } },
      answers(kind, 'worst', 'all answers, worst', 'lastMaxMs'),
    ]),
  ],
};

function answers(kind: 'machines' | 'functions', id: string, title: string, measure: string): Row {
  const limitedBy =
    'One thread brings up every actor and then runs it; and two cores, on which the main thread asks and a new ' +
    'thread starts meanwhile.';
  const entrant = `${kind}-death`;
  return { id: `${entrant}-${id}`, title: `${kind}: ${title}`, entrant, measure, unit: 'ms', limitedBy };
}

const steady: Section = {
  title: 'Nobody fails: messages to 1,000 machines, flushed; both in one process, by turns',
  rows: [
    {
      ...rate('plain-rate', 'without a supervisor', 'steady-tell', 'The host, as in the suite `kernel`.'),
      measure: 'plainPerSecond',
    },
    {
      ...rate('supervised-rate', 'below one supervisor', 'steady-tell', 'The host, as in the suite `kernel`.'),
      measure: 'supervisedPerSecond',
      base: 'plain-rate',
      target: { ratioMin: 0.95 },
    },
    cpu('plain', 'processor time, without'),
    { ...cpu('supervised', 'processor time, below one'), base: 'plain-cpu' },
  ],
};

function cpu(kind: 'plain' | 'supervised', title: string): Row {
  const limitedBy =
    'Nothing limits it, it is what all threads spend on a message. It changes little on a busy machine.';
  return { id: `${kind}-cpu`, title, entrant: 'steady-tell', measure: `${kind}CpuUs`, unit: 'us', limitedBy };
}

const linear = { ratioMax: 1.5 } as const;
const children: Section = {
  title: 'Dynamic children, each: 100,000 of them, and twice as many (at full size)',
  rows: [
    child('start', 'few', 'start, 1,000 of them'),
    child('start', 'some', 'start, 10,000'),
    child('start', 'many', 'start, 100,000'),
    { ...child('start', 'twice', 'start, 200,000'), base: 'start-many', target: linear },
    child('stop', 'few', 'stop, 1,000 of them'),
    child('stop', 'some', 'stop, 10,000'),
    child('stop', 'many', 'stop, 100,000'),
    { ...child('stop', 'twice', 'stop, 200,000'), base: 'stop-many', target: linear },
  ],
};

function child(what: 'start' | 'stop', which: 'few' | 'some' | 'many' | 'twice', title: string): Row {
  const limitedBy =
    what === 'start'
      ? 'The supervisor and the child write a turn each, and the answer crosses to the main thread: three group ' +
        'commits, and a host starts so many at a time.'
      : 'The host and the journal: a last turn of each child, and its row. From 100,000 on checkpoints are part of ' +
        'it: ten thousand are stopped before the first of them.';
  const entrant = `children-${which}`;
  return { id: `${what}-${which}`, title, entrant, measure: `${what}Us`, unit: 'us', limitedBy };
}

/** See the file's header. */
export const supervision: Suite = {
  name: 'supervision',
  says: 'crashes, deaths of threads, many children, and what supervision costs the others',
  entry: new URL('./supervision/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'xstate-crash', isForeign: true },
    { name: 'otp-crash', needs: 'escript' },
    ...['committed-crash', 'flushed-crash', 'committed-alone', 'flushed-alone', 'none-alone'].map((name) => ({ name })),
    ...['crowd-crash', 'crew-crash', 'strangers-crash', 'machines-death', 'functions-death'].map((name) => ({ name })),
    ...['steady-tell', 'children-few', 'children-some', 'children-many', 'children-twice'].map((name) => ({ name })),
  ],
  sections: [bare, kept, alone, many, death, steady, children],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  notMeasured: [
    'Logs: all contenders are silent. By default troupe and OTP report each crash, and that takes its time.',
    "Large states: the fragile actor's is one number.",
    'A cold other thread: before a thread dies, the other one has worked for a while.',
    'An outside observer: whoever asks after a crash is an actor of the same thread, and is answered within a turn.',
  ],
};
