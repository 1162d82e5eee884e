/**
 * A run as an XState machine: it hears, lets `engine.ts` say what follows, and has that done within the turn. Its
 * states are what a run can be in, so that it can be drawn and looked at like any other actor.
 *
 * What the engine owns: what is next. What the kernel owns: that effects start after the commit, and that all a turn
 * did commits together.
 *
 * M1  Each attempt of a step, and each compensation, is a named effect of its own: its result is one journaled message,
 *     applied once. A crash before it is recorded runs the attempt again, with the same effect id.
 * M2  A run that was spawned by an actor ends when it is over, with its output or its error: that actor is told. One
 *     that a system spawned stays for `keepMs`, to be asked for its result, and then ends.
 */
import { enqueueActions, setup } from 'xstate';
import type { PlainError } from '../../src/core/errors.js';
import {
  actorContext,
  ActorRef,
  type EffectCall,
  type EffectEnded,
  type EffectFunction,
  jobEffect,
  type Request,
  type Terminated,
  TroupeError,
} from '../../src/index.js';
import { answer, answerAll, remember, type Waiting } from '../run/waiting.js';
import type { CompiledFlow } from './compiled.js';
import type { Deed, Happening } from './deeds.js';
import { advance } from './engine.js';
import type { ActorNode, CompensationCall, StepCall, StepNode } from './nodes.js';
import { keyOf, newRun, type RunState } from './run-state.js';
import { type RunView, viewOf } from './view.js';

/** How a run went: what `result` answers. */
export type RunResult<O> = { ok: true; output: O } | { ok: false; error: PlainError; view: RunView };

/** What a run understands. */
export type WorkflowEvents<O = unknown> =
  /** Its result, when it is over: the answer waits for that. */
  | Request<'result', object, RunResult<O>>
  /** Where it is. */
  | Request<'view', object, RunView>
  /** A query of the workflow's own, by its name. Refused with WORKFLOW_QUERY_UNKNOWN. */
  | Request<'query', { name: string }, unknown>
  /** A signal. Refused with WORKFLOW_SIGNAL_UNKNOWN, WORKFLOW_SIGNALS_FULL, WORKFLOW_OVER. */
  | Request<'signal', { name: string; payload?: unknown }, true>
  /** Stop whatever it does, and undo what was done. Refused with WORKFLOW_OVER when it has ended, or is ending. */
  | Request<'cancel', { reason?: string }, true>
  /** Begin no further step, actor or compensation until `resume`. What runs goes on, and its results are kept. */
  | Request<'suspend', object, true>
  | Request<'resume', object, true>;

/** What a workflow's machine is made of. */
export interface MachineOptions {
  flow: CompiledFlow;
  queries: Readonly<Record<string, (view: RunView) => unknown>>;
  keepMs: number;
  signalsMax: number;
}

interface RunContext {
  run: RunState;
  input: unknown;
  /** Who waits for the result, and since when. */
  waiting: Waiting[];
}

/** What an effect is told. */
interface EffectInput {
  /** Whose step it is; absent where the effect's id says so. */
  at?: string;
  /** Default: the first. */
  attempt?: number;
  input: unknown;
  undo?: { output: unknown };
}

type Internal = { type: 'workflow.timer'; id: string } | Terminated | EffectEnded;
type Heard = { type: string } & Record<string, unknown>;

const jobEffectOf = (key: string): string => `job ${key}`;

/** The logic of a workflow's runs. */
export function runMachine(options: MachineOptions) {
  const { flow, keepMs } = options;
  return setup({
    types: {
      context: {} as RunContext,
      events: {} as WorkflowEvents | Internal,
      input: {} as unknown,
      output: {} as unknown,
    },
    delays: { keep: keepMs },
  }).createMachine({
    id: flow.root.id,
    context: ({ input }) => ({ run: newRun(actorContext().now()), input, waiting: [] }),
    initial: 'running',
    entry: enqueueActions(({ context, enqueue }) => {
      enqueue.assign(takeStep(options, context, { is: 'begin', input: context.input }, enqueue as unknown as Enqueue));
      // From here on it is in the frames of those who still need it.
      enqueue.assign({ input: undefined });
    }),
    on: {
      'troupe.terminated': { actions: hear(options) },
      'workflow.timer': { actions: hear(options) },
      'troupe.effect.ended': { actions: hear(options) },
      signal: { actions: hear(options) },
      cancel: { actions: hear(options) },
      suspend: { actions: hear(options) },
      resume: { actions: hear(options) },
      view: { actions: ({ context }) => answer(viewOf(flow, context.run)) },
      query: { actions: ({ context, event }) => answerQuery(options, context, event.name) },
      result: { actions: enqueueActions(({ context, enqueue }) => enqueue.assign(answerResult(flow, context))) },
    },
    states: {
      running: {
        always: [
          { guard: ({ context }) => isOver(context.run), target: 'over' },
          { guard: ({ context }) => context.run.phase === 'undoing', target: 'undoing' },
        ],
      },
      undoing: { always: { guard: ({ context }) => isOver(context.run), target: 'over' } },
      over: {
        entry: enqueueActions(({ context, enqueue }) => {
          answerAll(context.waiting, resultOf(flow, context.run));
          enqueue.assign({ waiting: [] });
          endBelowParent(context.run);
        }),
        always: { guard: () => actorContext().parent !== undefined, target: 'gone' },
        after: { keep: 'gone' },
      },
      gone: { type: 'final' },
    },
    output: ({ context }: { context: RunContext }) => context.run.output,
  });
}

