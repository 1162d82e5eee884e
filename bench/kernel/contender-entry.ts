/** A contender's process: does the one thing it is told to, and says what it measured as one line of JSON. */
import { writeSync } from 'node:fs';
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

const [name = '', input = '{}'] = process.argv.slice(2);
const contender = contenders[name];
if (contender === undefined) throw new Error(`there is no contender ${name}`);
const measures = await contender(JSON.parse(input) as ContenderInput);
// Written at once: the process may be killed as soon as the line is out.
writeSync(1, `${JSON.stringify(measures)}\n`);
if (name === 'prepare-journal') process.kill(process.pid, 'SIGKILL');
