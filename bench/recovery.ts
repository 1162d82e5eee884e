/**
 * The suite `recovery`: what reading a journal back costs, beside reading the very same records raw from lmdb and from
 * the log files.
 */
import { fullSizes, quickSizes } from './recovery/sizes.js';
import type { Section, Suite } from './runner/suite.js';

const rows: Section = {
  title: 'Actors from the tables (101,000 at full size)',
  rows: [
    {
      id: 'raw-rows',
      title: 'lmdb getRange, raw',
      entrant: 'raw-rows',
      measure: 'perSecond',
      unit: '/s',
      limitedBy: "lmdb's cursor, and a buffer for each key and value.",
    },
    {
      id: 'states',
      title: 'states, checked',
      entrant: 'states',
      measure: 'perSecond',
      unit: '/s',
      base: 'raw-rows',
      target: { ratioMin: 0.5 },
      limitedBy: 'The checksum of each row, and a scan that takes turns with commits.',
    },
    {
      id: 'recover-rows',
      title: 'recovery, all have timers',
      entrant: 'recover-rows',
      measure: 'perSecond',
      unit: '/s',
      base: 'raw-rows',
      limitedBy: 'The fields of each row, its place in the tables of RAM, and its timer.',
    },
  ],
};

const log: Section = {
  title: 'The log',
  rows: [
    {
      id: 'raw-log',
      title: 'files and checksums, raw',
      entrant: 'raw-log',
      measure: 'mbPerSecond',
      unit: 'MB/s',
      limitedBy: 'crc32, and copying from the page cache.',
    },
    {
      id: 'recover-log',
      title: 'recovery without checkpoint',
      entrant: 'recover-log',
      measure: 'mbPerSecond',
      unit: 'MB/s',
      base: 'raw-log',
      limitedBy: 'The model, which does with each operation what it did the first time.',
    },
    {
      id: 'raw-history',
      title: 'files and checksums, raw',
      entrant: 'raw-all',
      measure: 'logMbPerSecond',
      unit: 'MB/s',
      limitedBy: 'crc32, and copying from the page cache.',
    },
    {
      id: 'history',
      title: 'history of one actor',
      entrant: 'history',
      measure: 'mbPerSecond',
      unit: 'MB/s',
      base: 'raw-history',
      limitedBy: 'Every record is looked through for the one actor. Not in it: the recovery that comes first.',
    },
  ],
};

const everything: Section = {
  title: 'Everything: log and tables',
  rows: [
    {
      id: 'raw-all',
      title: 'files and lmdb, raw',
      entrant: 'raw-all',
      measure: 'mbPerSecond',
      unit: 'MB/s',
      limitedBy: 'As above.',
    },
    {
      id: 'check',
      title: 'journal check',
      entrant: 'check',
      measure: 'mbPerSecond',
      unit: 'MB/s',
      base: 'raw-all',
      limitedBy: 'Every value is decoded, and the model is built twice over to compare.',
    },
  ],
};

/** See the file's header. */
export const recovery: Suite = {
  name: 'recovery',
  says: 'reading a journal back: states, log, history and check, beside the same records raw',
  entry: new URL('./recovery/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'prepare', once: true },
    ...['raw-rows', 'states', 'recover-rows', 'raw-log', 'recover-log', 'raw-all', 'history', 'check'].map((name) => ({
      name,
      isPrepared: true,
      isForeign: name.startsWith('raw-'),
    })),
  ],
  sections: [rows, log, everything],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  notMeasured: [
    'A cold disk: the journal has just been written, and lies in the page cache.',
    'A warm compiler: each is read once in a process of its own, as a start does.',
  ],
};
