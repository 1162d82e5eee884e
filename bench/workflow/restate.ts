/**
 * Restate, written as its documentation does: a workflow whose steps are `ctx.run`, submitted under an id through the
 * ingress, and attached to for its result.
 */
import { serveRestate } from '../durable/restate-server.js';
import { loadPeer } from '../runner/peers.js';
import { measureRuns, sumOver, type WorkflowContender } from './load.js';

interface WorkflowContext {
  run<T>(name: string, action: () => T): Promise<T>;
}

interface LineClient {
  workflowSubmit(value: number): Promise<object>;
  workflowAttach(): Promise<number>;
}

interface Clients {
  connect(options: { url: string }): { workflowClient(definition: { name: string }, key: string): LineClient };
}

/** See the file's header. */
export const restate: WorkflowContender = async ({ sizes, folder }) => {
  const { connect } = await loadPeer<Clients>('@restatedev/restate-sdk-clients');
  const handlers = {
    run: async (ctx: WorkflowContext, value: number): Promise<number> => {
      const first = await ctx.run('one', () => value + 1);
      const second = await ctx.run('two', () => first + 1);
      const third = await ctx.run('three', () => second + 1);
      const fourth = await ctx.run('four', () => third + 1);
      return ctx.run('five', () => fourth + 1);
    },
  };
  const { server, ingress } = await serveRestate(folder, (sdk) => sdk.workflow({ name: 'line', handlers }));
  const client = connect({ url: ingress });
  const lineOf = (at: number): LineClient => client.workflowClient({ name: 'line' }, `run-${at}`);
  const run = async (at: number): Promise<number> => {
    const line = lineOf(at);
    await line.workflowSubmit(at);
    return line.workflowAttach();
  };
  const sumKept = (count: number): Promise<number> => sumOver(count, (at) => lineOf(at).workflowAttach());
  const measures = await measureRuns({ run, sumKept }, { runs: sizes.peerRuns, singles: sizes.peerSingles }, sizes);
  await server.stop();
  return measures;
};