/** The effects of a flow's runs, by name: jobs each have their own. */
export function effectsOf(flow: CompiledFlow): Record<string, EffectFunction> {
  const step = (call: EffectCall<EffectInput>): unknown => {
    const { at = call.id, undo } = call.input;
    const node = flow.nodes.get(keyOf(at)) as StepNode;
    if (undo === undefined) return node.run(told(call));
    return compensate(node, Object.assign(told(call), { output: undo.output as never }));
  };
  const effects: Record<string, EffectFunction> = { step };
  for (const [key, node] of flow.nodes) {
    if (node.kind === 'job') effects[jobEffectOf(key)] = jobEffect(node, node.name);
  }
  return effects;
}

/** What a step is told: members of its own, to be spread and handed on; a signal nobody looks at is never made. */
function told(call: EffectCall<EffectInput>): StepCall<never> {
  const { input, effectId, self } = call;
  return {
    input: input.input as never,
    effectId,
    attempt: input.attempt ?? 1,
    run: self.path,
    get signal() {
      return call.signal;
    },
  };
}

/** What it gives is nobody's, and need not be plain data. */
async function compensate(node: StepNode, call: CompensationCall<never, never>): Promise<void> {
  await node.compensate?.(call);
}

/** As far as it is used here; XState's own type depends on the machine around it. */
interface Enqueue {
  raise(event: object, options: { delay: number; id: string }): void;
  cancel(id: string): void;
}

function hear(options: MachineOptions) {
  return enqueueActions(({ context, event, enqueue }) => {
    const what = happening(options, context as RunContext, event as unknown as Heard);
    if (what !== undefined)
      enqueue.assign(takeStep(options, context as RunContext, what, enqueue as unknown as Enqueue));
  }) as never;
}

/** What an event means to the engine; undefined when it was answered, or means nothing. */
function happening(options: MachineOptions, { run }: RunContext, event: Heard): Happening | undefined {
  const { type } = event;
  switch (type) {
    case 'workflow.timer':
      return { is: 'timer', id: event.id as string };
    case 'troupe.effect.ended':
      return settledBy(event as unknown as EffectEnded);
    case 'troupe.terminated':
      return endOf(event as unknown as Terminated);
    case 'signal':
      return takeSignal(options, run, event as unknown as { name: string; payload?: unknown });
    case 'cancel':
      if (refuseWhenOver(run)) return undefined;
      answer(true);
      return { is: 'cancel', reason: typeof event.reason === 'string' ? event.reason : 'no reason was given' };
    case 'suspend':
    case 'resume':
      // What is undone can be held back, too.
      if (isOver(run) && refuseWhenOver(run)) return undefined;
      answer(true);
      return { is: type };
    default:
      return undefined;
  }
}

function settledBy({ id, how, output, error }: EffectEnded): Happening {
  if (how === 'done') return { is: 'settled', id, ok: true, output };
  return { is: 'settled', id, ok: false, error: TroupeError.toPlain(error) };
}

function endOf({ path, how, output, error }: Terminated): Happening {
  if (how === 'done') return { is: 'ended', path, ok: true, output };
  const why = error ?? new TroupeError('WORKFLOW_ACTOR_ENDED', `${path} was stopped`, { field: path });
  return { is: 'ended', path, ok: false, error: TroupeError.toPlain(why) };
}

function takeSignal(
  { flow, signalsMax }: MachineOptions,
  run: RunState,
  { name, payload }: { name: string; payload?: unknown },
): Happening | undefined {
  if (refuseWhenOver(run)) return undefined;
  if (!flow.signals.has(name)) {
    const known = [...flow.signals].join(', ') || 'none';
    say('WORKFLOW_SIGNAL_UNKNOWN', `no part of ${flow.root.id} waits for '${String(name)}'; known are ${known}`, name);
    return undefined;
  }
  if ((run.signals?.[name]?.length ?? 0) >= signalsMax) {
    say('WORKFLOW_SIGNALS_FULL', `${signalsMax} signals '${name}' wait already to be taken`, name);
    return undefined;
  }
  answer(true);
  return { is: 'signal', name, payload };
}

