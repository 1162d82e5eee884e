/**
 * A thread that plays ping-pong over two shared counters and two bells: whenever the far counter moves it moves
 * its own to the same value and rings back.
 */
import { workerData } from 'node:worker_threads';
import { Bell } from '../../../../src/thread/bell.js';
import { newSpinGate } from '../../../../src/thread/spin-gate.js';

/** What the peer is given. */
export interface BellPeerTask {
  /** `[far, own]`. */
  counters: Int32Array;
  ownBell: Int32Array;
  farBell: Int32Array;
  /** It ends when the far counter has come here. */
  count: number;
  isAsync: boolean;
  isSpinning: boolean;
}

const { counters, ownBell, farBell, count, isAsync, isSpinning } = workerData as BellPeerTask;
const bell = new Bell(ownBell, isSpinning ? { gate: newSpinGate() } : {});
const far = new Bell(farBell);
bell.hold();
let seen = 0;
while (seen < count) {
  if (isAsync) await bell.wait();
  else bell.waitSync();
  const value = Atomics.load(counters, 0);
  if (value === seen) continue;
  seen = value;
  Atomics.store(counters, 1, value);
  far.ring();
}
bell.release();
