/** The contenders of the suite: one for each point, each in a process of its own. */
import type { ContenderInput } from '../kernel/contender.js';
import { contend } from '../runner/contend.js';
import { crowd, xstateCrowd } from './crowd.js';
import { depth } from './depth.js';
import { diskLetters, letters, postLetters } from './letters.js';
import { life, prepareLife } from './life.js';
import { curves } from './lines.js';
import type { CurvesContender, Sizes } from './sizes.js';
import { spread } from './spread.js';

/** By what stands before the size in a contender's name. */
const programs: Record<string, (x: number) => CurvesContender> = {
  'actors-xstate': xstateCrowd,
  'actors-none': (actors) => crowd('function', 'none', actors),
  'actors-function': (actors) => crowd('function', 'flushed', actors),
  'actors-machine': (actors) => crowd('machine', 'flushed', actors),
  'size-post': postLetters,
  'size-disk': diskLetters,
  'size-none': (bytes) => letters('text', 'none', bytes),
  'size-text': (bytes) => letters('text', 'flushed', bytes),
  'size-bytes': (bytes) => letters('bytes', 'flushed', bytes),
  'hosts-none': (hosts) => spread('none', hosts),
  'hosts-flushed': (hosts) => spread('flushed', hosts),
  'hosts-work': (hosts) => spread('work', hosts),
  depth,
  'prepare-history': prepareLife,
  history: life,
};

const lines = curves.flatMap(({ panels }) => panels.flatMap((panel) => panel.lines));
const names = new Set(lines.flatMap(({ entrant, xs }) => xs.map((x) => `${entrant}/${x}`)));
for (const name of [...names].filter((each) => each.startsWith('history/'))) names.add(`prepare-${name}`);

const contenders: Record<string, CurvesContender> = {};
for (const name of names) {
  const [program = '', x] = name.split('/');
  const make = programs[program];
  if (make === undefined) throw new Error(`nobody wrote ${program}`);
  contenders[name] = make(Number(x));
}

await contend<ContenderInput<Sizes>>(contenders, { dying: [...names].filter((name) => name.startsWith('prepare-')) });
