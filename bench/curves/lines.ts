/**
 * The curves: what grows, who is measured while it does, and at which points. The suite, its processes, the pictures
 * and the tables are all made from this.
 */
import type { CurvePoint, Row } from '../runner/suite.js';

/** One contender with work of several sizes. */
export interface Line {
  /** Its processes are called `entrant/x`. Lines of different measures may share them. */
  readonly entrant: string;
  /** As legends and tables call it. */
  readonly name: string;
  readonly xs: readonly number[];
  readonly measure: string;
  readonly unit: Extract<Row['unit'], '/s' | 'us' | 'ms'>;
  readonly limitedBy: string;
  /** It is no work of ours. */
  readonly isForeign?: true;
}

/** Lines with one measure: a picture, or two, and a table. */
export interface Panel {
  /** In a word; its table stands at `curves NAME` in docs/curves.md. */
  readonly name: string;
  readonly title: string;
  readonly each: CurvePoint['each'];
  /** How the cost is called, in pictures and tables; its unit is added. Without it the figure is the cost. */
  readonly cost?: string;
  readonly lines: readonly Line[];
}

/** One thing that grows. */
export interface Curve {
  /** The picture is `docs/curves-NAME.png`. */
  readonly name: string;
  readonly title: string;
  /** One or two lines below the title. */
  readonly says: readonly string[];
  readonly x: { readonly title: string; readonly noun: string; readonly isBytes?: true };
  readonly panels: readonly Panel[];
}

const KiB = 1_024;
const crowds = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const bytes = [16, 256, 4 * KiB, 64 * KiB, 256 * KiB, KiB * KiB];
const hosts = [1, 2, 4];
const depths = [100, 1_000, 10_000, 100_000, 1_000_000];
const lives = [100, 1_000, 10_000, 100_000, 1_000_000];

const host =
  'The host: reading the envelope and the turn around a call; and the memory of actors that are not in a cache.';
const interpreter = `${host} For machines the interpreter of XState above all.`;
const pieces = 'For small ones what each message costs whatever is in it; for large ones copying, and the disk.';
const cores = 'The two cores: hosts share them with the thread that tells and with the journal.';
const mail = 'The host for what waits in memory; for what waits on disk reading it, a window at a time.';
const turn = 'The host and the journal, as for any one actor.';
const start = 'Starting threads and their modules; the log since the last checkpoint, of at most 16 MiB.';

