/** How the built-in tools say no: with a code of their own, which the bus hands on as the cause of TOOL_FAILED. */
import { TroupeError } from '../../../src/index.js';

/** What a built-in tool refuses with. None of them is tried again. */
export type RefusalCode = 'TOOL_PATH' | 'TOOL_HOST' | 'TOOL_LIMIT' | 'TOOL_CONTENT';

/** Refuse. @param field which argument or limit it is about @throws TroupeError with the code */
export function refuse(code: RefusalCode, message: string, field: string, value?: unknown): never {
  throw new TroupeError(code, message, { field, value });
}
