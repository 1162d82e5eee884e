/**
 * The suite `savina`: the micro and the concurrency programs of the Savina suite (S. Imam and V. Sarkar, AGERE 2014)
 * with its own parameters, beside Erlang, nact and XState alone. What each does is in `savina/programs/`.
 */
import type { Entrant, Row, Section, Suite } from './runner/suite.js';
import { type Entry, entries, type Family, parallelEntries, type ParallelFamily } from './savina/programs.js';
import { fullSizes, quickSizes } from './savina/sizes.js';

/** As a row shows them, in this order. */
const titles: Readonly<Record<Family, string>> = {
  otp: 'Erlang/OTP',
  nact: 'nact',
  function: 'troupe none, functions',
  machine: 'troupe none, machines',
  xstate: 'XState alone',
  flushed: 'troupe flushed, functions',
};

/** Whom each is compared with. */
const bases: Readonly<Partial<Record<Family, Family>>> = {
  nact: 'otp',
  function: 'otp',
  machine: 'nact',
  xstate: 'nact',
  flushed: 'function',
};

/** The programs the targets are about. */
const judged = ['fork-join-throughput', 'thread-ring', 'big', 'spawn'];

function nameOf({ program }: Entry, family: Family | ParallelFamily): string {
  return `${program.name}/${family}`;
}

function rowOf(entry: Entry, family: Family): Row {
  const { program, families } = entry;
  const isRate = program.per !== 'run';
  const base = bases[family];
  const hasTarget = judged.includes(program.name) && (family === 'function' || family === 'machine');
  const entrant = nameOf(entry, family);
  return {
    id: entrant,
    title: titles[family],
    entrant,
    measure: isRate ? 'perSecond' : 'msPerRun',
    unit: isRate ? '/s' : 'ms',
    ...(base !== undefined && families.includes(base) ? { base: nameOf(entry, base) } : {}),
    ...(hasTarget ? { target: { ratioMin: 1 } } : {}),
    limitedBy: program.limitedBy,
  };
}

const order = Object.keys(titles) as Family[];

function sectionOf(entry: Entry): Section {
  const { families, program } = entry;
  return {
    title: program.title,
    rows: order.filter((each) => families.includes(each)).map((each) => rowOf(entry, each)),
  };
}

function entrantOf(name: string, family: Family): Entrant {
  if (family === 'otp') return { name, needs: 'erl', isPrepared: true };
  if (family === 'nact') return { name, peer: 'nact' };
  return family === 'xstate' ? { name, isForeign: true } : { name };
}

/** On more than one thread, beside Erlang with all of its schedulers, and beside the same on one thread. */
function parallelSection(entry: Entry): Section {
  const { program } = entry;
  const [all, spread] = [nameOf(entry, 'otp-all'), nameOf(entry, 'spread')];
  const row = (entrant: string, title: string, base?: string): Row => ({
    id: base === nameOf(entry, 'function') ? `${entrant}-of-one` : entrant,
    title,
    entrant,
    measure: 'perSecond',
    unit: '/s',
    ...(base === undefined ? {} : { base }),
    limitedBy: crossing,
  });
  return {
    title: `On two cores: ${program.title.slice(0, 1).toLowerCase()}${program.title.slice(1)}`,
    rows: [
      row(all, 'Erlang/OTP, all schedulers'),
      row(spread, 'troupe none, 2 hosts', all),
      row(spread, 'the same, beside 1 host', nameOf(entry, 'function')),
    ],
  };
}

const crossing =
  'Messages that go to another thread: packing, and waking it when it sleeps. Actors lie on both hosts by turns, so ' +
  'in the ring every hop is such a one, and in the others every second.';

const idleFamilies = ['otp', 'nact', 'function', 'machine', 'xstate'] as const;

/** Not of Savina: what an actor that does nothing occupies. */
const idle: Section = {
  title: 'Bytes of an idle actor, of 100,000 (not of Savina)',
  rows: idleFamilies.map((family) => {
    const base = bases[family];
    const hasTarget = family === 'function' || family === 'machine';
    return {
      id: `idle/${family}`,
      title: titles[family],
      entrant: `idle/${family}`,
      measure: 'bytesEach',
      unit: 'B',
      ...(base === undefined ? {} : { base: `idle/${base}` }),
      ...(hasTarget ? { target: { ratioMax: 1 } } : {}),
      limitedBy: 'What is kept of an actor; in troupe its cell and its state in the host, and its row in the journal.',
    };
  }),
};

/** See the file's header. */
export const savina: Suite = {
  name: 'savina',
  says: "the Savina suite's micro and concurrency programs, beside Erlang, nact and XState alone",
  entry: new URL('./savina/contender-entry.js', import.meta.url),
  entrants: [
    { name: 'compile-otp', once: true, needs: 'erlc' },
    ...entries.flatMap((entry) => entry.families.map((family) => entrantOf(nameOf(entry, family), family))),
    ...parallelEntries.flatMap((entry): Entrant[] => [
      { name: nameOf(entry, 'otp-all'), needs: 'erl', isPrepared: true },
      { name: nameOf(entry, 'spread') },
    ]),
    ...idleFamilies.map((family) => entrantOf(`idle/${family}`, family)),
  ],
  sections: [...entries.map(sectionOf), ...parallelEntries.map(parallelSection), idle],
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  rounds: 3,
  notMeasured: [
    'More than one thread, but for the three programs on two cores: all actors of troupe, of nact and of XState ' +
      'share one. Erlang runs once with one scheduler and once with all, and the quicker one counts.',
    'The first run of a process: it warms up. The middle one of those that follow in two seconds counts, at most nine.',
    'What a leader orders by the thousand is sent in bursts of about 256 messages, by all contenders alike.',
    'The end of the actors, except in fork-join create.',
  ],
};
