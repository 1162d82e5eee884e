/**
 * The model of this suite: the server that is used in tests, which speaks the wire format of real ones, on a thread of
 * its own. What it says is ruled by what it is asked, so that every answer can be checked.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** The environment variable that tells host threads where it is. */
const modelUrlVariable = 'TROUPE_BENCH_MODEL';

/** Where it is, for agents; where nothing is, nobody answers. */
export const modelUrl = (): string => process.env[modelUrlVariable] ?? 'http://127.0.0.1:9/v1';

/** As it is asked for a text. */
export interface TextWish {
  readonly pieces: number;
  /** How long it waits before each, in milliseconds. */
  readonly pieceDelayMs: number;
  /** Leave room in each piece for the time at which it is read; else each has its number. */
  readonly isBlank: boolean;
}

/** It runs. */
export interface ModelServer {
  /** Answered calls so far. */
  paidCalls(): Promise<number>;
  stop(): Promise<void>;
}

/** Start it, before the system whose agents call it. */
export async function startModelServer(): Promise<ModelServer> {
  const thread = new Worker(new URL('./model-server-entry.js', import.meta.url));
  const [url] = (await once(thread, 'message')) as [string];
  process.env[modelUrlVariable] = url;
  const paidCalls = async (): Promise<number> => {
    thread.postMessage('paid calls');
    const [count] = (await once(thread, 'message')) as [number];
    return count;
  };
  const stop = async (): Promise<void> => void (await thread.terminate());
  return { paidCalls, stop };
}
