/** Savina's concurrency benchmarks: many actors that want the same thing. */
import type { Program } from '../program.js';
import { KeyRandom, SavinaRandom } from '../random.js';

/** Workers read and write a dictionary that one actor has. */
export const dictionary: Program<{ workers: number; requests: number; writePercent: number; entries: number }> = {
  name: 'dictionary',
  title: 'Dictionary: 20 workers, 10,000 requests of each, 10 % writes',
  full: { workers: 20, requests: 10_000, writePercent: 10, entries: 524_287 },
  quick: { workers: 20, requests: 50, writePercent: 10, entries: 500 },
  per: ({ workers, requests }) => workers * requests,
  expected(parameters) {
    const { workers, requests, entries } = parameters;
    const keys = new Set<number>();
    for (let at = 0; at < workers; at += 1) {
      const random = new KeyRandom(at);
      for (let count = 0; count < requests; count += 1) {
        const { key, isWrite } = nextRequest(random, parameters.writePercent);
        if (isWrite && key >= entries) keys.add(key);
      }
    }
    return { replies: workers * requests, size: entries + keys.size };
  },
  limitedBy: 'The actor with the dictionary, which sees every request; two messages for each.',
};

/** Small enough that the whole map may be written with every turn. */
export const smallDictionary: typeof dictionary = {
  ...dictionary,
  name: 'small-dictionary',
  title: 'The same, 500 requests of each, empty at first (scaled: kept whole)',
  full: { ...dictionary.full, requests: 500, entries: 0 },
  quick: { ...dictionary.quick, requests: 10, entries: 0 },
  limitedBy: 'As above; kept, the whole map is encoded after every message, a read too.',
};

/** What a worker asks for next. */
export function nextRequest(random: KeyRandom, writePercent: number): { isWrite: boolean; key: number } {
  const isWrite = random.below(100) < writePercent;
  return { isWrite, key: random.next() };
}

/** The same with a sorted linked list, walked from its head. */
export const sortedList: Program<{ workers: number; requests: number; writePercent: number; sizePercent: number }> = {
  name: 'sorted-list',
  title: 'Sorted list: 20 workers, 8,000 requests of each, 10 % writes',
  full: { workers: 20, requests: 8_000, writePercent: 10, sizePercent: 1 },
  quick: { workers: 20, requests: 50, writePercent: 10, sizePercent: 1 },
  per: 'run',
  expected(parameters) {
    const { workers, requests } = parameters;
    let size = 0;
    for (let at = 0; at < workers; at += 1) {
      const random = new SavinaRandom(at);
      for (let count = 0; count < requests; count += 1) {
        if (nextListRequest(random, parameters).kind === 'write') size += 1;
      }
    }
    return { replies: workers * requests, size, isSorted: 1 };
  },
  limitedBy:
    'Walking the list. To insert, JavaScript changes it in place, Erlang copies what lies before. Messages are few.',
};

/** What a worker asks of the list next. */
export function nextListRequest(
  random: SavinaRandom,
  { writePercent, sizePercent }: { writePercent: number; sizePercent: number },
): { kind: 'size' | 'write' | 'contains'; value: number } {
  const chance = random.below(100);
  if (chance < sizePercent) return { kind: 'size', value: 0 };
  return { kind: chance < sizePercent + writePercent ? 'write' : 'contains', value: random.next() };
}

/** Producers, consumers, and between them a buffer with room for so many. */
export const boundedBuffer: Program<{
  capacity: number;
  producers: number;
  consumers: number;
  items: number;
  produceCost: number;
  consumeCost: number;
}> = {
  name: 'bounded-buffer',
  title: 'Bounded buffer: 40 producers of 1,000 items, 40 consumers',
  full: { capacity: 50, producers: 40, consumers: 40, items: 1_000, produceCost: 25, consumeCost: 25 },
  quick: { capacity: 50, producers: 40, consumers: 40, items: 10, produceCost: 1, consumeCost: 1 },
  per: 'run',
  expected: ({ producers, items }) => ({
    consumed: producers * items,
    numbers: (producers * items * (items + 1)) / 2,
    overfull: 0,
  }),
  limitedBy: 'The 5,000 logarithms an item costs, which is the same work in every language.',
};

/** The same buffer, and items that cost nothing: what the actors alone take. */
export const freeBuffer: typeof boundedBuffer = {
  ...boundedBuffer,
  name: 'free-buffer',
  title: 'The same, with items that cost nothing (not of Savina)',
  full: { ...boundedBuffer.full, produceCost: 0, consumeCost: 0 },
  quick: { ...boundedBuffer.quick, produceCost: 0, consumeCost: 0 },
  per: ({ producers, items }) => producers * items,
  limitedBy: 'The actor with the buffer; four messages for each item.',
};

