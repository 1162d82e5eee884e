/** `troupe tree`: who lives below whom, and how they stand. */
import { idOfPath } from '../core/path.js';
import { durabilityNames, Supervises } from '../journal/ops.js';
import { type ActorRow, RowStatus, statusNames } from '../journal/row.js';
import { mermaidLines } from './mermaid.js';
import { requireActor, withStanding } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { failureOf } from './row-error.js';
import { count, countOf, cut, cutFront } from './text.js';
import { type TreeItem, TreeWalk } from './tree-walk.js';
import { definitionMax, hiddenText, statusWords, wordsOf } from './tree-words.js';

/** What `tree` is asked for. */
export interface TreeOptions {
  journal: string;
  /** Every actor, however many of one definition there are under one parent. */
  all: boolean;
  /** A flowchart in Mermaid's language instead of text. */
  mermaid: boolean;
}

/** Show the living actors, all or those from one down. A program is told of all of them. */
export async function tree(
  target: string,
  { journal, all, mermaid }: TreeOptions,
  out: Output,
): Promise<ExitCodeValue> {
  return withStanding(journal, (standing) => {
    const walk = new TreeWalk(standing, all || out.isJson);
    const top = target === '/' ? undefined : requireActor(standing, target);
    const items = top === undefined ? walk.everybody() : top.status === RowStatus.ended ? [] : walk.from(top);
    if (mermaid) {
      for (const line of mermaidLines(items)) out.raw(`${line}\n`);
      return ExitCode.ok;
    }
    const totals = new Totals();
    for (const item of items) {
      totals.add(item);
      out.line(lineOf(item, out.width));
      if (item.kind === 'actor') out.json(jsonOf(item.row, item.parent, item.lasts.length - 1));
    }
    out.line(top?.status === RowStatus.ended ? `${cutFront(top.path, out.width - 10)} has ended` : totals.text());
    return ExitCode.ok;
  });
}

/** Columns of a definition's name, at least, and of what stands before it. */
const definitionMin = 18;
const leftMin = 34;
/** Columns of an actor's name that are not given up for the lines of a deep tree. */
const labelMin = 16;

function lineOf(item: TreeItem, width: number): string {
  const rails = railsOf(item.lasts);
  if (item.kind === 'more') return `${cutFront(rails, width / 2)}${hiddenText(item.more)}`;
  const { row, lasts } = item;
  const right = `${cut(row.name, definitionMax).padEnd(definitionMin)}  ${wordsOf(row).join(', ')}`.trimEnd();
  const room = Math.max(labelMin + 4, width - 2 - right.length);
  const before = cutFront(rails, room - labelMin);
  const label = lasts.length === 1 ? row.path : idOfPath(row.path);
  const left = `${before}${lasts.length === 1 ? cutFront(label, room) : cut(label, room - before.length)}`;
  return `${left.padEnd(leftMin)}  ${right}`.slice(0, width);
}

/** The lines that lead down to an actor. Nothing leads to the top. */
function railsOf([, ...lasts]: readonly boolean[]): string {
  const steps = lasts.map((isLast, index) => {
    if (index < lasts.length - 1) return isLast ? '   ' : '│  ';
    return isLast ? '└─ ' : '├─ ';
  });
  return steps.join('');
}

function jsonOf(row: ActorRow, parent: string | undefined, depth: number): object {
  const { path, aid, name } = row;
  return {
    kind: 'actor',
    depth,
    parent,
    path,
    aid,
    definition: name,
    status: statusNames[row.status],
    isSupervisor: row.supervises !== Supervises.no,
    isSupervised: row.supervised,
    durability: durabilityNames[row.durability],
    mail: row.hasMail ? row.mail.length : 0,
    error: failureOf(row),
  };
}

/** How many there are, and how many stand how. */
class Totals {
  private actors = 0;
  private hidden = 0;
  private readonly statuses = new Map<string, number>();

  add(item: TreeItem): void {
    if (item.kind === 'more') {
      this.hidden += item.more.count;
      for (const [status, number] of item.more.statuses) this.note(status, number);
      return;
    }
    this.actors += 1;
    this.note(statusNames[item.row.status], 1);
  }

  text(): string {
    const words = statusWords(this.statuses);
    const more = this.hidden === 0 ? '' : `, and ${count(this.hidden)} more (--all)`;
    return `${countOf(this.actors, 'actor')}${more}${words.length === 0 ? '' : `: ${words.join(', ')}`}`;
  }

  private note(status: string, number: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + number);
  }
}
