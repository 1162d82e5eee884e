/**
 * A run of an agent as an XState machine: think, act, observe, answer. It hears, lets `books.ts` say what follows, and
 * has that done within the turn.
 *
 * M1  A call of a model is one local child: what it came to is one journaled message, applied once. A crash before it
 *     is recorded asks again under the same id; after it, never.
 * M2  A call of a tool is a message to the bus, and its answer a message back: over any restart of either, once.
 * M3  While it waits for a tool, an approval or another agent it holds no thread, and after a while no memory.
 * M4  A run that an actor has spawned ends when it is over, with its result or its error: that actor is told. One
 *     that a system spawned stays for `keepMs`, to be asked for its result, and then ends.
 * M5  A run that is given up closes first: its calls are aborted, its agents cancelled, and what they say they have
 *     used is counted. That takes no longer than `closeMs` for each level of agents, also over a crash.
 * M6  What goes wrong within a turn fails the run there and then, with its cause: a message that is tried again would
 *     go wrong again, and a run whose message was put aside would wait for its time to be up.
 */
import { assign, enqueueActions, fromPromise, setup } from 'xstate';
import type { PlainError } from '../../src/core/errors.js';
import { actorContext, ActorRef, type ActorRef as Ref, type Terminated, TroupeError } from '../../src/index.js';
import type { Model, ModelReply, ModelRequest, ToolFacts } from '../model/index.js';
import { answer, answerAll, remember } from '../run/waiting.js';
import { jsonSchemaOf, type Schema } from '../schema/index.js';
import type { ToolAnswered, ToolBusEvents, ToolListing } from '../tools/index.js';
import type { AgentEvents, AgentInput, AgentOutcome, AgentResult, AgentView } from './agent.js';
import {
  agentEnded,
  type AgentDeed,
  type AgentRules,
  begin,
  type Books,
  callFailed,
  closeNow,
  fail,
  type Follows,
  givenUp,
  type Moment,
  newBooks,
  type Next,
  stop,
  summedUp,
  thought,
  toolAnswered,
} from './books.js';
import { fitWindow } from './context-window.js';
import { type AgentLimits, lesserLimits } from './limits.js';
import { checkInput } from './options.js';
import { type CallUsed, summaryLogic, type ThinkInput, thinkLogic, type Thought } from './think.js';

/** What an agent's machine is made of. */
export interface AgentParts {
  rules: AgentRules;
  model: Model;
  output: Schema | undefined;
  request: Pick<ModelRequest, 'temperature' | 'maxOutputTokens'>;
  keepMs: number;
}

interface RunContext {
  books: Books;
}

type Internal = ToolAnswered | Terminated | CallUsed | { type: 'agent.timeIsUp' };

