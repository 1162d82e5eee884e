/**
 * A tool: something outside that a model may ask for, as one definition. Its input schema checks the arguments when
 * they come, gives them their types, and is what the model is shown.
 *
 * A definition does nothing. The bus (tool-bus.ts) owns calls: who may make them, when they run, how often.
 */
import type { PromiseActorLogic } from 'xstate';
import type { ActorDefinition } from '../../src/index.js';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { describeBriefly, TroupeError } from '../../src/index.js';
import { type Backoff, checkBackoff } from '../../supervisors/index.js';
import type { ToolFacts } from '../model/index.js';
import { isCarriable } from './carriable.js';
import { isSchema, jsonSchemaOf, type Schema } from '../schema/index.js';

/** May a call be made: at once, never, or when somebody has approved of it. */
export type Approval = 'allow' | 'deny' | 'ask';

/** What a tool knows of the call it works for. */
export interface ToolCallInfo {
  /** The idempotency key: the same for every attempt of a call and after every crash, and of no other call. */
  readonly effectId: string;
  /** The caller's own name for the call. */
  readonly callId: string;
  /** Who calls: the principal the grant was made to. */
  readonly from: string;
  /** How many tools are above this call; a tool that calls tools says one more. */
  readonly depth: number;
  /** 1 for the first attempt. A crash begins the same attempt again. */
  readonly attempt: number;
  /** The `data` of the grant: what this principal in particular may do with the tool. */
  readonly grant: unknown;
}

/** What `run` gets beside the arguments. */
export interface ToolRun extends ToolCallInfo {
  /** Aborted when the call is cancelled or takes too long. What goes on all the same is not heard any more. */
  readonly signal: AbortSignal;
  /**
   * Say how it goes, to the call's `progressTo`. Never waits and never throws: of texts that come faster than they
   * can be sent the last is kept, and each is cut at 1,000 characters.
   */
  progress(text: string): void;
}

/** How often a call is tried, and how long is waited in between. */
export interface ToolRetry extends Omit<Backoff, 'resetAfterMs'> {
  /** Attempts in all, 1 to 100. */
  attempts: number;
}

/** Results of a tool are kept, and answer the same call again. Hits are counted, and say `cachedAt`. */
export interface ToolCache {
  /** For how long, in milliseconds of the bus's time, up to a year. */
  ttlMs: number;
  /** How many, up to 10,000; of more those go that were not asked for the longest. Default 64. */
  entriesMax: number;
  /** Do callers share them? Only those whose grants have the same `data`. Default: each has its own. */
  shared: boolean;
}

/**
 * How often a tool may be called: a bucket of `burst` tokens, of which each attempt takes one, and into which `calls`
 * come in `perMs`. An attempt that finds none waits, in order, or is refused with TOOL_RATE_LIMITED.
 */
export interface ToolRate {
  /** 1 to 1,000,000. */
  calls: number;
  /** In milliseconds, up to a day. */
  perMs: number;
  /** How many may begin at once after a pause, 1 or more. Default: `calls`. */
  burst: number;
  /** No more than so many of one caller, in the same time. Default: no more than of all. */
  callsPerCaller?: number | undefined;
  /** How long a call may wait for its turn, in milliseconds, up to a day; 0: never. Default 10,000. */
  waitMs: number;
}

/** A call that shows how the tool is used: documents and models read it, and the tests of built-in tools run it. */
export interface ToolExample<I> {
  readonly args: I;
  /** What comes of it, in words. */
  readonly says?: string;
}

/** What all kinds of tools have in common. */
export interface ToolBasics<I, O> {
  /** A letter or `_`, then letters, digits, `_` and `-`; 64 characters in all, as model providers have it. */
  name: string;
  /** What it does and when to use it, for the model. Up to 4,096 characters. */
  description: string;
  /** What the arguments must be. `run` gets what the schema makes of them. */
  input: Schema<I>;
  /** What the result must be; what is not is TOOL_RESULT. Default: anything that can be carried. */
  output?: Schema<O>;
  /** Does it act on, or tell anything to, the world outside? Default `outside`: to forget it is safe. */
  touches?: 'nothing' | 'outside';
  /** Default: `deny` for a tool that touches the outside, else `allow`. A grant may say otherwise. */
  approval?: Approval;
  /**
   * How long an attempt may take, in milliseconds, up to a day; default 30,000. A durable timer: time in which the
   * process is down counts.
   */
  timeoutMs?: number;
  /** What is done when it throws or takes too long. Default: one attempt. @see ToolRetry */
  retry?: Partial<ToolRetry>;
  /**
   * May it be called twice with the same `effectId`? Default: only if it touches nothing. One that may not is given
   * one attempt. (A crash can make any tool begin again; `effectId` is how it can tell.)
   */
  idempotent?: boolean;
  /** Bytes of an encoded result; a larger one is TOOL_RESULT. Default 65,536. */
  resultBytesMax?: number;
  /** See `ToolCache`; needs `ttlMs`. Only for tools that are idempotent. Default: each call is made. */
  cache?: Partial<ToolCache>;
  /** See `ToolRate`; needs `calls` and `perMs`. Default: as often as there is room. */
  rate?: Partial<ToolRate>;
  /** See `ToolExample`. */
  example?: ToolExample<NoInfer<I>>;
}

