/**
 * A circuit breaker as an actor: one for all threads, with a state that survives the process, timers on the system's
 * clock, and a chart one can draw. It counts and decides; the calls are made by `guarded` (circuit-guard.ts).
 *
 * The pattern is Nygard's (Release It!, 2007); the half-open state admits a number of probes, as resilience4j's does.
 *
 * CB1  Every change of the state begins a period. An outcome counts only in the period its call was let in.
 * CB2  Half-open, at most `probes` calls are let in. So many successes close the circuit; one failure, or a probe of
 *      which nothing is heard for `probeMs`, opens it again.
 */
import { assign, setup } from 'xstate';
import { moduleOf } from '../src/core/meta.js';
import { actorContext, type ActorDefinition, defineActor, type Request } from '../src/index.js';
import { refuseUnknown, requireCount } from './refuse.js';

/** When a circuit opens and closes. */
export interface CircuitOptions {
  /** Failures in a row that open it. Default 5. */
  failures?: number;
  /** How long it stays open before it is tried again, in milliseconds. Default 60,000. */
  openMs?: number;
  /** Calls let through then, all of which must succeed. Default 3. */
  probes?: number;
  /** How long they may take, counted from the first, in milliseconds. Default 60,000. */
  probeMs?: number;
}

/** Where a circuit stands. */
export interface CircuitView {
  state: 'closed' | 'open' | 'half-open';
  /** Failures in a row, while it is closed. */
  failures: number;
  /** When the state began, in milliseconds since the epoch. */
  since: number;
}

/** May a call be made? `period` is to be said with its outcome. */
export type CircuitAnswer = { ok: true; period: number } | { ok: false; retryAfterMs: number };

/** What a circuit understands. `guarded` sends all but `circuit`. */
export type CircuitEvents =
  | Request<'enter', object, CircuitAnswer>
  | { type: 'succeeded'; period: number }
  | { type: 'failed'; period: number; why: string }
  /** The call came to nothing, through no fault of what is guarded. */
  | { type: 'left'; period: number }
  | Request<'circuit', object, CircuitView>;

interface Books {
  period: number;
  failures: number;
  /** Half-open: calls that were let in and have not come back, and those that succeeded. */
  inside: number;
  passed: number;
  since: number;
}

/**
 * Declare a circuit breaker, at the top level of a module, and export it; spawn it as any actor.
 *
 *   export const payments = circuitBreaker(import.meta, 'payments');
 *   await system.spawn(payments, { id: 'payments' });
 *   // in an effect
 *   const receipt = await guarded('/payments', () => charge(card));
 *
 * Its changes are announced on the channel `troupe:circuit:changed`, counted as `troupe.circuit.changes` and shown by
 * the gauge `troupe.circuit.state`. After a crash it is where it was; calls that were inside then count for nothing,
 * but probes among them are given up after `probeMs`.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `CircuitOptions`
 * @throws TroupeError SUPERVISOR_SPEC naming the field and the value; what `defineActor` throws
 */
export function circuitBreaker(
  meta: { readonly url: string },
  name: string,
  options: CircuitOptions = {},
): ActorDefinition<undefined, CircuitEvents> {
  moduleOf(meta, 'circuitBreaker');
  const where = `circuitBreaker("${name}")`;
  refuseUnknown(options, ['failures', 'openMs', 'probes', 'probeMs'], where);
  const { failures = 5, openMs = 60_000, probes = 3, probeMs = 60_000 } = options;
  for (const [field, value] of Object.entries({ failures, openMs, probes, probeMs })) {
    requireCount(value, `${where}.${field}`);
  }
  const machine = circuitMachine({ failures, openMs, probes, probeMs });
  return defineActor(meta, name, machine, { durability: 'committed' });
}

/** News and books of a state that begins (CB1). */
function begin(state: CircuitView['state'], { period }: Books, why: string): Books {
  const { announce, now } = actorContext();
  announce('circuitChanged', { state, why });
  return { period: period + 1, failures: 0, inside: 0, passed: 0, since: now() };
}

