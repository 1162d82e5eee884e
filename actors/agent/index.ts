/** Agents: models that think, act and answer, within limits, over crashes. */
export type {
  AgentCost,
  AgentDefinition,
  AgentEvents,
  AgentInput,
  AgentNews,
  AgentOptions,
  AgentOutcome,
  AgentResult,
  AgentView,
  Stopped,
} from './agent.js';
export { fitWindow, type Window } from './context-window.js';
export { defineAgent } from './define.js';
export type { AgentLimits, LimitName } from './limits.js';
export { heard } from './pieces.js';
export { AgentRun, startAgent } from './run.js';
