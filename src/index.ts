/**
 * troupe: durable, supervised actors. A message is a transaction: the state change, the messages it sends, its
 * timers, spawns, stops and replies commit together, or not at all.
 */

// Defining actors
export {
  type ActorDefinition,
  type DefinitionHooks,
  type DefinitionOptions,
  defineActor,
  type PlacementWish,
  type SpawnOptions,
} from './cell/define.js';
export { reply, sendTo, spawnActor } from './cell/actions.js';
export { actorContext, type TurnContext } from './cell/context.js';
export type {
  ChildDecision,
  ChildWord,
  SuperviseOptions,
  StartAnswer,
  Supervision,
  SupervisorBegins,
  SupervisorDeclared,
} from './cell/supervise.js';
export type { EffectCall, EffectEnded, EffectFunction, RunEffectOptions } from './cell/named-effects.js';
export { effectIdOf } from './cell/xstate-effects.js';
export { job, jobEffect } from './cell/job.js';

// Talking to actors
export type { ActorId, ActorPath, EffectId, Id } from './core/ids.js';
export { checkId, idOfPath } from './core/path.js';
export { ActorRef, type Durability, ReplyTo } from './core/ref.js';
export type { AnyEvent, AskOptions, EventObject, Reply, Request, TellOptions } from './core/message.js';
export type { Terminated } from './host/failure.js';

// Systems
export { createSystem } from './system/create-system.js';
export type { SystemOptions } from './system/options.js';
export type { ActorState, DecisionsOptions, HistoryOptions, System, SystemStats, TurnState } from './system/system.js';
export type {
  ActorHistoryView,
  DeedView,
  HistoryEntryView,
  MessageView,
  StateView,
} from './system/history.js';
export type { DecisionView } from './system/decisions.js';
export type { DeadLetterView } from './system/dead-letters.js';
export type { Failure, SupervisionDecision, SupervisionPolicy } from './system/supervision.js';
export type { ActorSummary } from './journal/queries.js';

export type { FailureKind } from './core/injected-failure.js';

// Errors and news
export {
  describeBriefly,
  type ErrorCode,
  type ErrorRecovery,
  type ErrorSeverity,
  errorTable,
  TroupeError,
} from './core/errors.js';
export {
  type ActorEnded,
  type ActorFailed,
  type ActorQuarantined,
  type Announcements,
  type ChannelMessages,
  channels,
  type CircuitChanged,
  type DeadLettered,
  type HealthChanged,
  type HealthCheck,
  type JournalWarned,
  type Published,
  type Refused,
  type SystemHealth,
  type SystemState,
  type ThreadLost,
} from './observe/channels.js';
export type { Logger } from './observe/log.js';
