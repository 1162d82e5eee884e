/** The actors of the curves that those of the kernel's suite are not enough for. */
import { existsSync } from 'node:fs';
import { fromTransition } from 'xstate';
import { actorContext, defineActor, type Request } from '../../src/index.js';
import type { TallyEvent } from '../kernel/actors.js';
import { computeSine } from '../savina/compute.js';
import { type Content, countLetter, type LetterCount, noLetters } from './letter-count.js';

/** What the receiver of letters understands. */
export type LetterEvent = { type: 'letter'; content: Content } | Request<'read', object, LetterCount>;

const readLetters = fromTransition((count: LetterCount, event: LetterEvent): LetterCount => {
  if (event.type === 'letter') return countLetter(count, event.content);
  actorContext().reply(count);
  return count;
}, noLetters);

/** Counts what it is sent. */
export const letterBoxes = {
  none: defineActor(import.meta, 'curves-letters-none', readLetters, { durability: 'none' }),
  flushed: defineActor(import.meta, 'curves-letters', readLetters, { durability: 'flushed' }),
} as const;

/** So many sines are what a working actor computes for a message: some tens of microseconds. */
const sinesEach = 2_000;

/** Adds up what it is told, and computes for each. */
export const cruncher = defineActor(
  import.meta,
  'curves-cruncher',
  fromTransition((total: number, event: TallyEvent): number => {
    if (event.type !== 'add') {
      actorContext().reply(total);
      return total;
    }
    let sum = 0;
    for (let at = 0; at < sinesEach; at += 1) sum += computeSine(at);
    // Always true, which the compiler does not know: so it has to compute.
    return sum >= 0 ? total + event.by : total;
  }, 0),
  { durability: 'flushed' },
);

/** What the clerk has handled: the number it expects next, and items that came out of order. */
export interface Desk {
  readonly next: number;
  readonly faults: number;
}

/** `hold`: be busy until there is no such file. `open`: begin to count anew. */
export type ClerkEvent =
  | { type: 'hold'; gate: string }
  | { type: 'item'; n: number }
  | Request<'open', object, boolean>
  | Request<'read', object, Desk>;

const lookMs = 0.2;

/** Handles items in order, unless it is busy with something else, and its thread with it. */
export const clerk = defineActor(
  import.meta,
  'curves-clerk',
  fromTransition(
    (desk: Desk, event: ClerkEvent): Desk => {
      switch (event.type) {
        case 'hold': {
          const nothing = new Int32Array(new SharedArrayBuffer(4));
          while (existsSync(event.gate)) Atomics.wait(nothing, 0, 0, lookMs);
          return desk;
        }
        case 'item':
          return { next: event.n + 1, faults: desk.faults + (event.n === desk.next ? 0 : 1) };
        case 'open':
          actorContext().reply(true);
          return { next: 0, faults: 0 };
        case 'read':
          actorContext().reply(desk);
          return desk;
      }
    },
    { next: 0, faults: 0 },
  ),
  { durability: 'flushed' },
);