function circuitMachine({ failures, openMs, probes, probeMs }: Required<CircuitOptions>) {
  const isCurrent = ({ context, event }: { context: Books; event: CircuitEvents }): boolean =>
    'period' in event && event.period === context.period;
  const reasonOf = (event: CircuitEvents): string => (event.type === 'failed' ? event.why : '');
  const base = setup({
    types: { context: {} as Books, events: {} as CircuitEvents },
    actions: {
      letIn: ({ context: { period } }) => actorContext().reply({ ok: true, period } satisfies CircuitAnswer),
      turnAway: ({ context: { since } }) => {
        const { reply, now } = actorContext();
        reply({ ok: false, retryAfterMs: Math.max(0, since + openMs - now()) } satisfies CircuitAnswer);
      },
      forgiveFailures: assign({ failures: 0 }),
      countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
      countProbe: assign({ inside: ({ context }) => context.inside + 1 }),
      countLeft: assign({ inside: ({ context }) => context.inside - 1 }),
      countPassed: assign(({ context: { inside, passed } }) => ({ inside: inside - 1, passed: passed + 1 })),
      open: assign(({ context, event }) =>
        begin('open', context, `${failures} failures in a row, the last: ${reasonOf(event)}`),
      ),
      openAgain: assign(({ context, event }) => begin('open', context, `a probe failed: ${reasonOf(event)}`)),
      openOfSilence: assign(({ context }) => begin('open', context, `a probe was silent for ${probeMs} ms`)),
      halfOpen: assign(({ context }) => begin('half-open', context, `it was open for ${openMs} ms`)),
      close: assign(({ context }) => begin('closed', context, `${probes} probes succeeded`)),
    },
    guards: {
      // What was told although it is a question is nobody's failure.
      isAsked: () => actorContext().replyTo !== undefined,
      isCurrent,
      isLastFailure: (args) => isCurrent(args) && args.context.failures + 1 >= failures,
      isLastProbe: (args) => isCurrent(args) && args.context.passed + 1 >= probes,
      hasRoom: ({ context: { inside, passed } }) => actorContext().replyTo !== undefined && inside + passed < probes,
      isSilent: ({ context }) => context.inside > 0,
    },
  });
  const answers = (state: CircuitView['state']) => ({
    guard: 'isAsked' as const,
    actions: ({ context: { failures: count, since } }: { context: Books }) =>
      actorContext().reply({ state, failures: count, since } satisfies CircuitView),
  });
  return base.createMachine({
    id: 'circuit',
    context: { period: 0, failures: 0, inside: 0, passed: 0, since: 0 },
    initial: 'closed',
    states: {
      closed: {
        on: {
          circuit: answers('closed'),
          enter: { guard: 'isAsked', actions: 'letIn' },
          succeeded: { guard: 'isCurrent', actions: 'forgiveFailures' },
          failed: [
            { guard: 'isLastFailure', target: 'open', actions: 'open' },
            { guard: 'isCurrent', actions: 'countFailure' },
          ],
        },
      },
      open: {
        on: { circuit: answers('open'), enter: { guard: 'isAsked', actions: 'turnAway' } },
        after: { [openMs]: { target: 'halfOpen', actions: 'halfOpen' } },
      },
      halfOpen: {
        on: { circuit: answers('half-open') },
        initial: 'idle',
        states: {
          idle: { on: { enter: { guard: 'hasRoom', target: 'probing', actions: ['letIn', 'countProbe'] } } },
          probing: {
            on: {
              enter: [
                { guard: 'hasRoom', actions: ['letIn', 'countProbe'] },
                { guard: 'isAsked', actions: 'turnAway' },
              ],
              succeeded: [
                { guard: 'isLastProbe', target: '#circuit.closed', actions: 'close' },
                { guard: 'isCurrent', actions: 'countPassed' },
              ],
              failed: { guard: 'isCurrent', target: '#circuit.open', actions: 'openAgain' },
              left: { guard: 'isCurrent', actions: 'countLeft' },
            },
            after: {
              [probeMs]: [{ guard: 'isSilent', target: '#circuit.open', actions: 'openOfSilence' }, { target: 'idle' }],
            },
          },
        },
      },
    },
  });
}
