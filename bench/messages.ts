/**
 * The suite `messages`: telling and asking, beside what Node has by itself, XState alone, other libraries of Node, and
 * Erlang. Every contender is written as its own documentation writes it, and proves its sums and counts.
 */
import { fullSizes, quickSizes } from './messages/sizes.js';
import type { Entrant, Row, Section, Suite } from './runner/suite.js';

const clone = 'Structured clone, and a task of the event loop for the messages that have gathered.';
const immediate = 'A task of the event loop and a promise for each message.';
const interpreter = "XState's interpreter: every message makes a new snapshot.";
const beam = 'Copying the message, the lock of a mailbox, and the scheduler. Nothing is kept.';
const host = 'The host: reading the envelope, the turn around a call, and for machines the interpreter.';
const journaled = `${host} Its state is written with every message, and the journal shares the cores.`;
const crossing = 'Waking a sleeping thread, each way.';
const commits = 'Two commits, one behind the other: the question is kept before it is handled, then the turn.';
const tail = 'Collections of garbage, other work on the machine, and for commits a slow moment of the disk.';
const objects = 'The objects of each actor, and the collection of what stays.';
const heaps = 'What each actor keeps, and heaps V8 has grown on the way and not given back.';

const titles: Readonly<Record<string, string>> = {
  nact: 'nact',
  comedy: 'comedy',
  comlink: 'comlink',
  piscina: 'piscina',
  effect: 'Effect',
  erlang: 'Erlang',
};

const functions: Section = {
  title: 'Tell, to another thread: one that counts',
  rows: [
    rate('post-tell', 'postMessage, one by one', clone),
    rate('post-batch', 'postMessage, 64 a call', clone, { base: 'post-tell' }),
    rate('ring-tell', 'a bare ring, 64 a frame', 'Packing and unpacking.', { base: 'post-tell' }),
    rate('comedy-tell', 'comedy, threaded', immediate, { base: 'post-tell' }),
    rate('erlang-tell', 'Erlang, processes', beam, { base: 'post-tell' }),
    rate('none-tell', 'troupe none, function', host, { base: 'post-tell', target: { ratioMin: 4 } }),
    rate('none-tell-machine', 'troupe none, machine', host, { base: 'post-tell' }),
  ],
};

const machines: Section = {
  title: 'Tell, to another thread: 16, 1,000 and 100,000 that count, by turns',
  rows: [
    rate('xstate-tell-few', 'XState alone, 16', interpreter),
    rate('flushed-tell-few', 'troupe flushed, 16', journaled, {
      base: 'xstate-tell-few',
      target: { ratioMin: 0.6 },
    }),
    rate('xstate-tell', 'XState alone, 1,000', interpreter),
    rate('flushed-tell', 'troupe flushed, 1,000', journaled, { base: 'xstate-tell', target: { ratioMin: 0.5 } }),
    rate('committed-tell', 'troupe committed, 1,000', journaled, { base: 'xstate-tell' }),
    rate('flushed-tell-function', 'flushed, 1,000 functions', journaled, {
      base: 'xstate-tell',
      target: { ratioMin: 1.5 },
    }),
    rate('committed-tell-function', 'committed, 1,000 functions', journaled, { base: 'xstate-tell' }),
    rate('xstate-tell-many', 'XState alone, 100,000', interpreter),
    rate('flushed-tell-many', 'troupe flushed, 100,000', journaled, {
      base: 'xstate-tell-many',
      target: { ratioMin: 0.4 },
    }),
  ],
};

const near: Section = {
  title: 'Tell, on the same thread: one that counts',
  rows: [
    rate('nact-tell', 'nact', immediate),
    rate('comedy-tell-near', 'comedy, in memory', 'Promises for each message.', { base: 'nact-tell' }),
    rate('effect-tell', 'Effect, fiber and queue', "Effect's interpreter of fibers.", { base: 'nact-tell' }),
    rate('erlang-tell-near', 'Erlang, one scheduler', beam, { base: 'nact-tell' }),
    rate('none-tell-near', 'troupe none, function', host, { base: 'nact-tell', target: { ratioMin: 10 } }),
  ],
};

