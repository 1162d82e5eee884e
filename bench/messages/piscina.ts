/** piscina, written as its documentation does: a pool of one thread, and a task for each question. */
import { loadPeer } from '../runner/peers.js';
import { askAll, type MessagesContender } from './load.js';

/** What of piscina is used here. */
interface Piscina {
  run(task: object): Promise<number>;
  destroy(): Promise<void>;
}

/** A pool of one thread, which counts. */
export async function counting() {
  const { Piscina } = await loadPeer<{ Piscina: new (options: object) => Piscina }>('piscina');
  const filename = new URL('./piscina-entry.js', import.meta.url).href;
  return new Piscina({ filename, minThreads: 1, maxThreads: 1 });
}

/** Tasks for another thread. There is no way to tell: each task is answered. */
export const piscinaAsk: MessagesContender = async ({ sizes }) => {
  const pool = await counting();
  const measures = await askAll(() => pool.run({}), sizes);
  await pool.destroy();
  return measures;
};
