/**
 * Flows: what a workflow does, as a tree of nodes that can be drawn, checked and nested. A flow is a value with types:
 * what it takes and what it gives. Nothing runs here; `engine.ts` says what a run of it does next.
 *
 * F1  A node is made once, when its module is loaded, and never changed: every thread that imports the module has
 *     the same tree, so a run needs to store only where it is.
 * F2  What can be wrong with a node is refused when it is made, naming the node's id and the field.
 *
 * The shapes are those of other workflow engines (sequence, parallel, branch, loop, map-reduce, pipeline); that they
 * are one contract, so that each nests in each, is ours.
 */
import { moduleOf } from '../../src/core/meta.js';
import type { ActorDefinition } from '../../src/index.js';
import type { CompensationCall, FlowNode, StepCall } from './nodes.js';
import type { Retry } from './options.js';
import { checkCount, checkId, checkKnown, checkMs, checkRetry, checkSignal, refuseFlow } from './options.js';

/** How a step is done. */
export interface StepOptions<I, O> {
  /** What to do when an attempt fails; default: `{ attempts: 3, minMs: 100, maxMs: 10_000, factor: 2 }`. */
  retry?: Retry;
  /** How long an attempt may take, in milliseconds; default: for ever. Then it is aborted, and has failed. */
  timeoutMs?: number;
  /** Undoes the step when the run, or the `attempt` around it, fails or is cancelled later. At least once. */
  compensate?(call: CompensationCall<I, O>): Promise<void> | void;
  /** How often a compensation is tried; default as `retry`. One that never succeeds is recorded, and the rest go on. */
  compensateRetry?: Retry;
}

/** What an `attempt`'s fallback gets. */
export interface Failed<I> {
  readonly input: I;
  readonly error: { readonly name: string; readonly message: string; readonly code?: string | number | undefined };
}

/**
 * A flow: a node, and for the compiler what goes in and what comes out.
 * @typeParam I what it takes
 * @typeParam O what it gives
 */
export interface Flow<in I, out O> {
  readonly node: FlowNode;
  /** Only for the compiler. */
  readonly __types?: (input: I) => O;
}

/** What a flow gives. */
export type OutputOf<F> = F extends Flow<never, infer O> ? O : never;

function flow<I, O>(node: FlowNode): Flow<I, O> {
  return Object.freeze({ node: Object.freeze(node) });
}

/**
 * A function effect: it starts when the turn that asks for it is committed, runs at least once, and its result is
 * recorded once. After a crash an attempt whose result is not recorded is run again, with the same `effectId`.
 * @param id unique among its neighbours; letters, digits, `_` and `-`
 * @param run gets a `StepCall`; what it returns or resolves to must be data a message can carry
 * @throws TroupeError WORKFLOW_FLOW naming the field
 */
export function step<I, O>(
  id: string,
  run: (call: StepCall<I>) => Promise<O> | O,
  options: StepOptions<I, O> = {},
): Flow<I, Awaited<O>> {
  checkId(id, 'step');
  if (typeof run !== 'function') refuseFlow(id, 'run', run, 'must be a function');
  checkKnown(id, options, ['retry', 'timeoutMs', 'compensate', 'compensateRetry']);
  const { timeoutMs, compensate } = options;
  if (timeoutMs !== undefined) checkMs(id, 'timeoutMs', timeoutMs);
  if (compensate !== undefined && typeof compensate !== 'function')
    refuseFlow(id, 'compensate', compensate, 'must be a function');
  const retry = checkRetry(id, 'retry', options.retry);
  const compensateRetry =
    options.compensateRetry === undefined ? retry : checkRetry(id, 'compensateRetry', options.compensateRetry);
  return flow({ kind: 'step', id, run, retry, timeoutMs, compensate, compensateRetry });
}

/**
 * An exported function, run in the job pool: for work that would block a thread. See `job` of the kernel.
 * @param meta the `import.meta` of the module that exports it; it gets `(input, { effectId })`
 * @throws TroupeError WORKFLOW_FLOW
 */
