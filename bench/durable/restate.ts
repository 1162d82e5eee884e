/**
 * Restate, written as its documentation does: a virtual object for each counter, that keeps its total in the server,
 * called through the ingress. The server is the one of its npm package.
 */
import { addendOf } from '../kernel/actors.js';
import { loadPeer } from '../runner/peers.js';
import { type DurableContender, inFlight, measureCounters } from './load.js';
import { serveRestate } from './restate-server.js';

interface ObjectContext {
  get<T>(name: string): Promise<T | null>;
  set(name: string, value: unknown): void;
}

interface TallyClient {
  add(by: number): Promise<number>;
  total(): Promise<number>;
}

interface Clients {
  connect(options: { url: string }): { objectClient(definition: { name: string }, key: string): TallyClient };
}

/** See the file's header. */
export const restate: DurableContender = async ({ sizes, folder }) => {
  const { connect } = await loadPeer<Clients>('@restatedev/restate-sdk-clients');
  const handlers = {
    add: async (ctx: ObjectContext, by: number): Promise<number> => {
      const total = ((await ctx.get<number>('total')) ?? 0) + by;
      ctx.set('total', total);
      return total;
    },
    total: async (ctx: ObjectContext): Promise<number> => (await ctx.get<number>('total')) ?? 0,
  };
  const { server, ingress } = await serveRestate(folder, (sdk) => sdk.object({ name: 'tally', handlers }));
  const client = connect({ url: ingress });
  const counters = Array.from({ length: sizes.peerCounters }, (_, at) => {
    return client.objectClient({ name: 'tally' }, `tally-${at}`);
  });
  const addAll = (from: number, to: number): Promise<void> =>
    inFlight(from, to, counters.length, async (at) => counters[at % counters.length]?.add(addendOf(at)));
  const total = async (): Promise<number> => {
    const totals = await Promise.all(counters.map((each) => each.total()));
    return totals.reduce((sum, each) => sum + each, 0);
  };
  const asked = client.objectClient({ name: 'tally' }, 'asked');
  const measures = await measureCounters({ addAll, total, ask: () => asked.add(1) }, sizes);
  await server.stop();
  return measures;
};
