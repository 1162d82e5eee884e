/** The other thread of the bare ring: unpacks frames and adds up what is in them. */
import { workerData } from 'node:worker_threads';
import { Packr } from 'msgpackr';
import type { TallyEvent } from '../kernel/actors.js';
import { Ring } from './ring.js';

const packr = new Packr();
const ring = new Ring(workerData as SharedArrayBuffer);

ring.read((frame) => {
  let sum = 0;
  for (const event of packr.unpack(frame) as TallyEvent[]) if (event.type === 'add') sum += event.by;
  return sum;
});