export function jobStep<I, O>(
  id: string,
  meta: { url: string },
  name: string,
  options: Pick<StepOptions<I, O>, 'retry' | 'timeoutMs'> = {},
): Flow<I, O> {
  checkId(id, 'jobStep');
  if (typeof name !== 'string' || name === '') refuseFlow(id, 'name', name, 'must be the name of an exported function');
  checkKnown(id, options, ['retry', 'timeoutMs']);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) checkMs(id, 'timeoutMs', timeoutMs);
  const url = moduleOf(meta, 'jobStep');
  return flow({ kind: 'job', id, url, name, retry: checkRetry(id, 'retry', options.retry), timeoutMs });
}

/**
 * An actor of its own (mailbox, thread, supervision), for as long as the step lasts: its output is the step's. Another
 * workflow is such an actor. Its end is told to the run exactly once, whatever crashes meanwhile; when the run is
 * cancelled it is stopped; a workflow is cancelled, and has a minute for what it undoes (one more for each level of
 * workflows within it) before the run goes on undoing.
 * @param options `input`: what the actor gets, from the step's input; default: the step's input itself
 * @throws TroupeError WORKFLOW_FLOW
 */
export function actorStep<Input, O, I = Input>(
  id: string,
  // biome-ignore lint/suspicious/noExplicitAny: what it understands does not matter here
  definition: ActorDefinition<Input, any, O>,
  options: { input?: (input: I) => Input; timeoutMs?: number } = {},
): Flow<I, O> {
  checkId(id, 'actorStep');
  if (typeof (definition as Partial<ActorDefinition> | undefined)?.name !== 'string')
    refuseFlow(id, 'definition', definition, 'must be what `defineActor` or `defineWorkflow` returned');
  checkKnown(id, options, ['input', 'timeoutMs']);
  const { input = (value: I) => value as unknown as Input, timeoutMs } = options;
  if (timeoutMs !== undefined) checkMs(id, 'timeoutMs', timeoutMs);
  return flow({ kind: 'actor', id, definition, inputOf: input, timeoutMs });
}

/** A pure function of the value: nothing is waited for, and nothing is recorded but the result. */
export function mapValue<I, O>(id: string, map: (input: I) => O): Flow<I, O> {
  checkId(id, 'mapValue');
  if (typeof map !== 'function') refuseFlow(id, 'map', map, 'must be a function');
  return flow({ kind: 'value', id, map });
}

/**
 * One after the other, each getting what the one before gave.
 * @throws TroupeError WORKFLOW_FLOW
 */
export function sequence<A, B>(id: string, a: Flow<A, B>): Flow<A, B>;
export function sequence<A, B, C>(id: string, a: Flow<A, B>, b: Flow<B, C>): Flow<A, C>;
export function sequence<A, B, C, D>(id: string, a: Flow<A, B>, b: Flow<B, C>, c: Flow<C, D>): Flow<A, D>;
export function sequence<A, B, C, D, E>(
  id: string,
  a: Flow<A, B>,
  b: Flow<B, C>,
  c: Flow<C, D>,
  d: Flow<D, E>,
): Flow<A, E>;
export function sequence<A, B, C, D, E, F>(
  id: string,
  a: Flow<A, B>,
  b: Flow<B, C>,
  c: Flow<C, D>,
  d: Flow<D, E>,
  e: Flow<E, F>,
): Flow<A, F>;
export function sequence<A, B, C, D, E, F, G>(
  id: string,
  a: Flow<A, B>,
  b: Flow<B, C>,
  c: Flow<C, D>,
  d: Flow<D, E>,
  e: Flow<E, F>,
  f: Flow<F, G>,
): Flow<A, G>;
/** Any number of flows of one type. */
export function sequence<T>(id: string, ...flows: Flow<T, T>[]): Flow<T, T>;
export function sequence(id: string, ...flows: Flow<never, unknown>[]): Flow<never, unknown> {
  checkId(id, 'sequence');
  const parts = flows.map((part, at) => nodeOf(id, `[${at}]`, part));
  if (parts.length === 0) refuseFlow(id, 'flows', flows, 'must be at least one');
  checkSiblings(id, parts);
  return flow({ kind: 'sequence', id, parts });
}

/**
 * All at once, each getting the input; gives what each gave, by name. When one fails the others are stopped.
 * @throws TroupeError WORKFLOW_FLOW
 */
