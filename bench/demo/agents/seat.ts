/**
 * A seat of the office: an actor that has tasks done by an agent, each by a run of its own below it. Runs come and go;
 * seats stay, and are what the supervisors look after.
 *
 * S1  A task has a name. Asked for again under it (by a step of the workflow that a crash has interrupted) it is the
 *     same task: it is not begun anew, and whoever asks gets what comes of it.
 */
import { fromTransition } from 'xstate';
import type { AgentDefinition, AgentResult } from '../../../actors/index.js';
import {
  actorContext,
  ActorRef,
  defineActor,
  type ReplyTo,
  type Request,
  type Terminated,
  TroupeError,
} from '../../../src/index.js';

/** What a seat understands. */
export type SeatEvents = Request<'work', { task: string; text: string }, AgentResult>;

/** A task that was asked for. */
interface Task {
  askers: readonly ReplyTo[];
  result?: AgentResult;
}

type Tasks = Readonly<Record<string, Task>>;

/**
 * A definition of seats, to be exported by the module that makes it.
 * @param agent does the work
 * @param bus the path of the tools it may use
 */
export function seatOf(meta: { readonly url: string }, name: string, agent: AgentDefinition, bus: string) {
  const logic = fromTransition<Tasks, SeatEvents | Terminated, never, undefined, SeatEvents>((tasks, event) => {
    if (event.type === 'troupe.terminated') return settle(tasks, event);
    const { spawn, watch, reply, replyTo } = actorContext();
    const { task, text } = event;
    const known = tasks[task];
    if (known?.result !== undefined) {
      reply(known.result);
      return tasks;
    }
    if (known === undefined) watch(spawn(agent, { id: task, input: { text, bus: new ActorRef(bus) } }));
    const askers = [...(known?.askers ?? []), ...(replyTo === undefined ? [] : [replyTo])];
    return { ...tasks, [task]: { askers } };
  }, {});
  return defineActor(meta, name, logic);
}

/** A run is over: whoever asked for it is told. */
function settle(tasks: Tasks, { path, how, output, error }: Terminated): Tasks {
  const { reply, refuse } = actorContext();
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { askers = [] } = tasks[name] ?? {};
  const result = output as AgentResult;
  for (const to of askers) {
    if (how === 'done') reply(result, to);
    else refuse(failureOf(path, error), { event: { type: 'work' }, replyTo: to });
  }
  const { [name]: _over, ...others } = tasks;
  return how === 'done' ? { ...tasks, [name]: { askers: [], result } } : others;
}

function failureOf(path: string, error: Error | undefined): TroupeError {
  return TroupeError.is(error) ? error : new TroupeError('AGENT_FAILED', `${path} was stopped`, { cause: error });
}
