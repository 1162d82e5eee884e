/**
 * Elements: values with an id, a time and metadata, as plain data. They are what piles hold.
 *
 * EL1  Ids of one maker grow, also within a millisecond and when the clock goes back.
 * EL2  Ids of different makers (threads, processes) differ by chance: 51 bits for each.
 */
import type { Id } from '../../src/core/ids.js';
import { randomBytes } from 'node:crypto';
import { describeBriefly, TroupeError } from '../../src/index.js';

/** Facts about an element, beside its value: plain data. */
export type Metadata = { readonly [name: string]: unknown };

/** What an element is called: the same wherever it is put. */
export type ElementId = Id<'element'>;

/** A value in a collection. Plain data: it can be a message, a state, JSON when its value can. */
export interface Element<T = unknown> {
  /** 1 to 128 characters. */
  readonly id: ElementId;
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  readonly metadata: Metadata;
  readonly value: T;
}

/** Makes the next id. @param time milliseconds since 1970 */
export type MakeId = (time: number) => ElementId;

/** How `element` makes one. */
export interface ElementOptions {
  /** Default: a new one. Give your own where the same thing may be put again. */
  id?: ElementId;
  /** Default: none. */
  metadata?: Metadata;
  /** Whose `now` is the element's time: a clock, or the turn's context. */
  clock: { now(): number };
  /** Default: this thread's. */
  makeId?: MakeId;
}

/** How many characters an element's id may have. */
const elementIdCharsMax = 128;

const timeChars = 9;
const countChars = 4;
const countMax = 36 ** countChars - 1;
const chanceChars = 10;

/** Chance of the machine: a number in [0, 1). */
const machineChance = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

/**
 * A maker of ids that sort as they were made: `time-count-chance`, 25 characters.
 * @param chance a number in [0, 1); default: the machine's. Give a seeded one for ids that come again.
 */
export function idMaker(chance: () => number = machineChance): MakeId {
  let last = -1;
  let count = 0;
  return (time) => {
    const now = Math.max(0, Math.floor(time));
    // EL1
    if (now > last) [last, count] = [now, 0];
    else if (count < countMax) count += 1;
    else [last, count] = [last + 1, 0];
    const text = (value: number, chars: number): string => value.toString(36).padStart(chars, '0');
    const lots = Math.floor(chance() * 36 ** chanceChars);
    return `${text(last, timeChars)}-${text(count, countChars)}-${text(lots, chanceChars)}`;
  };
}

const ofThisThread = idMaker();

/**
 * Make an element.
 *
 *   const note = element({ text: 'hello' }, { clock: actorContext() });
 *
 * @param value plain data; whoever holds it must not change it afterwards
 * @param options see `ElementOptions`
 * @throws TroupeError ELEMENT_INVALID naming the field
 */
export function element<T>(value: T, { id, metadata = {}, clock, makeId = ofThisThread }: ElementOptions): Element<T> {
  const time = clock.now();
  const made = { id: id ?? makeId(time), time, metadata, value };
  const wrong = faultOf(made);
  if (wrong !== undefined) throw wrong;
  return made;
}

/** What is wrong with something that should be an element; undefined when nothing is. Says nothing of the value. */
export function faultOf(given: unknown): TroupeError | undefined {
  if (!isPlain(given)) return invalid('element', given, 'must be an object');
  const { id, time, metadata } = given;
  if (typeof id !== 'string') return invalid('element.id', id, 'must be a string');
  if (id === '' || id.length > elementIdCharsMax) {
    return invalid('element.id', id, `must have 1 to ${elementIdCharsMax} characters`);
  }
  if (typeof time !== 'number' || !Number.isFinite(time)) return invalid('element.time', time, 'must be a number');
  if (!isPlain(metadata)) return invalid('element.metadata', metadata, 'must be an object');
  if (!('value' in given)) return invalid('element.value', undefined, 'is missing');
  return undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The refusal of a part of an element. */
export function invalid(field: string, value: unknown, must: string): TroupeError {
  const shown = value === undefined ? '' : `, but is ${describeBriefly(value)}`;
  return new TroupeError('ELEMENT_INVALID', `${field} ${must}${shown}`, { field, value });
}