export function parallel<I, F extends Readonly<Record<string, Flow<I, unknown>>>>(
  id: string,
  flows: F & Readonly<Record<string, Flow<I, unknown>>>,
): Flow<I, { [K in keyof F]: OutputOf<F[K]> }> {
  checkId(id, 'parallel');
  return flow({ kind: 'parallel', id, parts: nodesOf(id, 'flows', flows) });
}

/**
 * One of several, chosen by a pure function of the input. A choice that is no case fails the run with WORKFLOW_NO_CASE.
 * @throws TroupeError WORKFLOW_FLOW
 */
export function conditional<I, O>(
  id: string,
  choose: (input: I) => string,
  cases: Readonly<Record<string, Flow<I, O>>>,
): Flow<I, O> {
  checkId(id, 'conditional');
  if (typeof choose !== 'function') refuseFlow(id, 'choose', choose, 'must be a function');
  return flow({ kind: 'conditional', id, choose, cases: nodesOf(id, 'cases', cases) });
}

/**
 * Again and again, each time with what the last gave.
 * @param until a pure function of the value and the number of turns so far; true ends the loop. Asked after each turn
 * @param options `turnsMax`: so many turns at most, default 1,000; one more fails the run with WORKFLOW_LOOP_LIMIT
 * @throws TroupeError WORKFLOW_FLOW
 */
export function loop<T>(
  id: string,
  body: Flow<T, T>,
  until: (value: T, turns: number) => boolean,
  options: { turnsMax?: number } = {},
): Flow<T, T> {
  checkId(id, 'loop');
  if (typeof until !== 'function') refuseFlow(id, 'until', until, 'must be a function');
  checkKnown(id, options, ['turnsMax']);
  const { turnsMax = 1_000 } = options;
  checkCount(id, 'turnsMax', turnsMax);
  return flow({ kind: 'loop', id, body: nodeOf(id, 'body', body), until, turnsMax });
}

/**
 * A flow for each item, then all they gave into one value, in the order of the items.
 * @param options `items`: pure, at most 10,000; `reduce`: pure, default: the list of what was given; `concurrency`: so
 *   many at a time, default 16
 * @throws TroupeError WORKFLOW_FLOW
 */
export function mapReduce<I, T, U, R = U[]>(
  id: string,
  options: {
    items: (input: I) => readonly T[];
    each: Flow<T, U>;
    reduce?: (outputs: U[], input: I) => R;
    concurrency?: number;
  },
): Flow<I, R> {
  checkId(id, 'mapReduce');
  checkKnown(id, options, ['items', 'each', 'reduce', 'concurrency']);
  const { items, each, reduce = (outputs: U[]) => outputs as unknown as R, concurrency = 16 } = options;
  if (typeof items !== 'function') refuseFlow(id, 'items', items, 'must be a function');
  if (typeof reduce !== 'function') refuseFlow(id, 'reduce', reduce, 'must be a function');
  checkCount(id, 'concurrency', concurrency);
  return flow({ kind: 'map', id, items, each: nodeOf(id, 'each', each), reduce, concurrency });
}

/**
 * Items through stages: while one item is in the second stage the next one is in the first. Gives what the last stage
 * gave, in the order of the items.
 * @param options `items`: pure, at most 10,000; `stages`: one after the other; `concurrency`: items in a stage at a
 *   time, default 1
 * @throws TroupeError WORKFLOW_FLOW
 */
