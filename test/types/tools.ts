/** What the types of tools infer and refuse. Checked by the compiler alone; nothing here runs. */
import { z } from 'zod';
import { jsonSchema } from '../../actors/schema/index.js';
import {
  actorTool,
  defineTool,
  type Tool,
  type ToolBusEvents,
  type ToolListing,
  type ToolOutcome,
} from '../../actors/tools/index.js';
import { type ActorRef, defineActor, job } from '../../src/index.js';
import { fromPromise } from 'xstate';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;

const about = { name: 'a', description: 'Does a.' };

/** Arguments come from the schema, the result from `output` or from what `run` returns. */
export const inferred = defineTool({
  ...about,
  input: z.object({ city: z.string(), days: z.number().default(1) }),
  example: { args: { city: 'Vienna', days: 1 } },
  run: ({ city, days }, { effectId, signal, progress }) => {
    same<typeof city, string>(true);
    same<typeof days, number>(true);
    same<typeof effectId, string>(true);
    same<typeof signal, AbortSignal>(true);
    progress('half way');
    // @ts-expect-error progress is text
    progress(1);
    return { city, degrees: 20 };
  },
});
same<typeof inferred, Tool<{ city: string; days: number }, { city: string; degrees: number }>>(true);

/** A schema as JSON says its type itself. */
export const stated = defineTool({
  ...about,
  input: jsonSchema<{ n: number }>({ type: 'object' }),
  output: z.number(),
  run: async ({ n }) => n,
});
same<typeof stated, Tool<{ n: number }, number>>(true);

/** What does not fit does not compile. */
export const refusals: Tool[] = [
  defineTool({
    ...about,
    input: z.object({ n: z.number() }),
    // @ts-expect-error no such argument
    run: ({ m }) => m,
  }),
  defineTool({
    ...about,
    input: z.object({ n: z.number() }),
    output: z.string(),
    // @ts-expect-error not what it promised
    run: ({ n }) => n,
  }),
  defineTool({
    ...about,
    input: z.object({ n: z.number() }),
    // @ts-expect-error an example that does not fit
    example: { args: { n: 'one' } },
    run: ({ n }) => n,
  }),
  // @ts-expect-error neither one word nor the other
  defineTool({ ...about, input: z.object({}), approval: 'maybe', run: () => 1 }),
  defineTool({
    ...about,
    // @ts-expect-error the job takes something else
    input: z.object({ n: z.number() }),
    job: job<{ text: string }, number>(import.meta, 'f'),
  }),
];

const sub = defineActor(
  import.meta,
  'types.sub',
  fromPromise(async ({ input }: { input: { question: string; depth: number } }) => input.question),
);

/** The input of an actor is what its definition says. */
export const actors: Tool[] = [
  actorTool({
    ...about,
    input: z.object({ question: z.string() }),
    definition: sub,
    inputOf: ({ question }, { depth }) => ({ question, depth: depth + 1 }),
  }),
  actorTool({
    ...about,
    input: z.object({ question: z.string() }),
    definition: sub,
    // @ts-expect-error the depth is missing
    inputOf: ({ question }) => ({ question }),
  }),
];

/** What a bus replies. */
export async function replies(bus: ActorRef<ToolBusEvents>): Promise<void> {
  const outcome = await bus.ask({ type: 'call', from: 'a', tool: 'b', args: {} });
  same<typeof outcome, ToolOutcome>(true);
  const listed = await bus.ask({ type: 'list', from: 'a' });
  same<typeof listed, readonly ToolListing[]>(true);
  // @ts-expect-error nobody calls
  await bus.ask({ type: 'call', tool: 'b', args: {} });
  // @ts-expect-error no such word
  await bus.ask({ type: 'call off', from: 'a' });
  if (!outcome.ok && outcome.error.code === 'TOOL_ARGS') void outcome.error.issues;
}
