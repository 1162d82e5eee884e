/**
 * What comes of a judgement: deeds, as data, and doing them. Both kinds of supervisor judge in terms of these.
 *
 * What I own: the way from a deed to the turn it is done in. What the machines own: waits, which are their timers.
 */
import {
  actorContext,
  type ActorDefinition,
  ActorRef,
  type ChildDecision,
  type EventObject,
  type ReplyTo,
  type TroupeError,
} from '../src/index.js';
import { type ChildData, shutdownMsOf } from './spec.js';

/** Something to be done. */
export type Deed =
  | { do: 'start'; child: ChildData; rank: number; anew: boolean }
  | { do: 'stop'; ref: ActorRef }
  /** A child that supervises is to look at its declaration too. */
  | { do: 'declared'; ref: ActorRef }
  | { do: 'decide'; ref: ActorRef; seq: number; decision: ChildDecision; why: string }
  | { do: 'wait'; id: string; ms: number }
  | { do: 'forgetWait'; id: string }
  | { do: 'reply'; asker: ReplyTo; answer: ManagementAnswer }
  /** A child gets a message, by its id when it has not been heard of yet. */
  | { do: 'forward'; ref: ActorRef | undefined; id: string; message: EventObject; asker: ReplyTo | undefined }
  | { do: 'refuse'; event: EventObject; asker: ReplyTo | undefined; error: TroupeError }
  /** All children are up for the first time. */
  | { do: 'up' }
  /** End: with an error as failed, else as one that has nothing more to do. */
  | { do: 'end'; error?: Error };

/** What a management request comes to: as OTP answers it. */
export type ManagementAnswer =
  | { ok: true; path?: string }
  | {
      ok: false;
      reason:
        | 'not-found'
        | 'running'
        | 'restarting'
        | 'already-started'
        | 'already-present'
        | 'start-failed'
        | 'max-children'
        | 'refused'
        /** The supervisor ends, or has begun anew. */
        | 'ending';
      error?: Error;
    };

/** Do it, within the turn. Waits are the machine's own. */
export function perform(deed: Deed): void {
  const { supervision, reply, stopSelf, self, tell, forward, refuse } = actorContext();
  switch (deed.do) {
    case 'start': {
      const { id, actor, input } = deed.child;
      const shutdownMs = shutdownMsOf(deed.child.shutdownMs);
      supervision.start(actor as ActorDefinition, { id, input, shutdownMs, rank: deed.rank, anew: deed.anew });
      break;
    }
    case 'stop':
      supervision.stop(deed.ref);
      break;
    case 'declared':
      supervision.declared(deed.ref);
      break;
    case 'decide':
      supervision.decide(deed.ref, deed.seq, deed.decision, deed.why);
      break;
    case 'reply':
      reply(deed.answer, deed.asker);
      break;
    case 'forward': {
      const { asker, message } = deed;
      const target = deed.ref ?? new ActorRef(`${self.path}/${deed.id}`);
      // What was told must not be answered to whoever asks just now.
      if (asker === undefined) tell(target, message);
      else forward(target, message, asker);
      break;
    }
    case 'refuse':
      refuse(deed.error, { event: deed.event, replyTo: deed.asker });
      break;
    case 'up':
      supervision.up();
      break;
    case 'end':
      stopSelf(deed.error);
      break;
  }
}
