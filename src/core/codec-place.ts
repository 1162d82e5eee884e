/** Names for the codec's refusals: what a value is, and where in the message it sits. */
import { types } from 'node:util';

/** A key that is no property name, such as `.get("id")` of a Map. */
export interface OddStep {
  readonly text: string;
}

/** One step on the way from the root of a message to a value in it. */
export type Step = string | number | OddStep;

/** The name of a value's class, if it has one. */
export function className(value: object): string | undefined {
  const name: unknown = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor
    ?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Is it an object literal of another realm (a vm context, as test runners use)? */
export function isPlainElsewhere(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** What it is, for a refusal. */
export function describeInstance(value: object): string {
  if (types.isPromise(value)) return 'a promise';
  return `an instance of ${className(value) ?? 'a class without a name'}`;
}

const nameLike = /^[A-Za-z_$][\w$]*$/;

/** The place the first `depth` steps lead to: `order.items[3].price`. */
export function placeOf(rootName: string, trail: readonly Step[], depth: number): string {
  let place = rootName;
  for (let index = 0; index < depth; index += 1) {
    const step = trail[index]!;
    if (typeof step === 'number') place += `[${step}]`;
    else if (typeof step !== 'string') place += step.text;
    else place += nameLike.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  }
  return place;
}
