/**
 * The address of an actor, and what a sender can do with it. A ref is location-transparent: it may
 * sit in context and in messages, and means the same actor on every thread and after a restart. It
 * names a path, not an incarnation: after a new spawn at the same path it reaches whoever lives there.
 *
 * A ref does nothing itself; it hands everything to the `RefClient` of its thread.
 */
import type { AskOptions, EventObject, Reply, RequestOf, Sendable, TellOptions } from './message.js';

/** How long an actor's turns must last before they count. See the README's table of durability levels. */
export type Durability = 'flushed' | 'committed' | 'none';

/** What a thread offers to the refs that live on it. One per thread, installed by `installRefClient`. */
export interface RefClient {
  tell(target: ActorRef<never>, event: EventObject, options: TellOptions | undefined): Promise<void>;
  ask(target: ActorRef<never>, event: EventObject, options: AskOptions | undefined): Promise<unknown>;
  stop(target: ActorRef<never>): Promise<void>;
}

let client: RefClient | undefined;

/** Make this thread's refs work through `next`. Called once by each troupe thread; undefined at its end. */
export function installRefClient(next: RefClient | undefined): void {
  client = next;
}

/** Stands in for a thread without a system. */
function currentClient(): RefClient {
  if (client === undefined) throw new Error('no system on this thread');
  return client;
}

/**
 * An actor's address.
 * @typeParam E the events it understands; telling it another one does not compile
 */
export class ActorRef<in E extends EventObject = EventObject> {
  /** Only for the compiler: refs of different protocols are different types. */
  declare readonly __events?: (event: E) => void;

  /**
   * @param path hierarchical, e.g. `/orders/order-17`
   * @param aid the journal's number for the actor, 0 when not known here
   * @param durability the receiver's level; decides the route (`none` needs no commit)
   */
  constructor(
    readonly path: string,
    readonly aid: number = 0,
    readonly durability: Durability = 'flushed',
  ) {}

  /**
   * Send a message. Resolves when it cannot be lost any more: committed at the receiver's
   * durability level (for `none`: handed over). Inside a turn the message is part of the turn.
   */
  tell(event: Sendable<E>, options?: TellOptions): Promise<void> {
    return currentClient().tell(this as ActorRef<never>, event, options);
  }

  /** Send a request and wait for its reply. */
  ask<R extends RequestOf<E>>(event: R, options?: AskOptions): Promise<Reply<E, R>> {
    return currentClient().ask(this as ActorRef<never>, event as EventObject, options) as Promise<Reply<E, R>>;
  }

  /** Stop the actor after the message it is handling. Resolves when the stop is committed. */
  stop(): Promise<void> {
    return currentClient().stop(this as ActorRef<never>);
  }

  toString(): string {
    return this.path;
  }
}
