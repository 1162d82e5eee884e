/** comlink, on another thread. There is no way to tell: each call is answered. */
import { counting } from '../counting/comlink.js';
import { askAll, type MessagesContender } from './load.js';

/** Calls of a method. */
export const comlinkAsk: MessagesContender = async ({ sizes }) => {
  const { worker, tally } = await counting();
  const measures = await askAll(() => tally.next(), sizes);
  await worker.terminate();
  return measures;
};
