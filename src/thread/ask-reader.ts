/** Asking about the journal's past from a thread that must not wait for the answer. */
import { fromPlain } from '../core/errors.js';
import type { JournalAnswers, JournalQuestion } from '../journal/questions.js';
import type { ReaderMessage, ReaderThreadData } from './reader-entry.js';
import { threadLost, WorkerHost } from './worker-host.js';

/**
 * Start a reader, and return its answer.
 * @param folder the journal's
 * @throws TroupeError what `answerQuestion` and `openJournalReader` throw; THREAD_LOST
 */
export function askReader<Q extends JournalQuestion>(folder: string, question: Q): Promise<JournalAnswers[Q['kind']]> {
  const workerData: ReaderThreadData = { folder, question };
  const entry = new URL('./reader-entry.js', import.meta.url);
  const thread = new WorkerHost({ entry, name: 'troupe reader', workerData });
  return new Promise((resolve, reject) => {
    thread.worker.on('message', (message: ReaderMessage) => {
      if ('readerError' in message) reject(fromPlain(message.readerError));
      else if ('readerAnswer' in message) resolve(message.readerAnswer as JournalAnswers[Q['kind']]);
    });
    void thread.ended.then((death) => reject(threadLost(thread.name, death)));
  });
}
