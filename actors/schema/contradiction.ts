/**
 * What no value can be: one part of a JSON Schema document that demands two things which exclude each other. It looks
 * at the keywords that stand side by side; what follows only from several parts together is left to whoever reads them.
 */
import { describeBriefly } from '../../src/core/errors.js';

/** Two keywords that exclude each other. */
export interface Contradiction {
  /** The keyword to be named. */
  keyword: string;
  message: string;
  value: unknown;
}

type Part = Readonly<Record<string, unknown>>;

const ranges = [
  ['minimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
  ['minContains', 'maxContains'],
] as const;

/** The first one there is. @param part an object of the document */
export function contradictionIn(part: Part): Contradiction | undefined {
  return rangeOf(part) ?? requiredOf(part) ?? valuesOf(part);
}

function rangeOf(part: Part): Contradiction | undefined {
  for (const [least, most] of ranges) {
    const [from, to] = [part[least], part[most]];
    if (typeof from !== 'number' || typeof to !== 'number' || from <= to) continue;
    return { keyword: least, message: `${least} is ${from}, and ${most} is ${to}`, value: from };
  }
  return undefined;
}

function requiredOf(part: Part): Contradiction | undefined {
  const { required, properties, additionalProperties, patternProperties } = part;
  const known = (properties ?? {}) as Record<string, unknown>;
  const isClosed = additionalProperties === false && patternProperties === undefined;
  for (const name of Array.isArray(required) ? required : []) {
    const isKnown = Object.hasOwn(known, name);
    if (isKnown ? known[name] !== false : !isClosed) continue;
    const message = `${describeBriefly(name)} is required, and not allowed`;
    return { keyword: 'required', message, value: name };
  }
  return undefined;
}

function valuesOf(part: Part): Contradiction | undefined {
  const { type } = part;
  if (type === undefined) return undefined;
  const wanted = Array.isArray(type) ? type : [type];
  const fits = (value: unknown) => wanted.some((each) => isOf(each, value));
  if (Array.isArray(part.enum) && !part.enum.some(fits)) {
    return { keyword: 'enum', message: `no value of enum is of type ${wanted.join(' or ')}`, value: part.enum };
  }
  if (part.const !== undefined && !fits(part.const)) {
    return { keyword: 'const', message: `const is not of type ${wanted.join(' or ')}`, value: part.const };
  }
  return undefined;
}

function isOf(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
