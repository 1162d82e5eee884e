/**
 * Actors as tools: an agent, a workflow, anything that ends with an output or answers a request. To whoever calls it
 * is a tool like any other; the bus starts it, waits for its end, and stops it when the call is over.
 */
import { type ActorDefinition, ActorRef, type AnyEvent, describeBriefly, TroupeError } from '../../src/index.js';
import { isPrincipal } from './grants.js';
import { makeTool, requireFunction, type Tool, type ToolBasics, type ToolCallInfo, whereOf } from './tool.js';

/** What `actorTool` is given: exactly one of `definition` and `ref`. */
export interface ActorToolOptions<I, O, Input = unknown> extends ToolBasics<I, O> {
  /** An actor is started for each attempt, as a child of the bus; what it ends with is the result. */
  definition?: ActorDefinition<Input>;
  /**
   * What that actor is started with. Plain data; runs before the actor, as an effect. Hand `depth + 1` on, so that
   * its own calls are counted. Default: the arguments.
   */
  inputOf?: (args: I, call: ToolCallInfo) => Input;
  /** An actor that is there, or its path: it is asked, and its reply is the result. */
  ref?: ActorRef | string;
  /** The request it is asked. Required with `ref`. */
  request?: (args: I, call: ToolCallInfo) => AnyEvent;
  /**
   * As whom the actor calls tools itself. A bus refuses grants by which it could reach itself (TOOL_CYCLE). Default:
   * it calls none.
   */
  principal?: string;
}

/** The longest time an ask may take, in milliseconds. */
const askMsMax = 86_400_000;

/**
 * Make a tool of an actor.
 *
 *   const research = actorTool({
 *     name: 'research', description: 'Looks a question up and answers it.', approval: 'allow', timeoutMs: 600_000,
 *     input: z.object({ question: z.string() }),
 *     definition: researcher, principal: 'researcher',
 *     inputOf: ({ question }, { depth }) => ({ question, depth: depth + 1 }),
 *   });
 *
 * An actor that ends with an error, or is stopped, is TOOL_FAILED with its error as the cause; its output is checked
 * by the tool's schema like any result. When the call is cancelled or takes too long a started actor is stopped; one
 * that was asked is not.
 *
 * @throws TroupeError TOOL_SPEC, and what `defineTool` throws
 */
export function actorTool<I, O, Input = unknown>(options: ActorToolOptions<I, O, Input>): Tool<I, O> {
  const { definition, inputOf = (args: I) => args, ref, request, principal, ...basics } = options ?? {};
  const where = whereOf(options);
  const refuse = (field: string, value: unknown, what: string): never => {
    throw new TroupeError('TOOL_SPEC', `${where} ${what}`, { field, value });
  };
  if ((definition === undefined) === (ref === undefined))
    refuse('definition', definition, 'needs one of definition and ref');
  if (principal !== undefined && !isPrincipal(principal)) {
    refuse('principal', principal, `names its principal ${describeBriefly(principal)}`);
  }
  if (definition !== undefined) {
    if (request !== undefined) refuse('request', request, 'starts an actor: only one with a ref is sent a request');
    requireFunction(inputOf, `${where}: inputOf`, 'inputOf');
    const work = { kind: 'actor', definition, inputOf: inputOf as never } as const;
    return makeTool(basics as ToolBasics<I, O>, work, principal);
  }
  requireFunction(request, `${where}: request`, 'request');
  const target = typeof ref === 'string' ? new ActorRef(ref) : ref;
  if (!(target instanceof ActorRef)) refuse('ref', ref, `has a ref that is ${describeBriefly(ref)}`);
  const timeoutMs = Math.min(askMsMax, (options.timeoutMs ?? 30_000) + 1_000);
  const run = (args: I, call: ToolCallInfo & { signal: AbortSignal }): Promise<unknown> =>
    // The bus's own timer comes first; this one is for a bus that is gone.
    (target as ActorRef).ask(request!(args, call), { timeoutMs, signal: call.signal });
  return makeTool(basics as ToolBasics<I, O>, { kind: 'run', run }, principal);
}
