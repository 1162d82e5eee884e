/**
 * The tool bus: the one way to tools. It knows who may use which, lets calls in, runs each as an effect of its own,
 * asks for approvals, and answers. It hears, lets `judge.ts` decide, and does what was decided within the turn.
 *
 * What I own: the machine, its local children (the work of calls) and timers. What `judge.ts` owns: every decision.
 *
 * U1  A call's work starts after the turn that decided it is committed, at least once; its report is a message of its
 *     own, applied once. A call that waits (for an approval, for its next attempt) holds no thread and no promise.
 * U2  Whoever asked is answered once for each time it asked, and whoever is in `answerTo` is told once.
 */
import { setup } from 'xstate';
import {
  actorContext,
  type ActorDefinition,
  ActorRef,
  type AnyEvent,
  defineActor,
  describeBriefly,
  type EffectEnded,
  type Terminated,
  TroupeError,
} from '../../src/index.js';
import { moduleOf } from '../../src/core/meta.js';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { type BusBooks, type BusDeed, type BusRules, type CallIsLate, emptyBooks } from './books.js';
import type { ToolBusEvents, ToolCallFields } from './bus-events.js';
import { printOf, takenOtherwise, whyRefused } from './door.js';
import { thisThread, workEffect, type WorkInterrupted, type WorkReport } from './effects.js';
import { changeGrant, listFor, metricsOf, pendingFor } from './grant-office.js';
import { cycleOf, type GrantSpec, isPrincipal, tableOf } from './grants.js';
import { type BusWord, judge } from './judge.js';
import { isTakenOtherwise } from './ledger.js';
import { failed, thrown } from './outcome.js';
import { checkProcessors, type ToolProcessor } from './processor.js';
import type { Tool } from './tool.js';

/** What a tool bus is declared with. */
export interface ToolBusOptions {
  /** Its tools; no two of one name. */
  tools: readonly Tool[];
  /**
   * Who may use which: by principal, the names of tools, or more (see `GrantSpec`). `'*'` is everybody. Default:
   * nobody may use anything.
   */
  grants?: Readonly<Record<string, readonly GrantSpec[]>>;
  /** Who may approve of calls that ask for it; nobody may of its own. Default: nobody. */
  approvers?: readonly string[];
  /** Who may grant and revoke. Default: the approvers. */
  grantors?: readonly string[];
  /**
   * What is done around each call, in this order before it and in the reverse order after it. They are code, and part
   * of no state. See `ToolProcessor`. Default: nothing.
   */
  processors?: readonly ToolProcessor[];
  /** How many tools may be above a call; deeper ones are TOOL_DEPTH. Default 5. */
  depthMax?: number;
  /** Open calls; of more each is TOOL_BUSY. Default 1,000. */
  callsMax?: number;
  /**
   * Calls whose work runs at once, actors not counted; the others wait their turn, in order, and their time has not
   * begun. Default 32: what runs is part of the state of the bus, which is written with every message.
   */
  workingMax?: number;
  /** Bytes of the encoded arguments of a call; larger ones are TOOL_ARGS. Default 65,536. */
  argsBytesMax?: number;
  /** Answers to named calls that were asked, kept for whoever asks again; of more the oldest go. Default 64. */
  answersKept?: number;
  /** Bytes of all of them. Default 262,144. */
  answersKeptBytes?: number;
  /**
   * Bytes of all results that are kept for tools with a `cache`; of more those go that were not asked for the longest.
   * They are part of the state of the bus, which is written with every message. Default 65,536.
   */
  cacheBytesMax?: number;
  /** How long an approval is waited for, in milliseconds; then the call is TOOL_DENIED. Default: for ever. */
  approvalTimeoutMs?: number;
  /** Texts of progress that are sent of one attempt. Default 1,000. */
  progressMax?: number;
  /**
   * How often an attempt is begun anew because its thread or the process died, before the call is TOOL_FAILED with
   * THREAD_LOST as its cause: what kills its thread must not do so for ever. Default 10.
   */
  interruptionsMax?: number;
  /** Default `flushed`. There is no `none`: an approval must outlive a thread. */
  durability?: 'flushed' | 'committed';
}

const count = (max: number, preset: number, min = 1) => ({ type: 'integer', min, max, default: preset }) as const;
const principals = {
  type: 'custom',
  check: (value: unknown) =>
    Array.isArray(value) && value.every(isPrincipal) ? undefined : 'a list of names of principals',
} as const;

const optionsSpec: OptionsSpec<ToolBusOptions> = {
  tools: { type: 'array', required: true },
  grants: { type: 'object', default: {} },
  approvers: { ...principals, default: [] },
  grantors: principals,
  processors: { type: 'array', default: [] },
  depthMax: count(1_000, 5, 0),
  callsMax: count(100_000, 1_000),
  workingMax: count(100_000, 32),
  argsBytesMax: count(2 ** 27, 65_536),
  answersKept: count(100_000, 64, 0),
  answersKeptBytes: count(2 ** 27, 262_144, 0),
  cacheBytesMax: count(2 ** 27, 65_536, 0),
  approvalTimeoutMs: { type: 'number', min: 1, max: 36_525 * 86_400_000 },
  progressMax: count(1_000_000, 1_000, 0),
  interruptionsMax: count(1_000, 10, 0),
  durability: { type: 'string', oneOf: ['flushed', 'committed'], default: 'flushed' },
};

