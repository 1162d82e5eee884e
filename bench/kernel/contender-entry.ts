/** The contenders of the suite, each in a process of its own. */
import { contend } from '../runner/contend.js';
import type { Contender, ContenderInput } from './contender.js';
import { diskWrites } from './disk.js';
import { idleActors } from './idle-actors.js';
import { postAsk, postTell } from './post-message.js';
import { prepareJournal, recoverJournal, startEmpty } from './recovery.js';
import { askOne } from './troupe-ask.js';
import { tellFunction, tellMachines } from './troupe-tell.js';
import { xstateSpawn, xstateTell } from './xstate-alone.js';

const contenders: Record<string, Contender> = {
  'xstate-tell': xstateTell,
  'flushed-tell': tellMachines('flushed'),
  'committed-tell': tellMachines('committed'),
  'post-tell': postTell,
  'none-tell': tellFunction(),
  'post-ask': postAsk,
  'none-ask': askOne('none'),
  'committed-ask': askOne('committed'),
  'flushed-ask': askOne('flushed'),
  'disk-writes': diskWrites,
  'xstate-spawn': xstateSpawn,
  'idle-actors': idleActors,
  'prepare-journal': prepareJournal,
  'recover-journal': recoverJournal,
  'start-empty': startEmpty,
};

await contend<ContenderInput>(contenders, { dying: ['prepare-journal'] });
