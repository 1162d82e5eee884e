/**
 * Telling, timed from the first message until all are handled and kept. Nobody is asked at the end, for of many actors
 * the questions would be most of the work: the hosts count what they have handled, the journal what waits. The totals
 * are proven when the time no longer runs.
 */
import type { ActorRef, System, SystemStats } from '../../src/index.js';
import { addendOf, type TallyEvent } from '../kernel/actors.js';
import { cpuUsEach, until } from '../kernel/contender.js';

const timeoutMs = 120_000;
/** The window is cut into parts; one may start when the one a window earlier is handled. */
const partsPerWindow = 4;
/** How often it is looked whether all is handled, in milliseconds. */
const lookMs = 1;

/** What to tell. */
export interface Telling {
  readonly count: number;
  /** At most so many on their way, not handled. */
  readonly ahead: number;
  /** Tell number `at`. */
  tell(at: number): void;
  /** Resolves when whoever was told number `at` has handled it. */
  mark(at: number): Promise<unknown>;
}

/** @returns how many marks were asked for */
export async function tellAhead({ count, ahead, tell, mark }: Telling): Promise<number> {
  const part = Math.max(1, Math.floor(ahead / partsPerWindow));
  const marks: Promise<unknown>[] = [];
  for (let at = 0; at < count; at += 1) {
    tell(at);
    if ((at + 1) % part !== 0) continue;
    marks.push(mark(at));
    await marks.at(-partsPerWindow);
  }
  await Promise.all(marks);
  return marks.length;
}

/** Tell it all. @returns how long it took, in milliseconds, and what each message took of all processors */
export async function timeTelling(system: System, telling: Telling): Promise<{ ms: number; cpuUsPerMessage: number }> {
  const before = handledOf(await system.stats());
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const marks = await tellAhead(telling);
  const isDone = async (): Promise<boolean> => {
    const stats = await system.stats();
    return handledOf(stats) >= before + telling.count + marks && stats.journal.waiting === 0;
  };
  await until('all is handled', isDone, lookMs);
  return { ms: performance.now() - begin, cpuUsPerMessage: cpuUsEach(telling.count, cpu) };
}

function handledOf({ hosts }: SystemStats): number {
  return hosts.reduce((sum, { messages = 0 }) => sum + messages, 0);
}

/** Tells actors that count, by turns. */
export class Teller {
  /** What all of them have been told. */
  sum = 0;

  constructor(
    private readonly refs: readonly ActorRef<TallyEvent>[],
    private readonly ahead: number,
  ) {}

  /** So many messages more. */
  telling(count: number): Telling {
    const refOf = (at: number) => this.refs[at % this.refs.length] as ActorRef<TallyEvent>;
    const tell = (at: number): void => {
      const by = addendOf(at);
      this.sum += by;
      // Not awaited one by one; a refusal nobody catches ends this process, and the total would not fit.
      void refOf(at).tell({ type: 'add', by });
    };
    return { count, ahead: this.ahead, tell, mark: (at) => refOf(at).ask({ type: 'total' }, { timeoutMs }) };
  }
}
