/** What flows are made of: the nodes, as data and functions. They are made by the functions of `flow.ts`. */
import type { ActorDefinition } from '../../src/index.js';
import type { Retry } from './options.js';

/** What a step's function gets. */
export interface StepCall<I> {
  readonly input: I;
  /** Aborts when the run is cancelled, the attempt takes too long, or something beside it has failed. */
  readonly signal: AbortSignal;
  /** The same when this attempt is run again after a crash: hand it to whatever you call as the idempotency key. */
  readonly effectId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The path of the run's actor. */
  readonly run: string;
}

/** What a step's compensation gets: what was done, to be undone. */
export interface CompensationCall<I, O> {
  readonly input: I;
  readonly output: O;
  readonly signal: AbortSignal;
  readonly effectId: string;
  readonly attempt: number;
  readonly run: string;
}

interface NodeBase {
  readonly id: string;
}

/** A function effect. */
export interface StepNode extends NodeBase {
  readonly kind: 'step';
  readonly run: (call: StepCall<never>) => unknown;
  readonly retry: Retry;
  readonly timeoutMs: number | undefined;
  readonly compensate: ((call: CompensationCall<never, never>) => unknown) | undefined;
  readonly compensateRetry: Retry;
}

/** A function in the job pool, on a thread of its own. */
export interface JobNode extends NodeBase {
  readonly kind: 'job';
  readonly url: string;
  readonly name: string;
  readonly retry: Retry;
  readonly timeoutMs: number | undefined;
}

/** An actor of its own; its end is the step's. */
export interface ActorNode extends NodeBase {
  readonly kind: 'actor';
  readonly definition: ActorDefinition;
  readonly inputOf: (input: never) => unknown;
  readonly timeoutMs: number | undefined;
}

/** One after the other. */
export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence';
  readonly parts: readonly FlowNode[];
}

/** All at once. */
export interface ParallelNode extends NodeBase {
  readonly kind: 'parallel';
  readonly parts: Readonly<Record<string, FlowNode>>;
}

/** One of several. */
export interface ConditionalNode extends NodeBase {
  readonly kind: 'conditional';
  readonly choose: (input: never) => string;
  readonly cases: Readonly<Record<string, FlowNode>>;
}

/** Again and again. */
export interface LoopNode extends NodeBase {
  readonly kind: 'loop';
  readonly body: FlowNode;
  readonly until: (value: never, turn: number) => boolean;
  readonly turnsMax: number;
}

/** For each item, then all results into one. */
export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly items: (input: never) => readonly unknown[];
  readonly each: FlowNode;
  readonly reduce: (outputs: never, input: never) => unknown;
  readonly concurrency: number;
}

/** Items through stages, each stage busy with a few of them. */
export interface PipelineNode extends NodeBase {
  readonly kind: 'pipeline';
  readonly items: (input: never) => readonly unknown[];
  readonly stages: readonly FlowNode[];
  readonly concurrency: number;
}

/** What fails is undone, and something else is done. */
export interface AttemptNode extends NodeBase {
  readonly kind: 'attempt';
  readonly body: FlowNode;
  readonly fallback: FlowNode | undefined;
  readonly timeoutMs: number | undefined;
}

/** Wait for a signal. */
export interface WaitNode extends NodeBase {
  readonly kind: 'wait';
  readonly signal: string;
  readonly timeoutMs: number | undefined;
}

/** Let time pass. */
export interface SleepNode extends NodeBase {
  readonly kind: 'sleep';
  readonly ms: (input: never) => number;
}

/** A pure function of the value, within the turn. */
export interface MapValueNode extends NodeBase {
  readonly kind: 'value';
  readonly map: (input: never) => unknown;
}

/** A node of a flow. */
export type FlowNode =
  | StepNode
  | JobNode
  | ActorNode
  | SequenceNode
  | ParallelNode
  | ConditionalNode
  | LoopNode
  | MapNode
  | PipelineNode
  | AttemptNode
  | WaitNode
  | SleepNode
  | MapValueNode;