/** The logic of an agent's runs. */
export function agentMachine(parts: AgentParts) {
  const { rules, model, output, keepMs } = parts;
  const listTools = fromPromise<readonly ToolListing[], { bus: Ref<ToolBusEvents> }>(({ input, signal }) =>
    input.bus.ask({ type: 'list', from: rules.principal }, { signal, timeoutMs: 60_000 }),
  );
  const goesTo =
    (next: Next) =>
    ({ context }: { context: RunContext }) =>
      context.books.next === next;
  const follow = (next: (books: Books, moment: Moment, event: never) => Follows) =>
    assign<RunContext, never, undefined, never, never>(({ context, event }) => {
      const moment = momentOf();
      let { books } = context;
      // M6
      try {
        const follows = next(books, moment, event as never);
        ({ books } = follows);
        carryAllOut(follows, rules);
      } catch (cause) {
        const failed = fail(books, cause, moment);
        ({ books } = failed);
        carryAllOut(failed, rules);
      }
      return { books };
    }) as never;
  return setup({
    types: {
      context: {} as RunContext,
      events: {} as AgentEvents | Internal,
      input: {} as AgentInput,
      output: {} as AgentResult,
    },
    actors: { listTools, think: thinkLogic(model, output), sumUp: summaryLogic(model) },
    delays: {
      keep: keepMs,
      time: ({ context }) => context.books.limits.timeMs,
      // Whoever is above gives those below the time to give theirs.
      close: ({ context }) => closeMs * Math.max(1, rules.depthMax - context.books.depth + 1),
    },
  }).createMachine({
    id: 'agent',
    context: ({ input }) => ({ books: newBooks(rules, input, limitsOf(rules, input), momentOf()) }),
    initial: 'run',
    on: {
      view: { actions: ({ context }) => answer(viewOf(rules, context.books)) },
      result: { actions: enqueueActions(({ context, enqueue }) => enqueue.assign(answerResult(rules, context.books))) },
      cancel: { actions: () => actorContext().refuse(new TroupeError('AGENT_OVER', 'the run is over')) },
    },
    states: {
      run: {
        initial: 'prepare',
        after: { time: { target: 'closing', actions: follow((books, moment) => stop(books, 'time', moment)) } },
        on: {
          cancel: {
            target: 'closing',
            actions: follow((books, moment, { reason }: { reason?: string }) => {
              answer(true);
              return stop(books, 'cancelled', moment, reason ?? 'no reason was given');
            }),
          },
        },
        states: {
          prepare: {
            always: [
              {
                guard: ({ context }) => context.books.bus !== undefined,
                target: 'list',
                description: 'has a tool bus',
              },
              {
                target: 'decide',
                description: 'has none',
                actions: follow((books, moment) => begin(books, rules, [], moment)),
              },
            ],
          },
          /** Which tools are there? */
          list: {
            invoke: {
              src: 'listTools',
              input: ({ context }) => ({ bus: context.books.bus as Ref<ToolBusEvents> }),
              onDone: {
                target: 'decide',
                actions: follow((books, moment, { output: facts }: { output: readonly ToolFacts[] }) =>
                  begin(books, rules, facts, moment),
                ),
              },
              onError: {
                target: 'decide',
                actions: follow((books, moment, event: Erred) => noTools(books, event.error, moment)),
              },
            },
          },
          decide: {
            always: [
              { guard: goesTo('think'), target: 'think', description: 'the model is to go on' },
              { guard: goesTo('act'), target: 'act', description: 'it calls tools or agents' },
              { guard: goesTo('sum'), target: 'sumUp', description: 'the conversation no longer fits' },
              { guard: goesTo('hand'), target: 'handOver', description: 'it hands over' },
              { target: '#agent.over', description: 'an answer, a limit, or an error' },
            ],
          },
          think: {
            invoke: {
              src: 'think',
              input: ({ context }) => thinkInput(parts, context.books),
              onDone: {
                target: 'decide',
                actions: follow((books, moment, event: { output: Thought }) =>
                  thought(books, rules, event.output, moment),
                ),
              },
              onError: {
                target: 'decide',
                actions: follow((books, moment, event: Erred) => callFailed(books, event.error, moment)),
              },
            },
          },
          sumUp: {
            invoke: {
              src: 'sumUp',
              input: ({ context }) => ({
                messages: fitWindow(context.books.messages, rules.contextTokensMax).dropped,
                step: context.books.used.steps + 1,
                run: actorContext().self.path,
              }),
              onDone: {
                target: 'decide',
                actions: follow((books, moment, { output: { text, usage } }: { output: ModelReply }) =>
                  summedUp(books, rules, text, usage, moment),
                ),
              },
              onError: {
                target: 'decide',
                actions: follow((books, moment, event: Erred) => callFailed(books, event.error, moment)),
              },
            },
          },
          act: {
            on: {
              toolAnswered: { target: 'observe', actions: follow(hearTool(rules)) },
              'troupe.terminated': { target: 'observe', actions: follow(hearAgent(rules)) },
            },
          },
          handOver: { on: { 'troupe.terminated': { target: 'observe', actions: follow(hearAgent(rules)) } } },
          /** One more answer: are there all? */
          observe: {
            always: [
              {
                guard: ({ context: { books } }) => books.next === 'act' && isWaiting(books),
                target: 'act',
                description: 'there are more to come',
              },
              { target: 'decide', description: 'all have answered' },
            ],
          },
        },
      },
      /** Given up: what has it cost so far? */
      closing: {
        always: { guard: goesTo('over'), target: 'over', description: 'what it has used is known' },
        on: {
          'agent.used': {
            actions: follow((books, _moment, { step, usage }: CallUsed) => givenUp(books, rules, step, usage)),
          },
          'troupe.terminated': { actions: follow(hearAgent(rules)) },
        },
        after: { close: { target: 'over', actions: follow((books) => closeNow(books, rules)) } },
      },
      over: {
        entry: enqueueActions(({ context, enqueue }) => enqueue.assign(tellResult(rules, context.books))),
        always: { guard: () => actorContext().parent !== undefined, target: 'gone', description: 'an actor began it' },
        after: { keep: 'gone' },
      },
      gone: { type: 'final' },
    },
    output: ({ context }: { context: RunContext }) => context.books.result as AgentResult,
  });
}