function refuseWhenOver(run: RunState): boolean {
  if (run.phase === 'running') return false;
  say('WORKFLOW_OVER', `the run is ${run.phase}`, run.phase);
  return true;
}

/** Refuse the current message. */
function say(code: 'WORKFLOW_SIGNAL_UNKNOWN' | 'WORKFLOW_SIGNALS_FULL' | 'WORKFLOW_OVER', why: string, value: unknown) {
  actorContext().refuse(new TroupeError(code, why, { value }));
}

/** Let the engine take a step, and have its deeds done. @returns what changes in the context */
function takeStep({ flow }: MachineOptions, { run }: RunContext, what: Happening, enqueue: Enqueue): { run: RunState } {
  const { self } = actorContext();
  const next = advance(flow, run, what, actorContext().now(), self.path);
  for (const deed of next.deeds) carryOut(flow, deed, enqueue);
  return { run: next.run };
}

function carryOut(flow: CompiledFlow, deed: Deed, enqueue: Enqueue): void {
  switch (deed.do) {
    case 'run': {
      const { id, at, attempt, input, undo } = deed;
      const key = keyOf(at);
      const isJob = flow.nodes.get(key)?.kind === 'job';
      const told: EffectInput = { input };
      if (at !== id) told.at = at;
      if (attempt > 1) told.attempt = attempt;
      if (undo !== undefined) told.undo = undo;
      const [name, given] = isJob ? [jobEffectOf(key), input] : ['step', told];
      return actorContext().runEffect(name, { id, input: given });
    }
    case 'stop':
      return actorContext().cancelEffect(deed.id);
    case 'timer':
      return enqueue.raise({ type: 'workflow.timer', id: deed.id }, { delay: deed.ms, id: deed.id });
    case 'cancelTimer':
      return enqueue.cancel(deed.id);
    case 'spawn': {
      const { definition } = flow.nodes.get(keyOf(deed.at)) as ActorNode;
      const turn = actorContext();
      turn.watch(turn.spawn(definition, { id: deed.id, input: deed.input }));
      return;
    }
    case 'cancelActor': {
      const reason = 'what it was a part of has failed or was cancelled';
      actorContext().tell(new ActorRef<WorkflowEvents>(deed.path), { type: 'cancel', reason });
      return;
    }
    case 'stopActor':
      // It ends later; nobody waits for that here, and its end is told like any other.
      void new ActorRef(deed.path).stop().catch(() => {});
      return;
    case 'finish':
      return;
  }
}

function answerQuery({ flow, queries }: MachineOptions, { run }: RunContext, name: string): void {
  const query = Object.hasOwn(queries, name) ? queries[name] : undefined;
  if (query !== undefined) return answer(query(viewOf(flow, run)));
  const known = Object.keys(queries).join(', ') || 'none';
  const message = `${flow.root.id} has no query '${String(name)}'; known are ${known}`;
  actorContext().refuse(new TroupeError('WORKFLOW_QUERY_UNKNOWN', message, { field: 'name', value: name }));
}

function answerResult(flow: CompiledFlow, { run, waiting }: RunContext): { waiting: Waiting[] } {
  if (!isOver(run)) return { waiting: remember(waiting, 'WORKFLOW_WAITING_FULL') };
  answer(resultOf(flow, run));
  return { waiting };
}

function resultOf(flow: CompiledFlow, run: RunState): RunResult<unknown> {
  if (run.phase === 'done') return { ok: true, output: run.output };
  return { ok: false, error: TroupeError.toPlain(failureOf(run)), view: viewOf(flow, run) };
}

/** Why it has not given an output. */
function failureOf(run: RunState): TroupeError {
  if (run.cancelled !== undefined)
    return new TroupeError('WORKFLOW_CANCELLED', `the run was cancelled: ${run.cancelled}`, { value: run.cancelled });
  const { error, failedAt } = run as RunState & { error: PlainError };
  const place = failedAt === undefined ? '' : ` at ${failedAt}`;
  return new TroupeError('WORKFLOW_FAILED', `the run has failed${place}: ${error.message}`, {
    field: failedAt,
    cause: TroupeError.fromPlain(error),
  });
}

/** M2: its parent is told of a failure as of any other actor's. */
function endBelowParent(run: RunState): void {
  if (actorContext().parent !== undefined && run.phase !== 'done') actorContext().stopSelf(failureOf(run));
}

function isOver({ phase }: RunState): boolean {
  return phase === 'done' || phase === 'failed' || phase === 'cancelled';
}