/**
 * Declare a tool bus, at the top level of a module, and export it; spawn it as any actor.
 *
 *   export const tools = toolBus(import.meta, 'tools', {
 *     tools: [...fileTools({ root: '/srv/docs' }), weather],
 *     grants: { researcher: ['readFile', { tool: 'weather', approval: 'ask' }] },
 *     approvers: ['ada'],
 *   });
 *   const bus = await system.spawn(tools, { id: 'tools' });
 *   const outcome = await bus.ask({ type: 'call', from: 'researcher', tool: 'readFile', args: { path: 'a.md' } });
 *
 * When its thread or the process dies, open calls go on where they were: what ran runs again with the same
 * `effectId`, what waited waits, time that has passed counts. Grants in the declaration are read anew at each start;
 * those made at run time are part of its state and go before them.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `ToolBusOptions`
 * @throws TroupeError TOOL_SPEC, TOOL_CYCLE, OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; what `defineActor` throws
 */
export function toolBus(
  meta: { readonly url: string },
  name: string,
  options: ToolBusOptions,
): ActorDefinition<undefined, ToolBusEvents> {
  moduleOf(meta, 'toolBus');
  const where = `toolBus("${name}")`;
  const checked = checkOptions<ToolBusOptions>(options, optionsSpec, where);
  const { durability, ...rest } = checked;
  const rules = rulesOf(rest as Required<ToolBusOptions>, where);
  const effects = { work: workEffect(rules) };
  return defineActor(meta, name, busMachine(rules), { durability, effects }) as ActorDefinition<
    undefined,
    ToolBusEvents
  >;
}

function rulesOf(options: Required<Omit<ToolBusOptions, 'durability'>>, where: string): BusRules {
  const { tools: given, grants: declared, approvers, grantors = approvers, ...limits } = options;
  const refuse = (field: string, value: unknown, what: string): never => {
    throw new TroupeError('TOOL_SPEC', `${where}: ${field} ${what}`, { field, value });
  };
  const tools = new Map<string, Tool>();
  for (const [index, tool] of given.entries()) {
    const field = `tools[${index}]`;
    if (tool?.work?.kind === undefined) refuse(field, tool, `is ${describeBriefly(tool)}, and not made by defineTool`);
    if (tools.has(tool.name)) refuse(field, tool.name, `is another tool of the name ${tool.name}`);
    tools.set(tool.name, tool);
  }
  checkProcessors(limits.processors, tools, where);
  const grants = tableOf(declared, tools, where);
  for (const [principal, row] of Object.entries(grants)) {
    for (const [tool, facts] of Object.entries(row)) {
      const approval = facts?.approval ?? tools.get(tool)?.approval;
      const who = facts?.approvers ?? approvers;
      if (approval === 'ask' && !who.some((each) => each !== principal)) {
        refuse(`grants.${principal}`, tool, `needs approvals of ${tool}, and nobody is there who could give them`);
      }
    }
  }
  const cycle = cycleOf(tools, grants, {});
  if (cycle !== undefined) {
    const message = `${where}: by these grants a tool can call itself: ${cycle.join(' > ')}`;
    throw new TroupeError('TOOL_CYCLE', message, { field: 'grants', value: cycle.join(' > ') });
  }
  return { ...limits, tools, grants, approvers, grantors };
}

/** The machine of a bus. Its states say whether it has anything to do; all else is in its books. */
function busMachine(rules: BusRules) {
  const base = setup({
    types: { context: {} as BusBooks, events: {} as AnyEvent },
    guards: {
      isBusy: ({ context }) => Object.keys(context.open).length > 0,
      isIdle: ({ context }) => Object.keys(context.open).length === 0,
    },
  });
  const heard = base.enqueueActions(({ context, event, enqueue }) => {
    const word = wordOf(context, event, rules);
    if (word === undefined) return;
    if ('changed' in word) {
      enqueue.assign({ changed: word.changed });
      return;
    }
    const { self, now } = actorContext();
    const { books, deeds } = judge(context, word, rules, { self: self.path, now: now() });
    enqueue.assign(books);
    for (const deed of deeds) {
      if (deed.do === 'work') {
        actorContext().runEffect('work', { id: deed.id, input: { ...deed.input, thread: thisThread } });
      } else if (deed.do === 'stopWork') actorContext().cancelEffect(deed.id);
      else if (deed.do === 'wait') enqueue.raise(deed.event, { id: deed.id, delay: deed.ms });
      else if (deed.do === 'forgetWait') enqueue.cancel(deed.id);
      else enqueue(() => perform(deed, rules));
    }
  });
  return base.createMachine({
    id: 'toolBus',
    context: emptyBooks,
    initial: 'idle',
    on: { '*': { actions: heard } },
    states: {
      idle: { always: { guard: 'isBusy', target: 'busy' } },
      busy: { always: { guard: 'isIdle', target: 'idle' } },
    },
  });
}

