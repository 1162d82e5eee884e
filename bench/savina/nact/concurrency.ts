/** Savina's concurrency benchmarks with nact. */
import { busyWait, isPrimeAmong, workOn } from '../compute.js';
import { LinkedList } from '../linked-list.js';
import type { Outcome } from '../program.js';
import * as programs from '../programs/concurrency.js';
import { KeyRandom, SavinaRandom } from '../random.js';
import { begin, type NactProgram, type Ref } from './api.js';

/** The parameters of a program. */
type Of<T> = T extends { readonly full: infer P } ? P : never;

/** See `programs/concurrency.ts`. */
export const dictionary: NactProgram<Of<typeof programs.dictionary>> = (
  { spawn, dispatch },
  system,
  { workers, requests, writePercent, entries },
) =>
  new Promise<Outcome>((resolve) => {
    type Message = { type: 'read' | 'write'; key: number; value: number } | { type: 'size' };
    const map = spawn(
      system,
      (values: Map<number, number>, message: Message, { self, sender }) => {
        if (message.type === 'size') resolve({ replies, size: values.size });
        else {
          if (message.type === 'write') values.set(message.key, message.value);
          dispatch(sender, { type: 'result', value: values.get(message.key) }, self);
        }
        return values;
      },
      'map',
      { initialState: new Map(Array.from({ length: entries }, (_, key): [number, number] => [key, key])) },
    );
    let working = workers;
    let replies = 0;
    for (let seed = 0; seed < workers; seed += 1) {
      const random = new KeyRandom(seed);
      const worker = spawn(
        system,
        (left: number, _message: unknown, { self }) => {
          if (left === 0) {
            working -= 1;
            replies += requests;
            if (working === 0) dispatch(map, { type: 'size' });
            return 0;
          }
          const { isWrite, key } = programs.nextRequest(random, writePercent);
          dispatch(map, { type: isWrite ? 'write' : 'read', key, value: left }, self);
          return left - 1;
        },
        `worker-${seed}`,
        { initialState: requests },
      );
      dispatch(worker, { type: 'work' });
    }
  });

/** See `programs/concurrency.ts`. */
export const sortedList: NactProgram<Of<typeof programs.sortedList>> = ({ spawn, dispatch }, system, parameters) =>
  new Promise<Outcome>((resolve) => {
    const { workers, requests } = parameters;
    const list = spawn(
      system,
      (values: LinkedList, message: { kind: string; value: number }, { self, sender }) => {
        let { value } = message;
        if (message.kind === 'write') values.add(value);
        else if (message.kind === 'end') resolve({ replies, size: values.size, isSorted: Number(values.isSorted) });
        else value = message.kind === 'size' ? values.size : Number(values.contains(value));
        dispatch(sender, { type: 'result', value }, self);
        return values;
      },
      'list',
      { initialState: new LinkedList() },
    );
    let working = workers;
    let replies = 0;
    for (let seed = 0; seed < workers; seed += 1) {
      const random = new SavinaRandom(seed);
      const worker = spawn(
        system,
        (left: number, _message: unknown, { self }) => {
          if (left > 0) dispatch(list, programs.nextListRequest(random, parameters), self);
          else if (left === 0) {
            working -= 1;
            replies += requests;
            if (working === 0) dispatch(list, { kind: 'end', value: 0 }, self);
          }
          return left - 1;
        },
        `worker-${seed}`,
        { initialState: requests },
      );
      dispatch(worker, { type: 'work' });
    }
  });

