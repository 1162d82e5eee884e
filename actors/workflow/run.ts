/** A run, from outside: start one, wait for its result, signal, query, suspend and cancel it. */
import { type ActorRef, type System, TroupeError } from '../../src/index.js';
import { askForResult, type WaitOptions } from '../run/waiting.js';
import type { WorkflowDefinition } from './define.js';
import type { RunResult, WorkflowEvents } from './machine.js';
import type { RunView } from './view.js';

/** A run of a workflow. It holds nothing but the ref of the run's actor: make as many as you like. */
export class WorkflowRun<O> {
  /** @param ref the run's actor */
  constructor(readonly ref: ActorRef<WorkflowEvents>) {}

  /** `/order-17` */
  get path(): string {
    return this.ref.path;
  }

  /**
   * What the run gives, when it is over; also when that is long ago, as long as it is kept.
   * @param options `timeoutMs`: how long to wait, at most a day; default: until it is over
   * @throws TroupeError WORKFLOW_FAILED with the step's place as `field` (`order/pay`) and its error as `cause`,
   *   WORKFLOW_CANCELLED, and what `ask` rejects with
   */
  async result(options: WaitOptions = {}): Promise<O> {
    const result = (await askForResult(this.ref, options)) as RunResult<O>;
    if (result.ok) return result.output;
    throw TroupeError.fromPlain(result.error);
  }

  /** Where it is. */
  view(): Promise<RunView> {
    return this.ref.ask({ type: 'view' });
  }

  /** Ask a query of the workflow's own. Rejects with WORKFLOW_QUERY_UNKNOWN. */
  query(name: string): Promise<unknown> {
    return this.ref.ask({ type: 'query', name });
  }

  /**
   * Send a signal; resolves when it cannot be lost any more. Rejects with WORKFLOW_SIGNAL_UNKNOWN,
   * WORKFLOW_SIGNALS_FULL or WORKFLOW_OVER.
   */
  async signal(name: string, payload?: unknown): Promise<void> {
    await this.ref.ask({ type: 'signal', name, payload });
  }

  /** Stop whatever it does and undo what was done. Rejects with WORKFLOW_OVER when it is over. */
  async cancel(reason?: string): Promise<void> {
    await this.ref.ask(reason === undefined ? { type: 'cancel' } : { type: 'cancel', reason });
  }

  /** Let it begin no further step until `resume`. */
  async suspend(): Promise<void> {
    await this.ref.ask({ type: 'suspend' });
  }

  /** Let it go on. */
  async resume(): Promise<void> {
    await this.ref.ask({ type: 'resume' });
  }
}

/**
 * Start a run, or find it: an id that is taken by a run of the same workflow with the same input is that run; with
 * another input it is refused with SPAWN_CONFLICT.
 * @param options `id`: the last part of the path; `input`: what the flow takes
 * @throws what `system.spawn` throws
 */
export async function startRun<I, O>(
  system: Pick<System, 'spawn'>,
  workflow: WorkflowDefinition<I, O>,
  options: { id: string; input: I },
): Promise<WorkflowRun<O>> {
  return new WorkflowRun<O>(await system.spawn(workflow, options as never));
}
