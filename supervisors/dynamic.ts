/** Declaring a dynamic supervisor: the machine around `dynamic-judge.ts`. */
import type { ActorId } from '../src/core/ids.js';
import { setup } from 'xstate';
import { moduleOf } from '../src/core/meta.js';
import {
  type ActorDefinition,
  actorContext,
  ActorRef,
  type ChildWord,
  defineActor,
  type Request,
  type StartAnswer,
  type SupervisorBegins,
} from '../src/index.js';
import type { Backoff } from './backoff.js';
import type { WaitIsOver } from './books.js';
import { type DynamicBooks, type DynamicHeard, judgeDynamic, noDynamicBooks } from './dynamic-judge.js';
import { type ManagementAnswer, perform } from './deeds.js';
import type { RecoveryByCode } from './recovery.js';
import type { RestartIntensity } from './restart-intensity.js';
import { type CountOn, partitioned, partitionsMax } from './partitions.js';
import { refuse, refuseUnknown, requireCount } from './refuse.js';
import {
  type CheckedCommon,
  checkCommon,
  type ChildData,
  type ChildSpec,
  childOf,
  requireId,
  shutdownMsOf,
} from './spec.js';

/** A dynamic supervisor as it is declared. */
export interface DynamicSpec {
  /** What all its children are; `id` and `input` come with each start. */
  child: Omit<ChildSpec, 'id' | 'input' | 'significant' | 'handles'>;
  /** Default 3 restarts in 60 s. OTP's is 1 in 5 s. */
  intensity?: RestartIntensity;
  /** Wait before a restart. Default: none. It grows with the restarts within the intensity's period. */
  backoff?: Backoff;
  /** What errors of children ask for, by code. Default: nothing. */
  recovery?: RecoveryByCode;
  /** As of `SupervisorSpec`. Default `flushed`. */
  durability?: 'flushed' | 'committed';
  /** More are refused, over all partitions. Default 1,000,000. */
  maxChildren?: number;
  /**
   * Its children live below so many supervisors of their own, 1 to 1,000, each with its own budget; who lives where
   * goes by the id. Default: none, they are its own children.
   */
  partitions?: number;
}

type Counts = Request<'count', object, { active: number }>;

/** What a dynamic supervisor can be asked. `count` has the children that are, whether they run or wait. */
export type DynamicEvents =
  | Request<'startChild', { id: ActorId; input?: unknown }, StartAnswer>
  | Request<'stopChild', { id: ActorId }, ManagementAnswer>
  | Counts;

type Hears =
  | DynamicEvents
  | Request<'countOn', CountOn, { active: number }>
  | SupervisorBegins
  | ChildWord
  | WaitIsOver;

/**
 * Declare a supervisor of any number of children of one kind (OTP's simple-one-for-one), at the top level of a module,
 * and export it. Its children start when asked for, and stop all at once. A message costs the same however many
 * there are; `system.actors` tells who they are.
 *
 *   export const sessions = dynamicSupervisor(import.meta, 'sessions', { child: { actor: session } });
 *   const ref = await system.spawn(sessions, { id: 'sessions' });
 *   await ref.ask({ type: 'startChild', id: 'anna', input: { user: 'anna' } });
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param spec see `DynamicSpec`
 * @throws TroupeError SUPERVISOR_SPEC naming the field and the value, OPTION_RANGE; what `defineActor` throws
 */
export function dynamicSupervisor(
  meta: { readonly url: string },
  name: string,
  spec: DynamicSpec,
): ActorDefinition<undefined, DynamicEvents> {
  moduleOf(meta, 'dynamicSupervisor');
  const where = `dynamicSupervisor("${name}")`;
  const fields = ['child', 'intensity', 'backoff', 'recovery', 'durability', 'maxChildren', 'partitions'];
  refuseUnknown(spec, fields, where);
  const common = checkCommon(spec, where, 1_000_000);
  const { partitions } = spec;
  if ('handles' in (spec.child ?? {})) refuse(`${where}.child.handles`, spec.child, 'is no field: it routes no tasks');
  const template = childOf({ ...spec.child, id: 'template' }, `${where}.child`, 'never');
  if (partitions === undefined) return declare(meta, name, template, common, false);
  requireCount(partitions, `${where}.partitions`);
  if (partitions > partitionsMax) refuse(`${where}.partitions`, partitions, `must be at most ${partitionsMax}`);
  const partition = declare(meta, `${name}.partition`, template, common, true);
  return partitioned(meta, name, partition as ActorDefinition, partitions, common);
}

