/** Savina's micro benchmarks: what a message, a mailbox and an actor cost. */
import type { Program } from '../program.js';

/** Two actors, one message on its way at a time. A ping is sent, answered, and the answer starts the next. */
export const pingPong: Program<{ pings: number }> = {
  name: 'ping-pong',
  title: 'Ping-pong: 2 actors, 40,000 round trips',
  full: { pings: 40_000 },
  quick: { pings: 2_000 },
  per: ({ pings }) => pings,
  expected: ({ pings }) => ({ pongs: pings }),
  limitedBy: 'Switching from one actor to the other for every message.',
};

/** One actor tells another as fast as it can, and then asks how much came. */
export const counting: Program<{ messages: number; burst: number }> = {
  name: 'counting',
  title: 'Counting: 1,000,000 messages to one actor',
  full: { messages: 1_000_000, burst: 256 },
  quick: { messages: 20_000, burst: 256 },
  per: ({ messages }) => messages,
  expected: ({ messages }) => ({ count: messages }),
  limitedBy: 'Putting a message into a mailbox and taking it out.',
};

/** Every one of the actors gets so many messages, by turns, and computes a little for each. */
export const forkJoinThroughput: Program<{ actors: number; messages: number; burst: number }> = {
  name: 'fork-join-throughput',
  title: 'Fork-join throughput: 60 actors, 10,000 messages to each',
  full: { actors: 60, messages: 10_000, burst: 240 },
  quick: { actors: 60, messages: 200, burst: 240 },
  per: ({ actors, messages }) => actors * messages,
  expected: ({ actors, messages }) => ({ handled: actors * messages }),
  limitedBy: 'As counting, and a sine for each message.',
};

/** Actors that are made, handle one message and end. A run is over when all have ended. */
export const forkJoinCreate: Program<{ actors: number }> = {
  name: 'fork-join-create',
  title: 'Fork-join create: 40,000 actors live for one message',
  full: { actors: 40_000 },
  quick: { actors: 500 },
  per: ({ actors }) => actors,
  expected: ({ actors }) => ({ ended: actors }),
  includesEnd: true,
  limitedBy: 'Making an actor and ending it; troupe has a journal thread that knows of both, and routes by it.',
};

/** A token goes round. */
export const threadRing: Program<{ actors: number; hops: number }> = {
  name: 'thread-ring',
  title: 'Thread ring: 100 actors, 100,000 hops of one token',
  full: { actors: 100, hops: 100_000 },
  quick: { actors: 100, hops: 5_000 },
  per: ({ hops }) => hops,
  expected: ({ actors, hops }) => ({ endedAt: hops % actors }),
  limitedBy: 'Switching from one actor to the other for every message.',
};

/** Creatures meet in pairs at one place and change colours. */
export const chameneos: Program<{ creatures: number; meetings: number }> = {
  name: 'chameneos',
  title: 'Chameneos: 100 creatures, 200,000 meetings',
  full: { creatures: 100, meetings: 200_000 },
  quick: { creatures: 100, meetings: 3_000 },
  per: ({ meetings }) => meetings,
  // Two take part in each.
  expected: ({ meetings }) => ({ met: 2 * meetings }),
  limitedBy: 'Four messages for each meeting, half of them to one actor.',
};

/** Everyone pings everyone, in a random order, one ping of each on its way at a time. */
export const big: Program<{ actors: number; pings: number }> = {
  name: 'big',
  title: 'Big: 120 actors, 2,000 pings of each to another (scaled: 20,000)',
  // With 20,000 a run of interpreted machines takes minutes.
  full: { actors: 120, pings: 2_000 },
  quick: { actors: 120, pings: 50 },
  per: ({ actors, pings }) => actors * pings,
  expected: ({ actors, pings }) => ({ pongs: actors * pings, fromOthers: 0 }),
  limitedBy: 'Two messages for each ping; 120 mailboxes that all have something.',
};

/** The hundred thousand: all are made, each is told one message and answers it. */
export const spawnMany: Program<{ actors: number }> = {
  name: 'spawn',
  title: 'Spawn: 100,000 actors report that they are up (not of Savina)',
  full: { actors: 100_000 },
  quick: { actors: 1_000 },
  per: ({ actors }) => actors,
  expected: ({ actors }) => ({ up: actors }),
  limitedBy: 'Making an actor; troupe has a journal thread that knows of each, and routes by it.',
};
