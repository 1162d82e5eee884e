/**
 * What of nact (https://nact.xyz) the programs use. They are written as its documentation does: an actor is a function
 * of state, message and context, and answers go to the context's sender.
 *
 * Actors are children of the system, not of the one that leads: nact hands every message a copy of the receiver's map
 * of children, which would make a leader of many slow for a reason that is none of the programs'.
 */
import type { Outcome } from '../program.js';

/** An actor, or the system. */
export type Ref = { readonly __nact: 'ref' };

/** What a function gets beside state and message. */
export interface Context {
  readonly self: Ref;
  readonly sender: Ref;
}

/** How an actor is spawned. */
interface Properties<S> {
  initialState?: S;
  afterStop?: () => void;
}

/** The functions of nact. */
export interface Nact {
  start(): Ref;
  stop(actor: Ref): void;
  // biome-ignore lint/suspicious/noExplicitAny: its state is what the first call makes of nothing, or is given
  spawn<S, M>(parent: Ref, f: (state: any, message: M, context: Context) => S, name: string, rest?: Properties<S>): Ref;
  dispatch(actor: Ref, message: unknown, sender?: Ref): void;
}

/** A program: resolves with what came out. @typeParam P its parameters */
export type NactProgram<P> = (nact: Nact, system: Ref, parameters: P) => Promise<Outcome>;

/** What a leader is told to begin with. */
export const begin = { type: 'begin' } as const;
