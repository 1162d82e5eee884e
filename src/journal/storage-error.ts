/** Failures of the disk, of the file system and of lmdb, wrapped once into the kernel's codes. */
import { describeBriefly, TroupeError } from '../core/errors.js';

/** No room: disk, quota, file size limit, lmdb's map. Node gives names, lmdb numbers. */
const fullCodes = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EFBIG', 28, 122, 27, -30_792]);

/** Does the failure say that there is no room? */
export function isFull(cause: unknown): boolean {
  return fullCodes.has((cause as { code?: unknown } | null)?.code);
}

/** Did lmdb or the system report a plain input/output error? lmdb also says so of a write cut short. */
export function isInputOutput(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return code === 5 || code === 'EIO';
}

/**
 * A failed write as the kernel reports it. Kernel errors pass unchanged.
 * @param doing what was tried, for the message
 * @param full the caller knows that there is no room
 */
export function writeError(cause: unknown, doing: string, full = isFull(cause)): TroupeError {
  if (TroupeError.is(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : describeBriefly(cause);
  if (full) return new TroupeError('JOURNAL_FULL', `no room left on the disk while ${doing} (${reason})`, { cause });
  return new TroupeError('JOURNAL_WRITE', `${doing} failed (${reason})`, { cause });
}