/** See `programs/concurrency.ts`. */
export const boundedBuffer: NactProgram<Of<typeof programs.boundedBuffer>> = (
  { spawn, dispatch },
  system,
  { capacity, producers, consumers, items, produceCost, consumeCost },
) =>
  new Promise<Outcome>((resolve) => {
    interface Item {
      type: 'item';
      from: Ref;
      value: number;
      number: number;
    }
    type Message = Item | { type: 'available' } | { type: 'produced' };
    const pending: Item[] = [];
    const blocked: Ref[] = [];
    const idle: Ref[] = [];
    const sums = { consumed: 0, numbers: 0, overfull: 0 };
    const manager = spawn(
      system,
      (producing: number, message: Message, { self, sender }) => {
        let left = producing;
        if (message.type === 'item') {
          const consumer = idle.shift();
          if (consumer === undefined) pending.push(message);
          else dispatch(consumer, message, self);
          if (pending.length > capacity) sums.overfull += 1;
          if (pending.length >= capacity - producers) blocked.push(message.from);
          else dispatch(message.from, { type: 'produce' }, self);
          return left;
        }
        if (message.type === 'produced') left -= 1;
        else {
          const item = pending.shift();
          if (item === undefined) idle.push(sender);
          else {
            dispatch(sender, item, self);
            const producer = blocked.shift();
            if (producer !== undefined) dispatch(producer, { type: 'produce' }, self);
          }
        }
        if (left === 0 && idle.length === consumers) resolve(sums);
        return left;
      },
      'manager',
      { initialState: producers },
    );
    for (let at = 0; at < consumers; at += 1) {
      const consumer = spawn(
        system,
        (value: number, item: Item, { self }) => {
          const next = workOn(value + item.value, consumeCost);
          sums.consumed += 1;
          sums.numbers += item.number;
          dispatch(manager, { type: 'available' }, self);
          return next;
        },
        `consumer-${at}`,
        { initialState: 0 },
      );
      idle.push(consumer);
    }
    for (let at = 0; at < producers; at += 1) {
      const producer = spawn(
        system,
        (state: { value: number; count: number }, _message: unknown, { self }) => {
          if (state.count === items) {
            dispatch(manager, { type: 'produced' });
            return state;
          }
          const value = workOn(state.value, produceCost);
          const number = state.count + 1;
          dispatch(manager, { type: 'item', from: self, value, number });
          return { value, count: number };
        },
        `producer-${at}`,
        { initialState: { value: 0, count: 0 } },
      );
      dispatch(producer, { type: 'produce' });
    }
  });

/** See `programs/concurrency.ts`. */
export const philosophers: NactProgram<Of<typeof programs.philosophers>> = (
  { spawn, dispatch },
  system,
  { philosophers: count, rounds },
) =>
  new Promise<Outcome>((resolve) => {
    const taken = Array.from({ length: count }, () => false);
    const sums = { meals: 0, clashes: 0 };
    const arbiter = spawn(
      system,
      (dining: number, message: { type: 'hungry' | 'done' | 'left'; at: number }, { self, sender }) => {
        const { at } = message;
        const right = (at + 1) % count;
        if (message.type === 'hungry') {
          const isFree = !taken[at] && !taken[right];
          if (isFree) taken[at] = taken[right] = true;
          dispatch(sender, { type: isFree ? 'eat' : 'denied' }, self);
        } else if (message.type === 'done') {
          if (!taken[at] || !taken[right]) sums.clashes += 1;
          taken[at] = taken[right] = false;
          sums.meals += 1;
        } else {
          if (dining === 1) resolve(sums);
          return dining - 1;
        }
        return dining;
      },
      'arbiter',
      { initialState: count },
    );
    for (let at = 0; at < count; at += 1) {
      const philosopher = spawn(
        system,
        (left: number, message: { type: 'start' | 'denied' | 'eat' }, { self }) => {
          if (message.type !== 'eat') {
            dispatch(arbiter, { type: 'hungry', at }, self);
            return left;
          }
          dispatch(arbiter, { type: 'done', at }, self);
          if (left > 1) dispatch(self, { type: 'start' });
          else dispatch(arbiter, { type: 'left', at }, self);
          return left - 1;
        },
        `philosopher-${at}`,
        { initialState: rounds },
      );
      dispatch(philosopher, { type: 'start' });
    }
  });

