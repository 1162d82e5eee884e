/** A call's id as an HTTP header may have it. */
import { createHash } from 'node:crypto';

/** Longer keys go as a digest: servers refuse them. */
const keyCharsMax = 255;

/** The value of `Idempotency-Key`: the call's id, with what a header cannot have as its percent code. */
export function idempotencyKey(callId: string): string {
  const text = callId.replace(/[^\x21-\x7e]/gu, (each) => encodeURIComponent(each.isWellFormed() ? each : '?'));
  return text.length <= keyCharsMax ? text : `sha256-${createHash('sha256').update(callId).digest('hex')}`;
}
