/** The other thread of `postMessage`: counts letters, and says what came when it is sent nothing. */
import { parentPort } from 'node:worker_threads';
import { type Content, countLetter, noLetters } from './letter-count.js';

let count = noLetters;
parentPort?.on('message', (content: Content | undefined) => {
  if (content === undefined) parentPort?.postMessage(count);
  else count = countLetter(count, content);
});
