/** A run of an agent, from outside: start one, wait for its result, look at it, cancel it. */
import { type ActorRef, type System, TroupeError } from '../../src/index.js';
import { askForResult, type WaitOptions } from '../run/waiting.js';
import type { AgentDefinition, AgentEvents, AgentInput, AgentOutcome, AgentResult, AgentView } from './agent.js';
import { checkInput } from './options.js';

/** A run of an agent. It holds nothing but the ref of the run's actor: make as many as you like. */
export class AgentRun<O> {
  /** @param ref the run's actor */
  constructor(readonly ref: ActorRef<AgentEvents>) {}

  /** `/question-17` */
  get path(): string {
    return this.ref.path;
  }

  /**
   * What the run gives, when it is over; also when that is long ago, as long as it is kept.
   * @param options `timeoutMs`: how long to wait, at most a day; default: until it is over
   * @throws TroupeError AGENT_LIMIT (`field`: which, such as `limits.costUsd`; `value`: `{ used, limit }`),
   *   AGENT_CANCELLED, AGENT_FAILED with the reason as `cause`, and what `ask` rejects with
   */
  async result(options: WaitOptions = {}): Promise<AgentResult<O>> {
    const outcome = await this.outcome(options);
    if (outcome.ok) return outcome.result;
    throw TroupeError.fromPlain(outcome.error);
  }

  /** How it went: with what was used and why it stopped, also when there is no result. Rejects as `ask` does. */
  async outcome(options: WaitOptions = {}): Promise<AgentOutcome<O>> {
    return (await askForResult(this.ref, options)) as AgentOutcome<O>;
  }

  /** Where it is. */
  view(): Promise<AgentView> {
    return this.ref.ask({ type: 'view' });
  }

  /** Stop whatever it does: its model's call is closed, its tools cancelled, its agents stopped. AGENT_OVER. */
  async cancel(reason?: string): Promise<void> {
    await this.ref.ask(reason === undefined ? { type: 'cancel' } : { type: 'cancel', reason });
  }
}

/**
 * Start a run, or find it: an id that is taken by a run of the same agent with the same input is that run; with
 * another input it is refused with SPAWN_CONFLICT.
 * @param options `id`: the last part of the path; `input`: see `AgentInput`
 * @throws TroupeError AGENT_INPUT naming the field, and what `system.spawn` throws
 */
export async function startAgent<O>(
  system: Pick<System, 'spawn'>,
  agent: AgentDefinition<O>,
  options: { id: string; input: AgentInput },
): Promise<AgentRun<O>> {
  checkInput(agent.name, options.input);
  return new AgentRun<O>(await system.spawn(agent, options));
}
