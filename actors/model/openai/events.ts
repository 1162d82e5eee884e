/**
 * The events of a stream, from its bytes, however they are split: server-sent events, parsed by eventsource-parser.
 * Reads only when asked for the next event, and holds one chunk's events and one event's beginning.
 */
import { createParser } from 'eventsource-parser';
import type { TroupeError } from '../../../src/core/errors.js';

/**
 * @param read the next bytes, or undefined at the end
 * @param charsMax of one event
 * @param protocolError makes the error of what is no such stream
 * @returns each event's data
 * @throws TroupeError MODEL_PROTOCOL when an event is longer, or the bytes are no UTF-8
 */
export async function* eventsOf(
  read: () => Promise<Uint8Array | undefined>,
  charsMax: number,
  protocolError: (said: string, cause?: unknown) => TroupeError,
): AsyncGenerator<string> {
  let waiting: string[] = [];
  let failure: TroupeError | undefined;
  const parser = createParser({
    maxBufferSize: charsMax,
    onEvent: ({ data }) => void waiting.push(data),
    onError: ({ type }) => {
      // Fields nobody knows are passed over, as the standard has it.
      if (type === 'max-buffer-size-exceeded')
        failure = protocolError(`an event is longer than ${charsMax} characters`);
    },
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      throw protocolError('the answer is no UTF-8', error);
    }
  };
  for (let bytes = await read(); ; bytes = await read()) {
    // At the end: some servers leave out the empty line that ends their last event.
    parser.feed(bytes === undefined ? `${decode(undefined)}\n\n` : decode(bytes));
    const events = waiting;
    waiting = [];
    yield* events;
    if (failure !== undefined) throw failure;
    if (bytes === undefined) return;
  }
}
