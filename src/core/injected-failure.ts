/**
 * Failures that a test or a drill injects into an actor: its next messages fail as if the actor did it. Nothing is
 * armed otherwise, and then a message costs one comparison.
 *
 * IF1  So many messages fail in all, on whatever threads the actor is meanwhile: the count is shared.
 */

/**
 * What the actor does instead of handling a message. `throw`: it throws. `exit`: `process.exit`, which ends its thread.
 * `hang`: it never comes to an end. `hoard`: it fills its heap.
 */
export const failureKinds = ['throw', 'exit', 'hang', 'hoard'] as const;
/** One of `failureKinds`. */
export type FailureKind = (typeof failureKinds)[number];

/** A failure that is to happen. Travels between threads. */
export interface InjectedFailure {
  path: string;
  kind: FailureKind;
  /** IF1: how often it is still to happen. */
  left: Int32Array;
}

/** A failure that is to happen so often. */
export function injectedFailure(path: string, kind: FailureKind, times: number): InjectedFailure {
  return { path, kind, left: new Int32Array(new SharedArrayBuffer(4)).fill(times) };
}

/** The failures one host knows of. */
export class InjectedFailures {
  private readonly armed = new Map<string, InjectedFailure>();

  /** Let it happen. Another one for the same actor takes the place of the one before. */
  arm(failure: InjectedFailure): void {
    this.armed.set(failure.path, failure);
  }

  /** Is any armed? */
  get isArmed(): boolean {
    return this.armed.size > 0;
  }

  /** An actor is about to handle a message. */
  meet(path: string): void {
    const failure = this.armed.get(path);
    if (failure === undefined) return;
    if (Atomics.sub(failure.left, 0, 1) > 0) happen(failure.kind, path);
    else this.armed.delete(path);
  }
}

function happen(kind: FailureKind, path: string): void {
  switch (kind) {
    case 'throw':
      throw new Error(`injected into ${path}`);
    case 'exit':
      return process.exit(1);
    case 'hang':
      for (;;);
    case 'hoard':
      for (const hoard: unknown[] = []; ; ) hoard.push(new Array(1_000).fill(hoard.length));
  }
}
