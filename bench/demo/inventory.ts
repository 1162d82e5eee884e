/** The result of the demo, a plain walk that gives the same result without any actor, and how to compare the two. */
import type { System } from '../../src/index.js';
import { addFiles, type Content, type Contents, contentsIds, type ContentsEvents } from './contents.js';
import { type FileFacts, listFolder, pathIn, readFiles } from './files.js';
import { addLicences, type Licences, licences } from './licences.js';
import { progress } from './progress.js';

/** Everything that was found out about a tree. */
export interface Inventory {
  folders: number;
  /** Also those that could not be read: they have no content. */
  files: number;
  bytes: number;
  contents: Contents;
  licences: Licences;
}

/** Ask the counting actors for what they have. */
export async function askInventory(system: System): Promise<Inventory> {
  const options = { timeoutMs: 30_000 };
  const counters = contentsIds.map((id) => system.get<ContentsEvents>(`/${id}`));
  const [totals, names, ...parts] = await Promise.all([
    progress.ask({ type: 'report' }, options),
    licences.ask({ type: 'report' }, options),
    ...counters.map((counter) => counter.ask({ type: 'report' }, options)),
  ]);
  const contents = new Map(parts.flatMap((part) => [...part]));
  return { folders: totals.folders, files: totals.read, bytes: totals.bytes, contents, licences: names };
}

/** The same inventory by one loop on one thread. Blocks. */
export function walkPlainly(root: string): Inventory {
  const facts: FileFacts[] = [];
  let files = 0;
  const folders = [''];
  // The list grows while it is walked.
  for (const folder of folders) {
    const listing = listFolder({ root, folder });
    for (const name of listing.folders) folders.push(pathIn(folder, name));
    files += listing.files.length;
    for (const fact of readFiles({ root, folder, names: listing.files })) facts.push(fact);
  }
  return {
    folders: folders.length,
    files,
    bytes: facts.reduce((sum, { bytes }) => sum + bytes, 0),
    contents: addFiles(new Map(), facts),
    licences: addLicences(
      new Map(),
      facts.flatMap(({ licence }) => licence ?? []),
    ),
  };
}

/** What differs, a line each; none when the two are equal. */
export function differences(actors: Inventory, plain: Inventory): string[] {
  const totals = (['folders', 'files', 'bytes'] as const)
    .filter((key) => actors[key] !== plain[key])
    .map((key) => `${key}: ${actors[key]} by actors, ${plain[key]} by the plain walk`);
  const describe = (content: Content) => `${content.copies} x ${content.bytes} bytes, ${content.path}`;
  return [
    ...totals,
    ...mapDifferences('content', actors.contents, plain.contents, describe),
    ...mapDifferences('licence', actors.licences, plain.licences, String),
  ];
}

function mapDifferences<Value>(
  what: string,
  actors: ReadonlyMap<string, Value>,
  plain: ReadonlyMap<string, Value>,
  describe: (value: Value) => string,
): string[] {
  const show = (value: Value | undefined) => (value === undefined ? 'nothing' : describe(value));
  const keys = new Set([...actors.keys(), ...plain.keys()]);
  return [...keys]
    .map((key) => ({ key, ours: show(actors.get(key)), theirs: show(plain.get(key)) }))
    .filter(({ ours, theirs }) => ours !== theirs)
    .map(({ key, ours, theirs }) => `${what} ${key}: ${ours} by actors, ${theirs} by the plain walk`);
}

/** Names below a folder, without reading any file: what the progress bar takes as its whole. */
export function countFiles(root: string): number {
  const folders = [''];
  let files = 0;
  for (const folder of folders) {
    const listing = listFolder({ root, folder });
    for (const name of listing.folders) folders.push(pathIn(folder, name));
    files += listing.files.length;
  }
  return files;
}
