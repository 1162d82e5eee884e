/** The contenders of the suite, each in a process of its own. */
import { diskWrites } from '../kernel/disk.js';
import { contend } from '../runner/contend.js';
import { bullMq } from './bullmq.js';
import { dbos } from './dbos.js';
import { langGraph } from './langgraph.js';
import { lmdbPuts } from './lmdb.js';
import type { DurableContender, DurableInput } from './load.js';
import { restate } from './restate.js';
import { computingTasks, waitingTasks } from './tasks.js';
import { troupeAsk, troupeTell } from './troupe.js';

const contenders: Record<string, DurableContender> = {
  'disk-writes': diskWrites,
  'lmdb-puts': lmdbPuts,
  'bullmq-everysec': bullMq('everysec'),
  'bullmq-always': bullMq('always'),
  dbos,
  restate,
  langgraph: langGraph,
  'flushed-tell-machine': troupeTell('machine', 'flushed'),
  'committed-tell-machine': troupeTell('machine', 'committed'),
  'flushed-tell-function': troupeTell('function', 'flushed'),
  'committed-tell-function': troupeTell('function', 'committed'),
  'flushed-ask-machine': troupeAsk('machine', 'flushed'),
  'committed-ask-machine': troupeAsk('machine', 'committed'),
  'flushed-ask-function': troupeAsk('function', 'flushed'),
  'committed-ask-function': troupeAsk('function', 'committed'),
  'waiting-tasks': waitingTasks,
  'computing-tasks': computingTasks,
};

// Nobody can stop the server that Restate's SDK has listening for its own.
await contend<DurableInput>(contenders, { leaving: ['restate'] });
