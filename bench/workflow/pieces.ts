/**
 * Pieces of streamed texts, all of the same length, so that those that were joined on their way can be told apart. One
 * kind has its number in it; the other has room for the moment at which its bytes were read from the connection, by
 * which whoever gets it later knows how long that took.
 */

const digits = 16;
const length = digits + 1;

/** A piece with room for a moment. */
export const blank = `${'@'.repeat(digits)} `;

/** Piece number `at`. */
export function numbered(at: number): string {
  return `${String(at).padStart(digits, '0')} `;
}

/** The numbers in a text of such pieces. */
export function numbersIn(text: string): number[] {
  return Array.from({ length: text.length / length }, (_, at) => Number(text.slice(at * length, at * length + digits)));
}

/** Microseconds of a clock that all threads of a process share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** How long ago the pieces of a text were read, in microseconds. */
export function agesUs(text: string): number[] {
  const now = nowUs();
  return numbersIn(text).map((atUs) => now - atUs);
}

/** Node's `fetch`, which writes into blank pieces when their bytes came. */
export const stampingFetch: typeof fetch = async (...call) => {
  const response = await fetch(...call);
  const stamps = new TransformStream<Uint8Array, Uint8Array>({
    transform: (bytes, stream) => stream.enqueue(stamped(bytes)),
  });
  return new Response(response.body?.pipeThrough(stamps) ?? null, response);
};

function stamped(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stamp = numbered(nowUs());
  for (let at = buffer.indexOf(blank); at >= 0; at = buffer.indexOf(blank, at + length)) buffer.write(stamp, at);
  return buffer;
}
