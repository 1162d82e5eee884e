/** How actors of a tree stand, in words. */
import { Supervises } from '../journal/ops.js';
import { type ActorRow, RowStatus, statusNames } from '../journal/row.js';
import { count, cut } from './text.js';
import type { Hidden } from './tree-walk.js';

/** Columns of a definition's name, at most. */
export const definitionMax = 24;

/** Statuses that somebody should look at are written large. */
const loud: ReadonlySet<string> = new Set(['failed', 'held', 'quarantined']);

function statusText(status: string): string {
  return loud.has(status) ? status.toUpperCase() : status;
}

/** How an actor stands, in words; the one that matters most first. */
export function wordsOf(row: ActorRow): string[] {
  const words: string[] = [];
  if (row.status !== RowStatus.running) words.push(statusText(statusNames[row.status]));
  if (row.supervises !== Supervises.no) words.push('supervisor');
  if (row.hasMail) words.push(`${count(row.mail.length)} waiting`);
  return words;
}

/** Those that are not shown, in words. */
export function hiddenText({ definition, count: number, mail, statuses }: Hidden): string {
  const words = statusWords(statuses);
  if (mail > 0) words.push(`${count(mail)} waiting`);
  const how = words.length === 0 ? '' : `: ${words.join(', ')}`;
  return `... and ${count(number)} more ${cut(definition, definitionMax)}${how}`;
}

/** How many stand how, of those that do not just run. */
export function statusWords(statuses: ReadonlyMap<string, number>): string[] {
  const notable = [...statuses].filter(([status]) => status !== 'running');
  return notable.map(([status, number]) => `${count(number)} ${statusText(status)}`);
}