/** @param isPart `maxChildren` counts the children of its siblings too */
function declare(
  meta: { readonly url: string },
  name: string,
  { actor, restart, onFailure, shutdownMs: shutdown }: ChildData,
  { intensity, backoff, recovery, durability, maxChildren }: CheckedCommon,
  isPart: boolean,
): ActorDefinition<undefined, DynamicEvents> {
  const isSupervisor = actor.options.supervises !== undefined;
  const shutdownMs = shutdownMsOf(shutdown);
  const rules = { restart, onFailure, isSupervisor, intensity, backoff, recovery };

  const start = ({ id, input }: { id: string; input?: unknown }): void => {
    const { supervision, replyTo } = actorContext();
    const rest = { shutdownMs, childrenMax: maxChildren, isChildrenMaxShared: isPart, answer: replyTo };
    supervision.start(actor as ActorDefinition, { id, input, ...rest });
  };

  /** A request that makes no sense is answered at once: it must not be the supervisor's failure. */
  const isRefused = ({ id }: { id: string }): boolean => {
    const { reply, replyTo } = actorContext();
    try {
      requireId(id, 'id');
      return replyTo === undefined;
    } catch (error) {
      const answer = { ok: false, reason: 'refused', error: error as Error } satisfies StartAnswer;
      if (replyTo !== undefined) reply(answer);
      return true;
    }
  };

  const heardOf = (event: Hears): DynamicHeard | undefined => {
    const { self, replyTo } = actorContext();
    if (event.type === 'troupe.begin' || event.type === 'troupe.child') return event;
    if (event.type === 'troupe.again' || event.type === 'again') return event;
    if (event.type === 'startChild') return isRefused(event) ? undefined : { type: 'startChild' };
    if (event.type !== 'stopChild' || replyTo === undefined) return undefined;
    return { type: 'stopChild', id: event.id, ref: new ActorRef(`${self.path}/${event.id}`), asker: replyTo };
  };

  const machine = setup({
    types: { context: {} as DynamicBooks, events: {} as Hears },
    actions: {
      count: ({ context }) => {
        const { reply, replyTo } = actorContext();
        if (replyTo !== undefined) reply({ active: context.count });
      },
      countOn: ({ context, event }) => countOn(event as CountOn, context.count),
    },
    guards: { isOver: ({ context }) => context.phase === 'over' },
  });
  const judged = machine.enqueueActions(({ context, event, enqueue }) => {
    const heard = heardOf(event);
    if (heard === undefined) return;
    const { self } = actorContext();
    const { books, deeds } = judgeDynamic(context, heard, rules, { scatter: self.path });
    enqueue.assign(books);
    if (heard.type === 'startChild' && event.type === 'startChild') enqueue(() => start(event));
    for (const deed of deeds) {
      if (deed.do === 'wait')
        enqueue.raise({ type: 'troupe.again', id: deed.id }, { id: `wait ${deed.id}`, delay: deed.ms });
      else enqueue(() => perform(deed));
    }
  });
  const logic = machine.createMachine({
    id: 'dynamic supervisor',
    context: noDynamicBooks,
    initial: 'running',
    on: { count: { actions: 'count' }, countOn: { actions: 'countOn' }, '*': { actions: judged } },
    states: { running: { always: { guard: 'isOver', target: 'over' } }, over: {} },
  });
  return defineActor(meta, name, logic, { supervises: 'together', durability });
}

/** A partition adds what it has, and asks the next one; the last one answers. */
function countOn({ before, others }: CountOn, count: number): void {
  const { forward, reply, replyTo } = actorContext();
  if (replyTo === undefined || !Array.isArray(others)) return;
  const [next, ...rest] = others as unknown[];
  const active = before + count;
  if (next === undefined) reply({ active });
  else if (typeof next === 'string')
    forward(new ActorRef(next), { type: 'countOn', before: active, others: rest as string[] } satisfies CountOn);
}
