/**
 * The control plane: typed calls between threads, for what is rare and needs no order. Comlink carries the calls;
 * this file adds what it lacks: every call is settled when the other side dies, errors keep their code and cause,
 * and a thread that sleeps in `Atomics.wait` can still be called.
 *
 * C1  Every call settles: with its answer, or with the reason given to `abandon`, or with THREAD_LOST when the
 *     port closes or a message on it cannot be read.
 * C2  A client keeps its thread's event loop alive only while calls are pending.
 * C3  Only the api's own and inherited methods can be called, never those of `Object.prototype`.
 */
import type { MessagePort, Transferable } from 'node:worker_threads';
import { type Endpoint, expose, type Remote, transfer, wrap } from 'comlink';
import { type PlainError, TroupeError } from '../core/errors.js';
import type { ControlFlag } from './control-flag.js';

/** The methods of an api as its clients see them: each answers by promise. */
export type ControlCalls<Api> = {
  readonly [K in keyof Api as Api[K] extends (...args: never[]) => unknown ? K : never]: Api[K] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** One thread's way to call another. */
export interface ControlClient<Api> {
  /**
   * The other side's methods. Arguments and answers travel by structured clone; comlink's `transfer` moves buffers.
   * A call rejects with what the method threw, or as C1 says.
   */
  readonly call: ControlCalls<Api>;
  /** Calls without an answer yet. */
  readonly pendingCount: number;
  /** Reject all pending and later calls, and close the port. The first reason stays. */
  abandon(reason: TroupeError): void;
}

/** How an api is served. */
export interface ExposeOptions {
  /** For a thread that sleeps in `waitSync`: the same flag its clients raise. */
  flag?: ControlFlag;
}

/** What a method threw, as an answer: comlink itself would carry only name, message and stack. */
interface Failure {
  controlFailure: PlainError;
}

/** What comlink exposes: one method, so that no path ever walks into the api object. */
interface Served {
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
}

/** How comlink listens; its types speak of the DOM, which is not here. */
type Listener = ((event: { data: unknown }) => void) | { handleEvent(event: { data: unknown }): void };

/** Comlink reads `data` of an event; its own adapter for Node has no say in closing, counting and flags. */
function endpointOf(port: MessagePort, post: (message: unknown, transfer?: Transferable[]) => void): Endpoint {
  const handlers = new Map<object, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, transfer?: unknown[]) => post(message, transfer as Transferable[] | undefined),
    addEventListener: (_type: string, listener: Listener) => {
      const handle = typeof listener === 'function' ? listener : listener.handleEvent.bind(listener);
      const handler = (data: unknown) => handle({ data });
      handlers.set(listener, handler);
      port.on('message', handler);
    },
    removeEventListener: (_type: string, listener: Listener) => {
      const handler = handlers.get(listener);
      if (handler !== undefined) port.off('message', handler);
      handlers.delete(listener);
    },
  };
}

/**
 * Call the api that the other end of a port exposes.
 * @param port a port of its own, shared with nothing else
 * @param flag the flag of the serving thread, when that thread sleeps in `waitSync`
 */
export function wrapControl<Api extends object>(port: MessagePort, flag?: ControlFlag): ControlClient<Api> {
  return new PendingCalls(port, flag) as unknown as ControlClient<Api>;
}

interface PendingCall {
  reject(reason: unknown): void;
}

class PendingCalls {
  readonly call: object;
  readonly #port: MessagePort;
  readonly #remote: Remote<Served>;
  readonly #pending = new Set<PendingCall>();
  #reason: TroupeError | undefined;

  constructor(port: MessagePort, flag: ControlFlag | undefined) {
    this.#port = port;
    this.#remote = wrap<Served>(
      endpointOf(port, (message, transfer) => {
        flag?.raise();
        try {
          port.postMessage(message, transfer);
        } catch (error) {
          flag?.settle();
          throw error;
        }
      }),
    );
    port.unref(); // C2: comlink's listener has just ref'd it
    port.on('close', () => this.abandon(new TroupeError('THREAD_LOST', 'the control port was closed')));
    port.on('messageerror', (cause) => {
      this.abandon(new TroupeError('THREAD_LOST', 'an answer on the control port could not be read', { cause }));
    });
    this.call = new Proxy(
      {},
      {
        // `then` must be missing, or awaiting the proxy would call the other side.
        get: (_target, method) =>
          typeof method === 'symbol' || method === 'then'
            ? undefined
            : (...args: unknown[]) => this.#call(method, args),
      },
    );
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  abandon(reason: TroupeError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const call of this.#pending) call.reject(reason);
    this.#pending.clear();
    this.#port.close();
  }

  #call(method: string, args: unknown[]): Promise<unknown> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason);
    return new Promise((resolve, reject) => {
      const call = { reject };
      this.#pending.add(call);
      this.#port.ref();
      const done = () => {
        if (this.#pending.delete(call) && this.#pending.size === 0) this.#port.unref();
      };
      this.#remote.invoke(method, ...args).then(
        (answer: unknown) => {
          done();
          if (isFailure(answer)) reject(TroupeError.fromPlain(answer.controlFailure));
          else resolve(answer);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }
}

function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'controlFailure' in answer;
}

/**
 * Let the other end of a port call an api. The port keeps this thread's event loop alive.
 * @param api an object or class instance; methods may be async
 * @returns a function that ends the service and closes the port
 */
export function exposeControl(port: MessagePort, api: object, options: ExposeOptions = {}): () => void {
  const { flag } = options;
  const served: Served = { invoke: (method, ...args) => invokeSafely(api, method, args) };
  // Each request gets exactly one answer, and the answer is posted before the flag goes down.
  expose(
    served,
    endpointOf(port, (message, transfer) => {
      port.postMessage(message, transfer);
      flag?.settle();
    }),
  );
  port.on('messageerror', () => flag?.settle());
  return () => port.close();
}

async function invokeSafely(api: object, method: string, args: unknown[]): Promise<unknown> {
  try {
    const member: unknown = method in Object.prototype ? undefined : Reflect.get(api, method);
    if (typeof member !== 'function') throw new TypeError(`the control api has no method ${method}`);
    return await Reflect.apply(member, api, args);
  } catch (error) {
    return { controlFailure: TroupeError.toPlain(error) } satisfies Failure;
  }
}

/** An argument or answer whose ports and buffers move to the other side instead of being copied. */
export function moving<T extends object>(value: T, moved: Transferable[]): T {
  return transfer(value, moved as never[]);
}
