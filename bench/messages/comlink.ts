/** comlink, written as its documentation does for Node: an object exposed in a worker, and a proxy of it here. */
import { Worker } from 'node:worker_threads';
import { loadPeer } from '../runner/peers.js';
import { askAll, type MessagesContender } from './load.js';

/** What of comlink is used here. */
interface Comlink {
  wrap<T>(endpoint: object): { [K in keyof T]: T[K] extends () => infer R ? () => Promise<R> : never };
}

/** A thread that counts. */
export async function counting() {
  const comlink = await loadPeer<Comlink>('comlink');
  const { default: nodeEndpoint } = await loadPeer<{ default(worker: Worker): object }>(nodeAdapter);
  const worker = new Worker(new URL('./comlink-entry.js', import.meta.url));
  const tally = comlink.wrap<{ next(): number }>(nodeEndpoint(worker));
  return { worker, tally };
}

/** Calls of a method on another thread. There is no way to tell: each call is answered. */
export const comlinkAsk: MessagesContender = async ({ sizes }) => {
  const { worker, tally } = await counting();
  const measures = await askAll(() => tally.next(), sizes);
  await worker.terminate();
  return measures;
};

/** Where comlink has its adapter for Node. */
export const nodeAdapter = 'comlink/dist/esm/node-adapter.mjs';
