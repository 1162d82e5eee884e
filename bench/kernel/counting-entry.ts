/** The other thread of the `postMessage` base: adds up what it is sent, and answers when asked. */
import { parentPort } from 'node:worker_threads';
import type { TallyEvent } from './actors.js';

let total = 0;
parentPort?.on('message', (message: TallyEvent | readonly TallyEvent[]) => {
  if (Array.isArray(message)) message.forEach(handle);
  else handle(message as TallyEvent);
});

function handle(event: TallyEvent): void {
  if (event.type === 'add') {
    total += event.by;
    return;
  }
  if (event.type === 'next') total += 1;
  parentPort?.postMessage(total);
}
