/** Refusals as records: what a sender or asker is told, as an encoded plain error. */
import { decode, encode } from '../core/codec.js';
import { type ErrorCode, type PlainError, TroupeError, type TroupeErrorDetails } from '../core/errors.js';
import type { FailureReport } from './ops.js';

/** A coded refusal as an encoded plain error. */
export function refusal(code: ErrorCode, message: string, about: TroupeErrorDetails = {}): Buffer {
  return Buffer.from(encode(TroupeError.toPlain(new TroupeError(code, message, about)), 'refusal'));
}

/** What an asker hears when handling its request failed for good: MESSAGE_REFUSED, caused by what was thrown. */
export function refusedRequest(path: string, why: Uint8Array): Buffer {
  const reason = (why.length === 0 ? {} : decode(why)) as Partial<FailureReport> & PlainError;
  const cause = reason.error ?? reason;
  const error = new TroupeError('MESSAGE_REFUSED', `${path} could not handle the request: ${cause.message}`);
  return Buffer.from(encode({ ...TroupeError.toPlain(error), cause }, 'refusal'));
}
