/** piscina, as its documentation writes it: a pool of one thread, and a task for each question. */
import { loadPeer } from '../runner/peers.js';

/** What of piscina is used here. */
interface Piscina {
  run(task: object): Promise<number>;
  destroy(): Promise<void>;
}

/**
 * A pool of one thread, which counts.
 * @param tasksAhead tasks the thread is given before it has answered; default: piscina's own, 1
 */
export async function counting(tasksAhead = 1) {
  const { Piscina } = await loadPeer<{ Piscina: new (options: object) => Piscina }>('piscina');
  const filename = new URL('./piscina-entry.js', import.meta.url).href;
  const ahead = { concurrentTasksPerWorker: tasksAhead, recordTiming: false };
  return new Piscina({ filename, minThreads: 1, maxThreads: 1, ...ahead });
}
