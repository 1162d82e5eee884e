/**
 * Processors: what a bus does around the calls of its tools. `before` may change the arguments of a call or refuse it,
 * `after` sees what every call comes to, good or bad, and may change that. Both run in effects of the call, not in the
 * turns of the bus: a processor that throws, hangs or computes for long harms its call and nobody else.
 *
 * P1  `before` runs in the order declared, after the grant and the schema, once for each call: what it decided is
 *     recorded before anything else is done, and not decided again, whatever crashes. Approvers see its arguments.
 * P2  `after` runs in the reverse order, so that the first processor has the last word. A good result passes it before
 *     it is recorded; whatever else a call comes to (a failure, a timeout, a cancel, a refusal) is recorded first, and
 *     then passes it. It may run again after a crash, until its word is recorded. A result out of the cache has passed
 *     it when it was made, for the same caller: only those that say `seesCached` see it again.
 * P3  A processor that fails closes: the call comes to TOOL_PROCESSOR, and nothing it would have let out gets out.
 * P4  Texts of progress pass `progress` on the thread of the tool, before anything of them is sent.
 */
import { describeBriefly, TroupeError } from '../../src/index.js';
import { failed, thrown, type ToolOutcome } from './outcome.js';

/** A call, as its processors see it. */
export interface ProcessedCall {
  readonly tool: string;
  /** As the caller, or the processor before this one, wrote them. They fit the schema, unless it came to TOOL_ARGS. */
  readonly args: unknown;
  readonly from: string;
  readonly callId: string;
  /** The same for all that is done for the call, and of no other call. */
  readonly effectId: string;
  readonly depth: number;
  /** The `data` of the grant. */
  readonly grant: unknown;
  /** When this step of the call was begun, in milliseconds since the epoch: also the same when a crash repeats it. */
  readonly at: number;
  /** Aborted when the call is cancelled, or takes too long. */
  readonly signal: AbortSignal;
}

/** What `before` decides: other arguments, or a refusal, with its reason. Nothing: the call goes on as it is. */
export type Verdict = { args: unknown } | { refuse: string } | undefined;

/** Something around calls. At least one of `before`, `after` and `progress`. */
export interface ToolProcessor {
  /** For errors. */
  readonly name: string;
  /** Of which tools. Default: of all of the bus. */
  readonly tools?: readonly string[];
  /** What it throws is TOOL_PROCESSOR, and the tool is not called. */
  readonly before?: (call: ProcessedCall) => Verdict | Promise<Verdict>;
  /** Returns another outcome, or nothing. What it throws is TOOL_PROCESSOR. */
  readonly after?: (
    call: ProcessedCall,
    outcome: ToolOutcome,
  ) => ToolOutcome | undefined | Promise<ToolOutcome | undefined>;
  /** Does `after` see results out of the cache, which have passed it already? Default false. */
  readonly seesCached?: boolean;
  /** What of a text of progress is sent, in the order of `after`. Where it throws, the text is not sent. */
  readonly progress?: (call: ProcessedCall, text: string) => string;
}

/** Does a tool have processors of this kind? */
export function hasProcessors(
  processors: readonly ToolProcessor[],
  tool: string,
  kind: 'before' | 'after' | 'progress',
): boolean {
  return processors.some((each) => each[kind] !== undefined && isOf(each, tool));
}

/** P2: does anybody see this outcome after the call? */
export function isSeenAfter(processors: readonly ToolProcessor[], tool: string, outcome: ToolOutcome): boolean {
  return hasProcessors(seers(processors, outcome), tool, 'after');
}

/** P2 */
function seers(processors: readonly ToolProcessor[], outcome: ToolOutcome): readonly ToolProcessor[] {
  const isCached = outcome.ok && outcome.cachedAt !== undefined;
  return isCached ? processors.filter(({ seesCached }) => seesCached === true) : processors;
}

function isOf({ tools }: ToolProcessor, tool: string): boolean {
  return tools === undefined || tools.includes(tool);
}

