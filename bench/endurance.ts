/**
 * The suite `endurance`: what does not grow. Disk under five million messages, memory under a backlog of a million and
 * under a million actors, and the time a start takes after a long life.
 */
import { fullSizes, quickSizes } from './endurance/sizes.js';
import type { Row, Section, Suite } from './runner/suite.js';

const churn: Section = {
  title: 'Churn: 5,000,000 messages, 32 MiB of history (quarters: the most sampled)',
  rows: [
    row('churn', 'rate', 'messages handled', 'perSecond', '/s', 'The host, as in the suite `kernel`.'),
    row('churn', 'disk-early', 'disk, second quarter', 'secondQuarterDiskMb', 'MB', diskLimit()),
    {
      ...row('churn', 'disk-late', 'disk, last quarter', 'lastQuarterDiskMb', 'MB', diskLimit()),
      base: 'churn-disk-early',
      target: { ratioMax: 1.1 },
    },
    row('churn', 'data-early', 'tables, second quarter', 'secondQuarterDataMb', 'MB', dataLimit()),
    {
      ...row('churn', 'data-late', 'tables, last quarter', 'lastQuarterDataMb', 'MB', dataLimit()),
      base: 'churn-data-early',
      target: { ratioMax: 1.1 },
    },
    row('churn', 'free-late', 'free inside, last quarter', 'lastQuarterFreeMb', 'MB', dataLimit()),
    row('churn', 'rss-early', 'memory, second quarter', 'secondQuarterRssMb', 'MB', heapLimit()),
    {
      ...row('churn', 'rss-late', 'memory, last quarter', 'lastQuarterRssMb', 'MB', heapLimit()),
      base: 'churn-rss-early',
    },
  ],
};

const backlog: Section = {
  title: 'Backlog: 1,000,000 messages to one actor that cannot run yet',
  rows: [
    row('backlog', 'told', 'messages accepted', 'toldPerSecond', '/s', 'Waiting for the disk, and the journal thread.'),
    row('backlog', 'rss-early', 'memory, second quarter', 'secondQuarterRssMb', 'MB', heapLimit()),
    {
      ...row('backlog', 'rss-late', 'memory, last quarter', 'lastQuarterRssMb', 'MB', heapLimit()),
      base: 'backlog-rss-early',
      target: { ratioMax: 1.2 },
    },
    {
      ...row('backlog', 'rss-drain', 'memory while it drains', 'drainRssMbMax', 'MB', heapLimit()),
      base: 'backlog-rss-early',
    },
    row('backlog', 'drain', 'handled, in order', 'handledPerSecond', '/s', 'One actor: one window at a time.'),
    row('backlog', 'disk', 'disk, max', 'diskMbMax', 'MB', 'The messages themselves, in the log and as waiting mail.'),
  ],
};

const million: Section = {
  title: '1,000,000 actors, 10,000 of them resident, one in a hundred active',
  rows: [
    row('million', 'spawn', 'spawned', 'spawnedPerSecond', '/s', 'Bringing machines up, and two commits each.'),
    {
      ...row('million', 'rss', 'memory, max', 'rssMbMax', 'MB', heapLimit()),
      target: { valueMax: gigabyteMb() },
    },
    row('million', 'anon', 'of it heaps and buffers', 'peakAnonMb', 'MB', heapLimit()),
    row(
      'million',
      'file',
      'of it pages of files',
      'peakFileMb',
      'MB',
      'RAM nobody else wanted: the system takes it back.',
    ),
    row('million', 'active', 'messages to active ones', 'toldPerSecond', '/s', 'The host, as in the suite `kernel`.'),
    row(
      'million',
      'passive',
      'passive ones answer, p99',
      'passiveP99Ms',
      'ms',
      'Reading it from the store, two commits.',
    ),
    row(
      'million',
      'late',
      'their timers are late, max',
      'lateMsMax',
      'ms',
      'What else the journal does at that moment.',
    ),
  ],
};

const startUp: Section = {
  title: 'From createSystem to the first reply',
  rows: [
    row('start-empty', 'reply', 'an empty journal', 'firstReplyMs', 'ms', 'Starting two threads and their modules.'),
    {
      ...row(
        'start-up',
        'reply',
        'after kill -9',
        'firstReplyMs',
        'ms',
        '100,000 actors, 1,000,000 messages: the log since the last checkpoint is read, older history is not.',
      ),
      base: 'start-empty-reply',
      target: { valueMax: 2_000 },
    },
    row('start-up', 'disk', 'the journal on disk', 'diskMb', 'MB', 'All of the history is kept here.'),
  ],
};

/** @param id its name within the entrant's rows */
function row(entrant: string, id: string, title: string, measure: string, unit: Row['unit'], limitedBy: string): Row {
  return { id: `${entrant}-${id}`, title, entrant, measure, unit, limitedBy };
}

function diskLimit(): string {
  return 'What retention keeps, the log since the last checkpoint, and the tables.';
}

function dataLimit(): string {
  return 'Every checkpoint writes new pages before it may free old ones.';
}

function heapLimit(): string {
  return 'Heaps of four threads, which V8 grows while there is garbage, and rings.';
}

/** 1 GB in the table's MB of 2 ** 20 bytes. */
function gigabyteMb(): number {
  return Math.floor(1e9 / 2 ** 20);
}

/** See the file's header. */
export const endurance: Suite = {
  name: 'endurance',
  says: 'what does not grow: disk under churn, memory under a backlog and a million actors, starts',
  entry: new URL('./endurance/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'prepare-history', once: true },
    { name: 'churn' },
    { name: 'backlog' },
    { name: 'million' },
    { name: 'start-empty' },
    { name: 'start-up', isPrepared: true },
  ],
  sections: [churn, backlog, million, startUp],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  rounds: 1,
  entrantMsMax: 3_600_000,
  notMeasured: [
    'Days: five million messages take minutes, and what leaks slower than they show is not seen.',
    'Large states and large messages: these are of one number each.',
    'A cold disk: the journal that is opened has just been copied, and lies in the page cache.',
  ],
};