export function pipeline<I, A, B>(
  id: string,
  options: { items: (input: I) => readonly A[]; stages: readonly [Flow<A, B>]; concurrency?: number },
): Flow<I, B[]>;
export function pipeline<I, A, B, C>(
  id: string,
  options: { items: (input: I) => readonly A[]; stages: readonly [Flow<A, B>, Flow<B, C>]; concurrency?: number },
): Flow<I, C[]>;
export function pipeline<I, A, B, C, D>(
  id: string,
  options: {
    items: (input: I) => readonly A[];
    stages: readonly [Flow<A, B>, Flow<B, C>, Flow<C, D>];
    concurrency?: number;
  },
): Flow<I, D[]>;
export function pipeline(
  id: string,
  options: {
    items: (input: never) => readonly unknown[];
    stages: readonly Flow<never, unknown>[];
    concurrency?: number;
  },
): Flow<never, unknown[]> {
  checkId(id, 'pipeline');
  checkKnown(id, options, ['items', 'stages', 'concurrency']);
  const { items, concurrency = 1 } = options;
  if (typeof items !== 'function') refuseFlow(id, 'items', items, 'must be a function');
  const stages = options.stages.map((stage, at) => nodeOf(id, `stages[${at}]`, stage));
  if (stages.length === 0) refuseFlow(id, 'stages', stages, 'must be at least one');
  checkSiblings(id, stages);
  checkCount(id, 'concurrency', concurrency);
  return flow({ kind: 'pipeline', id, items, stages, concurrency });
}

/**
 * A flow that may fail: what it had done by then is compensated, in reverse, and the fallback gives the value instead.
 * @param options `fallback`: gets `{ input, error }`; without one the failure goes on, compensated. `timeoutMs`: for
 *   the whole flow; then it fails with WORKFLOW_TIMEOUT
 * @throws TroupeError WORKFLOW_FLOW
 */
export function attempt<I, O>(
  id: string,
  body: Flow<I, O>,
  options: { fallback?: Flow<Failed<I>, O>; timeoutMs?: number } = {},
): Flow<I, O> {
  checkId(id, 'attempt');
  checkKnown(id, options, ['fallback', 'timeoutMs']);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) checkMs(id, 'timeoutMs', timeoutMs);
  const node = nodeOf(id, 'body', body);
  const fallback = options.fallback === undefined ? undefined : nodeOf(id, 'fallback', options.fallback);
  if (fallback !== undefined) checkSiblings(id, [node, fallback]);
  return flow({ kind: 'attempt', id, body: node, fallback, timeoutMs });
}

/**
 * Wait until somebody sends the run a signal of this name; gives its payload. A signal that came before is kept for
 * it. A run that waits holds no thread, and after a while no memory.
 * @param options `timeoutMs`: fails with WORKFLOW_TIMEOUT when none has come by then; default: waits for ever
 * @throws TroupeError WORKFLOW_FLOW
 */
export function waitFor<T>(id: string, options: { signal?: string; timeoutMs?: number } = {}): Flow<unknown, T> {
  checkId(id, 'waitFor');
  checkKnown(id, options, ['signal', 'timeoutMs']);
  const { signal = id, timeoutMs } = options;
  checkSignal(id, signal);
  if (timeoutMs !== undefined) checkMs(id, 'timeoutMs', timeoutMs);
  return flow({ kind: 'wait', id, signal, timeoutMs });
}

/**
 * Let time pass, over restarts; gives its input. A run that sleeps holds no thread, and after a while no memory.
 * @param ms milliseconds, or a pure function of the input
 * @throws TroupeError WORKFLOW_FLOW
 */
export function sleep<T>(id: string, ms: number | ((input: T) => number)): Flow<T, T> {
  checkId(id, 'sleep');
  if (typeof ms === 'function') return flow({ kind: 'sleep', id, ms });
  checkMs(id, 'ms', ms);
  return flow({ kind: 'sleep', id, ms: () => ms });
}

function nodeOf(id: string, field: string, part: unknown): FlowNode {
  const node = (part as Partial<Flow<never, unknown>> | undefined)?.node;
  return node ?? refuseFlow(id, field, part, 'must be a flow');
}

function nodesOf(id: string, field: string, flows: object): Readonly<Record<string, FlowNode>> {
  const parts: Record<string, FlowNode> = {};
  for (const [name, part] of Object.entries(flows)) {
    checkId(name, `${id}.${field}`);
    parts[name] = nodeOf(id, `${field}.${name}`, part);
  }
  if (Object.keys(parts).length === 0) refuseFlow(id, field, flows, 'must be at least one flow');
  return parts;
}

function checkSiblings(id: string, parts: readonly FlowNode[]): void {
  const seen = new Set<string>();
  for (const part of parts) {
    if (seen.has(part.id)) refuseFlow(id, part.id, part.id, 'is the id of two of its parts');
    seen.add(part.id);
  }
}