/** See `programs/concurrency.ts`. */
export const sleepingBarber: NactProgram<Of<typeof programs.sleepingBarber>> = (
  { spawn, dispatch },
  system,
  { haircuts, room: capacity, arrival, haircut },
) =>
  new Promise<Outcome>((resolve) => {
    const random = new SavinaRandom();
    const barber = spawn(
      system,
      (_state: undefined, message: { type: 'enter'; customer: Ref } | { type: 'wait' }, { self, sender }) => {
        if (message.type === 'wait') return;
        dispatch(message.customer, { type: 'start' }, self);
        busyWait(random.below(haircut) + 10);
        dispatch(message.customer, { type: 'done' }, self);
        dispatch(sender, { type: 'next' }, self);
      },
      'barber',
    );
    const waiting: Ref[] = [];
    let overfull = 0;
    const room = spawn(
      system,
      (isAsleep: boolean, message: { type: 'enter' | 'next' | 'end'; customer: Ref }, { self }) => {
        if (message.type === 'end') {
          resolve({ served: haircuts, overfull });
          return isAsleep;
        }
        if (message.type === 'next') {
          const customer = waiting.shift();
          dispatch(barber, customer === undefined ? { type: 'wait' } : { type: 'enter', customer }, self);
          return customer === undefined;
        }
        const { customer } = message;
        if (waiting.length === capacity) {
          dispatch(customer, { type: 'full' }, self);
          return isAsleep;
        }
        waiting.push(customer);
        if (waiting.length > capacity) overfull += 1;
        if (isAsleep) dispatch(self, { type: 'next' });
        else dispatch(customer, { type: 'wait' }, self);
        return false;
      },
      'room',
      { initialState: true },
    );
    const arrivals = new SavinaRandom();
    const factory = spawn(
      system,
      (served: number, message: { type: 'begin' | 'returned' | 'done' }, { self, sender }) => {
        if (message.type === 'returned') {
          dispatch(room, { type: 'enter', customer: sender });
          return served;
        }
        if (message.type === 'done') {
          if (served + 1 === haircuts) dispatch(room, { type: 'end' });
          return served + 1;
        }
        for (let at = 0; at < haircuts; at += 1) {
          const customer = spawn(
            system,
            (_state: undefined, heard: { type: string }, context) => {
              if (heard.type === 'full') dispatch(self, { type: 'returned' }, context.self);
              else if (heard.type === 'done') dispatch(self, { type: 'done' });
            },
            `customer-${at}`,
          );
          dispatch(room, { type: 'enter', customer });
          busyWait(arrivals.below(arrival) + 10);
        }
        return served;
      },
      'factory',
      { initialState: 0 },
    );
    dispatch(factory, begin);
  });

/** See `programs/concurrency.ts`. */
export const smokers: NactProgram<Of<typeof programs.smokers>> = (
  { spawn, dispatch },
  system,
  { rounds, smokers: count },
) =>
  new Promise<Outcome>((resolve) => {
    const random = new SavinaRandom(rounds * count);
    const choose = (self: Ref) => {
      const { smoker, steps } = programs.nextSmoker(random, count);
      dispatch(refs[smoker]!, { type: 'smoke', steps }, self);
    };
    let turns = 0;
    const arbiter = spawn(
      system,
      (before: number, message: { type: 'begin' } | { type: 'started'; at: number }, { self }) => {
        const round = message.type === 'begin' ? 0 : before + 1;
        if (message.type === 'started') turns += message.at * round;
        if (round === rounds) resolve({ rounds: round, turns });
        else choose(self);
        return round;
      },
      'arbiter',
      { initialState: 0 },
    );
    const refs = Array.from({ length: count }, (_, at) =>
      spawn(
        system,
        (_state: undefined, { steps }: { steps: number }, { sender }) => {
          dispatch(sender, { type: 'started', at });
          busyWait(steps);
        },
        `smoker-${at}`,
      ),
    );
    dispatch(arbiter, begin);
  });

/** See `programs/concurrency.ts`. */
export const logisticMap: NactProgram<Of<typeof programs.logisticMap>> = (
  { spawn, dispatch },
  system,
  { terms, series, burst },
) =>
  new Promise<Outcome>((resolve) => {
    const found: number[] = [];
    let got = 0;
    const workers = Array.from({ length: series }, (_, at) => {
      const rate = programs.rateOf(at);
      const computer = spawn(
        system,
        (_state: undefined, { term }: { term: number }, { self, sender }) => {
          dispatch(sender, { type: 'result', term: programs.nextTerm(term, rate) }, self);
        },
        `computer-${at}`,
      );
      const state = { term: programs.startOf(at), isWaiting: false, owed: 0, isAsked: false };
      return spawn(
        system,
        (worker: typeof state, message: { type: 'next' | 'get' } | { type: 'result'; term: number }, { self }) => {
          const { term, isWaiting, owed } = worker;
          if (message.type === 'result') {
            if (owed > 0) dispatch(self, { type: 'next' });
            else if (worker.isAsked) dispatch(self, { type: 'get' });
            return { ...worker, term: message.term, isWaiting: false, owed: Math.max(owed - 1, 0) };
          }
          if (isWaiting) return message.type === 'next' ? { ...worker, owed: owed + 1 } : { ...worker, isAsked: true };
          if (message.type === 'next') {
            dispatch(computer, { term }, self);
            return { ...worker, isWaiting: true };
          }
          found[at] = term;
          got += 1;
          if (got === series) resolve({ sum: found.reduce((a, b) => a + b, 0) });
          return worker;
        },
        `series-${at}`,
        { initialState: state },
      );
    });
    const rounds = Math.floor(burst / series);
    const leader = spawn(
      system,
      (left: number, _message: unknown, { self }) => {
        const sent = Math.min(left, rounds);
        for (let at = 0; at < sent; at += 1) for (const each of workers) dispatch(each, { type: 'next' });
        if (sent < left) dispatch(self, { type: 'more' });
        else for (const each of workers) dispatch(each, { type: 'get' });
        return left - sent;
      },
      'leader',
      { initialState: terms },
    );
    dispatch(leader, begin);
  });