/** What `defineTool` is given: exactly one of `run` and `job`. */
export interface ToolOptions<I, O> extends ToolBasics<I, O> {
  /** The work, as a function: an effect on the thread of the bus. It must not block. */
  run?: (args: I, call: ToolRun) => O | Promise<O>;
  /** The work, as a job (`job` of the kernel): a thread of its own, which is ended when the call is. */
  job?: PromiseActorLogic<O, I>;
}

/** Logic of a job, whatever it takes. */
// biome-ignore lint/suspicious/noExplicitAny: jobs of all inputs are kept in one place
export type AnyJob = PromiseActorLogic<any, any>;

/** How a tool does its work. */
export type ToolWork =
  | { readonly kind: 'run'; readonly run: (args: never, call: ToolRun) => unknown }
  /** Which job, with which input. */
  | { readonly kind: 'job'; readonly pick: (args: never) => { job: AnyJob; input: unknown } }
  | {
      readonly kind: 'actor';
      readonly definition: ActorDefinition;
      readonly inputOf: (args: never, call: ToolCallInfo) => unknown;
    };

/** A tool, checked and with its defaults. Made by `defineTool`. */
// biome-ignore lint/suspicious/noExplicitAny: `Tool` alone must accept every tool
export interface Tool<I = any, O = unknown> {
  readonly name: string;
  readonly description: string;
  readonly input: Schema<I>;
  readonly output?: Schema<O>;
  /** What a model is shown: name, description, and the input as JSON Schema. */
  readonly facts: ToolFacts;
  readonly touches: 'nothing' | 'outside';
  readonly approval: Approval;
  readonly timeoutMs: number;
  readonly retry: ToolRetry;
  readonly idempotent: boolean;
  readonly resultBytesMax: number;
  readonly cache?: ToolCache;
  readonly rate?: ToolRate;
  readonly example?: ToolExample<I>;
  /** The principal as whom the actor behind the tool calls tools itself: grants to it may make a cycle. */
  readonly principal?: string;
  /** How it works. @internal */
  readonly work: ToolWork;
}

const nameLegal = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const dayMs = 86_400_000;

const basics: OptionsSpec<ToolBasics<unknown, unknown>> = {
  name: { type: 'string', required: true },
  description: { type: 'string', required: true, charsMax: 4_096 },
  input: { type: 'custom', required: true, check: notSchema },
  output: { type: 'custom', check: notSchema },
  touches: { type: 'string', oneOf: ['nothing', 'outside'], default: 'outside' },
  approval: { type: 'string', oneOf: ['allow', 'deny', 'ask'] },
  timeoutMs: { type: 'number', min: 1, max: dayMs, default: 30_000 },
  retry: {
    type: 'options',
    spec: {
      attempts: { type: 'integer', min: 1, max: 100 },
      minMs: { type: 'number', min: 0 },
      maxMs: { type: 'number', min: 0 },
      factor: { type: 'number', min: 1 },
      jitter: { type: 'number', min: 0, max: 1 },
    },
  },
  idempotent: { type: 'boolean' },
  resultBytesMax: { type: 'integer', min: 1, max: 2 ** 27, default: 65_536 },
  cache: {
    type: 'options',
    spec: {
      ttlMs: { type: 'number', min: 1, max: 366 * dayMs, required: true },
      entriesMax: { type: 'integer', min: 1, max: 10_000, default: 64 },
      shared: { type: 'boolean', default: false },
    },
  },
  rate: {
    type: 'options',
    spec: {
      calls: { type: 'integer', min: 1, max: 1_000_000, required: true },
      perMs: { type: 'number', min: 1, max: dayMs, required: true },
      burst: { type: 'integer', min: 1, max: 1_000_000 },
      callsPerCaller: { type: 'integer', min: 1, max: 1_000_000 },
      waitMs: { type: 'number', min: 0, max: dayMs, default: 10_000 },
    },
  },
  example: { type: 'object' },
};

/**
 * Define a tool. One definition is all: types, checks, what a model is shown, what the bus enforces.
 *
 *   const weather = defineTool({
 *     name: 'weather', description: 'The weather in a city, now.', touches: 'nothing',
 *     input: z.object({ city: z.string() }),
 *     run: async ({ city }, { signal }) => (await fetch(urlOf(city), { signal })).text(),
 *   });
 *
 * @param options see `ToolOptions`: exactly one of `run` and `job`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE, TOOL_SPEC, SCHEMA_NOT_JSON: each naming the field
 */
