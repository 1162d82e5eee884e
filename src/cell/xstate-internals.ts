/**
 * The shapes of XState 5.33's insides that the adapter relies on, and how it tells kinds of logic apart. XState's
 * own types hide these members. Each behaviour relied on has a test in `xstate-pins.test.ts`.
 */
import { type AnyActorLogic, type AnyStateMachine, fromCallback, fromTransition } from 'xstate';
import type { EventObject } from '../core/message.js';

/** Event and state names XState keeps to itself. */
export const stopEventType = 'xstate.stop';

/** A snapshot, as far as the adapter looks into it. */
export interface LocalSnapshot {
  status: 'active' | 'done' | 'error' | 'stopped';
  output?: unknown;
  error?: unknown;
  context?: unknown;
  /** Machines only. */
  value?: unknown;
  children?: Record<string, LocalActor | undefined>;
  historyValue?: Record<string, readonly { readonly id: string }[]>;
}

/** A machine's snapshot, with all its members. */
export interface MachineSnapshot extends LocalSnapshot {
  output: unknown;
  error: unknown;
  readonly machine: AnyStateMachine;
  context: unknown;
  readonly _nodes: readonly object[];
  value: unknown;
  readonly tags: ReadonlySet<string>;
  children: Readonly<Record<string, LocalActor | undefined>>;
  historyValue: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly matches: unknown;
  readonly hasTag: unknown;
  readonly can: unknown;
  readonly getMeta: unknown;
  readonly toJSON: unknown;
}

/** What XState hands to logic with every call. */
export interface LocalScope {
  self: LocalActor;
}

/** The same, with what machines use of it. */
export interface RealScope extends LocalScope {
  /** Replaced by XState while it steps. */
  actionExecutor: (action: unknown) => void;
  emit(event: EventObject): void;
}

/** Logic, as an actor calls it. */
export interface LocalLogic {
  config?: unknown;
  transition(snapshot: LocalSnapshot, event: EventObject, scope: LocalScope): LocalSnapshot;
  start?(snapshot: LocalSnapshot, scope: LocalScope): void;
  getInitialSnapshot(scope: LocalScope, input: unknown): LocalSnapshot;
  getPersistedSnapshot(snapshot: LocalSnapshot, options?: unknown): unknown;
  restoreSnapshot?(snapshot: unknown, scope: LocalScope): LocalSnapshot;
}

/** One of XState's actors: the root of a cell or a local child. */
export interface LocalActor {
  id: string;
  readonly sessionId: string;
  readonly systemId: string | undefined;
  /** A registered name, or the logic itself when it was given inline. */
  readonly src: unknown;
  logic: LocalLogic;
  options: { readonly id?: string | undefined };
  readonly system: object;
  readonly _parent: object | undefined;
  readonly _doneEvent: EventObject | undefined;
  getSnapshot(): LocalSnapshot;
  getPersistedSnapshot(): unknown;
  start(): unknown;
  _send(event: EventObject): void;
  _stop(): unknown;
}

/** An actor's methods, and the members they work on, as far as `RootActor` names them. */
export interface RealActor {
  _processingStatus: number;
  _snapshot: LocalSnapshot;
  readonly _actorScope: RealScope;
  readonly system: object;
  readonly observers: Set<unknown>;
  readonly eventListeners: Map<string, unknown>;
  mailbox: unknown;
  getSnapshot(): LocalSnapshot;
  getPersistedSnapshot(): unknown;
  start(): this;
  subscribe(...given: unknown[]): unknown;
  on(...given: unknown[]): unknown;
  _process(event: EventObject): void;
  _send(event: EventObject): void;
  _stop(): unknown;
}

/** The values of `_processingStatus`. */
export const processing = { notStarted: 0, running: 1, stopped: 2 } as const;

/** A state node, as the check of definitions reads it. */
export interface NodeInsides {
  readonly id: string;
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly initial: { readonly actions: readonly unknown[] } | undefined;
  readonly always: readonly { readonly actions: readonly unknown[] }[] | undefined;
  readonly transitions: ReadonlyMap<string, readonly { readonly actions: readonly unknown[] }[]>;
  /** With `src` as the name XState resolves. */
  readonly invoke: readonly { readonly id: string; readonly src: string }[];
  readonly config: { readonly invoke?: unknown };
}

/** A machine, as the check of definitions reads it. */
export interface MachineInsides {
  readonly id: string;
  readonly idMap: ReadonlyMap<string, NodeInsides>;
  readonly implementations: {
    readonly actors: Readonly<Record<string, unknown>>;
    readonly actions: Readonly<Record<string, unknown>>;
  };
}

/** Is it a state machine? */
export function isMachine(logic: object): logic is AnyStateMachine {
  return '__xstatenode' in logic;
}

/**
 * All callback logics run the same `transition` text, and no other logic does. It cannot be told apart by its shape:
 * promise logic has the same members.
 */
const callbackText = textOf(fromCallback(() => undefined));
const transitionText = textOf(fromTransition((state: unknown) => state, undefined));

function textOf(logic: { transition: unknown }): string {
  return Function.prototype.toString.call(logic.transition);
}

/** Was the logic made by `fromCallback`? Then events to it run user code. */
export function isCallback(logic: { transition: unknown }): boolean {
  return textOf(logic) === callbackText;
}

/** Was the logic made by `fromTransition`? Then its snapshot is its context and nothing else. */
export function isTransition(logic: { transition: unknown }): boolean {
  return textOf(logic) === transitionText;
}

/** Does starting the logic do something outside the actor? Promises, callbacks, observables, custom logic. */
export function hasEffect(logic: LocalLogic | AnyActorLogic): boolean {
  return logic.start !== undefined && !isMachine(logic);
}

/** XState's reports after which an effect has nothing more to say. */
const lastReportTypes: ReadonlySet<string> = new Set([
  'xstate.promise.resolve',
  'xstate.promise.reject',
  'xstate.observable.error',
  'xstate.observable.complete',
]);

/** Is this the last event an effect reports? */
export function isLastReport(event: EventObject): boolean {
  return lastReportTypes.has(event.type);
}
