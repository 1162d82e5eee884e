/** The contenders of the suite, each in a process of its own. */
import type { ContenderInput } from '../kernel/contender.js';
import { diskWrites } from '../kernel/disk.js';
import { contend } from '../runner/contend.js';
import { agentRuns } from './agents.js';
import { dbos } from './dbos.js';
import { langGraph } from './langgraph.js';
import type { WorkflowContender, WorkflowInput } from './load.js';
import { restate } from './restate.js';
import { streaming } from './streaming.js';
import { troupeSteps } from './troupe-steps.js';

const contenders: Record<string, WorkflowContender> = {
  'disk-writes': (input) => diskWrites(input as unknown as ContenderInput),
  langgraph: langGraph('default'),
  'langgraph-flushed': langGraph('flushed'),
  dbos,
  restate,
  'flushed-steps': troupeSteps('flushed'),
  'committed-steps': troupeSteps('committed'),
  'flushed-stream': streaming('flushed'),
  'none-stream': streaming('none'),
  'server-agents': agentRuns('server'),
  'inside-agents': agentRuns('inside'),
};

// Nobody can stop the server that Restate's SDK has listening for its own.
await contend<WorkflowInput>(contenders, { leaving: ['restate'] });
