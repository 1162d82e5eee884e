/** An actor that has its thread collect its garbage, so that what remains can be weighed. */
import { fromTransition } from 'xstate';
import { actorContext, defineActor, type Request } from '../../../src/index.js';
import { collectGarbage } from '../memory.js';
import { here } from './here.js';

/** Answers when it is done. */
export const collector = defineActor(
  import.meta,
  'savina-collector',
  fromTransition((state: null, _event: Request<'collect', object, boolean>) => {
    collectGarbage();
    actorContext().reply(true);
    return state;
  }, null),
  here,
);