/** See `programs/concurrency.ts`. */
export const banking: NactProgram<Of<typeof programs.banking>> = (
  { spawn, dispatch },
  system,
  { accounts: count, transactions, burst },
) =>
  new Promise<Outcome>((resolve) => {
    type Order = { type: 'credit'; cents: number; to: Ref } | { type: 'debit'; cents: number };
    interface Account {
      balance: number;
      teller: Ref | undefined;
      aside: { message: Order; sender: Ref }[];
    }
    type Message = Order | { type: 'debited' } | { type: 'balance' };
    const accounts = Array.from({ length: count }, (_, at) =>
      spawn(
        system,
        (state: Account, message: Message, { self, sender }): Account => {
          const { teller, aside, balance } = state;
          const again = () => {
            const next = aside.shift();
            if (next !== undefined) dispatch(self, next.message, next.sender);
          };
          if (message.type === 'balance') dispatch(sender, { type: 'balance', balance }, self);
          else if (message.type === 'debited') {
            dispatch(teller!, { type: 'completed' }, self);
            again();
            return { ...state, teller: undefined };
          } else if (teller !== undefined) aside.push({ message, sender });
          else if (message.type === 'debit') {
            dispatch(sender, { type: 'debited' }, self);
            again();
            return { ...state, balance: balance + message.cents };
          } else {
            dispatch(message.to, { type: 'debit', cents: message.cents }, self);
            return { ...state, balance: balance - message.cents, teller: sender };
          }
          return state;
        },
        `account-${at}`,
        { initialState: { balance: programs.openingBalance, teller: undefined, aside: [] } },
      ),
    );
    const random = new SavinaRandom(123_456);
    let left = transactions;
    let completed = 0;
    let balances = 0;
    let total = 0;
    const teller = spawn(
      system,
      (_state: undefined, message: { type: string; balance: number }, { self }) => {
        if (message.type === 'balance') {
          balances += 1;
          total += message.balance;
          if (balances === count) resolve({ completed, total });
        } else if (message.type === 'completed') {
          completed += 1;
          if (completed === transactions) for (const each of accounts) dispatch(each, { type: 'balance' }, self);
        } else {
          const sent = Math.min(left, burst);
          for (let at = 0; at < sent; at += 1) {
            const { from, to, cents } = programs.nextTransfer(random, count);
            dispatch(accounts[from]!, { type: 'credit', cents, to: accounts[to] }, self);
          }
          left -= sent;
          if (left > 0) dispatch(self, { type: 'more' });
        }
      },
      'teller',
    );
    dispatch(teller, begin);
  });

/** See `programs/concurrency.ts`. */
export const sieve: NactProgram<Of<typeof programs.sieve>> = (
  { spawn, dispatch },
  system,
  { limit, primesEach, burst },
) =>
  new Promise<Outcome>((resolve) => {
    const filter = (id: number, first: number): Ref =>
      spawn(
        system,
        (state: { primes: number[]; next?: Ref }, message: { type: string; candidate: number }) => {
          const { primes, next } = state;
          if (message.type === 'done') {
            if (next !== undefined) dispatch(next, message);
            else resolve({ primes: (id - 1) * primesEach + primes.length });
            return state;
          }
          if (!isPrimeAmong(message.candidate, primes)) return state;
          if (next !== undefined) dispatch(next, message);
          else if (primes.length < primesEach) primes.push(message.candidate);
          else return { primes, next: filter(id + 1, message.candidate) };
          return state;
        },
        `filter-${id}`,
        { initialState: { primes: [first] } },
      );
    const start = filter(1, 2);
    const producer = spawn(
      system,
      (from: number, _message: unknown, { self }) => {
        const end = Math.min(limit, from + 2 * burst);
        let candidate = from;
        for (; candidate < end; candidate += 2) dispatch(start, { type: 'candidate', candidate });
        if (candidate < limit) dispatch(self, { type: 'more' });
        else dispatch(start, { type: 'done' });
        return candidate;
      },
      'producer',
      { initialState: 3 },
    );
    dispatch(producer, begin);
  });
