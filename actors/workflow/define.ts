/** Workflows as definitions of actors: a name, a module, a flow. */
import { moduleOf } from '../../src/core/meta.js';
import { type ActorDefinition, defineActor, type DefinitionOptions, TroupeError } from '../../src/index.js';
import { type CompiledFlow, compile, flowsOf } from './compiled.js';
import { checkFits } from './fits.js';
import type { Flow } from './flow.js';
import { effectsOf, runMachine, type WorkflowEvents } from './machine.js';
import { checkCount, checkMs, refuseFlow } from './options.js';
import type { RunState } from './run-state.js';
import type { RunView } from './view.js';

/** How the runs of a workflow are kept. */
export interface WorkflowOptions
  extends Pick<DefinitionOptions, 'durability' | 'passivateAfterMs' | 'placement' | 'keepHistoryMs'> {
  /** Questions a run answers at any time, by name: pure functions of its view. */
  queries?: Readonly<Record<string, (view: RunView) => unknown>>;
  /**
   * How long a run that is over can be asked for its result, in milliseconds; default 7 days. Then its actor ends. A
   * run that an actor has spawned ends when it is over.
   */
  keepMs?: number;
  /** Signals of one name that are kept for a later `waitFor`; default 1,000. One more is refused. */
  signalsMax?: number;
}

/** A workflow: the definition of the actors that run it. */
export interface WorkflowDefinition<in I, out O> extends ActorDefinition<I, WorkflowEvents, O> {
  /** Only for the compiler: `result` answers with it. */
  readonly __output?: () => O;
}

const keepMsDefault = 7 * 86_400_000;
/** A run that waits need not stay in memory for long. */
const passivateAfterMsDefault = 10_000;

/**
 * Make a workflow. A run of it is an actor: it has a path, a mailbox and a journal, and goes on after a crash where it
 * was, without running a finished step again.
 *
 * When the flow has changed since a run was stored, the run goes on under the new one if everything it is at, and
 * everything it may have to undo, is still there; else its actor is quarantined, with WORKFLOW_CHANGED and its mail,
 * until a flow that fits is deployed.
 * @param meta the `import.meta` of the module that exports the workflow
 * @param name as of `defineActor`: unique in the program
 * @throws TroupeError WORKFLOW_FLOW, OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE, DEFINITION_NAME, DEFINITION_DUPLICATE
 */
export function defineWorkflow<I, O>(
  meta: { readonly url: string },
  name: string,
  flow: Flow<I, O>,
  options: WorkflowOptions = {},
): WorkflowDefinition<I, O> {
  moduleOf(meta, 'defineWorkflow');
  const { queries = {}, keepMs = keepMsDefault, signalsMax = 1_000, ...kept } = options;
  checkMs(name, 'keepMs', keepMs);
  checkCount(name, 'signalsMax', signalsMax);
  checkQueries(name, queries);
  if (typeof flow?.node !== 'object') refuseFlow(name, 'flow', flow, 'must be made by `sequence`, `step`, ...');
  const compiled = compile(flow.node);
  const migrate = (snapshot: unknown): unknown => {
    checkFits((snapshot as { context: { run: RunState } }).context.run, compiled);
    return snapshot;
  };
  const definition = defineActor(meta, name, runMachine({ flow: compiled, queries, keepMs, signalsMax }), {
    passivateAfterMs: passivateAfterMsDefault,
    ...kept,
    effects: effectsOf(compiled),
    version: compiled.fingerprint,
    migrate,
  });
  flowsOf.set(definition, compiled);
  return definition as unknown as WorkflowDefinition<I, O>;
}

/** The flow of a workflow. @throws TroupeError WORKFLOW_FLOW when it is none */
export function flowOf(workflow: ActorDefinition): CompiledFlow {
  const flow = flowsOf.get(workflow);
  if (flow !== undefined) return flow;
  const message = `${workflow.name} was not made by defineWorkflow`;
  throw new TroupeError('WORKFLOW_FLOW', message, { field: 'workflow', value: workflow.name });
}

function checkQueries(name: string, queries: Readonly<Record<string, unknown>>): void {
  for (const [query, answer] of Object.entries(queries)) {
    if (typeof answer === 'function') continue;
    const message = `${name}: the query ${query} must be a function of the run's view`;
    throw new TroupeError('OPTION_TYPE', message, { field: `queries.${query}`, value: answer });
  }
}