const ping: Section = {
  title: 'Ping-pong, on the same thread',
  rows: [
    rate('nact-ping', 'nact', immediate),
    rate('xstate-ping', 'XState alone', interpreter, { base: 'nact-ping' }),
    rate('effect-ping', 'Effect, two fibers', "Effect's interpreter of fibers.", { base: 'nact-ping' }),
    rate('erlang-ping', 'Erlang, one scheduler', beam, { base: 'nact-ping' }),
    rate('none-ping', 'troupe none, function', host, { base: 'nact-ping' }),
  ],
};

const busy: Section = {
  title: 'Ask, one after the other, without a pause',
  rows: [
    asked('disk-writes', 'disk: fdatasync 512 B, p50', 'p50Us', 'The disk and its controller.'),
    asked('post-ask', 'postMessage, p50', 'p50Us', crossing),
    asked('post-ask', 'postMessage, p99', 'p99Us', tail),
    ...['comlink', 'piscina', 'comedy', 'erlang'].flatMap((name) => [
      asked(`${name}-ask`, `${titles[name]}, p50`, 'p50Us', crossing, { base: 'post-ask-p50Us' }),
      asked(`${name}-ask`, `${titles[name]}, p99`, 'p99Us', tail, { base: 'post-ask-p99Us' }),
    ]),
    asked('none-ask', 'troupe none, p50', 'p50Us', crossing, { base: 'post-ask-p50Us', target: { ratioMax: 0.1 } }),
    asked('none-ask', 'troupe none, p99', 'p99Us', tail, { base: 'post-ask-p99Us', target: { ratioMax: 1.2 } }),
    asked('committed-ask', 'troupe committed, p50', 'p50Us', commits, {
      base: 'post-ask-p50Us',
      target: { ratioMax: 3 },
    }),
    asked('committed-ask', 'troupe committed, p99', 'p99Us', tail, { base: 'post-ask-p99Us' }),
    asked('flushed-ask', 'troupe flushed, p50', 'p50Us', `${commits} The second waits for the disk.`, {
      base: 'disk-writes-p50Us',
      target: { ratioMax: 2.5 },
    }),
    asked('flushed-ask', 'troupe flushed, p99', 'p99Us', tail, { base: 'post-ask-p99Us' }),
  ],
};

const idle: Section = {
  title: 'Ask, each after a pause of 1 ms: both threads sleep',
  rows: [
    asked('post-ask', 'postMessage, p50', 'idleP50Us', crossing),
    ...['comlink', 'piscina', 'comedy', 'erlang'].map((name) =>
      asked(`${name}-ask`, `${titles[name]}, p50`, 'idleP50Us', crossing, { base: 'post-ask-idleP50Us' }),
    ),
    asked('none-ask', 'troupe none, p50', 'idleP50Us', crossing, {
      base: 'post-ask-idleP50Us',
      target: { ratioMax: 1.2 },
    }),
    asked('committed-ask', 'troupe committed, p50', 'idleP50Us', commits, { base: 'post-ask-idleP50Us' }),
    asked('flushed-ask', 'troupe flushed, p50', 'idleP50Us', commits, { base: 'post-ask-idleP50Us' }),
  ],
};

const together: Section = {
  title: 'Ask, 1,000 at a time',
  rows: [
    many('post', 'postMessage', clone),
    ...['comlink', 'piscina', 'comedy', 'erlang', 'none', 'committed', 'flushed'].map((name) =>
      many(name, titles[name] ?? `troupe ${name}`, 'As one at a time; but nobody sleeps.', { base: 'post-many-asks' }),
    ),
  ],
};

const nearAsks: Section = {
  title: 'Ask, on the same thread',
  rows: [
    asked('nact-ask', 'nact, p50', 'p50Us', immediate),
    asked('effect-ask', 'Effect, p50', 'p50Us', "Effect's interpreter of fibers.", { base: 'nact-ask-p50Us' }),
    many('nact', 'nact, 1,000 at a time', immediate),
    many('effect', 'Effect, 1,000 at a time', "Effect's interpreter of fibers.", { base: 'nact-many-asks' }),
  ],
};

