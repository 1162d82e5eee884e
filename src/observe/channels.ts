/**
 * Everything the kernel tells the outside, as `node:diagnostics_channel` channels. Logs, metrics and traces are
 * subscribers; where nobody listens an event costs one comparison.
 *
 * | channel | message | when |
 * |---|---|---|
 * | `troupe:actor:failed` | `ActorFailed` | a message failed and a decision was made |
 * | `troupe:actor:ended` | `ActorEnded` | an actor is over |
 * | `troupe:actor:quarantined` | `ActorQuarantined` | a stored state cannot be used; mail is kept |
 * | `troupe:dead-letter` | `DeadLettered` | a message will never be handled |
 * | `troupe:refused` | `Refused` | an actor's spawn could not be carried out |
 * | `troupe:journal:warning` | `JournalWarned` | what to know of the journal's disk or clock |
 * | `troupe:circuit:changed` | `CircuitChanged` | a circuit breaker has opened, closed, or lets probes through |
 * | `troupe:health:changed` | `HealthChanged` | the system is ready, or not any more, or a check is good or not |
 * | `troupe:thread:lost` | `ThreadLost` | a host thread died and was replaced |
 * | `troupe:system:state` | `SystemState` | started, stopping, stopped |
 */
import { channel } from 'node:diagnostics_channel';

/** A message failed; what was decided. */
export interface ActorFailed {
  path: string;
  definition: string;
  /** The message's number; 0 is the actor's start. */
  seq: number;
  attempts: number;
  decision: string;
  error: Error;
}

/** An actor is over. */
export interface ActorEnded {
  path: string;
  definition: string;
  how: 'done' | 'failed' | 'stopped';
  error?: Error | undefined;
}

/** A stored state cannot be used. */
export interface ActorQuarantined {
  path: string;
  definition: string;
  error: Error;
}

/** A message will never be handled. */
export interface DeadLettered {
  seq: number;
  path: string;
  code: string;
}

/** An actor asked for something that cannot be, and nobody waits for the answer. */
export interface Refused {
  path: string;
  code: string;
  message: string;
}

/** Something about the journal's disk or clock that the program should know. Nothing was refused. */
export interface JournalWarned {
  code: string;
  message: string;
}

/** A circuit breaker's state is another one. */
export interface CircuitChanged {
  /** The circuit's own. */
  path: string;
  definition: string;
  state: 'closed' | 'open' | 'half-open';
  why: string;
}

/** One thing that was looked at. */
export interface HealthCheck {
  /** `journal`, `hosts`, `eventLoop`, `quarantine`. */
  name: string;
  isGood: boolean;
  /** Absent when it is good. */
  why?: string;
}

/** How a system is. */
export interface SystemHealth {
  /** False: nothing but another process helps. */
  isLive: boolean;
  /** True: work that is sent now is accepted and done. */
  isReady: boolean;
  /** `degraded`: a check is not good. */
  status: 'starting' | 'ready' | 'degraded' | 'draining' | 'stopped';
  checks: HealthCheck[];
}

/** The system's health is another one: its status, or the outcome of a check while it is degraded. */
export interface HealthChanged extends SystemHealth {
  /** The status before. */
  was: SystemHealth['status'];
}

/** A host thread died. */
export interface ThreadLost {
  thread: string;
  why: string;
  /** The actor that was running, if one was: it alone is charged. */
  blamed?: string | undefined;
}

/** The system as a whole. */
export interface SystemState {
  state: 'started' | 'stopping' | 'stopped';
  journal: string;
  hosts: number;
}

/** All channels. */
export const channels = {
  actorFailed: channel('troupe:actor:failed'),
  actorEnded: channel('troupe:actor:ended'),
  actorQuarantined: channel('troupe:actor:quarantined'),
  deadLetter: channel('troupe:dead-letter'),
  refused: channel('troupe:refused'),
  journalWarned: channel('troupe:journal:warning'),
  circuitChanged: channel('troupe:circuit:changed'),
  healthChanged: channel('troupe:health:changed'),
  threadLost: channel('troupe:thread:lost'),
  systemState: channel('troupe:system:state'),
} as const;

/** What travels on each channel. */
export interface ChannelMessages {
  actorFailed: ActorFailed;
  actorEnded: ActorEnded;
  actorQuarantined: ActorQuarantined;
  deadLetter: DeadLettered;
  refused: Refused;
  journalWarned: JournalWarned;
  circuitChanged: CircuitChanged;
  healthChanged: HealthChanged;
  threadLost: ThreadLost;
  systemState: SystemState;
}

/** What actors can announce: their path and definition are added. */
export interface Announcements {
  circuitChanged: Omit<CircuitChanged, 'path' | 'definition'>;
}

/** What every message carries: channels are the process's, and a process may have several systems. */
export interface Published {
  /** The system's journal folder, or the name of a system without one. */
  system: string;
}

/** A system's voice on the channels. */
export type Tell = <K extends keyof ChannelMessages>(name: K, message: ChannelMessages[K]) => void;

/** The voice of one system. */
export function tellFrom(system: string): Tell {
  return (name, message) => {
    const target = channels[name];
    if (target.hasSubscribers) target.publish({ ...message, system } satisfies Published & object);
  };
}
