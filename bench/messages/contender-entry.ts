/** The contenders of the suite, each in a process of its own. */
import type { ContenderInput } from '../kernel/contender.js';
import { diskWrites } from '../kernel/disk.js';
import { postTell } from '../kernel/post-message.js';
import { contend } from '../runner/contend.js';
import { comedyAsk, comedyMany, comedyTell } from './comedy.js';
import { comlinkAsk } from './comlink.js';
import { effectAsk, effectMany, effectPing, effectTell } from './effect.js';
import { erlang } from './erlang.js';
import type { MessagesContender, MessagesInput } from './load.js';
import { nactAsk, nactMany, nactPing, nactTell } from './nact.js';
import { piscinaAsk } from './piscina.js';
import { postAsk, postBatch, ringTell } from './raw.js';
import type { Sizes } from './sizes.js';
import { troupeAsk, troupeMany, troupePing, troupeTell, troupeTellNear } from './troupe.js';
import { tellXstate, xstateChildren, xstateMany, xstatePing } from './xstate.js';

const warmUp = ({ warmUpShare }: Sizes, count: number): number => Math.floor(count * warmUpShare);
const erlangTell = (sizes: Sizes): number[] => [
  warmUp(sizes, sizes.functionTells),
  sizes.functionTells,
  sizes.tellsAhead,
];
const erlangAsk = (sizes: Sizes): number[] => {
  const { asks, idleAsks, pauseMs, askMany, asksAhead } = sizes;
  return [warmUp(sizes, asks), asks, idleAsks, pauseMs, askMany, asksAhead];
};

const contenders: Record<string, MessagesContender | ReturnType<typeof erlang>> = {
  'disk-writes': (input) => diskWrites(input as ContenderInput),
  'post-tell': (input) => postTell(input as ContenderInput),
  'post-batch': postBatch,
  'post-ask': postAsk,
  'ring-tell': ringTell,
  'xstate-tell-few': tellXstate('fewMachines', 'tells'),
  'xstate-tell': tellXstate('machines', 'tells'),
  'xstate-tell-many': tellXstate('manyMachines', 'manyTells'),
  'xstate-ping': xstatePing,
  'xstate-many': xstateMany,
  'xstate-children': xstateChildren,
  'nact-tell': nactTell,
  'nact-ask': nactAsk,
  'nact-ping': nactPing,
  'nact-many': nactMany,
  'comedy-tell-near': comedyTell('in-memory', 'functionTells'),
  'comedy-tell': comedyTell('threaded', 'askMany'),
  'comedy-ask': comedyAsk,
  'comedy-many': comedyMany,
  'comlink-ask': comlinkAsk,
  'piscina-ask': piscinaAsk,
  'effect-tell': effectTell,
  'effect-ask': effectAsk,
  'effect-ping': effectPing,
  'effect-many': effectMany,
  'erlang-tell': erlang('tell', erlangTell),
  'erlang-tell-near': erlang('tell', erlangTell, 1),
  'erlang-ask': erlang('ask', erlangAsk),
  'erlang-ping': erlang('ping', (sizes) => [warmUp(sizes, sizes.pingPongs), sizes.pingPongs], 1),
  'erlang-many': erlang('many', ({ idleActors }) => [idleActors]),
  'none-tell': troupeTell('function', 'none', 1, 'functionTells'),
  'none-tell-machine': troupeTell('machine', 'none', 1, 'tells'),
  'none-tell-near': troupeTellNear,
  'none-ask': troupeAsk('none'),
  'none-ping': troupePing,
  'none-many': troupeMany('function', 'none'),
  'committed-tell': troupeTell('machine', 'committed', 'machines', 'tells'),
  'committed-tell-function': troupeTell('function', 'committed', 'machines', 'functionTells'),
  'committed-ask': troupeAsk('committed'),
  'flushed-tell-few': troupeTell('machine', 'flushed', 'fewMachines', 'tells'),
  'flushed-tell': troupeTell('machine', 'flushed', 'machines', 'tells'),
  'flushed-tell-many': troupeTell('machine', 'flushed', 'manyMachines', 'manyTells'),
  'flushed-tell-function': troupeTell('function', 'flushed', 'machines', 'functionTells'),
  'flushed-ask': troupeAsk('flushed'),
  'flushed-many': troupeMany('machine', 'flushed'),
};

// A thread of comedy's lives on when its system is destroyed; and a crowd of its actors is not.
await contend<MessagesInput>(contenders, { leaving: ['comedy-tell', 'comedy-ask', 'comedy-many'] });
