/**
 * What user code sees of the turn it runs in: the bridge from `cell/context.ts` to the runner. One per runner, and
 * valid only while a message is being handled: kept for later, it says so instead of doing half of something.
 */
import { ReplyTo, type TurnContext } from '../cell/context.js';
import type { ActorDefinition, SpawnOptions } from '../cell/define.js';
import type { RunEffectOptions } from '../cell/named-effects.js';
import type { Supervision } from '../cell/supervise.js';
import { encode } from '../core/codec.js';
import { describeBriefly, TroupeError } from '../core/errors.js';
import type { EventObject } from '../core/message.js';
import { ActorRef } from '../core/ref.js';
import { Decision } from '../journal/ops.js';
import type { Announcements } from '../observe/channels.js';
import type { Cell } from './cell.js';
import type { Runner } from './runner.js';
import { spawnSpec, unsupervised } from './spawn.js';

/** See the file's header. */
export class RunnerContext implements TurnContext {
  constructor(private readonly runner: Runner) {}

  get self(): ActorRef {
    return this.cell.self;
  }

  get parent(): ActorRef | undefined {
    return this.cell.parent;
  }

  get replyTo(): ReplyTo | undefined {
    const asked = this.runner.current?.replyTo;
    return asked && new ReplyTo(asked.session, asked.askId);
  }

  get traceparent(): string | undefined {
    return this.runner.current?.traceparent;
  }

  // Bound: `({ self, tell }) => ...` is how hooks are written.

  readonly now = (): number => this.runner.now();

  readonly tell = (target: ActorRef, event: EventObject): void => {
    this.runner.send(this.cell, target, event);
  };

  readonly forward = (target: ActorRef, event: EventObject, to?: ReplyTo): void => {
    this.runner.send(this.cell, target, event, to ?? this.replyTo);
  };

  readonly refuse: TurnContext['refuse'] = (error, kept) => {
    this.runner.refuse(this.cell, error, kept);
  };

  readonly announce = <K extends keyof Announcements>(name: K, news: Announcements[K]): void => {
    const { self, definition } = this.cell;
    const message = { ...news, path: self.path, definition: definition?.name ?? '' };
    this.runner.announce(this.cell, name, message);
  };

  readonly stopSelf = (error?: unknown): void => {
    const { cell } = this;
    if (error !== undefined) this.runner.giveUp(error);
    else this.runner.turn.frame.stop(cell.aid, cell.self.path, false);
  };

  readonly runEffect = (name: string, options: RunEffectOptions = {}): void => {
    const { cell } = this;
    if (cell.instance?.runEffect !== undefined) return cell.instance.runEffect(name, options);
    const message = `${cell.self.path} has no effect ${describeBriefly(name)}: its definition names no \`effects\``;
    throw new TroupeError('EFFECT_UNKNOWN', message, { field: 'name', value: name });
  };

  readonly cancelEffect = (id: string): void => {
    this.cell.instance?.cancelEffect?.(id);
  };

  get supervision(): Supervision {
    const { cell } = this;
    if (cell.definition?.options.supervises !== undefined) return this.supervising;
    const message = `${cell.self.path} supervises nobody: its definition does not say \`supervises\``;
    throw new TroupeError('NOT_A_SUPERVISOR', message, { field: 'supervises', value: undefined });
  }

  private readonly supervising: Supervision = {
    start: (definition, { shutdownMs, rank, anew, childrenMax, isChildrenMaxShared, answer, ...options }) => {
      if (definition.options.durability === 'none') {
        const message = `${options.id}: actors of "${definition.name}" are not journaled, and cannot be supervised`;
        throw new TroupeError('SUPERVISED_VOLATILE', message, { field: 'durability', value: 'none' });
      }
      const spec = spawnSpec(definition, options, this.cell.self, () => this.cell.nextChildNumber());
      const supervision = { ...unsupervised, ...spec.supervision, supervised: true };
      const asker = answer && { session: answer.session, askId: answer.askId };
      const given = { shutdownMs, rank, anew, childrenMax, isChildrenMaxShared, asker };
      for (const [name, value] of Object.entries(given)) {
        if (value !== undefined) Object.assign(supervision, { [name]: value });
      }
      this.runner.turn.frame.spawn({ ...spec, supervision });
      this.runner.starts(spec.path);
      return new ActorRef(spec.path, 0, definition.options.durability);
    },
    stop: ({ path }) => this.runner.turn.frame.stopChild(this.cell.aid, path),
    declared: (child) => this.runner.turn.frame.declared(child.aid),
    up: () => this.runner.turn.frame.up(this.cell.aid),
    decide: (child, seq, decision, why) => this.runner.decide(child.aid, seq, Decision[decision], why),
  };

  readonly watch = (target: ActorRef): void => {
    this.runner.turn.frame.watch(this.cell.aid, target.aid, target.path);
  };

  readonly reply = (value: unknown, to?: ReplyTo): void => {
    const { cell } = this;
    const asked = to ?? this.runner.current?.replyTo;
    if (asked === undefined) {
      const message = `${cell.self.path} replied to a message that was told, not asked`;
      throw new TroupeError('REPLY_OUTSIDE_REQUEST', message);
    }
    this.runner.reply(cell, asked, encode(value, 'reply'));
  };

  readonly spawn = <Input, Events extends EventObject>(
    definition: ActorDefinition<Input, Events>,
    options: SpawnOptions<Input>,
  ): ActorRef<Events> => {
    const { cell } = this;
    const spec = spawnSpec(definition, options, cell.self, () => cell.nextChildNumber());
    this.runner.turn.frame.spawn(spec);
    return new ActorRef<Events>(spec.path, 0, definition.options.durability);
  };

  private get cell(): Cell {
    const { running } = this.runner;
    if (running === undefined) throw new TroupeError('OUTSIDE_TURN', 'the message this context belongs to is handled');
    return running;
  }
}
