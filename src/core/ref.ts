/**
 * The address of an actor, and what a sender can do with it. A ref is location-transparent: it may
 * sit in context and in messages, and means the same actor on every thread and after a restart. It
 * names a path, not an incarnation: after a new spawn at the same path it reaches whoever lives there.
 *
 * A ref does nothing itself; it hands everything to the `RefClient` of its thread.
 */
import type { ActorPath } from './ids.js';
import { TroupeError } from './errors.js';
import type { AskOptions, EventObject, Reply, RequestEvent, RequestType, Sendable, TellOptions } from './message.js';

/** How long an actor's turns must last before they count. See the README's table of durability levels. */
export type Durability = 'flushed' | 'committed' | 'none';

/** What a thread offers to the refs that live on it. One per thread, installed by `installRefClient`. */
export interface RefClient {
  tell(target: ActorRef, event: EventObject, options: TellOptions | undefined): Promise<void>;
  ask(target: ActorRef, event: EventObject, options: AskOptions | undefined): Promise<unknown>;
  stop(target: ActorRef): Promise<void>;
}

/** The systems of this thread; a host thread has one. */
const clients = new Set<RefClient>();

/** Make this thread's refs work through `next`, beside those already installed. With undefined: through none. */
export function installRefClient(next: RefClient | undefined): void {
  if (next === undefined) clients.clear();
  else clients.add(next);
}

/** A system of this thread has ended. */
export function uninstallRefClient(client: RefClient): void {
  clients.delete(client);
}

/** The system whose actor handles a message on this thread right now. */
let turnClient: RefClient | undefined;

/** A turn begins (or ends, with undefined): refs that came in its message belong to its system. */
export function setTurnClient(client: RefClient | undefined): void {
  turnClient = client;
}

/** For a ref that came in a message or a reply: the system of the running turn, else the thread's only one. */
function likelyClient(): RefClient {
  if (turnClient !== undefined) return turnClient;
  const [first] = clients;
  return first !== undefined && clients.size === 1 ? first : noClient;
}

/** Refuses what cannot be sent to the right system, rather than sending it to a wrong one. */
const noClient: RefClient = {
  tell: (target) => Promise.reject(noSystem(target)),
  ask: (target) => Promise.reject(noSystem(target)),
  stop: (target) => Promise.reject(noSystem(target)),
};

function noSystem({ path }: ActorRef): TroupeError {
  const why = clients.size === 0 ? 'no system runs on this thread' : 'several systems run here; use `system.get(path)`';
  return new TroupeError('NO_SYSTEM', `${path} cannot be reached: ${why}`, { field: 'path', value: path });
}

/**
 * An actor's address.
 *
 * A ref of ours is no XState actor ref at run time: it has none of `sessionId`, `send` and `ref`, by which XState
 * would take it for a local child when it persists a context. It stays in the snapshot as it is, and the codec
 * carries it. XState's `sendTo` delivers to it all the same; the `sendTo` of this package has the types for it.
 *
 * @typeParam E the events it understands; telling it another one does not compile. `ActorRef` alone is the untyped
 * ref: it may be told anything, and every ref fits it.
 */
// biome-ignore lint/suspicious/noExplicitAny: an untyped ref must accept and be accepted as every other ref
export class ActorRef<in E extends EventObject = any> {
  /** Only for the compiler: a ref of more events fits where one of fewer is wanted, and not the other way round. */
  declare readonly __events?: (event: E) => void;

  /**
   * @param path hierarchical, e.g. `/orders/order-17`
   * @param aid the journal's number for the actor, 0 when not known here
   * @param durability the receiver's level; decides the route (`none` needs no commit)
   */
  constructor(
    readonly path: ActorPath,
    readonly aid: number = 0,
    readonly durability: Durability = 'flushed',
  ) {}

  /** The system it was got from; undefined for refs from messages (see `likelyClient`). */
  #client: RefClient | undefined;

  /** Bind a new ref to its system. Returns the ref. */
  boundTo(client: RefClient): this {
    this.#client = client;
    return this;
  }

  /** Where this ref sends. @internal */
  get client(): RefClient {
    return this.#client ?? likelyClient();
  }

  /**
   * Send a message. Resolves when it cannot be lost any more: committed at the receiver's
   * durability level (for `none`: handed over). Inside a turn the message is part of the turn.
   *
   * Rejects with EVENT_SHAPE, PAYLOAD_NOT_CARRIABLE, ACTOR_UNKNOWN, ACTOR_STOPPED, SYSTEM_BUSY, SYSTEM_STOPPING,
   * SYSTEM_STOPPED, NO_SYSTEM, JOURNAL_FULL or JOURNAL_WRITE: then it was not accepted. After a crash of this
   * process before it settled, the message may have been accepted.
   */
  tell<Events extends EventObject>(
    // Through `this`, so that E appears in no conditional type and the compiler can prove a ref contravariant in it.
    this: ActorRef<Events>,
    event: Sendable<Events>,
    options?: TellOptions,
  ): Promise<void> {
    return this.client.tell(this, event, options);
  }

  /**
   * Send a request and wait for its reply. Only events declared with `Request` can be asked.
   *
   * Rejects as `tell` does, and with ASK_TIMEOUT or ASK_ABORTED: then the request may still be handled. A request
   * whose handling failed for good rejects with MESSAGE_REFUSED and the error as `cause`.
   * @param options `timeoutMs`, default 5,000; `signal` to give up early
   */
  ask<Events extends EventObject, const Type extends RequestType<Events>>(
    this: ActorRef<Events>,
    event: RequestEvent<Events, Type>,
    options?: AskOptions,
  ): Promise<Reply<Events, Type>> {
    return this.client.ask(this, event, options) as Promise<Reply<Events, Type>>;
  }

  /**
   * Stop the actor after the message it is handling, its children first. Resolves when it has ended. Mail behind that
   * message becomes dead letters. Rejects as `tell` does.
   */
  stop(): Promise<void> {
    return this.client.stop(this);
  }

  toString(): string {
    return this.path;
  }
}

/**
 * Where the reply to a request goes. An actor that cannot answer at once keeps it in its context (it is
 * carriable and survives restarts) and answers later with `reply(value, { to })`. Only one reply counts.
 */
export class ReplyTo {
  /**
   * @param session the asking thread's number in this life of the system; a reply to an older life is dropped
   * @param askId the thread's number for the question
   */
  constructor(
    readonly session: number,
    readonly askId: number,
  ) {}
}
