/** The report at the end of the demo. */
import type { Chronicle } from './chronicle.js';
import type { Content } from './contents.js';
import type { Inventory } from './inventory.js';
import { shortened, grouped, type Screen, seconds, sized } from './screen.js';

const listedMax = 5;
const labelWidth = 20;

/** How long the parts took, in milliseconds. */
export interface Times {
  walk: number;
  ask: number;
  plain: number;
}

/** What was found. */
export function reportInventory(screen: Screen, { folders, files, bytes, contents, licences }: Inventory): void {
  // An empty file is no waste, however often it is there.
  const repeated = [...contents.values()].filter((content) => content.copies > 1 && content.bytes > 0);
  const byWaste = repeated.sort((a, b) => wasteOf(b) - wasteOf(a) || (a.path < b.path ? -1 : 1));
  const waste = repeated.reduce((sum, content) => sum + wasteOf(content), 0);

  screen.heading('Inventory');
  row(screen, 'folders', grouped(folders));
  row(screen, 'files', grouped(files));
  row(screen, 'bytes', `${grouped(bytes)} (${sized(bytes)})`);
  row(screen, 'distinct contents', grouped(contents.size));
  row(screen, 'repeated contents', `${grouped(repeated.length)}, with ${sized(waste)} to spare`);

  screen.heading('Duplicates by wasted bytes');
  for (const content of byWaste.slice(0, listedMax)) {
    const size = `${sized(wasteOf(content)).padStart(10)}  ${String(content.copies).padStart(5)} x  `;
    screen.print(`${screen.paint('yellow', size)}${shortened(content.path, 58)}`);
  }
  if (byWaste.length === 0) screen.print(screen.paint('dim', '  none'));

  screen.heading('Licences');
  const byCount = [...licences].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  for (const [name, count] of byCount.slice(0, listedMax)) {
    screen.print(`${screen.paint('cyan', grouped(count).padStart(10))}  ${shortened(name, 64)}`);
  }
  const others = byCount.slice(listedMax);
  const rest = others.reduce((sum, [, count]) => sum + count, 0);
  if (others.length > 0) screen.print(`${grouped(rest).padStart(10)}  of ${grouped(others.length)} others`);
  if (byCount.length === 0) screen.print(screen.paint('dim', '  none'));
}

function wasteOf({ bytes, copies }: Content): number {
  return bytes * (copies - 1);
}

/**
 * What went wrong in this process, and what became of it.
 * @param since put behind the heading here and below when another process did the first part
 */
export function reportAccidents(
  screen: Screen,
  { failures, deadLetters, threadsLost }: Chronicle,
  since: string,
): void {
  screen.heading(`Accidents${since}`);
  const restored = failures.filter(({ decision }) => decision.startsWith('restore')).length;
  const outcome = `all rolled back; ${restored} tried again, ${failures.length - restored} given up`;
  const say = (count: number, what: string) => (count === 0 ? 'none' : `${count}, ${what}`);
  row(screen, 'failed messages', say(failures.length, outcome));
  row(screen, 'dead letters', say(deadLetters.length, 'kept in the journal with the reason'));
  row(screen, 'threads lost', say(threadsLost.length, 'replaced; their actors went on elsewhere'));
}

/** What each host did. */
export function reportHosts(
  screen: Screen,
  hosts: readonly Record<string, number>[],
  killed: Record<string, number> | undefined,
  since: string,
): void {
  screen.heading(`Hosts${since}`);
  const describe = (stats: Record<string, number>) => {
    const { messages = 0, turns = 0, activations = 0 } = stats;
    return `${grouped(messages)} messages in ${grouped(turns)} turns, ${grouped(activations)} actors brought up`;
  };
  if (killed !== undefined) row(screen, 'host 1, killed', describe(killed));
  for (const [index, stats] of hosts.entries()) {
    const isReplaced = killed !== undefined && index === 0;
    row(screen, isReplaced ? 'host 1, replaced' : `host ${index + 1}`, describe(stats));
  }
}

/** How long it took. No benchmark: the actors had accidents, and the plain walk comes second and reads from memory. */
export function reportTimes(screen: Screen, since: string, { walk, ask, plain }: Times): void {
  screen.heading(`Times${since}`);
  row(screen, 'actors', `${seconds(walk)}, every step on disk; ${seconds(ask)} to ask for the result`);
  row(screen, 'plain walk', `${seconds(plain)}, nothing kept; the files were in memory by then`);
}

/** The verdict. */
export function reportComparison(screen: Screen, { files, contents, licences }: Inventory, differing: string[]): void {
  screen.heading('Compared with a plain sequential walk of the same folder');
  if (differing.length === 0) {
    const all = `${grouped(files)} files, ${grouped(contents.size)} digests, ${grouped(licences.size)} licences`;
    screen.print(screen.paint('green', `  ✓ equal: ${all}`));
    screen.print(screen.paint('green', '    every one was counted exactly once'));
    return;
  }
  screen.print(screen.paint('red', `  ✗ ${grouped(differing.length)} differences`));
  for (const line of differing.slice(0, listedMax)) screen.print(`    ${shortened(line, 76)}`);
}

function row(screen: Screen, label: string, text: string): void {
  screen.print(`  ${screen.paint('dim', label.padEnd(labelWidth))}${text}`);
}