export function defineTool<I, O>(options: ToolOptions<I, O>): Tool<I, O> {
  const { run, job, ...rest } = options ?? {};
  const where = whereOf(options);
  if ((run === undefined) === (job === undefined)) {
    const what = run === undefined ? 'needs one of run and job' : 'has both run and job; which is it?';
    throw new TroupeError('TOOL_SPEC', `${where} ${what}`, { field: run === undefined ? 'run' : 'job', value: job });
  }
  if (run !== undefined) {
    requireFunction(run, `${where}: run`, 'run');
    return makeTool<I, O>(rest as ToolBasics<I, O>, { kind: 'run', run });
  }
  const logic = job as AnyJob;
  requireFunction(logic?.config, `${where}: job must be what \`job(import.meta, name)\` returned; its config`, 'job');
  return makeTool<I, O>(rest as ToolBasics<I, O>, { kind: 'job', pick: (args) => ({ job: logic, input: args }) });
}

/** For errors: which tool. */
export function whereOf(options: unknown): string {
  const { name } = (options ?? {}) as { name?: unknown };
  return `tool ${typeof name === 'string' ? `"${name}"` : describeBriefly(name)}`;
}

/**
 * As `defineTool`, for other ways to work.
 * @param principal see `Tool`
 * @throws what `defineTool` throws
 */
export function makeTool<I, O>(options: ToolBasics<I, O>, work: ToolWork, principal?: string): Tool<I, O> {
  const where = whereOf(options);
  const checked = checkOptions<ToolBasics<I, O>>(options, basics as OptionsSpec<ToolBasics<I, O>>, where);
  const { name, description, input, output, example } = checked;
  if (!nameLegal.test(name)) {
    const rule = 'a letter or _, then letters, digits, _ and -, 64 in all';
    throw new TroupeError('TOOL_SPEC', `${where}: a tool's name is ${rule}`, { field: 'name', value: name });
  }
  if (description.trim() === '') {
    throw new TroupeError('TOOL_SPEC', `${where}: without a description no model knows what it is for`, {
      field: 'description',
      value: description,
    });
  }
  if (!isCarriable(example)) {
    throw new TroupeError('TOOL_SPEC', `${where}: its example is no plain data`, { field: 'example', value: example });
  }
  const { touches, approval = touches === 'outside' ? 'deny' : 'allow' } = checked as Required<ToolBasics<I, O>>;
  const idempotent = checked.idempotent ?? touches === 'nothing';
  const retry: ToolRetry = { attempts: 1, minMs: 200, maxMs: 10_000, ...checked.retry };
  checkBackoff(retry);
  if (retry.attempts > 1 && !idempotent) {
    const why = 'which only a tool that says `idempotent: true` may be given';
    throw new TroupeError('TOOL_SPEC', `${where}: retry.attempts is ${retry.attempts}, ${why}`, {
      field: 'retry.attempts',
      value: retry.attempts,
    });
  }
  const cache = checked.cache as ToolCache | undefined;
  if (cache !== undefined && !idempotent) {
    const why = 'which only a tool that says `idempotent: true` may have';
    throw new TroupeError('TOOL_SPEC', `${where}: it has a cache, ${why}`, { field: 'cache', value: cache });
  }
  return Object.freeze({
    name,
    description,
    input,
    ...(output === undefined ? {} : { output }),
    facts: Object.freeze({ name, description, input: jsonSchemaOf(input) }),
    touches,
    approval,
    timeoutMs: checked.timeoutMs as number,
    retry: Object.freeze(retry),
    idempotent,
    resultBytesMax: checked.resultBytesMax as number,
    ...(cache === undefined ? {} : { cache: Object.freeze(cache) }),
    ...(checked.rate === undefined ? {} : { rate: rateOf(checked.rate, where) }),
    ...(example === undefined ? {} : { example }),
    ...(principal === undefined ? {} : { principal }),
    work,
  });
}

/** With defaults that follow from the rest. */
function rateOf(given: Partial<ToolRate>, where: string): ToolRate {
  const rate = given as Omit<ToolRate, 'burst'> & { burst?: number };
  const { calls, burst = calls, callsPerCaller } = rate;
  if (callsPerCaller !== undefined && callsPerCaller > calls) {
    const what = `rate.callsPerCaller is ${callsPerCaller}, more than the ${calls} of all callers`;
    throw new TroupeError('TOOL_SPEC', `${where}: ${what}`, { field: 'rate.callsPerCaller', value: callsPerCaller });
  }
  return Object.freeze({ ...rate, burst });
}

function notSchema(value: unknown): string | undefined {
  return isSchema(value) ? undefined : 'a Standard Schema (zod, valibot, `jsonSchema(...)`)';
}

/** Refuse what is no function. @throws TroupeError OPTION_TYPE */
export function requireFunction(value: unknown, what: string, field: string): void {
  if (typeof value === 'function') return;
  throw new TroupeError('OPTION_TYPE', `${what} must be a function, but is ${describeBriefly(value)}`, {
    field,
    value,
  });
}
