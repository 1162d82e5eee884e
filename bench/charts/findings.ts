/**
 * What of the figures a reader would not expect, in sentences that have their figures from the results. A finding that
 * does not hold any more is left out, and a test says so.
 */
import { figure } from '../runner/report.js';
import type { RowResult } from '../runner/run-suite.js';
import { replaceBetween } from './document.js';
import type { SuiteResults } from './results.js';

/** The median of a row, by its id. */
type Of = (id: string) => number;

interface Finding {
  readonly title: string;
  readonly holds: (of: Of) => boolean;
  readonly text: (of: Of) => string;
}

/** By how much two figures must differ, as a factor, to be told of as different; within it they are the same. */
const clearly = 1.1;

const findings: readonly Finding[] = [
  {
    title: 'What a machine costs is its interpreter, not its journal.',
    holds: (of) => of('flushed-tell-function') > 1.5 * of('flushed-tell'),
    text: (of) =>
      `A thousand transition functions on another thread, each of whose messages is in an fsynced journal before it ` +
      `counts, take ${figure(of('flushed-tell-function'))} messages a second. A thousand machines, kept in the same ` +
      `way, take ${figure(of('flushed-tell'))}; a thousand machines of XState alone, on the same thread and kept by ` +
      `nobody, take ${figure(of('xstate-tell'))}.`,
  },
  {
    title: 'Waiting for the disk costs those nothing who are many.',
    holds: (of) => {
      const isSame = (a: number, b: number) => a / b < clearly * clearly && b / a < clearly * clearly;
      return (
        isSame(of('flushed-tell'), of('committed-tell')) &&
        of('flushed-ask-p50Us') > of('committed-ask-p50Us') * clearly
      );
    },
    text: (of) =>
      `Messages that survive a power cut come to ${figure(of('flushed-tell'))} a second, messages that survive only ` +
      `\`kill -9\` to ${figure(of('committed-tell'))}: they share their commits. Who asks alone, one question after ` +
      `the other, waits: ${figure(of('flushed-ask-p50Us'))} us instead of ${figure(of('committed-ask-p50Us'))} us.`,
  },
  {
    title: 'A question to another thread is quicker than a bare message of Node there and back.',
    holds: (of) =>
      of('none-ask-p50Us') * 5 < of('post-ask-p50Us') &&
      of('post-ask-p50Us') > of('post-ask-idleP50Us') * clearly &&
      of('post-ask-p50Us') > 10 * of('erlang-ask-p50Us'),
    text: (of) =>
      `What a lone question costs is waking a thread. \`postMessage\` there and back takes ` +
      `${figure(of('post-ask-p50Us'))} us when one follows the other, and, of all things, less after a pause of a ` +
      `millisecond: ${figure(of('post-ask-idleP50Us'))} us. troupe's threads look for a moment before they sleep: ` +
      `without a journal an answer is there in ${figure(of('none-ask-p50Us'))} us, and where both have fallen ` +
      `asleep in ${figure(of('none-ask-idleP50Us'))}. Erlang, which lets both ends share a thread, answers in ` +
      `${figure(of('erlang-ask-p50Us'))}.`,
  },
];

/** How many there are when all of them hold. */
export const findingsMax = findings.length;

/** The findings that hold, as a list. */
export function findingsOf({ result }: SuiteResults): string[] {
  const rows = new Map<string, RowResult>();
  for (const row of result.sections.flatMap((section) => section.rows)) rows.set(row.id, row);
  const of: Of = (id) => {
    const row = rows.get(id);
    return row === undefined || row.values.length === 0 ? Number.NaN : row.median;
  };
  return findings.filter(({ holds }) => holds(of)).map(({ title, text }) => `- **${title}** ${text(of)}`);
}

/** The document with the findings of these results. @throws Error when it has no place for them */
export function withFindings(document: string, results: SuiteResults): string {
  const { suite } = results.result;
  return replaceBetween(document, `${suite} findings`, suite, findingsOf(results).map(wrapped).join('\n'));
}

const lineCharsMax = 120;

/** A list entry in lines. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let open = '';
  for (const word of text.split(' ')) {
    if (open.length + word.length + 1 > lineCharsMax) {
      lines.push(open);
      open = `  ${word}`;
    } else open = open === '' ? word : `${open} ${word}`;
  }
  return [...lines, open].join('\n');
}
