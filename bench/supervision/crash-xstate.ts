/** XState alone, by hand: an observer of the error makes and starts a new actor, and the next message goes there. */
import { type Actor, createActor } from 'xstate';
import { type Measures, percentiles, perSecond, prove } from '../kernel/contender.js';
import type { SupervisionInput } from './contender.js';
import { fragileMachine } from './crash-actors.js';

/** Answers given, and what had been handled when they were: one each. */
const given = { answers: 0, handled: 0 };

/** One machine for all actors, as a program has it. */
const machine = fragileMachine.provide({
  actions: {
    answer: (_, { handled }) => {
      given.answers += 1;
      given.handled += handled;
    },
  },
});

/** An actor that is made anew when it fails. */
class Restarted {
  private actor = this.start();

  send(type: 'crash' | 'next'): void {
    this.actor.send({ type });
  }

  private start(): Actor<typeof machine> {
    const actor = createActor(machine);
    actor.subscribe({
      error: () => {
        this.actor = this.start();
      },
    });
    return actor.start();
  }
}

/** One actor, one crash at a time. */
export async function xstateCrash({ sizes }: SupervisionInput): Promise<Measures> {
  const actor = new Restarted();
  const warmUp = Math.floor(sizes.bareCrashes * sizes.warmUpShare);
  const timesMs: number[] = [];
  for (let at = 0; at < warmUp + sizes.bareCrashes; at += 1) {
    const begin = performance.now();
    actor.send('crash');
    actor.send('next');
    if (at >= warmUp) timesMs.push(performance.now() - begin);
  }
  proveGiven(warmUp + sizes.bareCrashes);
  return percentiles(timesMs);
}

/** Many actors, by turns. */
export async function xstateCrashes({ sizes }: SupervisionInput): Promise<Measures> {
  const { actors: count, bareCrashesEach } = sizes.many;
  const actors = Array.from({ length: count }, () => new Restarted());
  const warmUp = Math.ceil(bareCrashesEach * sizes.warmUpShare);
  crashAll(actors, warmUp);
  const begin = performance.now();
  crashAll(actors, bareCrashesEach);
  const ms = performance.now() - begin;
  proveGiven(count * (warmUp + bareCrashesEach));
  return { perSecond: perSecond(count * bareCrashesEach, ms) };
}

function crashAll(actors: readonly Restarted[], times: number): void {
  for (let at = 0; at < times; at += 1) {
    for (const actor of actors) {
      actor.send('crash');
      actor.send('next');
    }
  }
}

function proveGiven(crashes: number): void {
  prove('answers', given.answers, crashes);
  prove('answers of actors that had just begun', given.handled, crashes);
  Object.assign(given, { answers: 0, handled: 0 });
}
