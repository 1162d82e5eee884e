/** What a receiver of letters keeps of them: enough to prove that each came as it was sent. */

/** A message's content. */
export type Content = string | Uint8Array;

/** See the file's header. */
export interface LetterCount {
  readonly letters: number;
  readonly bytes: number;
  /** The sum of the first and the last byte of each. */
  readonly ends: number;
}

/** Nothing came yet. */
export const noLetters: LetterCount = { letters: 0, bytes: 0, ends: 0 };

/** One more. A text has one byte for each character. */
export function countLetter({ letters, bytes, ends }: LetterCount, content: Content): LetterCount {
  const byteAt = (at: number): number => (typeof content === 'string' ? content.charCodeAt(at) : (content[at] ?? 0));
  const { length } = content;
  return { letters: letters + 1, bytes: bytes + length, ends: ends + byteAt(0) + byteAt(length - 1) };
}
