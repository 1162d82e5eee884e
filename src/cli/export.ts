/** `troupe journal export`: a journal into one file. */
import fs from 'node:fs';
import { TroupeError } from '../core/errors.js';
import { type ExportCounts, exportLines } from '../journal/export.js';
import type { JournalReader } from '../journal/store.js';
import { withReader } from './open.js';
import { ExitCode, type ExitCodeValue, type Output, type Sink } from './output.js';
import { bytesOf, countOf } from './text.js';

/** Text is written in pieces of about so many characters. */
const pieceCharsMax = 1 << 18;

/** Export. @param file a new file, or `-` for the standard output */
export async function exportJournal(
  file: string,
  { journal }: { journal: string },
  out: Output,
  stdout: Sink,
): Promise<ExitCodeValue> {
  return withReader(journal, async (reader) => {
    if (file === '-') {
      await writeAll(reader, (text) => written(stdout, text));
      return ExitCode.ok;
    }
    const counts = await intoFile(reader, file);
    const bytes = fs.statSync(file).size;
    out.json({ kind: 'exported', file, bytes, ...counts });
    out.line(`${file}: ${countOf(counts.records, 'record')}, ${bytesOf(bytes)}`);
    return ExitCode.ok;
  });
}

async function intoFile(reader: JournalReader, file: string): Promise<ExportCounts> {
  const descriptor = openNew(file);
  try {
    const counts = await writeAll(reader, (text) => void fs.writeFileSync(descriptor, text));
    fs.fsyncSync(descriptor);
    return counts;
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw asRefusal(error, file);
  } finally {
    fs.closeSync(descriptor);
  }
}

function openNew(file: string): number {
  try {
    return fs.openSync(file, 'wx');
  } catch (cause) {
    throw asRefusal(cause, file);
  }
}

/** What the file system says, with our code and what to do. */
function asRefusal(cause: unknown, file: string): unknown {
  const { code, message: why } = cause as NodeJS.ErrnoException;
  if (TroupeError.is(cause) || code === undefined) return cause;
  const advice = code === 'EEXIST' ? 'it exists already; remove it or name another' : why;
  const message = `${file} cannot be written (${advice})`;
  return new TroupeError('JOURNAL_UNWRITABLE', message, { field: 'file', value: file, cause });
}

async function writeAll(reader: JournalReader, write: (text: string) => Promise<void> | void): Promise<ExportCounts> {
  const lines = exportLines(reader);
  let piece = '';
  for (let next = lines.next(); ; next = lines.next()) {
    if (next.done) {
      await write(piece);
      return next.value;
    }
    piece += next.value;
    if (piece.length < pieceCharsMax) continue;
    await write(piece);
    piece = '';
  }
}

/** As fast as the reader of our output takes it. */
function written(stdout: Sink, text: string): Promise<void> {
  return new Promise((resolve) => {
    (stdout.write as (text: string, done: () => void) => void).call(stdout, text, resolve);
  });
}
