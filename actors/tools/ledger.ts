/** What a bus writes down of its calls: counts, times, and answers for whoever asks again. Pure. */
import type { BusBooks, BusRules, OpenCall } from './books.js';
import type { ToolCallFields, ToolMetrics } from './bus-events.js';
import type { ToolOutcome } from './outcome.js';
import { waitingAs } from './waiting-line.js';

const noMetrics: ToolMetrics = {
  calls: 0,
  failures: 0,
  denied: 0,
  cancelled: 0,
  timeouts: 0,
  retries: 0,
  cached: 0,
  delayed: 0,
  limited: 0,
  ms: 0,
  msMax: 0,
};

function metricsOfTool({ metrics }: BusBooks, tool: string): ToolMetrics {
  // What an earlier version has counted may lack some.
  return { ...noMetrics, ...metrics[tool] };
}

function withMetrics(books: BusBooks, tool: string, metrics: Partial<ToolMetrics>): BusBooks {
  const before = metricsOfTool(books, tool);
  return { ...books, metrics: { ...books.metrics, [tool]: { ...before, ...metrics } } };
}

/** One more of something. */
export function counted(books: BusBooks, tool: string, what: keyof ToolMetrics): BusBooks {
  return withMetrics(books, tool, { [what]: metricsOfTool(books, tool)[what] + 1 });
}

/** The time of an attempt that is over. */
export function timed(books: BusBooks, { tool, since }: OpenCall, now: number): BusBooks {
  const { ms, msMax } = metricsOfTool(books, tool);
  // The machine's clock may have been set back.
  const took = Math.max(0, now - since);
  return withMetrics(books, tool, { ms: ms + took, msMax: Math.max(msMax, took) });
}

/** An answer is kept, and the oldest ones go that are too many or too much. */
export function remembered(
  books: BusBooks,
  { from, callId, tool, print }: OpenCall,
  outcome: ToolOutcome,
  bytes: number,
  { answersKept, answersKeptBytes }: BusRules,
): BusBooks {
  if (answersKept === 0) return books;
  const kept = [...books.kept, { from, callId, tool, print, outcome, bytes }].slice(-answersKept);
  let sum = kept.reduce((total, each) => total + each.bytes, 0);
  while (sum > answersKeptBytes) sum -= kept.shift()?.bytes ?? sum;
  return { ...books, kept };
}

/** Is a `callId` taken by another call of the same caller: one of another tool, or with other arguments? */
export function isTakenOtherwise({ open, line, kept }: BusBooks, call: ToolCallFields, print: number): boolean {
  const { from, callId } = call;
  if (callId === undefined) return false;
  const isOther = (each: { from: string; callId: string; tool: string; print: number }): boolean =>
    each.from === from && each.callId === callId && (each.tool !== call.tool || each.print !== print);
  return Object.values(open).some(isOther) || kept.some(isOther) || waitingAs(line, from, callId).some(isOther);
}
