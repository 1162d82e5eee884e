/** What is wrong with an actor, from its row. */
import { decode } from '../core/codec.js';
import { fromPlain } from '../core/errors.js';
import type { FailureReport } from '../journal/ops.js';
import type { ActorRow } from '../journal/row.js';

/** Why a row has failed, or cannot be used. */
export function failureOf({ failure, damage }: ActorRow): Error | undefined {
  if (damage !== undefined) return damage;
  return failure && fromPlain((decode(failure.error) as FailureReport).error);
}
