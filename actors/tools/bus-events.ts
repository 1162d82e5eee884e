/** What a tool bus is told and asked, and what it tells. Types only. */
import type { ActorRef, Request } from '../../src/index.js';
import type { ToolFacts } from '../model/index.js';
import type { ToolAnswer, ToolOutcome } from './outcome.js';
import type { Approval, ToolExample } from './tool.js';

/** A call, as its caller writes it. */
export interface ToolCallFields {
  /** Who calls: the principal whose grants count. */
  from: string;
  /** The tool's name. */
  tool: string;
  /** Plain data; the tool's schema says what it must be. */
  args: unknown;
  /**
   * The caller's name for the call, of its own choice: told or asked again, the call is joined, or answered from what
   * is remembered, and not made twice. An effect gives its `effectId`. Default: the call cannot be joined.
   */
  callId?: string;
  /** How many tools are above the call: 0 (default), or one more than what the tool that calls was told. */
  depth?: number;
  /** Is told `toolAnswered` when the call is over. For actors: it lasts as long as it takes, over any restart. */
  answerTo?: ActorRef<ToolAnswered>;
  /** Is told `toolProgress` while the tool works. */
  progressTo?: ActorRef<ToolProgress>;
}

/** What `answerTo` is told, once. */
export interface ToolAnswered {
  type: 'toolAnswered';
  callId: string;
  tool: string;
  outcome: ToolOutcome;
}

/** What `progressTo` is told. At least once, as the tool runs; a crash may repeat some. */
export interface ToolProgress {
  type: 'toolProgress';
  callId: string;
  tool: string;
  /** Up to 1,000 characters. */
  text: string;
  /** Which of the texts the tool has given: where one is missing, it was overtaken. */
  number: number;
}

/** A tool as `list` shows it: what a model is told, and what whoever uses it should know. */
export interface ToolListing extends ToolFacts {
  approval: Approval;
  touches: 'nothing' | 'outside';
  idempotent: boolean;
  timeoutMs: number;
  example?: ToolExample<unknown>;
}

/** A call that waits for an approval. */
export interface PendingApproval {
  /** What `approve` and `reject` name. */
  id: string;
  from: string;
  callId: string;
  tool: string;
  /** As they were given, after the check. */
  args: unknown;
  approvers: readonly string[];
  /** Since when, in milliseconds since the epoch. */
  since: number;
}

/** What was counted of a tool. */
export interface ToolMetrics {
  /** Calls that were let in, those that wait for an approval included. */
  calls: number;
  /** Answered with an error, other than those below. */
  failures: number;
  /** Not granted, denied, rejected, too deep, or one too many. */
  denied: number;
  cancelled: number;
  /** Attempts that took too long. */
  timeouts: number;
  /** Attempts after the first. */
  retries: number;
  /** Calls that were answered out of the tool's `cache`; part of `calls`. */
  cached: number;
  /** Times that an attempt had to wait for the tool's `rate`. */
  delayed: number;
  /** Calls that would have had to wait too long for it: TOOL_RATE_LIMITED. */
  limited: number;
  /** Time that attempts took, in milliseconds: of all together, and the longest. */
  ms: number;
  msMax: number;
}

/** What was counted of a bus since it began. */
export interface ToolBusMetrics {
  tools: Record<string, ToolMetrics>;
  /** Calls that are open, and how many of them wait for an approval. */
  open: number;
  waiting: number;
  /** Calls of tools that do not exist. */
  unknown: number;
}

/** What a tool bus understands. */
export type ToolBusEvents =
  | Request<'call', ToolCallFields, ToolOutcome>
  /** By whoever called. TOOL_CALL_UNKNOWN when no such call is open. */
  | Request<'cancel', { from: string; callId: string }, ToolAnswer>
  /** What `from` may use. */
  | Request<'list', { from: string }, readonly ToolListing[]>
  /** Takes effect on the next call. GRANT_FORBIDDEN, TOOL_UNKNOWN, TOOL_CYCLE. */
  | Request<
      'grant',
      {
        by: string;
        principal: string;
        tool: string;
        approval?: Approval;
        approvers?: readonly string[];
        data?: unknown;
      },
      ToolAnswer
    >
  | Request<'revoke', { by: string; principal: string; tool: string }, ToolAnswer>
  /** Refused with APPROVAL_ANSWERED, APPROVAL_FORBIDDEN or TOOL_CALL_UNKNOWN: the ask rejects. */
  | Request<'approve', { by: string; id: string }, { ok: true }>
  | Request<'reject', { by: string; id: string; why?: string }, { ok: true }>
  /** Those that wait; with `by`: those that this principal may answer. */
  | Request<'pending', { by?: string }, readonly PendingApproval[]>
  | Request<'metrics', object, ToolBusMetrics>;
