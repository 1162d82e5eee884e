/** Language models: one port, adapters, doubles and policies. */
export type {
  Model,
  ModelCall,
  ModelMessage,
  ModelPart,
  ModelReply,
  ModelRequest,
  Prices,
  ToolCall,
  ToolFacts,
  Usage,
} from './model.js';
export { addUsage, costOf, noUsage } from './usage.js';
