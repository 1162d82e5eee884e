/** Language models: one port, adapters, doubles and policies. */

// The port
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
export { modelFrom, type ModelFromOptions, replyOf } from './model-from.js';
export { type ModelErrorCode, type ModelErrorValue, retryAfterMsOf, usageOfError } from './model-error.js';
export { addUsage, costOf, noUsage } from './usage.js';
export { UsageMeter } from './meter.js';

// Adapters
export { openAiModel } from './openai/openai-model.js';
export type { OpenAiModelOptions } from './openai/options.js';
export { aiSdkModel, type AiSdkModelOptions } from './ai-sdk/ai-sdk-model.js';
export type { AiSdkLanguageModel } from './ai-sdk/wire.js';

// Without a server
export { demoModel, type DemoModelOptions } from './demo-model.js';
export {
  type ScriptedAnswer,
  type ScriptedCall,
  type ScriptedModel,
  scriptedModel,
  type ScriptedModelOptions,
  type ScriptedReply,
  type ScriptEntry,
} from './scripted-model.js';
export {
  type ModelRecord,
  recordingModel,
  type RecordingOptions,
  replayModel,
  type ReplayOptions,
} from './recording.js';
export {
  type FixtureAnswer,
  type FixtureCall,
  fixtureModelServer,
  type FixtureModelServer,
  type FixtureRequest,
  type FixtureScript,
  type FixtureServerOptions,
} from './testing/fixture-server.js';

// Policies and forms
export { type RetryOptions, withRetry } from './retry.js';
export { type FallbackFailure, type FallbackOptions, withFallback } from './fallback.js';
export { completeStructured, type StructuredOptions, type StructuredReply } from './structured.js';
export { type Prompt, prompt, type PromptNames, type PromptValue } from './prompt.js';
