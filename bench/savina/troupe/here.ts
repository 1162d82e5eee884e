/** Where and how the actors of these programs live: on one thread, and, unless a row says else, nothing is kept. */
import type { ActorRef, DefinitionOptions, Request, TurnContext } from '../../../src/index.js';
import type { Outcome } from '../program.js';

/** Not journaled, all on the first host. */
export const here = { durability: 'none', placement: 'pinned:0' } satisfies DefinitionOptions;

/** What the actor that leads a program is asked: go through it once. @typeParam P the program's parameters */
export type Run<P> = Request<'run', { parameters: P }, Outcome>;

/** What the leader of a program hears from each of its crew. */
export interface Up {
  type: 'up';
}

/** Tells the leader that this one has started: then messages to it need not look for it. */
export const reportsUp = {
  preStart: ({ parent, tell }: TurnContext) => tell(parent as ActorRef<Up>, { type: 'up' }),
};

/** The crew of a leader: as `here`, and it reports. */
export const crew = { ...here, hooks: reportsUp } satisfies DefinitionOptions;

/** The same on all hosts: each is placed where the fewest are. */
export const crewAnywhere = { durability: 'none', hooks: reportsUp } satisfies DefinitionOptions;
