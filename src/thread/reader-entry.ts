/**
 * A thread that answers questions about the journal's past, one after the other. For each it opens the journal for
 * reading beside the journal thread, so however long it reads, commits go on, and every answer is of one instant.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type PlainError, toPlain } from '../core/errors.js';
import { openJournalReader } from '../journal/lmdb-reader.js';
import { answerQuestion, type JournalQuestion } from '../journal/questions.js';
import { readerStop } from './reader-stop.js';
import { announceReady } from './worker-host.js';

/** What it is given. */
export interface ReaderThreadData {
  folder: string;
}

/** What it is asked. */
export interface ReaderQuestion {
  number: number;
  question: JournalQuestion;
}

/** What it posts for each question. */
export type ReaderAnswer = { number: number } & ({ answer: unknown } | { error: PlainError });

const { folder } = workerData as ReaderThreadData;

parentPort?.on('message', (asked: ReaderQuestion | typeof readerStop) => {
  // The port is all that keeps the thread; it is never terminated in the middle of lmdb if that can be helped.
  if (asked === readerStop) return parentPort?.close();
  const { number, question } = asked;
  let message: ReaderAnswer;
  try {
    const reader = openJournalReader(folder);
    try {
      message = { number, answer: answerQuestion(reader, question) };
    } finally {
      reader.close();
    }
  } catch (error) {
    message = { number, error: toPlain(error) };
  }
  parentPort?.postMessage(message);
});

announceReady();
