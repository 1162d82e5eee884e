/** The tool that runs one of a list of jobs. */
import { describeBriefly, TroupeError } from '../../../src/index.js';
import { jsonSchema } from '../../schema/index.js';
import { type AnyJob, makeTool, requireFunction, type Tool, type ToolBasics } from '../tool.js';

/** Which jobs, and what else of a tool is not the default. */
export interface RunJobOptions
  extends Pick<
    ToolBasics<unknown, unknown>,
    'touches' | 'approval' | 'timeoutMs' | 'retry' | 'idempotent' | 'resultBytesMax'
  > {
  /** Jobs by name: what `job(import.meta, name)` returned, and what it does, for the model. */
  jobs: Readonly<Record<string, { readonly job: AnyJob; readonly description: string }>>;
  /** The tool's name; default `runJob`. */
  name?: string;
}

/** Arguments of `runJob`. */
export interface RunJobArgs {
  job: string;
  /** Plain data; the job says what it must be. */
  input?: unknown;
}

/**
 * `runJob`: run one of these jobs on a thread of its own, which is ended when the call is cancelled or late.
 * A job that throws is TOOL_FAILED with JOB_FAILED as its cause, one that kills its thread with JOB_THREAD_LOST. A job
 * gets an `effectId` of its own attempt: the same after a crash, another at the next attempt.
 * @throws TroupeError TOOL_SPEC without jobs, and what `defineTool` throws
 */
export function runJob({ jobs, name = 'runJob', ...rest }: RunJobOptions): Tool<RunJobArgs, unknown> {
  const names = Object.keys(jobs ?? {});
  const [first] = names;
  if (first === undefined) {
    throw new TroupeError('TOOL_SPEC', `runJob: jobs must name at least one, and is ${describeBriefly(jobs)}`, {
      field: 'jobs',
      value: jobs,
    });
  }
  for (const each of names)
    requireFunction(jobs[each]?.job?.config, `runJob: jobs.${each}.job's config`, `jobs.${each}`);
  const basics: ToolBasics<RunJobArgs, unknown> = {
    ...rest,
    name,
    description: `Runs a job: ${names.map((each) => `${each} (${jobs[each]!.description})`).join('; ')}.`.slice(
      0,
      4_096,
    ),
    input: jsonSchema<RunJobArgs>({
      type: 'object',
      properties: { job: { enum: names }, input: { description: 'what the job takes' } },
      required: ['job'],
      additionalProperties: false,
    }),
    example: { args: { job: first }, says: 'what the job returns' },
  };
  // The schema has let through nothing but names of the list.
  const pick = (args: RunJobArgs) => ({ job: jobs[args.job]!.job, input: args.input });
  return makeTool<RunJobArgs, unknown>(basics, { kind: 'job', pick: pick as never });
}
