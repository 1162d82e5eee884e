/** Dead letters as people read them. */
import type { ActorPath } from '../core/ids.js';
import { decode } from '../core/codec.js';
import { parseEnvelope } from '../core/envelope.js';
import { fromPlain, type PlainError } from '../core/errors.js';
import type { FailureReport } from '../journal/ops.js';
import type { DeadLetter } from '../journal/queries.js';

/** A message that nobody will handle, and why. */
export interface DeadLetterView {
  /** Its number in the journal. */
  seq: number;
  /** When it was given up. */
  at: Date;
  /** Whom it was for. */
  path: ActorPath;
  /** ACTOR_UNKNOWN, ACTOR_STOPPED, MESSAGE_FAILED, or what its actor refused it with. */
  code: string;
  /** The message itself. */
  event: unknown;
  /** For MESSAGE_FAILED what the last attempt threw, else the refusal. */
  error: Error;
}

/** Decode one. */
export function viewDeadLetter({ seq, at, path, code, why, envelope }: DeadLetter): DeadLetterView {
  const { payload } = parseEnvelope(Buffer.from(envelope));
  const reason = decode(Buffer.from(why)) as PlainError | FailureReport;
  const error = fromPlain('attemptsMax' in reason ? reason.error : reason);
  return { seq, at: new Date(at), path, code, event: decode(payload), error };
}
