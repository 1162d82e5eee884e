/** Tells many machines by turns, no faster than they handle it, and counts what has been accepted. */
import type { ActorRef } from '../../src/index.js';
import { addendOf, type TallyEvent } from '../kernel/actors.js';

const timeoutMs = 600_000;
/** The window is cut into parts; one may start when the one a window earlier is handled. */
const partsPerWindow = 4;

/** How far it is. */
export interface Progress {
  /** Messages the journal has taken. */
  accepted: number;
  /** The sum of what was told. */
  sum: number;
}

/**
 * Tell `count` messages, with at most `ahead` not handled. Ends when the last ones are handled.
 * @param progress counted up as it goes
 */
export async function tellByTurns(
  refs: readonly ActorRef<TallyEvent>[],
  count: number,
  ahead: number,
  progress: Progress,
): Promise<void> {
  const part = Math.max(1, Math.floor(ahead / partsPerWindow));
  const handled: Promise<number>[] = [];
  const accept = (): void => {
    progress.accepted += 1;
  };
  for (let at = 0; at < count; at += 1) {
    const by = addendOf(at);
    progress.sum += by;
    const ref = refs[at % refs.length] as ActorRef<TallyEvent>;
    // Not awaited one by one; a refusal nobody catches ends this process, and the total would not fit.
    void ref.tell({ type: 'add', by }).then(accept);
    if ((at + 1) % part !== 0) continue;
    handled.push(ref.ask({ type: 'total' }, { timeoutMs }));
    if (handled.length === partsPerWindow) await handled.shift();
  }
  await Promise.all(handled);
}

/** The sum of all totals, asked in parts. */
export async function totalOfAll(refs: readonly ActorRef<TallyEvent>[]): Promise<number> {
  let sum = 0;
  for (let at = 0; at < refs.length; at += 1_000) {
    const totals = refs.slice(at, at + 1_000).map((ref) => ref.ask({ type: 'total' }, { timeoutMs }));
    for (const total of await Promise.all(totals)) sum += total;
  }
  return sum;
}
