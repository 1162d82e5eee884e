/** The contenders of the suite, each in a process of its own. */
import { contend } from '../runner/contend.js';
import { firstMessage } from './first-message.js';
import { type FootprintInput, installPeer, installTroupe } from './install.js';

const peers = ['nact', 'comedy', 'comlink', 'piscina', 'effect'];
const starting = ['node', 'post', 'xstate', ...peers, 'none', 'flushed'];

await contend<FootprintInput>({
  'troupe-install': installTroupe,
  ...Object.fromEntries(peers.map((name) => [`${name}-install`, installPeer(name)])),
  ...Object.fromEntries(starting.map((name) => [`${name}-first`, firstMessage(name)])),
});
