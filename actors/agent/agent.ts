/** What an agent is made of, what its runs are given and give, and what they understand. Types only. */
import type { PlainError } from '../../src/core/errors.js';
import type { ActorDefinition, ActorRef, Request } from '../../src/index.js';
import type { Model, ModelMessage, Usage } from '../model/index.js';
import type { Schema } from '../schema/index.js';
import type { ToolBusEvents, ToolProgress } from '../tools/index.js';
import type { AgentLimits, LimitName } from './limits.js';

/** An agent: the definition of the actors that run it. */
export interface AgentDefinition<out O = unknown> extends ActorDefinition<AgentInput, AgentEvents, AgentResult<O>> {
  /** Only for the compiler. */
  readonly __answer?: () => O;
}

/** What an agent is declared with. */
export interface AgentOptions<O> {
  /** What it is for, in a sentence: shown to agents that may call it or hand over to it. */
  description?: string;
  /** Answers its questions. Retry and fallback are the model's: `withRetry`, `withFallback`. */
  model: Model;
  /** Its system message. */
  instructions: string;
  /** The form of its answer; the model is asked again when it has another. Default: a text. */
  output?: Schema<O>;
  /** How often a model is asked for an answer of the right form. Default 3. */
  outputAttemptsMax?: number;
  /** As whom it calls tools. Default: its name. */
  principal?: string;
  /**
   * Which of the tools that its bus grants it are shown to the model. One that the bus does not show it fails the run
   * as it begins, with AGENT_TOOL_UNKNOWN as the cause. Default: all.
   */
  tools?: readonly string[];
  /** Agents it may call, by the names its model calls them: each is a run of its own, below this one. */
  agents?: Readonly<Record<string, AgentDefinition>>;
  /** Agents it may hand over to: they get the conversation, and their answer is the run's. */
  handoffs?: Readonly<Record<string, AgentDefinition>>;
  /** What of the conversation another agent is handed. Default: what users and agents said, without tools. Pure. */
  handoffFilter?(messages: readonly ModelMessage[]): readonly ModelMessage[];
  /** See `AgentLimits`. */
  limits?: Partial<AgentLimits>;
  /** How many agents may be above a run. Default 5. */
  depthMax?: number;
  /** Of how many tokens of the conversation the model is reminded, about. Default 32,000. */
  contextTokensMax?: number;
  /** Let the model sum up what no longer fits, instead of dropping it. Default: false. */
  summarize?: boolean;
  /** 0 or more; default: the model's own. */
  temperature?: number;
  /** Longest reply, in tokens; default: the model's own. */
  maxOutputTokens?: number;
  /** How long a run that is over can be asked for its result, in milliseconds; default 7 days. */
  keepMs?: number;
}

/** What a run begins with. */
export interface AgentInput {
  /** What the user says. */
  text?: string;
  /** The conversation so far, if there is one; `text` comes after it. */
  messages?: readonly ModelMessage[];
  /** The tool bus it calls, and those below it too. Default: they have no tools. */
  bus?: ActorRef<ToolBusEvents>;
  /**
   * Is told what the run, and those below it, say and do meanwhile: at least once, nothing is left out. Some pieces of
   * text are asked: a listener that answers them, with `heard`, is not told faster than it hears.
   */
  streamTo?: ActorRef<AgentNews>;
  /** No more than these, whatever the agent itself is declared with. */
  limits?: Partial<AgentLimits>;
  /** How many agents are above it. Default 0. */
  depth?: number;
}

/** What `streamTo` is told. `run` is the path of the run, of an agent below this one too. */
export type AgentNews =
  /**
   * A piece of what the model says. `step`: of which call; `number`: which piece, from 0. A call that is made again,
   * because a crash came before its result was recorded, begins at 0 again, and may say something else.
   */
  | { type: 'agentText'; run: string; step: number; number: number; text: string }
  /** What the run does next: once. `names`: of tools and agents it calls or hands over to, or of who answers. */
  | { type: 'agentStep'; run: string; step: number; does: 'think' | 'act' | 'handoff' | 'answer'; names: string[] }
  | ToolProgress;

/** Why a run is over without an answer of its model. */
export type Stopped = 'answer' | LimitName | 'cancelled' | 'failed';

/** What a run gives. */
export interface AgentResult<O = unknown> {
  /** The answer: what `output` says, else the text. */
  answer: O;
  text: string;
  /** Who answered: the agent, or the one it handed over to. */
  by: string;
  /** Calls of models, sub-agents' included. */
  steps: number;
  usage: Usage;
  /** Of each agent that took part. */
  costs: readonly AgentCost[];
}

/** What one agent of a run has used itself. */
export interface AgentCost {
  agent: string;
  /** Calls of its model. */
  calls: number;
  /** Calls of tools. */
  tools: number;
  usage: Usage;
}

/** How a run went: what `result` answers. */
export type AgentOutcome<O = unknown> =
  | { ok: true; result: AgentResult<O> }
  | { ok: false; stopped: Exclude<Stopped, 'answer'>; error: PlainError; view: AgentView };

/** A run, as it is shown. */
export interface AgentView {
  agent: string;
  /**
   * `thinking`: its model is asked. `acting`: it waits for tools or agents. `stopping`: it was given up, and hears what
   * that has cost. `answered` and `stopped` are ends.
   */
  status: 'thinking' | 'summing up' | 'acting' | 'handed over' | 'stopping' | 'answered' | 'stopped';
  stopped?: Stopped | undefined;
  steps: number;
  usage: Usage;
  costs: readonly AgentCost[];
  limits: AgentLimits;
  /** Messages of the conversation it keeps. */
  messages: readonly ModelMessage[];
  /** Tools and agents it waits for. */
  waitsFor: readonly { id: string; name: string }[];
  startedAt: number;
  endedAt?: number | undefined;
  error?: PlainError | undefined;
}

/** What a run understands. */
export type AgentEvents =
  /** Its result, when it is over: the answer waits for that. */
  | Request<'result', object, AgentOutcome>
  | Request<'view', object, AgentView>
  /** Stop whatever it does. Refused with AGENT_OVER when it is over. */
  | Request<'cancel', { reason?: string }, true>;
