/** Who leads each program, by the program's name. */
import type { ActorDefinition } from '../../../src/index.js';
import { banking, bankingFlushed } from './banking.js';
import { big, bigMachines, bigSpread } from './big.js';
import { boundedBuffer, boundedBufferFlushed } from './bounded-buffer.js';
import { chameneos } from './chameneos.js';
import { counting } from './counting.js';
import { dictionary, dictionaryFlushed } from './dictionary.js';
import { forkJoinCreate } from './fork-join-create.js';
import { forkJoinThroughput, forkJoinThroughputMachines, forkJoinThroughputSpread } from './fork-join-throughput.js';
import { logisticMap } from './logistic-map.js';
import { philosophers, philosophersMachines } from './philosophers.js';
import { pingPong } from './ping-pong.js';
import { sieve } from './sieve.js';
import { sleepingBarber } from './sleeping-barber.js';
import { smokers } from './smokers.js';
import { sortedList } from './sorted-list.js';
import { spawnMany, spawnManyMachines } from './spawn.js';
import { threadRing, threadRingMachines, threadRingSpread } from './thread-ring.js';

/** Transition functions, nothing kept. */
export const functions: Readonly<Record<string, ActorDefinition>> = {
  'ping-pong': pingPong,
  counting,
  'fork-join-throughput': forkJoinThroughput,
  'fork-join-create': forkJoinCreate,
  'thread-ring': threadRing,
  chameneos,
  big,
  spawn: spawnMany,
  dictionary,
  'small-dictionary': dictionary,
  'sorted-list': sortedList,
  'bounded-buffer': boundedBuffer,
  'free-buffer': boundedBuffer,
  philosophers,
  'sleeping-barber': sleepingBarber,
  smokers,
  'logistic-map': logisticMap,
  banking,
  sieve,
};

/** The same functions, kept on the disk. */
export const flushed: Readonly<Record<string, ActorDefinition>> = {
  'small-dictionary': dictionaryFlushed,
  'bounded-buffer': boundedBufferFlushed,
  'free-buffer': boundedBufferFlushed,
  banking: bankingFlushed,
};

/** Machines, nothing kept; those who lead them are functions. */
export const machines: Readonly<Record<string, ActorDefinition>> = {
  'fork-join-throughput': forkJoinThroughputMachines,
  'thread-ring': threadRingMachines,
  big: bigMachines,
  spawn: spawnManyMachines,
  philosophers: philosophersMachines,
};

/** Transition functions on several hosts, nothing kept. Their leaders are on one. */
export const spread: Readonly<Record<string, ActorDefinition>> = {
  'fork-join-throughput': forkJoinThroughputSpread,
  'thread-ring': threadRingSpread,
  big: bigSpread,
};
