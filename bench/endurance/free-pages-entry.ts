/**
 * A process that says, when asked, how many bytes of an lmdb file are in no tree: lmdb uses them before the file grows.
 * It opens the file for each answer, so that it never keeps an old state of it alive.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { type Database, open } from 'lmdb';

interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

type EnvironmentStats = TreeStats & {
  readonly pageSize: number;
  readonly root: TreeStats;
  readonly free: TreeStats;
};

/** A file begins with two pages that are in no tree and never free. */
const metaPages = 2;

async function freeBytes(folder: string): Promise<number> {
  const root = open<Buffer, string>({
    path: folder,
    noSubdir: false,
    readOnly: true,
    encoding: 'binary',
    maxDbs: 20,
  });
  try {
    const stats = root.getStats() as EnvironmentStats;
    let used = metaPages + pagesOf(stats.root) + pagesOf(stats.free);
    // All names first: opening a table ends the reading that a list still being read would go on with.
    for (const name of [...root.getKeys()]) {
      // Undefined when the owner is just making the table.
      const table = root.openDB(name, { encoding: 'binary', keyEncoding: 'binary' }) as Database | undefined;
      if (table !== undefined) used += pagesOf(table.getStats() as TreeStats);
    }
    // Some are in lmdb's list of free pages, others lie behind its last page: the file keeps what it needed once.
    return statSync(path.join(folder, 'data.mdb')).size - used * stats.pageSize;
  } finally {
    await root.close();
  }
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: TreeStats): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}

process.on('message', () => {
  void freeBytes(process.argv[2] ?? '').then((bytes) => process.send?.(bytes));
});