/** How long a run that was given up waits for word of what it has used. */
const closeMs = 2_000;

interface Erred {
  error: unknown;
}

/** Its bus, or what was taken for one, does not say which tools there are. */
function noTools(books: Books, cause: unknown, moment: Moment): Follows {
  const { message } = TroupeError.toPlain(cause);
  const value = books.bus?.path;
  const why = `the run came to no answer: bus: ${value} does not say which tools it has: ${message}`;
  const error = TroupeError.toPlain(new TroupeError('AGENT_FAILED', why, { field: 'bus', value, cause }));
  const { books: over, deeds } = fail(books, cause, moment);
  return { books: { ...over, error }, deeds };
}

function isWaiting({ open }: Books): boolean {
  return Object.keys(open).length > 0;
}

const hearTool =
  (rules: AgentRules) =>
  (books: Books, moment: Moment, { callId, outcome }: ToolAnswered): Follows =>
    toolAnswered(books, rules, callId, outcome, moment);

const hearAgent =
  (rules: AgentRules) =>
  (books: Books, moment: Moment, { path, how, output, error }: Terminated): Follows => {
    if (how === 'done') return agentEnded(books, rules, path, { ok: true, result: output as AgentResult }, moment);
    const why = error ?? new TroupeError('AGENT_CANCELLED', `${path} was stopped`, { value: 'it was stopped' });
    return agentEnded(books, rules, path, { ok: false, error: why }, moment);
  };

function momentOf(): Moment {
  const { self, now } = actorContext();
  return { self: self.path, now: now() };
}

/** @throws TroupeError AGENT_INPUT, which fails the start */
function limitsOf(rules: AgentRules, input: AgentInput): AgentLimits {
  const { limits } = checkInput(rules.name, input);
  return lesserLimits(rules.limits, { ...rules.limits, ...limits });
}

function thinkInput({ rules, output, request }: AgentParts, books: Books): ThinkInput {
  const asked: ModelRequest = { ...request, messages: books.messages };
  const tools = [...books.facts, ...factsOf(rules)];
  if (tools.length > 0) asked.tools = tools;
  if (output !== undefined) asked.output = { name: 'answer', schema: jsonSchemaOf(output) };
  const left = tokensLeft(books);
  if (left !== undefined) asked.maxOutputTokens = Math.max(1, Math.min(left, request.maxOutputTokens ?? left));
  const { streamTo, hearing, used } = books;
  return { request: asked, step: used.steps + 1, run: actorContext().self.path, streamTo, hearing };
}

function tokensLeft({ limits, used: { usage } }: Books): number | undefined {
  return limits.tokens === undefined ? undefined : limits.tokens - usage.inputTokens - usage.outputTokens;
}

/** Agents are shown to the model as tools. */
function factsOf({ agents, handoffs }: AgentRules): ToolFacts[] {
  const text = { type: 'string', description: 'What it is to do, in full: it knows nothing else.' };
  const asked = Object.entries(agents).map(([name, agent]) => ({
    name,
    description: descriptionOf(agent) || `Asks the agent ${name}.`,
    input: { type: 'object', properties: { text }, required: ['text'] },
  }));
  const handed = Object.entries(handoffs).map(([name, agent]) => ({
    name,
    description: `Hands the conversation over. ${descriptionOf(agent)}`.trim(),
    input: { type: 'object', properties: {} },
  }));
  return [...asked, ...handed];
}

