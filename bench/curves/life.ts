/**
 * One actor with a longer and longer history, all of which is kept. Its process is killed; another opens the journal,
 * asks it, lets it leave memory and asks again, reads of its history, and goes on telling it.
 */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { type ActorRef, createSystem, type System } from '../../src/index.js';
import { addendOf, talliesOf, type TallyEvent } from '../kernel/actors.js';
import { perSecond, prove, until } from '../kernel/contender.js';
import { cellsOf } from '../kernel/spawn-all.js';
import { spreadOf } from '../runner/series.js';
import type { CurvesContender } from './sizes.js';
import { Teller, timeTelling } from './tell.js';

/** All of the history is kept, whatever it takes. */
const retentionBytes = 2 ** 40;
const timeoutMs = 120_000;
const turnsRead = 100;
const id = 'veteran';
const definition = talliesOf.function.flushed;

/** Let it live. The process is killed afterwards. @param turns messages it handles */
export function prepareLife(turns: number): CurvesContender {
  return async ({ sizes, folder }) => {
    const options = { hosts: 1, signals: false, retentionBytes };
    const system = await createSystem({ journal: folderOf(folder, turns), ...options });
    const ref = await system.spawn(definition, { id });
    await timeTelling(system, new Teller([ref], sizes.tellsAhead).telling(turns));
    return {};
  };
}

/** Open a copy of it. */
export function life(turns: number): CurvesContender {
  return async ({ sizes, folder, prepared }) => {
    await cp(folderOf(prepared, turns), folder, { recursive: true });
    let sum = 0;
    for (let at = 0; at < turns; at += 1) sum += addendOf(at);
    const begin = performance.now();
    const system = await createSystem({ journal: folder, hosts: 1, retentionBytes });
    const ref = system.get<TallyEvent>(`/${id}`);
    prove('total after the kill', await ref.ask({ type: 'total' }, { timeoutMs }), sum);
    const firstReplyMs = performance.now() - begin;
    const wakeMs = await middle(sizes.repeats, () => wake(system, ref, sum));
    const readMs = await middle(sizes.repeats, () => read(system));
    const teller = new Teller([ref], sizes.tellsAhead);
    const warmUp = Math.floor(sizes.turns * sizes.warmUpShare);
    await timeTelling(system, teller.telling(warmUp));
    const { ms } = await timeTelling(system, teller.telling(sizes.turns));
    prove('total at the end', await ref.ask({ type: 'total' }, { timeoutMs }), sum + teller.sum);
    await system.stop();
    return { firstReplyMs, wakeMs, readMs, perSecond: perSecond(sizes.turns, ms), handled: warmUp + sizes.turns };
  };
}

function folderOf(prepared: string, turns: number): string {
  return path.join(prepared, `${id}-${turns}`);
}

/** The middle one of several times; once more before them, to warm up. */
async function middle(repeats: number, once: () => Promise<number>): Promise<number> {
  await once();
  const timesMs: number[] = [];
  for (let at = 0; at < repeats; at += 1) timesMs.push(await once());
  return spreadOf(timesMs).median;
}

async function wake(system: System, ref: ActorRef<TallyEvent>, total: number): Promise<number> {
  await system.passivate();
  await until('it has left memory', async () => (await cellsOf(system)) === 0);
  const begin = performance.now();
  prove('total of one that was passive', await ref.ask({ type: 'total' }, { timeoutMs }), total);
  return performance.now() - begin;
}

async function read(system: System): Promise<number> {
  const begin = performance.now();
  const { entries } = await system.history(`/${id}`, { last: turnsRead });
  const ms = performance.now() - begin;
  prove('entries read', Math.min(entries.length, 1), 1);
  return ms;
}
