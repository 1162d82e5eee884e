/**
 * The suite `footprint`: what it takes to have a library at all. What npm installs for it into an empty folder, and how
 * long a new process takes from its start to the first message handled.
 */
import { fullSizes, quickSizes } from './footprint/sizes.js';
import type { Entrant, Row, Section, Suite } from './runner/suite.js';

const peers = ['nact', 'comedy', 'comlink', 'piscina', 'effect'] as const;
const packages = 'Its dependencies, and whether they have native parts for this machine.';
const modules = 'Starting Node, importing modules, and starting threads where it has some.';

const size: Section = {
  title: 'Installed by npm into an empty folder, without what only developers need',
  rows: [
    installed('troupe', 'MB'),
    ...peers.map((name) => installed(name, 'MB', 'troupe-installed')),
    installed('troupe', 'packages'),
    ...peers.map((name) => installed(name, 'packages', 'troupe-packages')),
  ],
};

const start: Section = {
  title: 'From the start of a process to its first message handled',
  rows: [
    first('node', 'Node: a bare script'),
    first('post', 'postMessage to a new thread'),
    first('xstate', 'XState alone'),
    ...peers.map((name) => first(name, name)),
    first('none', 'troupe none'),
    first('flushed', 'troupe flushed'),
  ],
};

function installed(name: string, unit: 'MB' | 'packages', base?: string): Row {
  const what = unit === 'MB' ? 'installed' : 'packages';
  const entrant = `${name}-install`;
  return {
    id: `${name}-${what}`,
    title: unit === 'MB' ? `${name}: size` : `${name}: packages`,
    entrant,
    measure: unit === 'MB' ? 'mb' : 'packages',
    unit: unit === 'MB' ? 'MB' : '',
    limitedBy: packages,
    ...(base === undefined ? {} : { base }),
  };
}

function first(name: string, title: string): Row {
  const base = name === 'node' ? {} : { base: 'node-first' };
  const entrant = `${name}-first`;
  return { id: entrant, title, entrant, measure: 'ms', unit: 'ms', limitedBy: modules, ...base };
}

const entrants: readonly Entrant[] = [
  { name: 'troupe-install' },
  ...peers.flatMap((peer) => [
    { name: `${peer}-install`, peer },
    { name: `${peer}-first`, peer },
  ]),
  ...['node', 'post', 'xstate'].map((name) => ({ name: `${name}-first`, isForeign: true })),
  { name: 'none-first' },
  { name: 'flushed-first' },
];

/** See the file's header. */
export const footprint: Suite = {
  name: 'footprint',
  says: 'install size, number of packages, and the time from a process start to its first message',
  entry: new URL('./footprint/contender-entry.js', import.meta.url),
  entrants,
  sections: [size, start],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  notMeasured: [
    'Downloads: what is installed is weighed on disk, as npm laid it out from the lock file.',
    "XState is a peer dependency of nobody here: troupe's size includes it.",
    'A cold disk: all modules have been read before.',
  ],
};