/** What agents say of themselves, by their definitions. */
export const descriptions = new WeakMap<object, string>();

function descriptionOf(agent: object): string {
  return descriptions.get(agent) ?? '';
}

/** @throws whatever could not be carried out */
function carryAllOut({ books, deeds }: Follows, rules: AgentRules): void {
  for (const deed of deeds) carryOut(deed, books, rules);
}

function carryOut(deed: AgentDeed, books: Books, rules: AgentRules): void {
  const turn = actorContext();
  switch (deed.do) {
    case 'call': {
      const { callId, tool, args } = deed;
      const call = { from: rules.principal, tool, args, callId, depth: books.depth, answerTo: turn.self };
      const progressTo = books.streamTo === undefined ? {} : { progressTo: books.streamTo };
      turn.tell(books.bus as Ref<ToolBusEvents>, { type: 'call', ...call, ...progressTo });
      return;
    }
    case 'cancelCall':
      turn.tell(books.bus as Ref<ToolBusEvents>, { type: 'cancel', from: rules.principal, callId: deed.callId });
      return;
    case 'spawn':
      turn.watch(turn.spawn(deed.agent, { id: deed.id, input: deed.input }));
      return;
    case 'cancelAgent':
      turn.tell(new ActorRef<AgentEvents>(deed.path), { type: 'cancel', reason: deed.reason });
      return;
    case 'stopAgent':
      // Part of this turn; its end is told like any other, and nobody waits for it here.
      void new ActorRef(deed.path).stop().catch(() => {});
      return;
    case 'news': {
      const { does, names } = deed;
      const step = books.used.steps + (does === 'think' ? 1 : 0);
      if (books.streamTo !== undefined)
        turn.tell(books.streamTo, { type: 'agentStep', run: turn.self.path, step, does, names });
    }
  }
}

/** M4: whoever waits is told. */
function tellResult(rules: AgentRules, books: Books): { books: Books } {
  const turn = actorContext();
  const outcome = outcomeOf(rules, books);
  answerAll(books.waiting, outcome);
  if (turn.parent !== undefined && !outcome.ok) turn.stopSelf(errorFor(books, outcome.error));
  return { books: { ...books, waiting: [] } };
}

/** A parent is to count what was used, although it failed. */
function errorFor({ used, costs }: Books, plain: PlainError): TroupeError {
  const error = TroupeError.fromPlain(plain) as TroupeError;
  const { code, message, cause, field } = error;
  return new TroupeError(code, message, { cause, field, value: { steps: used.steps, usage: used.usage, costs } });
}

function answerResult(rules: AgentRules, books: Books): { books: Books } {
  if (books.next !== 'over') return { books: { ...books, waiting: remember(books.waiting, 'AGENT_WAITING_FULL') } };
  answer(outcomeOf(rules, books));
  return { books };
}

function outcomeOf(rules: AgentRules, books: Books): AgentOutcome {
  const { result, stopped, error } = books;
  if (result !== undefined) return { ok: true, result };
  const why = stopped === undefined || stopped === 'answer' ? 'failed' : stopped;
  return { ok: false, stopped: why, error: error as PlainError, view: viewOf(rules, books) };
}

/** Show a run. */
function viewOf(rules: AgentRules, books: Books): AgentView {
  const { used, costs, limits, messages, open, startedAt, endedAt, stopped, error } = books;
  return {
    agent: rules.name,
    status: statusOf(books),
    stopped,
    steps: used.steps,
    usage: used.usage,
    costs,
    limits,
    messages,
    waitsFor: Object.values(open).map(({ id, name }) => ({ id, name })),
    startedAt,
    endedAt,
    error,
  };
}

function statusOf({ next, stopped }: Books): AgentView['status'] {
  if (next === 'over') return stopped === 'answer' ? 'answered' : 'stopped';
  const words = {
    think: 'thinking',
    sum: 'summing up',
    act: 'acting',
    hand: 'handed over',
    close: 'stopping',
  } as const;
  return words[next];
}
