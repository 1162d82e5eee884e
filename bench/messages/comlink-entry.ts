/** The worker of the comlink contender. */
import { parentPort } from 'node:worker_threads';
import { loadPeer } from '../runner/peers.js';
import { nodeAdapter } from './comlink.js';

const comlink = await loadPeer<{ expose(value: object, endpoint: object): void }>('comlink');
const { default: nodeEndpoint } = await loadPeer<{ default(port: object): object }>(nodeAdapter);

let total = 0;
const tally = {
  next(): number {
    total += 1;
    return total;
  },
};

if (parentPort !== null) comlink.expose(tally, nodeEndpoint(parentPort));
