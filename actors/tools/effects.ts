/**
 * The part of a call that touches the world, as one promise: check the arguments, do the work, check the result. It
 * runs after the commit of the turn that decided it, and again after a crash; what it reports is recorded once.
 *
 * What I own: the work, while it runs. What the bus owns: when it starts and is stopped, and what comes of the report.
 *
 * E1  It reports; it never fails. Whatever a tool throws or returns becomes data that can be carried.
 * E2  A report of a result is no larger than the tool's `resultBytesMax`, and an error no larger than its text may be.
 * E3  Work that is found on another thread than it was begun on (a crash lies between) does not begin: it says so, and
 *     the bus, having counted that, begins it anew. So a tool that kills its thread cannot do it for ever.
 */
import { threadId } from 'node:worker_threads';
import { fromPromise } from 'xstate';
import { encode } from '../../src/core/codec.js';
import { limits } from '../../src/core/limits.js';
import type { ActorRef } from '../../src/index.js';
import { checkSchema, type Schema } from '../schema/index.js';
import { failed, thrown, type ToolOutcome } from './outcome.js';
import { progressSender } from './progress.js';
import type { AnyJob, Tool, ToolCallInfo, ToolRun } from './tool.js';

/** What is to be done: `check` the arguments, `run` all of it, or `settle` an actor's result. */
export interface WorkInput {
  what: 'check' | 'run' | 'settle';
  tool: string;
  /** The arguments; for `settle` the result. */
  value: unknown;
  info: ToolCallInfo;
  progressTo?: ActorRef | undefined;
  /** The thread that it was begun on: `thisThread` there. */
  thread: string;
}

/** E3: no other thread, of this process or another, has or had this name. */
export const thisThread = `${process.pid}/${threadId}/${performance.timeOrigin}`;

/** E3: the work as it was to be done. */
export interface WorkInterrupted {
  interrupted: WorkInput;
}

/** What came of it, and how many bytes that is. */
export type WorkReport = ToolOutcome & { bytes: number };

/** What a promise's logic hands to its function. */
interface PromiseScope {
  readonly self: object;
  readonly signal: AbortSignal;
}

/** Which tools there are, and how much they may say. */
export interface WorkRules {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly progressMax: number;
}

/** The logic of the local children of a bus. */
export function workLogic(rules: WorkRules) {
  return fromPromise<WorkReport | WorkInterrupted, WorkInput>(async ({ input, self, signal }) => {
    if (input.thread !== thisThread) return { interrupted: input };
    const outcome = await workOf(input, { self, signal }, rules).catch((error: unknown) => thrown(input.tool, error));
    return outcome.ok ? sized(outcome, input, rules) : { ...outcome, bytes: 0 };
  });
}

async function workOf(input: WorkInput, scope: PromiseScope, rules: WorkRules): Promise<ToolOutcome> {
  const tool = rules.tools.get(input.tool);
  if (tool === undefined) return failed('TOOL_UNKNOWN', `there is no tool ${input.tool} any more`);
  if (input.what === 'settle') return resultOf(tool, input.value);
  const checked = await checkSchema(tool.input as Schema<never>, input.value);
  if (!checked.ok) {
    const [first] = checked.issues;
    const where = first === undefined || first.path === '' ? '' : ` at ${first.path}`;
    const why = first?.message ?? 'no reason given';
    const message = `the arguments of ${tool.name} do not fit its schema${where}: ${why}`;
    return failed('TOOL_ARGS', message, { issues: checked.issues.slice(0, issuesMax) });
  }
  const { work } = tool;
  if (input.what === 'check') {
    return { ok: true, value: work.kind === 'actor' ? work.inputOf(checked.value, input.info) : undefined };
  }
  if (work.kind === 'run') return resultOf(tool, await running(tool, work.run, checked.value, input, scope, rules));
  if (work.kind === 'job') {
    const { job, input: given } = work.pick(checked.value);
    return resultOf(tool, await started(job, given, scope));
  }
  return failed('TOOL_FAILED', `${tool.name} is an actor now, and was a function when it was called`);
}

/** Of very many problems the first are enough to know what is wrong. */
const issuesMax = 20;

async function running(
  tool: Tool,
  run: (args: never, call: ToolRun) => unknown,
  args: never,
  { info, progressTo }: WorkInput,
  { signal }: PromiseScope,
  { progressMax }: WorkRules,
): Promise<unknown> {
  const progress = progressSender(progressTo, { callId: info.callId, tool: tool.name }, progressMax);
  try {
    return await run(args, { ...info, signal, progress: progress.say });
  } finally {
    progress.close();
  }
}

/** XState keeps the function of a promise's logic as its `config`; in our place it works as in its own. */
function started(job: AnyJob, input: unknown, scope: PromiseScope): Promise<unknown> {
  return (job.config as (given: PromiseScope & { input: unknown }) => Promise<unknown>)({ input, ...scope });
}

/** The result of a tool, if it is what the tool says it is. */
async function resultOf(tool: Tool, value: unknown): Promise<ToolOutcome> {
  if (tool.output === undefined) return { ok: true, value };
  const checked = await checkSchema(tool.output, value);
  if (checked.ok) return { ok: true, value: checked.value };
  const [first] = checked.issues;
  const message = `the result of ${tool.name} does not fit its schema: ${first?.message ?? 'no reason given'}`;
  return failed('TOOL_RESULT', message, { issues: checked.issues.slice(0, issuesMax) });
}

/** E1, E2. */
function sized(outcome: ToolOutcome & { ok: true }, { what, tool }: WorkInput, { tools }: WorkRules): WorkReport {
  // What a check returns is the input of an actor: of the tool's own making, and for the next turn.
  const [code, whose] = what === 'check' ? (['TOOL_FAILED', 'input'] as const) : (['TOOL_RESULT', 'result'] as const);
  const max = what === 'check' ? limits.payloadBytesMax : (tools.get(tool)?.resultBytesMax ?? 0);
  const refuse = (why: string): WorkReport => ({ ...failed(code, `the ${whose} of ${tool} ${why}`), bytes: 0 });
  const { value } = outcome;
  // Cheaper than to encode it, where it is what is too large.
  if (typeof value === 'string' && value.length > max)
    return refuse(`has ${value.length} characters, and may have ${max} bytes`);
  try {
    const bytes = encode(value, whose).length;
    return bytes > max ? refuse(`has ${bytes} bytes, and may have ${max}`) : { ...outcome, bytes };
  } catch (error) {
    return refuse(`cannot be carried: ${thrown(tool, error).error.cause?.message}`);
  }
}
