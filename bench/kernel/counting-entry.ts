/** The other thread of the `postMessage` base: adds up what it is sent, and answers when asked. */
import { parentPort } from 'node:worker_threads';
import type { TallyEvent } from './actors.js';

let total = 0;
parentPort?.on('message', (event: TallyEvent) => {
  if (event.type === 'add') total += event.by;
  else parentPort?.postMessage(total);
});
