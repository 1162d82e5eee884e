/** Larger and larger messages to one function on another thread, and the same by `postMessage`. */
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Measures, perSecond, prove, withSystem } from '../kernel/contender.js';
import { letterBoxes } from './actors.js';
import { type Content, countLetter, type LetterCount, noLetters } from './letter-count.js';
import type { CurvesContender, Sizes } from './sizes.js';
import { tellAhead, type Telling, timeTelling } from './tell.js';

const timeoutMs = 120_000;
const flushBytes = 2 ** 20;

/** Letters of so many bytes, as text or as bytes. */
export function letters(kind: 'text' | 'bytes', durability: 'none' | 'flushed', bytes: number): CurvesContender {
  return ({ sizes, folder }) =>
    withSystem(folder, async (system) => {
      const box = await system.spawn(letterBoxes[durability], { id: 'box' });
      const write = (content: Content): void => void box.tell({ type: 'letter', content });
      const read = () => box.ask({ type: 'read' }, { timeoutMs });
      return sendAll(kind, bytes, sizes, write, read, async (telling) => (await timeTelling(system, telling)).ms);
    });
}

/** Texts of so many bytes by `postMessage`, which keeps nothing. */
export function postLetters(bytes: number): CurvesContender {
  return async ({ sizes }) => {
    const worker = new Worker(new URL('./post-letters-entry.js', import.meta.url));
    const readers: ((count: LetterCount) => void)[] = [];
    worker.on('message', (count: LetterCount) => readers.shift()?.(count));
    const read = () =>
      new Promise<LetterCount>((resolve) => {
        readers.push(resolve);
        worker.postMessage(undefined);
      });
    const time = async (telling: Telling): Promise<number> => {
      const begin = performance.now();
      await tellAhead(telling);
      await read();
      return performance.now() - begin;
    };
    const measures = await sendAll('text', bytes, sizes, (content) => worker.postMessage(content), read, time);
    await worker.terminate();
    if (worker.threadId !== -1) await once(worker, 'exit');
    return measures;
  };
}

/** Letters appended to a file, a write for each, and flushed each MiB: no journal can be faster than that. */
export function diskLetters(bytes: number): CurvesContender {
  return async ({ sizes, folder }) => {
    const file = path.join(folder, 'letters');
    const handle = openSync(file, 'a');
    const letter = Buffer.alloc(bytes, 'm');
    const count = Math.max(sizes.lettersMin, Math.floor(sizes.volumeBytes / bytes));
    const begin = performance.now();
    for (let at = 1; at <= count; at += 1) {
      writeSync(handle, letter);
      if ((at * bytes) % flushBytes === 0) fdatasyncSync(handle);
    }
    fdatasyncSync(handle);
    const ms = performance.now() - begin;
    closeSync(handle);
    prove('bytes in the file', statSync(file).size, count * bytes);
    return { perSecond: perSecond(count, ms), mbPerSecond: (count * bytes) / 1e3 / ms };
  };
}

/** Send them, the first ones to warm up, and prove what came. @param time does the telling and says how long it took */
async function sendAll(
  kind: 'text' | 'bytes',
  bytes: number,
  sizes: Sizes,
  write: (content: Content) => void,
  read: () => Promise<LetterCount>,
  time: (telling: Telling) => Promise<number>,
): Promise<Measures> {
  const contents = contentsOf(kind, bytes);
  const count = Math.min(sizes.tells, Math.max(sizes.lettersMin, Math.floor(sizes.volumeBytes / bytes)));
  const ahead = Math.min(sizes.tellsAhead, Math.max(4, Math.floor(sizes.bytesAhead / bytes)));
  let sent = noLetters;
  const tell = (at: number): void => {
    const content = contents[at % contents.length] as Content;
    sent = countLetter(sent, content);
    write(content);
  };
  const warmUp = Math.floor(count * sizes.warmUpShare);
  await time({ count: warmUp, ahead, tell, mark: read });
  const ms = await time({ count, ahead, tell, mark: read });
  const came = await read();
  prove('letters', came.letters, sent.letters);
  prove('their bytes', came.bytes, sent.bytes);
  prove('sum of first and last bytes', came.ends, sent.ends);
  return { perSecond: perSecond(count, ms), mbPerSecond: (count * bytes) / 1e3 / ms, handled: warmUp + count };
}

/** A few that differ at both ends. */
function contentsOf(kind: 'text' | 'bytes', bytes: number): Content[] {
  return [0, 1, 2, 3].map((at) => {
    const content = Buffer.alloc(bytes, 'm');
    content[0] = 97 + at;
    content[bytes - 1] = 100 + 3 * at;
    // Made of bytes, it is one piece of memory; texts that were put together are not.
    return kind === 'text' ? content.toString('latin1') : new Uint8Array(content);
  });
}