/** P1: the arguments a call goes on with, or why it does not. @returns `isChanged`: they are others than before */
export async function goBefore(
  processors: readonly ToolProcessor[],
  call: ProcessedCall,
): Promise<{ ok: true; args: unknown; isChanged: boolean } | (ToolOutcome & { ok: false })> {
  let { args } = call;
  let isChanged = false;
  for (const processor of processors) {
    if (processor.before === undefined || !isOf(processor, call.tool)) continue;
    const { name } = processor;
    try {
      const verdict: unknown = await processor.before({ ...call, args });
      if (verdict === undefined) continue;
      const { refuse } = (verdict ?? {}) as { refuse?: unknown };
      if (typeof refuse === 'string') return failed('TOOL_REFUSED', `${name} refused ${call.tool}: ${refuse}`);
      if (typeof verdict !== 'object' || verdict === null || !('args' in verdict)) return nonsense(name, verdict);
      args = verdict.args;
      isChanged = true;
    } catch (error) {
      return broken(name, call.tool, error);
    }
  }
  return { ok: true, args, isChanged };
}

/** P2: what a call comes to when all have seen it. */
export async function goAfter(
  processors: readonly ToolProcessor[],
  call: ProcessedCall,
  given: ToolOutcome,
): Promise<ToolOutcome> {
  let outcome = given;
  for (const processor of [...seers(processors, given)].reverse()) {
    if (processor.after === undefined || !isOf(processor, call.tool)) continue;
    const { name } = processor;
    try {
      const said: unknown = await processor.after(call, outcome);
      if (said !== undefined) outcome = isOutcome(said) ? said : nonsense(name, said);
    } catch (error) {
      outcome = broken(name, call.tool, error);
    }
  }
  return outcome;
}

/** What of a text of progress may be sent; undefined: nothing. Not waited for: a tool does not wait for its words. */
export function goProgress(
  processors: readonly ToolProcessor[],
  call: ProcessedCall,
  given: unknown,
): string | undefined {
  let text = typeof given === 'string' ? given : typeof given;
  try {
    for (const processor of [...processors].reverse())
      if (processor.progress !== undefined && isOf(processor, call.tool)) text = processor.progress(call, text);
    return typeof text === 'string' ? text : undefined;
  } catch {
    // P3
    return undefined;
  }
}

function isOutcome(value: unknown): value is ToolOutcome {
  const { ok, error } = (value ?? {}) as { ok?: unknown; error?: { code?: unknown; message?: unknown } };
  if (ok === true) return 'value' in (value as object);
  return ok === false && typeof error?.code === 'string' && typeof error.message === 'string';
}

/** P3 */
function broken(name: string, tool: string, error: unknown): ToolOutcome & { ok: false } {
  const { cause } = thrown(tool, error).error;
  return failed('TOOL_PROCESSOR', `the processor ${name} of ${tool} failed: ${cause?.message}`, cause && { cause });
}

function nonsense(name: string, said: unknown): ToolOutcome & { ok: false } {
  return failed('TOOL_PROCESSOR', `the processor ${name} answered with ${describeBriefly(said)}`);
}

/** Refuse what is no list of processors. @throws TroupeError TOOL_SPEC naming the field */
export function checkProcessors(
  given: readonly ToolProcessor[],
  tools: ReadonlyMap<string, unknown>,
  where: string,
): void {
  const refuse = (field: string, value: unknown, what: string): never => {
    const message = `${where}: ${field} ${what}, and is ${describeBriefly(value)}`;
    throw new TroupeError('TOOL_SPEC', message, { field, value });
  };
  for (const [index, each] of given.entries()) {
    const field = `processors[${index}]`;
    if (typeof each !== 'object' || each === null) refuse(field, each, 'must be a processor');
    const { name, tools: own, before, after, progress, seesCached } = each;
    if (typeof name !== 'string' || name === '') refuse(`${field}.name`, name, 'must be a text');
    if (own !== undefined && !(Array.isArray(own) && own.every((tool) => tools.has(tool))))
      refuse(`${field}.tools`, own, 'must name tools of the bus');
    for (const [kind, work] of Object.entries({ before, after, progress }))
      if (work !== undefined && typeof work !== 'function') refuse(`${field}.${kind}`, work, 'must be a function');
    if (seesCached !== undefined && typeof seesCached !== 'boolean')
      refuse(`${field}.seesCached`, seesCached, 'must be true or false');
    if (before === undefined && after === undefined && progress === undefined)
      refuse(field, each, 'must have one of before, after and progress');
  }
}
