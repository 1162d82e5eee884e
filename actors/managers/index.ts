/** Collections as actors: piles, their progressions, managers, branches; and calls. */
export {
  type Element,
  element,
  type ElementId,
  type ElementOptions,
  idMaker,
  type MakeId,
  type Metadata,
} from './element.js';
export { pile } from './pile.js';
export type { PileOptions } from './pile-options.js';
export type { Descent, Page, PageQuery, PileEvents, PileSeed, Place, Put, Segment, Where } from './pile-words.js';
export { type Progression, progression } from './progression.js';
export {
  type AnyMessage,
  logManager,
  type LogRecord,
  manager,
  type Manager,
  type ManagerDefinition,
  type ManagerOptions,
  messageManager,
  toolManager,
  type ToolRecord,
} from './manager.js';
export { branch, type BranchEvents, type BranchOptions, type BranchSeed } from './branch.js';
export type { MergeConflict, MergeReport } from './merge.js';
export { call, type CallEvents, type CallInput, type CallLog, type CallOptions, type CallScope } from './call.js';
export { type CallFailure, type CallRecord, callRecord, type CallState, type CallView } from './call-record.js';