const spawns: Section = {
  title: '100,000 that do nothing: how fast they come, and what each occupies',
  rows: [
    rate('xstate-many', 'spawn: XState alone', objects),
    ...['nact', 'comedy', 'effect', 'erlang'].map((name) =>
      rate(`${name}-many`, `spawn: ${titles[name]}`, name === 'erlang' ? beam : objects, { base: 'xstate-many' }),
    ),
    rate('none-many', 'spawn: none, functions', host, { base: 'xstate-many' }),
    rate('flushed-many', 'spawn: flushed, machines', 'The host, and two commits each.', {
      base: 'xstate-many',
      target: { ratioMin: 0.6 },
    }),
    bytes('xstate-children', 'memory: XState alone'),
    ...['nact', 'comedy', 'effect', 'erlang'].map((name) =>
      bytes(`${name}-many`, `memory: ${titles[name]}`, { base: 'xstate-children-bytesEach' }),
    ),
    bytes('none-many', 'memory: none, functions', { base: 'xstate-children-bytesEach' }),
    bytes('flushed-many', 'memory: flushed, machines', { base: 'xstate-children-bytesEach', target: { ratioMax: 1 } }),
    bytes(
      'flushed-many',
      'memory: the same, passivated',
      { base: 'xstate-children-bytesEach', target: { ratioMax: 0.1 } },
      'passiveBytesEach',
    ),
  ],
};

const entrants: readonly Entrant[] = [
  ...foreign('disk-writes', 'post-tell', 'post-batch', 'post-ask', 'ring-tell', 'xstate-tell-few', 'xstate-tell'),
  ...foreign('xstate-tell-many', 'xstate-ping', 'xstate-many', 'xstate-children'),
  ...of('nact', 'tell', 'ask', 'ping', 'many'),
  ...of('comedy', 'tell-near', 'tell', 'ask', 'many'),
  ...of('comlink', 'ask'),
  ...of('piscina', 'ask'),
  ...of('effect', 'tell', 'ask', 'ping', 'many'),
  ...['tell', 'tell-near', 'ask', 'ping', 'many'].map((what) => ({ name: `erlang-${what}`, needs: 'escript' })),
  ...['tell', 'tell-machine', 'tell-near', 'ask', 'ping', 'many'].map((what) => ({ name: `none-${what}` })),
  ...['tell', 'tell-function', 'ask'].map((what) => ({ name: `committed-${what}` })),
  ...['tell-few', 'tell', 'tell-many', 'tell-function', 'ask', 'many'].map((what) => ({ name: `flushed-${what}` })),
];

/** See the file's header. */
export const messages: Suite = {
  name: 'messages',
  says: 'telling and asking, beside Node itself, XState, nact, comedy, comlink, piscina, Effect, Erlang',
  entry: new URL('./messages/contender-entry.js', import.meta.url),
  entrants,
  sections: [functions, machines, near, ping, busy, idle, together, nearAsks, spawns],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  notMeasured: [
    'More than one host thread: that is a question of cores.',
    'Large messages: these are of one number each.',
    'comlink and piscina telling: they have no message without an answer. Fibers and nact know no other thread.',
    'actor-ts: there is no package of that name to be had.',
    'Garbage of the journal thread where memory is weighed: it cannot be asked to collect. Erlang says what it has ' +
      'allocated; the others are weighed by the resident memory of the process.',
  ],
};

type More = Pick<Row, 'base' | 'target'>;

function rate(entrant: string, title: string, limitedBy: string, more: More = {}): Row {
  return { id: entrant, title, entrant, measure: 'perSecond', unit: '/s', limitedBy, ...more };
}

function asked(
  entrant: string,
  title: string,
  measure: 'p50Us' | 'p99Us' | 'idleP50Us',
  limitedBy: string,
  more: More = {},
): Row {
  return { id: `${entrant}-${measure}`, title, entrant, measure, unit: 'us', limitedBy, ...more };
}

function many(name: string, title: string, limitedBy: string, more: More = {}): Row {
  const measure = 'manyPerSecond';
  return { id: `${name}-many-asks`, title, entrant: `${name}-ask`, measure, unit: '/s', limitedBy, ...more };
}

function bytes(entrant: string, title: string, more: More = {}, measure = 'bytesEach'): Row {
  return { id: `${entrant}-${measure}`, title, entrant, measure, unit: 'B', limitedBy: heaps, ...more };
}

function foreign(...names: readonly string[]): Entrant[] {
  return names.map((name) => ({ name, isForeign: true }));
}

function of(peer: string, ...what: readonly string[]): Entrant[] {
  return what.map((each) => ({ name: `${peer}-${each}`, peer }));
}
