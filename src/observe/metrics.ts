/**
 * Metrics, through the OpenTelemetry API: counters fed from the channels, so that nothing is counted twice or forgotten
 * by one of several callers. Without an SDK they cost a function call per rare event.
 *
 * | metric | unit | counts |
 * |---|---|---|
 * | `troupe.actor.failures` | {failure} | failed messages and starts, by definition and decision |
 * | `troupe.actor.ends` | {actor} | actors that are over, by definition and how |
 * | `troupe.actor.quarantines` | {actor} | states that cannot be used, by definition |
 * | `troupe.dead_letters` | {message} | messages that will never be handled, by code |
 * | `troupe.circuit.changes` | {change} | changes of circuit breakers, by path and state |
 * | `troupe.circuit.state` | - | not a count: a circuit's state, by path: 0 closed, 1 half-open, 2 open |
 * | `troupe.health.changes` | {change} | changes of the system's health, by status |
 * | `troupe.health.ready` | - | not a count: 1: the system is ready, 0: it is not |
 * | `troupe.threads.lost` | {thread} | host threads that died |
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Counter, metrics } from '@opentelemetry/api';
import type {
  ActorEnded,
  ActorFailed,
  ActorQuarantined,
  CircuitChanged,
  DeadLettered,
  HealthChanged,
  Published,
} from './channels.js';
import { channels } from './channels.js';

/** Count what one system says on the channels. Returns a function that stops it. */
export function countChannels(system: string): () => void {
  const meter = metrics.getMeter('troupe');
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description });
  const failures = counter('troupe.actor.failures', '{failure}', 'Failed messages and starts');
  const ends = counter('troupe.actor.ends', '{actor}', 'Actors that are over');
  const quarantines = counter('troupe.actor.quarantines', '{actor}', 'Actors whose stored state cannot be used');
  const letters = counter('troupe.dead_letters', '{message}', 'Messages that will never be handled');
  const changes = counter('troupe.circuit.changes', '{change}', 'Changes of circuit breakers');
  const states = meter.createGauge('troupe.circuit.state', { description: '0 closed, 1 half-open, 2 open' });
  const healths = counter('troupe.health.changes', '{change}', "Changes of the system's health");
  const ready = meter.createGauge('troupe.health.ready', { description: '1 ready, 0 not' });
  const threads = counter('troupe.threads.lost', '{thread}', 'Host threads that died');
  const listeners = [
    count<ActorFailed>(system, 'actorFailed', failures, ({ definition, decision }) => ({
      definition,
      decision: decision.split(':')[0] ?? decision,
    })),
    count<ActorEnded>(system, 'actorEnded', ends, ({ definition, how }) => ({ definition, how })),
    count<ActorQuarantined>(system, 'actorQuarantined', quarantines, ({ definition }) => ({ definition })),
    count<DeadLettered>(system, 'deadLetter', letters, ({ code }) => ({ code })),
    count<CircuitChanged>(system, 'circuitChanged', changes, ({ path, state }) => ({ path, state })),
    listen<CircuitChanged>(system, 'circuitChanged', ({ path, state }) =>
      states.record(['closed', 'half-open', 'open'].indexOf(state), { path }),
    ),
    count<HealthChanged>(system, 'healthChanged', healths, ({ status }) => ({ status })),
    listen<HealthChanged>(system, 'healthChanged', ({ isReady }) => ready.record(isReady ? 1 : 0)),
    count<object>(system, 'threadLost', threads, () => ({})),
  ];
  return () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  };
}

type Listener = [name: string, listener: (message: unknown) => void];

function listen<Message extends object>(
  system: string,
  key: keyof typeof channels,
  hear: (message: Message) => void,
): Listener {
  const name = String(channels[key].name);
  const listener = (message: unknown) => {
    if ((message as Published).system === system) hear(message as Message);
  };
  subscribe(name, listener);
  return [name, listener];
}

function count<Message extends object>(
  system: string,
  key: keyof typeof channels,
  counter: Counter,
  labels: (message: Message) => Record<string, string>,
): Listener {
  return listen<Message>(system, key, (message) => counter.add(1, labels(message)));
}
