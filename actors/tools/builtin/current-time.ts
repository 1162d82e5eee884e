/** The tool that knows the time. */
import { checkOptions, type OptionsSpec } from '../../../src/core/options.js';
import { describeBriefly } from '../../../src/index.js';
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import { refuse } from './refuse.js';

/** Where the time comes from. */
export interface CurrentTimeOptions {
  /** A clock: `now()` in milliseconds since the epoch. `{ now: Date.now }` is the machine's. */
  clock: { now(): number };
  /** The zone when none is asked for; default `UTC`. */
  timeZone?: string;
}

/** Arguments of `currentTime`. */
export interface CurrentTimeArgs {
  /** Like `Europe/Vienna`. */
  timeZone?: string;
}

/** What `currentTime` answers. */
export interface CurrentTimeResult {
  epochMs: number;
  /** In UTC. */
  iso: string;
  timeZone: string;
  /** There, in words: `Tuesday, 1 January 2030 at 00:00:00`. */
  local: string;
}

const spec: OptionsSpec<CurrentTimeOptions> = {
  clock: {
    type: 'custom',
    required: true,
    check: (value) =>
      typeof (value as { now?: unknown } | null)?.now === 'function' ? undefined : 'a clock: { now() }',
  },
  timeZone: { type: 'string', default: 'UTC' },
};

/**
 * `currentTime`: the time now, by a clock that is handed in. A crash may make a call look again, at a later time.
 * Refuses with TOOL_CONTENT a zone that nobody knows.
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function currentTime(options: CurrentTimeOptions): Tool<CurrentTimeArgs, CurrentTimeResult> {
  const { clock, timeZone: preset } = checkOptions<CurrentTimeOptions>(options, spec, 'currentTime');
  return defineTool<CurrentTimeArgs, CurrentTimeResult>({
    name: 'currentTime',
    description: 'Says what day and time it is.',
    touches: 'nothing',
    input: jsonSchema<CurrentTimeArgs>({
      type: 'object',
      properties: { timeZone: { type: 'string', maxLength: 64, description: 'like Europe/Vienna; default UTC' } },
      additionalProperties: false,
    }),
    example: { args: { timeZone: 'Europe/Vienna' }, says: 'the time, in UTC and in Vienna' },
    run: ({ timeZone = preset ?? 'UTC' }) => {
      const epochMs = clock.now();
      const now = new Date(epochMs);
      return { epochMs, iso: now.toISOString(), timeZone, local: localTime(now, timeZone) };
    },
  });
}

function localTime(now: Date, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium', timeZone }).format(now);
  } catch {
    return refuse('TOOL_CONTENT', `there is no time zone ${describeBriefly(timeZone)}`, 'timeZone', timeZone);
  }
}
