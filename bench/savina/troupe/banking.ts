/** Banking: accounts as transition functions; one that waits for another puts the rest aside. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type Durability, type ReplyTo } from '../../../src/index.js';
import { nextTransfer, openingBalance } from '../programs/concurrency.js';
import { SavinaRandom } from '../random.js';
import { here, reportsUp, type Run, type Up } from './here.js';

interface Credit {
  type: 'credit';
  from: ActorRef<TellerEvent>;
  cents: number;
  to: ActorRef<AccountEvent>;
}

interface Debit {
  type: 'debit';
  from: ActorRef<AccountEvent>;
  cents: number;
}

type AccountEvent = Credit | Debit | { type: 'debited' } | { type: 'balance'; from: ActorRef<TellerEvent> };
type TellerEvent =
  | Run<{ accounts: number; transactions: number; burst: number }>
  | Up
  | { type: 'more' }
  | { type: 'completed' }
  | { type: 'balance'; balance: number };

interface Account {
  balance: number;
  /** Whom to tell when the other account has answered. */
  teller: ActorRef<TellerEvent> | undefined;
  aside: (Credit | Debit)[];
}

function account(state: Account, event: AccountEvent): Account {
  const turn = actorContext();
  const { teller, aside } = state;
  switch (event.type) {
    case 'credit':
    case 'debit':
      if (teller !== undefined) {
        aside.push(event);
        return state;
      }
      if (event.type === 'debit') {
        turn.tell(event.from, { type: 'debited' });
        nextOf(aside);
        return { ...state, balance: state.balance + event.cents };
      }
      turn.tell(event.to, { type: 'debit', from: turn.self, cents: event.cents });
      return { ...state, balance: state.balance - event.cents, teller: event.from };
    case 'debited':
      turn.tell(teller!, { type: 'completed' });
      nextOf(aside);
      return { ...state, teller: undefined };
    case 'balance':
      turn.tell(event.from, { type: 'balance', balance: state.balance });
      return state;
  }
}

/** The first that was put aside comes again, behind what has come since. */
function nextOf(aside: (Credit | Debit)[]): void {
  const next = aside.shift();
  if (next !== undefined) actorContext().tell(actorContext().self, next);
}

interface Teller {
  accounts: readonly ActorRef<AccountEvent>[];
  missing: number;
  left: number;
  burst: number;
  random: number;
  transactions: number;
  completed: number;
  balances: number;
  total: number;
  asker: ReplyTo;
}

function order(state: Teller): Teller {
  const turn = actorContext();
  const { accounts } = state;
  const random = new SavinaRandom(state.random);
  const sent = Math.min(state.left, state.burst);
  for (let at = 0; at < sent; at += 1) {
    const { from, to, cents } = nextTransfer(random, accounts.length);
    turn.tell(accounts[from]!, { type: 'credit', from: turn.self, cents, to: accounts[to]! });
  }
  if (sent < state.left) turn.tell(turn.self, { type: 'more' });
  return { ...state, left: state.left - sent, random: random.current };
}

function at(durability: Durability) {
  const kept = { ...here, durability };
  const accountAt = defineActor(
    import.meta,
    `savina-account-${durability}`,
    fromTransition(account, () => ({ balance: openingBalance, teller: undefined, aside: [] })),
    { ...kept, hooks: reportsUp },
  );
  return defineActor(
    import.meta,
    `savina-teller-${durability}`,
    fromTransition((state: Teller, event: TellerEvent): Teller => {
      const turn = actorContext();
      switch (event.type) {
        case 'run': {
          const { accounts: count, transactions, burst } = event.parameters;
          const accounts = Array.from({ length: count }, (_, number) => turn.spawn(accountAt, { id: `${number}` }));
          const counts = { missing: count, left: transactions, transactions, completed: 0, balances: 0, total: 0 };
          return { ...counts, accounts, burst, random: 123_456, asker: turn.replyTo! };
        }
        case 'up': {
          const next = { ...state, missing: state.missing - 1 };
          return next.missing === 0 ? order(next) : next;
        }
        case 'more':
          return order(state);
        case 'completed': {
          const completed = state.completed + 1;
          if (completed === state.transactions) {
            for (const each of state.accounts) turn.tell(each, { type: 'balance', from: turn.self });
          }
          return { ...state, completed };
        }
        case 'balance': {
          const balances = state.balances + 1;
          const total = state.total + event.balance;
          if (balances === state.accounts.length) turn.reply({ completed: state.completed, total }, state.asker);
          return { ...state, balances, total };
        }
      }
    }, {} as Teller),
    kept,
  );
}

/** Orders the transactions. */
export const banking = at('none');

/** The same, kept on the disk. */
export const bankingFlushed = at('flushed');
