/** Workflows: flows of steps that survive crashes, nest, wait, and undo what they did. */
export {
  type Failed,
  type Flow,
  actorStep,
  attempt,
  conditional,
  jobStep,
  loop,
  mapReduce,
  mapValue,
  type OutputOf,
  parallel,
  pipeline,
  sequence,
  sleep,
  step,
  type StepOptions,
  waitFor,
} from './flow.js';
export { defineWorkflow, type WorkflowDefinition, type WorkflowOptions } from './define.js';
export type { CompensationCall, StepCall } from './nodes.js';
export type { RunResult, WorkflowEvents } from './machine.js';
export type { Retry } from './options.js';
export { type FlowJson, workflowJson, workflowMermaid } from './picture.js';
export { startRun, WorkflowRun } from './run.js';
export type { NodeCount, Undone } from './run-state.js';
export type { ActiveView, RunView } from './view.js';
