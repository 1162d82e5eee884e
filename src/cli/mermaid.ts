/**
 * A tree of actors as a flowchart in Mermaid's language.
 *
 * M1  Nothing of an actor stands outside of a quoted label, and in it whatever could mean something to Mermaid or to
 *     HTML is written as a number: nodes have names of their own.
 */
import { mermaidText } from '../core/mermaid-text.js';
import { idOfPath } from '../core/path.js';
import { Supervises } from '../journal/ops.js';
import { statusNames } from '../journal/row.js';
import type { TreeItem } from './tree-walk.js';
import { hiddenText, wordsOf } from './tree-words.js';

/** The lines of the flowchart. */
export function* mermaidLines(items: Iterable<TreeItem>): Generator<string> {
  yield 'flowchart TD';
  let isEmpty = true;
  for (const item of items) {
    isEmpty = false;
    yield `  ${nodeOf(item)}`;
    if (item.on !== 0) yield `  n${item.on} --> n${item.id}`;
  }
  if (isEmpty) yield '  n1["nobody lives here"]';
  yield '  classDef failed fill:#fde0dc,stroke:#c62828';
  yield '  classDef held fill:#fff3cd,stroke:#b8860b';
  yield '  classDef quarantined fill:#e8def8,stroke:#6a1b9a';
  yield '  classDef stopping stroke-dasharray:4 3';
  yield '  classDef more stroke-dasharray:2 2';
}

/** A supervisor is drawn with double sides. */
function nodeOf(item: TreeItem): string {
  if (item.kind === 'more') return `n${item.id}["${mermaidText(hiddenText(item.more))}"]:::more`;
  const { id, row, lasts } = item;
  const name = lasts.length === 1 ? row.path : idOfPath(row.path);
  const lines = [name, row.name, ...(wordsOf(row).length === 0 ? [] : [wordsOf(row).join(', ')])];
  const label = `"${lines.map(mermaidText).join('<br/>')}"`;
  const status = statusNames[row.status];
  const look = status === 'running' ? '' : `:::${status}`;
  return row.supervises === Supervises.no ? `n${id}[${label}]${look}` : `n${id}[[${label}]]${look}`;
}
