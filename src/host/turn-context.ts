/** What user code sees of the turn it runs in: the bridge from `cell/context.ts` to the runner. */
import { ReplyTo, type TurnContext } from '../cell/context.js';
import { encode } from '../core/codec.js';
import { TroupeError } from '../core/errors.js';
import { ActorRef } from '../core/ref.js';
import type { Cell } from './cell.js';
import type { Runner } from './runner.js';
import { spawnSpec } from './spawn.js';

/** The context of the message a cell handles now. */
export function turnContext(runner: Runner, cell: Cell): TurnContext {
  const asked = runner.current?.replyTo;
  const replyTo = asked && new ReplyTo(asked.session, asked.askId);
  const { frame } = runner.turn;
  return {
    self: cell.self,
    parent: cell.parent,
    replyTo,
    now: () => runner.now(),
    tell: (target, event) => runner.send(cell, target, event),
    stopSelf: () => frame.stop(cell.aid, cell.self.path, false),
    watch: (target) => frame.watch(cell.aid, target.aid, target.path),
    reply: (value, to = replyTo) => {
      if (to === undefined) {
        throw new TroupeError('REPLY_OUTSIDE_REQUEST', `${cell.self.path} replied to a message that was told, not asked`);
      }
      frame.reply(to.session, to.askId, true, encode(value, 'reply'));
    },
    spawn: (definition, options) => {
      const spec = spawnSpec(definition, options, cell.self, () => cell.nextEffectNumber());
      frame.spawn(spec);
      return new ActorRef(spec.path, 0, definition.options.durability);
    },
  };
}
