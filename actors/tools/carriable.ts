/** What is declared must be able to travel: it is handed to tools and shown to whoever asks. */
import { encode } from '../../src/core/codec.js';

/** Is it plain data, as messages carry it? */
export function isCarriable(value: unknown): boolean {
  try {
    encode(value);
    return true;
  } catch {
    // The caller names the field; where inside it and why is rarely a riddle.
    return false;
  }
}
