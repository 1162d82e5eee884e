/** The actors of the rows in which nobody but actors takes part: all on one host thread, nothing kept. */
import { fromTransition } from 'xstate';
import { type ActorRef, actorContext, defineActor, type ReplyTo, type Request } from '../../src/index.js';
import { addendOf } from '../kernel/actors.js';
import { collectGarbage } from './load.js';

/** What the one that counts understands. */
type HeapEvent = { type: 'add'; by: number } | { type: 'report'; to: ActorRef<TellerEvent> };

/** What the one that tells it understands. */
export type TellerEvent =
  | Request<'tell-all', { whom: ActorRef<HeapEvent>; count: number; ahead: number }, Told>
  | { type: 'reported'; total: number };

/** What it did: the sum it sent, and the total that was reported after all of it. */
export interface Told {
  sum: number;
  total: number;
}

/** What a player understands. */
export type PlayerEvent =
  | Request<'play', { left: number; with: ActorRef<PlayerEvent> }, number>
  | { type: 'ball'; left: number; seen: number; from: ActorRef<PlayerEvent> };

/** Adds up, and reports when told to. */
export const heap = defineActor(
  import.meta,
  'bench-heap',
  fromTransition((total: number, event: HeapEvent) => {
    if (event.type === 'add') return total + event.by;
    actorContext().tell(event.to, { type: 'reported', total });
    return total;
  }, 0),
  { durability: 'none' },
);

/** What is left to tell, and who wants to know when it is done. */
interface Work {
  whom?: ActorRef<HeapEvent>;
  count: number;
  part: number;
  sent: number;
  awaited: number;
  sum: number;
  asker?: ReplyTo;
}

const partsPerWindow = 4;

/** Tells another actor by parts of a window, as the other contenders do. */
export const teller = defineActor(
  import.meta,
  'bench-teller',
  fromTransition(
    (work: Work, event: TellerEvent): Work => {
      const { replyTo, reply } = actorContext();
      if (event.type === 'tell-all') {
        const { whom, count, ahead } = event;
        const part = Math.floor(ahead / partsPerWindow);
        let begun: Work = { whom, count, part, sent: 0, awaited: 0, sum: 0, asker: replyTo };
        for (let at = 0; at < partsPerWindow && begun.sent < count; at += 1) begun = tellPart(begun);
        return begun;
      }
      const left = { ...work, awaited: work.awaited - 1 };
      if (left.sent < left.count) return tellPart(left);
      if (left.awaited === 0) reply({ sum: left.sum, total: event.total } satisfies Told, left.asker);
      return left;
    },
    { count: 0, part: 0, sent: 0, awaited: 0, sum: 0 } as Work,
  ),
  { durability: 'none' },
);

function tellPart(work: Work): Work {
  const { self, tell } = actorContext();
  const { whom, count, part } = work;
  if (whom === undefined) return work;
  let { sent, sum } = work;
  for (const end = Math.min(count, sent + part); sent < end; sent += 1) {
    const by = addendOf(sent);
    sum += by;
    tell(whom, { type: 'add', by });
  }
  tell(whom, { type: 'report', to: self as ActorRef<TellerEvent> });
  return { ...work, sent, sum, awaited: work.awaited + 1 };
}

/** Returns the ball; whoever was asked to play answers when it comes back for the last time. */
export const player = defineActor(
  import.meta,
  'bench-player',
  fromTransition((asker: ReplyTo | undefined, event: PlayerEvent): ReplyTo | undefined => {
    const { self, replyTo, reply, tell } = actorContext();
    const from = self as ActorRef<PlayerEvent>;
    if (event.type === 'play') {
      tell(event.with, { type: 'ball', left: event.left - 1, seen: 1, from });
      return replyTo;
    }
    if (event.left > 0) tell(event.from, { type: 'ball', left: event.left - 1, seen: event.seen + 1, from });
    else if (asker !== undefined) reply(event.seen, asker);
    return asker;
  }, undefined),
  { durability: 'none' },
);

/** Has the garbage of its thread collected. */
export const sweeper = defineActor(
  import.meta,
  'bench-sweeper',
  fromTransition((swept: number, _event: Request<'sweep', object, number>) => {
    collectGarbage();
    actorContext().reply(swept + 1);
    return swept + 1;
  }, 0),
  { durability: 'none' },
);