/** They share forks, and an arbiter hands out both or none. */
export const philosophers: Program<{ philosophers: number; rounds: number }> = {
  name: 'philosophers',
  title: 'Dining philosophers: 20 of them, 10,000 meals each',
  full: { philosophers: 20, rounds: 10_000 },
  quick: { philosophers: 20, rounds: 50 },
  per: (parameters) => parameters.philosophers * parameters.rounds,
  expected: (parameters) => ({ meals: parameters.philosophers * parameters.rounds, clashes: 0 }),
  limitedBy: 'The arbiter; those who are denied ask again at once, so there are far more questions than meals.',
};

/** Customers come, wait in a room or are turned away and come again, and one barber serves them. */
export const sleepingBarber: Program<{ haircuts: number; room: number; arrival: number; haircut: number }> = {
  name: 'sleeping-barber',
  title: 'Sleeping barber: 5,000 haircuts, a room for 1,000',
  full: { haircuts: 5_000, room: 1_000, arrival: 1_000, haircut: 1_000 },
  quick: { haircuts: 200, room: 50, arrival: 10, haircut: 10 },
  per: 'run',
  expected: ({ haircuts }) => ({ served: haircuts, overfull: 0 }),
  limitedBy: 'The messages of customers who find the room full and come again at once; and making 5,000 actors.',
};

/** One arbiter lets one of many smokers smoke, again and again. */
export const smokers: Program<{ rounds: number; smokers: number }> = {
  name: 'smokers',
  title: 'Cigarette smokers: 200 of them, 1,000 rounds',
  full: { rounds: 1_000, smokers: 200 },
  quick: { rounds: 100, smokers: 20 },
  per: 'run',
  expected(parameters) {
    const { rounds } = parameters;
    const random = new SavinaRandom(rounds * parameters.smokers);
    let turns = 0;
    for (let at = 0; at < rounds; at += 1) turns += nextSmoker(random, parameters.smokers).smoker * (at + 1);
    return { rounds, turns };
  },
  limitedBy: 'Little: a run is making 200 actors and 2,000 messages, one at a time.',
};

/** Whose turn it is, and for how many steps. */
export function nextSmoker(random: SavinaRandom, count: number): { smoker: number; steps: number } {
  const smoker = random.below(count);
  return { smoker, steps: random.below(1_000) + 10 };
}

/** Workers have the terms of a series computed, one after the other, by an actor for each rate. */
export const logisticMap: Program<{ terms: number; series: number; burst: number }> = {
  name: 'logistic-map',
  title: 'Logistic map: 10 series of 25,000 terms',
  full: { terms: 25_000, series: 10, burst: 250 },
  quick: { terms: 200, series: 10, burst: 250 },
  per: ({ terms, series }) => terms * series,
  expected({ terms, series }) {
    let sum = 0;
    for (let at = 0; at < series; at += 1) {
      let term = at * seriesStep;
      for (let count = 0; count < terms; count += 1) term = nextTerm(term, rateOf(at));
      sum += term;
    }
    return { sum };
  },
  limitedBy: 'Three messages for each term, and putting aside what comes while one is computed.',
};

const seriesStep = 0.0025;

/** The first term of a series. */
export function startOf(series: number): number {
  return series * seriesStep;
}

/** The rate of a series. */
export function rateOf(series: number): number {
  return 3.46 + series * seriesStep;
}

/** The term after this one. */
export function nextTerm(term: number, rate: number): number {
  return rate * term * (1 - term);
}

/** A teller has amounts moved between accounts; an account that waits for the other puts the rest aside. */
export const banking: Program<{ accounts: number; transactions: number; burst: number }> = {
  name: 'banking',
  title: 'Banking: 50,000 transactions between 1,000 accounts',
  full: { accounts: 1_000, transactions: 50_000, burst: 250 },
  quick: { accounts: 100, transactions: 1_000, burst: 250 },
  per: ({ transactions }) => transactions,
  expected: ({ accounts, transactions }) => ({ completed: transactions, total: accounts * openingBalance }),
  limitedBy: 'Four messages for each transaction.',
};

/** What each account begins with, in cents. */
export const openingBalance = 1_000_000;

/** What the teller orders next. The source is the lower one, so that no two wait for each other. */
export function nextTransfer(random: SavinaRandom, accounts: number): { from: number; to: number; cents: number } {
  const from = random.below((accounts / 10) * 8);
  return { from, to: from + (random.below(accounts - from) || 1), cents: random.below(1_000) + 1 };
}

/** Candidates for primes run along a chain of filters, each with so many primes. */
export const sieve: Program<{ limit: number; primesEach: number; burst: number }> = {
  name: 'sieve',
  title: 'Sieve: the primes below 100,000, 1,000 to a filter',
  full: { limit: 100_000, primesEach: 1_000, burst: 256 },
  quick: { limit: 3_000, primesEach: 100, burst: 256 },
  per: 'run',
  expected({ limit }) {
    let primes = 1;
    for (let candidate = 3; candidate < limit; candidate += 2) {
      let divisor = 3;
      while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 2;
      if (divisor * divisor > candidate) primes += 1;
    }
    return { primes };
  },
  limitedBy:
    'Dividing. For a prime it has found, a filter in JavaScript changes its array; one in Erlang copies its list.',
};