/** See the file's header. */
export const curves: readonly Curve[] = [
  {
    name: 'actors',
    title: 'More actors',
    says: ['All are in memory, and are told by turns from another thread. Of a million actors one in ten is told.'],
    x: { title: 'Actors', noun: 'actors' },
    panels: [
      {
        name: 'actors',
        title: 'Messages a second',
        each: 'one',
        lines: [
          rate('actors-xstate', 'XState alone', crowds.slice(0, -1), "XState's interpreter, and its memory.", true),
          rate('actors-none', 'functions, none', crowds, host),
          rate('actors-function', 'functions, flushed', crowds, host),
          rate('actors-machine', 'machines, flushed', crowds, interpreter),
        ],
      },
      {
        name: 'crowd',
        title: 'Processor time each',
        each: 'whole',
        lines: [
          processor('actors-xstate', 'XState alone', crowds.slice(0, -1), true),
          processor('actors-none', 'functions, none', crowds),
          processor('actors-function', 'functions, flushed', crowds),
          processor('actors-machine', 'machines, flushed', crowds),
        ],
      },
      {
        name: 'spawn',
        title: 'Spawned a second',
        each: 'one',
        cost: 'Time for each spawn',
        lines: [
          spawned('actors-none', 'functions, none'),
          spawned('actors-function', 'functions, flushed'),
          spawned('actors-machine', 'machines, flushed'),
        ],
      },
    ],
  },
  {
    name: 'size',
    title: 'Larger messages',
    says: ['One function on another thread is told texts, or byte arrays. It looks at both ends of each.'],
    x: { title: 'Bytes of a message', noun: '', isBytes: true },
    panels: [
      {
        name: 'size',
        title: 'Messages a second',
        each: 'byte',
        cost: 'Time for each byte',
        lines: [
          rate('size-post', 'text, postMessage', bytes, 'Structured clone.', true),
          rate('size-disk', 'disk alone', bytes.slice(-3), 'The disk: a file that grows, flushed each MiB.', true),
          rate('size-none', 'text, none', bytes, pieces),
          rate('size-text', 'text, flushed', bytes, pieces),
          rate('size-bytes', 'bytes, flushed', bytes, pieces),
        ],
      },
    ],
  },
  {
    name: 'hosts',
    title: 'More hosts',
    says: ['1,000 functions are told by turns from the main thread. The machine has two cores.'],
    x: { title: 'Host threads', noun: 'hosts' },
    panels: [
      {
        name: 'hosts',
        title: 'Messages a second',
        each: 'one',
        lines: [
          rate('hosts-none', 'none', hosts, cores),
          rate('hosts-flushed', 'flushed', hosts, cores),
          rate('hosts-work', 'flushed, with work', hosts, cores),
        ],
      },
      {
        name: 'processor',
        title: 'Processor time each',
        each: 'whole',
        lines: [
          processor('hosts-none', 'none', hosts),
          processor('hosts-flushed', 'flushed', hosts),
          processor('hosts-work', 'flushed, with work', hosts),
        ],
      },
    ],
  },
  {
    name: 'depth',
    title: 'Deeper mailboxes',
    says: ['One function is busy and is told all the same. Then it is free, and handles what waits, in order.'],
    x: { title: 'Messages waiting', noun: 'waiting' },
    panels: [
      {
        name: 'depth',
        title: 'Messages a second',
        each: 'one',
        cost: 'Time for each message',
        lines: [
          rate('depth', 'accepted meanwhile', depths, 'The journal and the disk.', undefined, 'acceptedPerSecond'),
          rate('depth', 'handled afterwards', depths, mail),
        ],
      },
    ],
  },
  {
    name: 'history',
    title: 'Longer lives',
    says: [
      'One function has handled so many messages, and its whole history is kept. Then its process is killed, and the',
      'next one opens the journal.',
    ],
    x: { title: 'Turns in its history', noun: 'turns' },
    panels: [
      {
        name: 'history',
        title: 'The next 20,000 messages, a second',
        each: 'one',
        cost: 'Time for each message',
        lines: [rate('history', 'flushed', lives, turn)],
      },
      {
        name: 'return',
        title: 'Time to',
        each: 'whole',
        lines: [
          took('firstReplyMs', 'answer after kill -9', start),
          took('wakeMs', 'answer when passive', 'Reading its state, and two commits.'),
          took('readMs', 'read 100 of its turns', 'Going through the last log file.'),
        ],
      },
    ],
  },
];

/** Contenders a run with small sizes has: one of each program. */
const quickEntrants = [
  'actors-function/100',
  'actors-xstate/100',
  `size-text/${4 * KiB}`,
  `size-post/${4 * KiB}`,
  'hosts-work/2',
  'depth/100',
  'history/100',
];

/** Is it left out where sizes are small? */
export function isLarge(entrant: string): boolean {
  return !quickEntrants.includes(entrant);
}

/** A point as a row is called. */
export function pointText(x: Curve['x'], at: number): string {
  const { noun } = x;
  return `${sizeText(x, at)} ${at === 1 ? noun.replace(/s$/, '') : noun}`.trim();
}

/** A point's size as people read it. */
export function sizeText({ isBytes }: Curve['x'], x: number): string {
  if (isBytes === undefined) return x.toLocaleString('en-US');
  if (x >= KiB * KiB) return `${x / KiB / KiB} MiB`;
  return x >= KiB ? `${x / KiB} KiB` : `${x} B`;
}

function rate(
  entrant: string,
  name: string,
  xs: readonly number[],
  limitedBy: string,
  isForeign?: true,
  measure = 'perSecond',
): Line {
  const line = { entrant, name, xs, measure, unit: '/s', limitedBy } as const;
  return isForeign === undefined ? line : { ...line, isForeign };
}

/** It hardly changes when others keep the machine busy, as rates do. */
function processor(entrant: string, name: string, xs: readonly number[], isForeign?: true): Line {
  const limitedBy = 'Nothing limits it: it is what is spent, by all threads together.';
  return { ...rate(entrant, name, xs, limitedBy, isForeign, 'cpuUsPerMessage'), unit: 'us' };
}

/** Of few actors what is measured is the first work of a process. */
function spawned(entrant: string, name: string): Line {
  const limitedBy = 'Two commits each, but for functions that are not journaled; and bringing them up.';
  return rate(entrant, name, crowds.slice(-3), limitedBy, undefined, 'spawnedPerSecond');
}

function took(measure: string, name: string, limitedBy: string): Line {
  return { entrant: 'history', name, xs: lives, measure, unit: 'ms', limitedBy };
}
