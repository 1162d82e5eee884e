/** The least that stands around an XState actor, for tests of what XState itself does. */
import { type AnyActorLogic, createActor } from 'xstate';
import type { LocalActor } from '../../src/cell/xstate-internals.js';

interface Relay {
  source: LocalActor | undefined;
  target: unknown;
  event: { type: string; error?: unknown };
}

/** The least system that XState accepts as the system of a root's parent. Records every call. */
export function pinSystem() {
  const calls: string[] = [];
  const relays: Relay[] = [];
  const scheduled: unknown[][] = [];
  let booked = 0;
  const system = {
    calls,
    relays,
    scheduled,
    /** Replace to act at the moment of registering. */
    onRegister: (_actor: LocalActor) => undefined as unknown,
    deliver: true,
    get system(): object {
      return system;
    },
    get scheduler(): object {
      return system;
    },
    _bookId() {
      booked += 1;
      return `pin:${booked}`;
    },
    _register(_id: string, actor: LocalActor) {
      calls.push(`register ${actor.id}`);
      system.onRegister(actor);
    },
    _unregister: (actor: LocalActor) => void calls.push(`unregister ${actor.id}`),
    _set: () => undefined,
    _sendInspectionEvent: () => undefined,
    _logger: () => undefined,
    _clock: undefined,
    _relay(source: LocalActor | undefined, target: LocalActor, event: { type: string }) {
      relays.push({ source, target, event });
      if (system.deliver && (target as unknown) !== system) target._send(event);
    },
    schedule: (...args: unknown[]) => void scheduled.push(args),
    cancel: (_source: unknown, id: string) => void calls.push(`cancel ${id}`),
    cancelAll: (actor: LocalActor) => void calls.push(`cancelAll ${actor.id}`),
  };
  return system;
}

/** A real XState root in such a system. */
export function pinRoot(logic: AnyActorLogic, system: object, more: object = {}): LocalActor {
  return createActor(logic, { id: 'root', parent: system, ...more } as object) as unknown as LocalActor;
}
