/** The charts of the document on endurance, from its results. */
import type { Sample } from '../runner/entrant.js';
import type { Quantity } from './axis.js';
import type { Chart, Layer, Panel, Point } from './chart.js';
import { type SuiteResults, measureOf, samplesOf } from './results.js';

const colours = { blue: '#2563b0', orange: '#d97706', green: '#2f855a', grey: '#7b8794', violet: '#6d4fc2' };
/** 1 GB in MB of 2 ** 20 bytes. */
const gigabyteMb = 1e9 / 2 ** 20;

/** The charts by the names of their files. */
export function drawings(results: SuiteResults): Record<string, Chart> {
  return { churn: churn(results), backlog: backlog(results), million: million(results) };
}

function churn(results: SuiteResults): Chart {
  const samples = samplesOf(results, 'churn');
  const along = by(samples, 'handled');
  const used = along((sample) => (sample.dataMb ?? 0) - (sample.freeMb ?? 0));
  return {
    title: `The disk under churn: ${count(measureOf(results, 'churn', 'handled'))} messages`,
    says: [
      'Machines are told by turns; of their history the journal keeps a fixed number of bytes.',
      'What is dropped at one end makes room for what is written at the other.',
    ],
    x: { quantity: 'count', title: 'Messages handled' },
    panels: [
      {
        title: "Size of the journal's folder",
        quantity: 'MB',
        height: 250,
        layers: [
          area(
            'log files',
            colours.blue,
            along((sample) => sample.logMb ?? 0),
          ),
          area('tables in use', colours.green, used),
          area(
            'free pages inside',
            colours.orange,
            along((sample) => sample.freeMb ?? 0),
          ),
        ],
      },
      memoryPanel(samples, along, 120),
    ],
  };
}

function backlog(results: SuiteResults): Chart {
  const samples = samplesOf(results, 'backlog');
  const along = by(samples, 'atMs');
  return {
    title: `A backlog of ${count(measureOf(results, 'backlog', 'told'))} messages`,
    says: [
      'One actor cannot run and is told all the same: what waits, waits on disk.',
      'Once it can run, it handles them all, and checks that they come in order.',
    ],
    x: { quantity: 'ms', title: 'Time' },
    marks: [{ x: measureOf(results, 'backlog', 'releasedAtMs'), name: 'the actor can run' }],
    panels: [
      one(
        'Messages waiting',
        'count',
        130,
        colours.violet,
        along((sample) => sample.waiting ?? 0),
      ),
      one(
        'Journal on disk',
        'MB',
        90,
        colours.blue,
        along((sample) => sample.diskMb ?? 0),
      ),
      memoryPanel(samples, along, 150),
    ],
  };
}

function million(results: SuiteResults): Chart {
  const samples = samplesOf(results, 'million');
  const along = by(samples, 'atMs');
  const peak = Math.max(...samples.map((sample) => sample.rssMb ?? 0));
  const memory = memoryPanel(samples, along, 200);
  const isNear = peak > gigabyteMb / 4;
  return {
    title: `${count(measureOf(results, 'million', 'actors'))} actors, one in a hundred active`,
    says: [
      'Machines are spawned and leave memory; then some of them are told things, passive ones are asked,',
      'and timers wake others. All are in the journal all the time.',
    ],
    x: { quantity: 'ms', title: 'Time' },
    marks: [{ x: measureOf(results, 'million', 'spawnedAtMs'), name: 'all are spawned' }],
    panels: [
      one(
        'Actors in the journal',
        'count',
        110,
        colours.violet,
        along((sample) => sample.actors ?? 0),
      ),
      one(
        'Actors in memory',
        'count',
        80,
        colours.grey,
        along((sample) => sample.cells ?? 0),
      ),
      isNear ? { ...memory, limit: { value: gigabyteMb, name: '1 GB' } } : memory,
    ],
  };
}

function one(title: string, quantity: Quantity, height: number, colour: string, points: readonly Point[]): Panel {
  return { title, quantity, height, layers: [area(title, colour, points)] };
}

type Along = (value: (sample: Sample) => number) => readonly Point[];

function by(samples: readonly Sample[], name: string): Along {
  return (value) => samples.map((sample) => [sample[name] ?? 0, value(sample)]);
}

/** Resident memory, by kind where the system told. */
function memoryPanel(samples: readonly Sample[], along: Along, height: number): Panel {
  const panel = { title: 'Memory of the process (RSS)', quantity: 'MB', height } as const;
  if (samples.some(({ anonMb }) => anonMb === undefined)) {
    return {
      ...panel,
      layers: [
        area(
          'resident',
          colours.green,
          along((sample) => sample.rssMb ?? 0),
        ),
      ],
    };
  }
  return {
    ...panel,
    layers: [
      area(
        'heaps, stacks, buffers',
        colours.green,
        along((sample) => sample.anonMb ?? 0),
      ),
      area(
        'pages of files',
        colours.grey,
        along((sample) => (sample.rssMb ?? 0) - (sample.anonMb ?? 0)),
      ),
    ],
  };
}

function area(name: string, colour: string, points: readonly Point[]): Layer {
  return { name, kind: 'area', colour, points };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
