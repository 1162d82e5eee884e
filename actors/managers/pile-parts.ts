/** What the actors of a pile share: how they are called, and how they answer. */
import { ActorRef, actorContext, type EventObject, type ReplyTo, type TroupeError } from '../../src/index.js';
import type { Element } from './element.js';
import type { Where } from './pile-words.js';

/** A part of a pile by its path. */
export function refOf(path: string): ActorRef {
  return new ActorRef(path);
}

/** The id of the bucket, page or progression of a pile's life. A life that began anew does not meet the old parts. */
export const partId = {
  bucket: (epoch: string, number: number): string => `x${epoch}-${number}`,
  page: (epoch: string, number: number): string => `p${epoch}-${number}`,
  order: (epoch: string, name: string): string => `o${epoch}-${name}`,
};

/** Who waits for an answer to a message: nobody when it was told. */
export type Asker = ReplyTo | undefined;

/** Answer whoever asked; what was told wants no answer, and must not be the actor's failure. */
export function answer(value: unknown, asker: Asker = actorContext().replyTo): void {
  if (asker !== undefined) actorContext().reply(value, asker);
}

/** Say no to a message, by default to the current one. */
export function refuse(error: TroupeError, event?: EventObject, asker?: Asker): void {
  actorContext().refuse(error, event && { event, replyTo: asker });
}

/** The pile a part belongs to. */
export function pilePath(): string {
  const { path } = actorContext().self;
  return path.slice(0, path.lastIndexOf('/'));
}

/** Functions that say which elements belong to a view. */
export type Filters = Readonly<Record<string, (element: Element) => boolean>>;

/** Is the element wanted? */
export function isWanted(element: Element, where: Where, filters: Filters, isSame: typeof Object.is): boolean {
  const { since = -Infinity, until = Infinity, metadata = {}, filter } = where;
  if (element.time < since || element.time >= until) return false;
  for (const [name, value] of Object.entries(metadata)) if (!isSame(element.metadata[name], value)) return false;
  return filter === undefined || filters[filter]!(element);
}
