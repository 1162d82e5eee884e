/**
 * The part of a call that touches the world, as one effect: check the arguments, do the work, check the result. It
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
import { encode } from '../../src/core/codec.js';
import { limits } from '../../src/core/limits.js';
import type { ActorRef, EffectCall, EffectFunction } from '../../src/index.js';
import { checkSchema, type Schema } from '../schema/index.js';
import { failed, thrown, type ToolOutcome } from './outcome.js';
import { goAfter, goBefore, goProgress, hasProcessors, type ProcessedCall, type ToolProcessor } from './processor.js';
import { progressSender } from './progress.js';
import type { AnyJob, Tool, ToolCallInfo, ToolRun } from './tool.js';

/**
 * What is to be done: `check` the arguments, `run` all of it, `settle` an actor's result, or show `after` processors
 * what it came to.
 */
export interface WorkInput {
  what: 'check' | 'run' | 'settle' | 'after';
  tool: string;
  /** The arguments; for `settle` the result, for `after` the outcome. */
  value: unknown;
  /** The arguments, where they are not the value and a processor may want to see them. */
  args?: unknown;
  /** Of tools with processors: when it was begun, in milliseconds since the epoch. */
  at?: number;
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

/** What came of it, and how many bytes that is. `isProcessed`: processors have seen it. */
export type WorkReport = ToolOutcome & { bytes: number; isProcessed?: true };

/** The value of a good `check`. */
export interface Checked {
  /** Of the actor, where there is one. */
  input?: unknown;
  /** Other arguments, by processors. */
  args?: unknown;
  isChanged?: true;
}

/** What the work may use of its effect: what it was told. */
type WorkScope = Pick<EffectCall, 'signal'>;

/** Which tools there are, and how much they may say. */
export interface WorkRules {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly progressMax: number;
  readonly processors: readonly ToolProcessor[];
}

/** The effect of a bus. */
export function workEffect(rules: WorkRules): EffectFunction<WorkInput> {
  return async (call): Promise<WorkReport | WorkInterrupted> => {
    const { input, signal } = call;
    if (input.thread !== thisThread) return { interrupted: input };
    const outcome = await workOf(input, call, rules).catch((error: unknown) => thrown(input.tool, error));
    const report = reportOf(outcome, input, rules);
    const isResult = report.ok && (input.what === 'run' || input.what === 'settle');
    if (!isResult || !hasProcessors(rules.processors, input.tool, 'after')) return report;
    const { bytes: _before, ...good } = report;
    const seen = await goAfter(rules.processors, processedCall(input, signal), good);
    return { ...reportOf(seen, input, rules), isProcessed: true };
  };
}

function reportOf(outcome: ToolOutcome, input: WorkInput, rules: WorkRules): WorkReport {
  return outcome.ok ? sized(outcome, input, rules) : { ...outcome, bytes: 0 };
}

function processedCall({ what, tool, value, args, info, at = 0 }: WorkInput, signal: AbortSignal): ProcessedCall {
  const { from, callId, effectId, depth, grant } = info;
  const own = what === 'check' || what === 'run' ? value : args;
  return { tool, args: own, from, callId, effectId, depth, grant, at, signal };
}

async function workOf(input: WorkInput, scope: WorkScope, rules: WorkRules): Promise<ToolOutcome> {
  const tool = rules.tools.get(input.tool);
  if (tool === undefined) return failed('TOOL_UNKNOWN', `there is no tool ${input.tool} any more`);
  if (input.what === 'settle') return resultOf(tool, input.value);
  if (input.what === 'after') {
    return goAfter(rules.processors, processedCall(input, scope.signal), input.value as ToolOutcome);
  }
  const checked = await argsOf(tool, input.value);
  if (!checked.ok) return checked;
  const { work } = tool;
  if (input.what === 'check') return checkedBefore(tool, input, checked.value, scope, rules);
  if (work.kind === 'run') return resultOf(tool, await running(tool, work.run, checked.value, input, scope, rules));
  if (work.kind === 'job') {
    const { job, input: given } = work.pick(checked.value);
    return resultOf(tool, await started(job, given, scope));
  }
  return failed('TOOL_FAILED', `${tool.name} is an actor now, and was a function when it was called`);
}

/** Of very many problems the first are enough to know what is wrong. */
const issuesMax = 20;

/** The arguments of a tool, as its schema has them. */
async function argsOf(tool: Tool, value: unknown): Promise<{ ok: true; value: never } | (ToolOutcome & { ok: false })> {
  const checked = await checkSchema(tool.input as Schema<never>, value);
  if (checked.ok) return checked;
  const [first] = checked.issues;
  const where = first === undefined || first.path === '' ? '' : ` at ${first.path}`;
  const why = first?.message ?? 'no reason given';
  const message = `the arguments of ${tool.name} do not fit its schema${where}: ${why}`;
  return failed('TOOL_ARGS', message, { issues: checked.issues.slice(0, issuesMax) });
}

/** What processors make of good arguments, and what an actor is to begin with. */
async function checkedBefore(
  tool: Tool,
  input: WorkInput,
  good: never,
  { signal }: WorkScope,
  { processors }: WorkRules,
): Promise<ToolOutcome<Checked>> {
  const before = await goBefore(processors, processedCall(input, signal));
  if (!before.ok) return before;
  const { args, isChanged } = before;
  const again = isChanged ? await argsOf(tool, args) : ({ ok: true, value: good } as const);
  if (!again.ok) {
    const { message, issues = [] } = again.error;
    return failed('TOOL_PROCESSOR', `what processors made of a call does not fit: ${message}`, { issues });
  }
  const { work } = tool;
  const value: Checked = work.kind === 'actor' ? { input: work.inputOf(again.value, input.info) } : {};
  return { ok: true, value: isChanged ? { ...value, args, isChanged } : value };
}

async function running(
  tool: Tool,
  run: (args: never, call: ToolRun) => unknown,
  args: never,
  input: WorkInput,
  { signal }: WorkScope,
  { progressMax, processors }: WorkRules,
): Promise<unknown> {
  const { info, progressTo } = input;
  const progress = progressSender(progressTo, { callId: info.callId, tool: tool.name }, progressMax);
  const call = processedCall(input, signal);
  const say = (given: unknown): void => {
    if (progressTo === undefined) return;
    const text = goProgress(processors, call, given);
    if (text !== undefined) progress.say(text);
  };
  try {
    return await run(args, { ...info, signal, progress: say });
  } finally {
    progress.close();
  }
}

/** XState keeps the function of a promise's logic as its `config`; in our place it works as in its own. */
function started(job: AnyJob, input: unknown, call: WorkScope): Promise<unknown> {
  const { signal } = call;
  return (job.config as (given: object) => Promise<unknown>)({ input, signal, self: call });
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
