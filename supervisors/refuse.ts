/** Saying no to a declaration, with the field and the value. */
import { describeBriefly, TroupeError } from '../src/index.js';

/** Refuse, naming field and value. @throws TroupeError SUPERVISOR_SPEC */
export function refuse(field: string, value: unknown, what: string): never {
  throw new TroupeError('SUPERVISOR_SPEC', `${field} ${what}, and is ${describeBriefly(value)}`, { field, value });
}

/** Refuse fields that mean nothing. @throws TroupeError SUPERVISOR_SPEC */
export function refuseUnknown(spec: object, fields: readonly string[], where: string): void {
  for (const [field, value] of Object.entries(spec)) {
    if (!fields.includes(field)) refuse(`${where}.${field}`, value, `is no field; known are ${fields.join(', ')}`);
  }
}

/** Refuse what is none of a few words. @throws TroupeError SUPERVISOR_SPEC */
export function oneOf(value: unknown, legal: readonly string[], field: string): void {
  if (!legal.includes(value as string)) refuse(field, value, `must be one of ${legal.join(', ')}`);
}

/** Refuse what is no whole number from 1. @throws TroupeError SUPERVISOR_SPEC */
export function requireCount(value: unknown, field: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1) refuse(field, value, 'must be a whole number from 1');
}
