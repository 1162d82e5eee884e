/**
 * A mailbox that fills while its actor is busy, and is handled when it is free: how fast messages are accepted
 * meanwhile, and how fast those that waited are handled.
 */
import { rmSync, writeFileSync } from 'node:fs';
import type { ActorRef, System } from '../../src/index.js';
import { perSecond, prove, withSystem } from '../kernel/contender.js';
import { type ClerkEvent, clerk } from './actors.js';
import type { CurvesContender } from './sizes.js';

const timeoutMs = 280_000;
const partsPerWindow = 4;

/** @param depth messages that wait */
export function depth(waiting: number): CurvesContender {
  return ({ sizes, folder }) =>
    withSystem(
      folder,
      async (system) => {
        const ref = await system.spawn(clerk, { id: 'clerk' });
        const gate = `${folder}.gate`;
        const rounds = Math.max(1, Math.floor(sizes.backlogTells / waiting));
        const once = (count: number) => fillAndDrain(system, ref, gate, count, sizes.backlogAhead);
        const warmUp = Math.floor(sizes.backlogTells * sizes.warmUpShare);
        for (let at = 0; at < warmUp; at += waiting) await once(Math.min(waiting, warmUp));
        let [fillMs, drainMs] = [0, 0];
        for (let at = 0; at < rounds; at += 1) {
          const took = await once(waiting);
          fillMs += took.fillMs;
          drainMs += took.drainMs;
        }
        const count = rounds * waiting;
        return {
          acceptedPerSecond: perSecond(count, fillMs),
          perSecond: perSecond(count, drainMs),
          rounds,
          handled: count,
        };
      },
      // It is meant to be busy.
      { hangAfterMs: 0 },
    );
}

async function fillAndDrain(
  system: System,
  ref: ActorRef<ClerkEvent>,
  gate: string,
  waiting: number,
  ahead: number,
): Promise<{ fillMs: number; drainMs: number }> {
  await ref.ask({ type: 'open' }, { timeoutMs });
  writeFileSync(gate, '');
  await ref.tell({ type: 'hold', gate });
  const filling = performance.now();
  await fill(ref, waiting, ahead);
  const fillMs = performance.now() - filling;
  // With what it is busy with, perhaps.
  const { mail = 0 } = (await system.state(ref)) ?? {};
  prove('messages that wait, of those told', Math.min(mail, waiting), waiting);
  const answer = ref.ask({ type: 'read' }, { timeoutMs });
  const draining = performance.now();
  rmSync(gate);
  const { next, faults } = await answer;
  const drainMs = performance.now() - draining;
  prove('next number', next, waiting);
  prove('items out of order', faults, 0);
  return { fillMs, drainMs };
}

/** Resolves when all are accepted. */
async function fill(ref: ActorRef<ClerkEvent>, count: number, ahead: number): Promise<void> {
  const part = Math.max(1, Math.floor(ahead / partsPerWindow));
  const parts: Promise<unknown>[] = [];
  for (let at = 0; at < count; at += part) {
    const numbers = Array.from({ length: Math.min(part, count - at) }, (_, index) => at + index);
    parts.push(Promise.all(numbers.map((n) => ref.tell({ type: 'item', n }))));
    await parts.at(-partsPerWindow);
  }
  await Promise.all(parts);
}
