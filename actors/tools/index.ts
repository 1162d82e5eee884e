/** Tools: their definition, the bus that runs them, and the first ones. */
export { actorTool, type ActorToolOptions } from './actor-tool.js';
export type {
  PendingApproval,
  ToolAnswered,
  ToolBusEvents,
  ToolBusMetrics,
  ToolCallFields,
  ToolListing,
  ToolMetrics,
  ToolProgress,
} from './bus-events.js';
export type { GrantFacts, GrantSpec } from './grants.js';
export type { ToolAnswer, ToolError, ToolOutcome } from './outcome.js';
export {
  type Approval,
  defineTool,
  type Tool,
  type ToolBasics,
  type ToolCache,
  type ToolCallInfo,
  type ToolExample,
  type ToolOptions,
  type ToolRate,
  type ToolRetry,
  type ToolRun,
} from './tool.js';
export { toolBus, type ToolBusOptions } from './tool-bus.js';
export type { ProcessedCall, ToolProcessor, Verdict } from './processor.js';
export * from './processors/index.js';
export * from './builtin/index.js';
