/** A thread that writes frames into a ring: a given number of them, or without end until it is terminated. */
import { workerData } from 'node:worker_threads';
import { Bell } from '../../../../src/thread/bell.js';
import { type RingEnd, RingWriter } from '../../../../src/thread/ring.js';
import { checkedFrame } from './checked-frame.js';

/** What the thread is told to write. */
export interface RingWriterTask {
  end: RingEnd;
  /** How many frames; 0 means without end. */
  count: number;
  /** Frames are up to this long. */
  lengthMax: number;
  /** Every so many frames comes one of `largeLength`; 0 means never. */
  largeEvery: number;
  largeLength: number;
}

const { end, count, lengthMax, largeEvery, largeLength } = workerData as RingWriterTask;
const writer = new RingWriter(end);
const bell = new Bell(end.writerBell);
for (let number = 0; count === 0 || number < count; number += 1) {
  const isLarge = largeEvery > 0 && number % largeEvery === largeEvery - 1;
  const frame = checkedFrame(number, isLarge ? largeLength : 8 + ((number * 7919) % (lengthMax - 7)));
  while (!writer.write(frame)) {
    writer.wantRoom();
    bell.waitSync();
  }
}
