/** Logistic map: transition functions have their terms computed by others, and put aside what comes meanwhile. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo } from '../../../src/index.js';
import { nextTerm, rateOf, startOf } from '../programs/concurrency.js';
import { crew, here, type Run, type Up } from './here.js';

type ComputerEvent = { type: 'compute'; from: ActorRef<WorkerEvent>; term: number };
type WorkerEvent = { type: 'next' } | { type: 'get' } | { type: 'result'; term: number };
type LeaderEvent =
  | Run<{ terms: number; series: number; burst: number }>
  | Up
  | { type: 'more' }
  | { type: 'term'; at: number; term: number };

const computer = defineActor(
  import.meta,
  'savina-computer',
  fromTransition(
    (rate: number, event: ComputerEvent) => {
      actorContext().tell(event.from, { type: 'result', term: nextTerm(event.term, rate) });
      return rate;
    },
    ({ input }: { input: number }) => input,
  ),
  crew,
);

interface Worker {
  at: number;
  term: number;
  /** A term is being computed. */
  isWaiting: boolean;
  /** What came meanwhile: terms asked for, and whether the last one is to be told. */
  owed: number;
  isAsked: boolean;
  computer: ActorRef<ComputerEvent>;
  leader: ActorRef<LeaderEvent>;
}

const worker = defineActor(
  import.meta,
  'savina-series',
  fromTransition(
    (state: Worker, event: WorkerEvent): Worker => {
      const turn = actorContext();
      const { owed } = state;
      switch (event.type) {
        case 'next':
          if (state.isWaiting) return { ...state, owed: owed + 1 };
          turn.tell(state.computer, { type: 'compute', from: turn.self, term: state.term });
          return { ...state, isWaiting: true };
        case 'get':
          if (state.isWaiting) return { ...state, isAsked: true };
          turn.tell(state.leader, { type: 'term', at: state.at, term: state.term });
          return state;
        case 'result': {
          const { term } = event;
          if (owed > 0) turn.tell(turn.self, { type: 'next' });
          else if (state.isAsked) turn.tell(turn.self, { type: 'get' });
          return { ...state, term, isWaiting: false, owed: Math.max(owed - 1, 0) };
        }
      }
    },
    ({ input }: { input: Pick<Worker, 'at' | 'computer' | 'leader'> }): Worker => {
      return { ...input, term: startOf(input.at), isWaiting: false, owed: 0, isAsked: false };
    },
  ),
  crew,
);

interface Leading {
  workers: readonly ActorRef<WorkerEvent>[];
  missing: number;
  left: number;
  rounds: number;
  got: number;
  terms: number[];
  asker: ReplyTo;
}

/** Orders the terms. */
export const logisticMap = defineActor(
  import.meta,
  'savina-logistic-map',
  fromTransition((state: Leading, event: LeaderEvent): Leading => {
    const turn = actorContext();
    switch (event.type) {
      case 'run': {
        const { terms, series, burst } = event.parameters;
        const workers = Array.from({ length: series }, (_, at) => {
          const by = turn.spawn(computer, { id: `computer-${at}`, input: rateOf(at) });
          return turn.spawn(worker, { id: `series-${at}`, input: { at, computer: by, leader: turn.self } });
        });
        const rounds = Math.floor(burst / series);
        return { workers, missing: 2 * series, left: terms, rounds, got: 0, terms: [], asker: turn.replyTo! };
      }
      case 'up':
        if (state.missing === 1) turn.tell(turn.self, { type: 'more' });
        return { ...state, missing: state.missing - 1 };
      case 'more': {
        const sent = Math.min(state.left, state.rounds);
        for (let at = 0; at < sent; at += 1) for (const each of state.workers) turn.tell(each, { type: 'next' });
        if (sent < state.left) turn.tell(turn.self, { type: 'more' });
        else for (const each of state.workers) turn.tell(each, { type: 'get' });
        return { ...state, left: state.left - sent };
      }
      case 'term': {
        state.terms[event.at] = event.term;
        const got = state.got + 1;
        // In their order: floating-point sums depend on it.
        if (got === state.workers.length) turn.reply({ sum: state.terms.reduce((a, b) => a + b, 0) }, state.asker);
        return { ...state, got };
      }
    }
  }, {} as Leading),
  here,
);
