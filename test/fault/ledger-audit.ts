/**
 * Opens what a crash left of a ledger and compares it with what the outside was told before. One way reads the store
 * with a system on this thread: quick, for many crashes. The other is the system as users have it.
 */
import { systemClock } from '../../src/core/clock.js';
import { seededRandom } from '../../src/core/random.js';
import { createSystem } from '../../src/index.js';
import { openLmdbStore } from '../../src/journal/lmdb-store.js';
import { OneThreadMachine } from '../../src/system/one-thread.js';
import { resolveOptions } from '../../src/system/options.js';
import { System } from '../../src/system/system.js';
import type { DiskMove } from '../helpers/disk.js';
import { ledger, type LedgerState, ledgerStart, levelOf, numbersOf } from './fixtures/ledger.js';

/** What the outside knows: each account's numbers by what became of them. */
export interface Told {
  sent: Map<string, number[]>;
  acked: Map<string, number[]>;
  refused: Map<string, number[]>;
}

/** From the notes of a ledger's child. */
export function toldBy(notes: Iterable<string>): Told {
  const told: Told = { sent: new Map(), acked: new Map(), refused: new Map() };
  for (const note of notes) {
    const [what, path, n] = note.split(' ') as [keyof Told, string, string];
    const numbers = told[what].get(path) ?? [];
    told[what].set(path, numbers);
    numbers.push(Number(n));
  }
  return told;
}

/** The notes of a trace's first moves. */
export function notesOf(moves: readonly DiskMove[]): string[] {
  return moves.flatMap((move) => (move.kind === 'noted' ? move.text.trimEnd().split('\n') : []));
}

/**
 * What is wrong with the accounts, one sentence each; empty when all is well.
 * @param states by path; an account that is missing is one that never was
 * @param keeps the level whose acknowledged orders must be there: after a power cut `flushed`, after a kill both
 */
export function whatIsLost(
  states: ReadonlyMap<string, LedgerState>,
  told: Told,
  keeps: 'flushed' | 'both' = 'both',
): string[] {
  const wrong: string[] = [];
  let sum = 0;
  for (const [path, { balance, heard }] of states) {
    sum += balance;
    const numbers = numbersOf(heard);
    const known = new Set(numbers);
    if (known.size !== numbers.length || numbers.some((n, at) => at > 0 && n < numbers[at - 1]!)) {
      wrong.push(`${path} heard its orders twice or out of order: ${JSON.stringify(heard)}`);
    }
    const sent = new Set(told.sent.get(path));
    const strange = numbers.filter((n) => !sent.has(n));
    if (strange.length > 0) wrong.push(`${path} heard ${strange.join()}, which nobody sent`);
    const refused = (told.refused.get(path) ?? []).filter((n) => known.has(n));
    if (refused.length > 0) wrong.push(`${path} heard ${refused.join()}, which was refused`);
  }
  for (const [path, numbers] of told.acked) {
    if (keeps === 'flushed' && levelOf(Number(path.split('-').at(-1))) !== 'flushed') continue;
    const known = new Set(numbersOf(states.get(path)?.heard ?? []));
    const lost = numbers.filter((n) => !known.has(n));
    if (lost.length > 0) wrong.push(`${path} lost ${lost.join()}, which had been acknowledged`);
  }
  if (sum !== states.size * ledgerStart) wrong.push(`${sum} in ${states.size} accounts of ${ledgerStart} each`);
  return wrong;
}

/** Read the accounts of a journal nobody has open, after all mail is handled; then close it in order. */
export async function auditStore(folder: string, seed = 1): Promise<Map<string, LedgerState>> {
  const store = openLmdbStore(folder);
  const options = resolveOptions({ journal: folder, hosts: 1, logger: false, signals: false });
  let machine: OneThreadMachine | undefined;
  const system = new System(options);
  try {
    await system.start(async (resolved, events) => {
      machine = new OneThreadMachine({ ...resolved, store, clock: systemClock, random: seededRandom(seed) }, events);
      return machine;
    });
  } catch (error) {
    store.close();
    throw error;
  }
  await machine!.settle();
  const states = await statesOf(system);
  await system.stop({ drainMs: 0 });
  return states;
}

/** The same with threads, and every account is made to work once more. */
export async function auditSystem(folder: string): Promise<Map<string, LedgerState>> {
  const system = await createSystem({ journal: folder, hosts: 2, logger: false, signals: false });
  try {
    for (const { path } of await system.actors()) {
      await system.get(path).ask({ type: 'read' }, { timeoutMs: 20_000 });
    }
    // Credits that were on their way are behind the first question, not behind the second.
    for (const { path } of await system.actors()) {
      await system.get(path).ask({ type: 'read' }, { timeoutMs: 20_000 });
    }
    return await statesOf(system);
  } finally {
    await system.stop({ drainMs: 0 });
  }
}

async function statesOf(system: System): Promise<Map<string, LedgerState>> {
  const states = new Map<string, LedgerState>();
  for (const { path, name } of await system.actors()) {
    const isLedger = Object.values(ledger).some((definition) => definition.name === name);
    const state = isLedger ? await system.state(path) : undefined;
    if (state !== undefined) states.set(path, state.context as LedgerState);
  }
  return states;
}
