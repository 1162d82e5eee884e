/**
 * Faults that can be planted in a copy of the compiled product, to see the torture find them: a harness that cannot
 * fail proves nothing. Each replaces a piece of text that occurs once in a file; a test sees to it that it does.
 */
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A planted fault. */
export interface Mutant {
  /** What a user would see go wrong. */
  fault: string;
  /** A file of `dist/src`. */
  file: string;
  from: string;
  to: string;
  /** Nothing that SIGKILL does can show it. */
  isBeyondKill?: true;
  /** It shows where threads die. */
  needsFaults?: true;
}

const dist = fileURLToPath(new URL('../..', import.meta.url));

/** By the name `--mutant` takes. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'acknowledges-early': {
    fault: 'acknowledgements and deliveries leave before the commit',
    file: 'journal/core.js',
    from: "hitFailpoint('journal.beforeCommit');",
    to: "this.router.publish(); hitFailpoint('journal.beforeCommit');",
  },
  'forgets-last-commit': {
    fault: 'recovery leaves out the last record of the log',
    file: 'journal/recovery.js',
    from: 'of store.readLog(mark.position + 1))',
    to: 'of [...store.readLog(mark.position + 1)].slice(0, -1))',
  },
  'delivers-twice': {
    fault: 'mail that waits at a checkpoint is delivered twice after a restart',
    file: 'journal/mail-queue.js',
    from: 'if (item.seq > consumedSeq)\n                this.push(item);',
    to: 'if (item.seq > consumedSeq)\n                this.push(item), this.push(item);',
  },
  'turns-mail-around': {
    fault: 'mail that waits at a checkpoint comes back newest first',
    file: 'journal/mail-queue.js',
    from: 'for (const item of inline)',
    to: 'for (const item of [...inline].reverse())',
  },
  'keeps-failed-sends': {
    fault: 'what a message sent before it threw is sent all the same',
    file: 'host/turn.js',
    from: 'this.frame.out.truncate(this.bytesMark);',
    to: '',
  },
  'sends-twice': {
    fault: 'a message handled within the turn that sent it is delivered again',
    file: 'host/runner.js',
    from: 'if (item !== undefined)\n            item.bytes = undefined;\n        this.stats.messages',
    to: 'this.stats.messages',
  },
  overtakes: {
    fault: 'a message to an actor of the same thread overtakes one that travels through the journal',
    file: 'host/runner.js',
    from: 'cell !== undefined && this.isDirect(cell)) {',
    to: 'cell !== undefined) {',
  },
  'drops-timers': {
    fault: 'recovery drops the first timer of each actor',
    file: 'journal/recovery.js',
    from: 'of timers)',
    to: 'of timers.slice(1))',
  },
  'rings-early': {
    fault: 'timers ring up to 25 ms early',
    file: 'journal/core.js',
    from: 'const now = this.options.clock.now();\n        const first = this.model.nextTimer();',
    to: 'const now = this.options.clock.now() + 25;\n        const first = this.model.nextTimer();',
  },
  'starts-effects-early': {
    fault: 'effects start before their turn is committed',
    file: 'host/releases.js',
    from: 'this.waiting.push(release);',
    to: 'this.run(deferred.splice(0)); this.waiting.push(release);',
  },
  'repeats-effects': {
    fault: 'effects are asked for again although their result is recorded',
    file: 'journal/model.js',
    from: 'row.settled.set(seq, effectId);',
    to: '',
  },
  'leaves-children': {
    fault: 'a stopped actor leaves its children behind',
    file: 'journal/ending.js',
    from: 'row.stopOrder = this.inOrder(row);',
    to: 'row.stopOrder = [];',
  },
  'forgets-watchers': {
    fault: 'who watches whom does not survive a checkpoint',
    file: 'journal/row.js',
    from: 'writeNumbers(out, row.watchers);',
    to: 'writeNumbers(out, undefined);',
  },
  'skips-fsync': {
    fault: 'flushed means nothing',
    file: 'journal/log-file.js',
    from: 'fs.fdatasyncSync(this.descriptor);',
    to: '',
    isBeyondKill: true,
  },
  'charges-mates': {
    fault: 'when a thread dies, another actor of it that has mail is charged too',
    file: 'journal/core.js',
    from: "this.writeOwn((frame) => frame.hostDown(node.session, guilty, blamedSeq, report), 'flushed');",
    to: `const hasMail = (row) => row !== blamed && row.mail.length > 0 && row.status === blamed.status;
         for (const mate of [...node.resident].filter(hasMail).slice(0, 1)) {
           const { seq } = mate.mail.first(this.model);
           this.router.released(mate);
           this.writeOwn((frame) => frame.hostDown(node.session, mate.aid, seq, report), 'flushed');
           this.router.wake(mate);
         }
         this.writeOwn((frame) => frame.hostDown(node.session, guilty, blamedSeq, report), 'flushed');`,
    needsFaults: true,
  },
  'counts-deaths-twice': {
    fault: 'each attempt after the first counts for two',
    file: 'journal/deciding.js',
    from: 'row.failure.attempts + 1',
    to: 'row.failure.attempts + 2',
    needsFaults: true,
  },
  'tries-once-more': {
    fault: 'a message is tried once more than it may be',
    file: 'system/supervision.js',
    from: 'attempts >= attemptsMax',
    to: 'attempts > attemptsMax',
    needsFaults: true,
  },
  'forgives-callbacks': {
    fault: 'nobody is charged for a thread that died of a rejection or in a callback',
    file: 'thread/aftermath.js',
    from: 'recorder.uncaught(',
    to: 'void (',
    needsFaults: true,
  },
};

/** How often a mutant's text occurs in the compiled file; once is right. */
export function occurrences({ file, from }: Mutant): number {
  return readFileSync(join(dist, 'src', file), 'utf8').split(from).length - 1;
}

/**
 * Copy what was compiled, with a fault.
 * @param dir where the copy is made; the caller removes it
 * @returns the copy's folder, laid out like the original
 */
export function plant({ file, from, to }: Mutant, dir: string): string {
  const folder = mkdtempSync(join(dir, 'troupe-mutant-'));
  // What runs, without maps and types.
  const runs = (path: string): boolean => !/\.(map|d\.ts)$/.test(path);
  cpSync(dist, join(folder, 'dist'), { recursive: true, filter: runs });
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(dist, '..', name), join(folder, name));
  const path = join(folder, 'dist', 'src', file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  return folder;
}
