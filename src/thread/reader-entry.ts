/**
 * A thread that answers one question about the journal's past and ends. It opens the journal for reading beside the
 * journal thread, so however long it reads, commits go on.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type PlainError, toPlain } from '../core/errors.js';
import { openJournalReader } from '../journal/lmdb-reader.js';
import { answerQuestion, type JournalQuestion } from '../journal/questions.js';
import { announceReady } from './worker-host.js';

/** What it is given. */
export interface ReaderThreadData {
  folder: string;
  question: JournalQuestion;
}

/** What it posts, once. */
export type ReaderMessage = { readerAnswer: unknown } | { readerError: PlainError };

async function run(): Promise<void> {
  announceReady();
  const { folder, question } = workerData as ReaderThreadData;
  const reader = openJournalReader(folder);
  try {
    parentPort?.postMessage({ readerAnswer: answerQuestion(reader, question) } satisfies ReaderMessage);
  } finally {
    await reader.close();
  }
}

run().catch((error: unknown) => {
  parentPort?.postMessage({ readerError: toPlain(error) } satisfies ReaderMessage);
});