/** A judgement's deed that is not the machine's own. */
function perform(deed: Exclude<BusDeed, { do: 'work' | 'stopWork' | 'wait' | 'forgetWait' }>, rules: BusRules): void {
  const { reply, refuse, tell, spawn, watch } = actorContext();
  switch (deed.do) {
    case 'refuse':
      refuse(deed.error);
      break;
    case 'answer':
      reply(deed.value, deed.to);
      break;
    case 'tell':
      tell(deed.to, deed.event);
      break;
    case 'spawn': {
      const work = rules.tools.get(deed.tool)?.work;
      // A deployment may have taken the tool away: then its time runs out.
      if (work?.kind === 'actor') watch(spawn(work.definition, { id: deed.id, input: deed.input }));
      break;
    }
    case 'stopActor':
      // Part of this turn: the commit says whether it happened, and the turn's failure is not this promise's.
      void new ActorRef(deed.path).stop().catch(() => {});
      break;
  }
}

/** What of an event the judgement hears; undefined: nothing, it was answered or refused here. */
function wordOf(books: BusBooks, event: AnyEvent, rules: BusRules): BusWord | Pick<BusBooks, 'changed'> | undefined {
  const inner = innerWordOf(event);
  if (inner !== undefined) return inner;
  const { reply, replyTo: asker } = actorContext();
  const wrong = whyRefused(event);
  if (wrong !== undefined) {
    refuseEvent(event, wrong);
    return undefined;
  }
  // What was told although it is a question is nobody's failure.
  const answer = (value: unknown): void => {
    if (asker !== undefined) reply(value);
  };
  switch (event.type as ToolBusEvents['type']) {
    case 'call': {
      const call = event as unknown as ToolCallFields;
      const { argsBytes, print } = printOf(call.args);
      if (!isTakenOtherwise(books, call, print)) return { type: 'call', call, asker, argsBytes, print };
      refuseEvent(event, takenOtherwise(call));
      return undefined;
    }
    case 'cancel':
      return { type: 'cancel', from: event.from, callId: event.callId, asker };
    case 'approve':
    case 'reject': {
      const { by, id, why = '' } = event;
      return { type: 'decide', by, id, approved: event.type === 'approve', why, asker };
    }
    case 'grant':
    case 'revoke': {
      const { by, principal, tool, approval, approvers, data } = event;
      const facts = event.type === 'revoke' ? null : { approval, approvers, data };
      const changed = changeGrant(books, { by, principal, tool, facts }, rules);
      answer(changed.answer);
      return { changed: changed.books.changed };
    }
    case 'list':
      answer(listFor(books, event.from, rules));
      return undefined;
    case 'pending':
      answer(pendingFor(books, event.by, rules));
      return undefined;
    case 'metrics':
      answer(metricsOf(books));
      return undefined;
    default:
      // Whatever somebody told it that it does not know.
      return undefined;
  }
}

/**
 * Whoever told a call and waits to be told what comes of it is told that it was refused: a dead letter would let it
 * wait for ever. Everybody else hears it as the kernel says a refusal.
 */
function refuseEvent(event: AnyEvent, why: TroupeError): void {
  const { refuse, replyTo, tell } = actorContext();
  const { type, answerTo, callId, tool } = event as AnyEvent & Partial<Record<keyof ToolCallFields, unknown>>;
  const isAwaited = type === 'call' && answerTo instanceof ActorRef;
  if (isAwaited) {
    const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
    const outcome = failed('TOOL_CALL', why.message);
    tell(answerTo, { type: 'toolAnswered', callId: textOf(callId), tool: textOf(tool), outcome });
  }
  if (!isAwaited || replyTo !== undefined) refuse(why);
}

/** Word from the bus's own work, timers and actors: nobody else can send events of these types. */
function innerWordOf(event: AnyEvent): BusWord | undefined {
  const { type } = event;
  if (type === 'troupe.tools.late') {
    const { id, phase, attempt } = event as unknown as CallIsLate;
    return { type: 'late', id, phase, attempt };
  }
  if (type === 'troupe.terminated') {
    const { path, how, output, error } = event as unknown as Terminated;
    const said = error === undefined ? undefined : thrown(path, error).error;
    return { type: 'ended', path, how, output, error: said };
  }
  if (type !== 'troupe.effect.ended') return undefined;
  const { id: workId, how, output, error } = event as unknown as EffectEnded;
  if (how === 'failed') return { type: 'worked', workId, report: { ...thrown(workId, error), bytes: 0 } };
  const said = output as WorkReport | WorkInterrupted;
  if (!('interrupted' in said)) return { type: 'worked', workId, report: said };
  const { thread: _gone, ...input } = said.interrupted;
  return { type: 'interrupted', workId, input };
}
