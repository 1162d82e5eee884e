/** A bus for a few tools, for the tests of these tools: everybody may use them. */
import {
  type Tool,
  toolBus,
  type ToolBusEvents,
  type ToolError,
  type ToolOutcome,
} from '../../../actors/tools/index.js';
import type { ActorRef } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';

/** The tools of a test, ready to be called. */
export interface ToolDesk {
  readonly ref: ActorRef<ToolBusEvents>;
  /** The outcome of a call. */
  call(tool: string, args: unknown, from?: string): Promise<ToolOutcome>;
  /** The value of a call that goes well. */
  value(tool: string, args: unknown, from?: string): Promise<unknown>;
  /** Code and cause of a call that does not: `TOOL_FAILED TOOL_PATH`. */
  code(tool: string, args: unknown): Promise<string>;
  error(tool: string, args: unknown): Promise<ToolError>;
}

/** Spawn a bus with these tools at `/desk`. */
export async function deskFor(system: TestSystem, tools: readonly Tool[]): Promise<ToolDesk> {
  const all = tools.map(({ name }) => ({ tool: name, approval: 'allow' as const }));
  const definition = toolBus(import.meta, 't.desk', { tools, grants: { '*': all } });
  const ref = await system.spawn(definition, { id: 'desk' });
  const call: ToolDesk['call'] = (tool, args, from = 'somebody') =>
    ref.ask({ type: 'call', from, tool, args }, { timeoutMs: 86_400_000 });
  const error: ToolDesk['error'] = async (tool, args) => {
    const outcome = await call(tool, args);
    if (outcome.ok) throw new Error(`${tool} went well: ${JSON.stringify(outcome.value).slice(0, 500)}`);
    return outcome.error;
  };
  return {
    ref,
    call,
    error,
    async value(tool, args, from) {
      const outcome = await call(tool, args, from);
      if (!outcome.ok) throw new Error(`${tool} failed: ${JSON.stringify(outcome.error)}`);
      return outcome.value;
    },
    async code(tool, args) {
      const { code, cause } = await error(tool, args);
      return cause?.code === undefined ? code : `${code} ${cause.code}`;
    },
  };
}
