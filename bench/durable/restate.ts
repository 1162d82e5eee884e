/**
 * Restate, by the server of its npm package, written as its documentation does: a virtual object for each counter, that
 * keeps its total in the server, called through the ingress: increments one way, which it answers when they are in its
 * log, and questions by calls. An object handles what it is sent in that order, so who has its total knows that all of
 * it is handled and kept.
 */
import { addendOf } from '../kernel/actors.js';
import { loadPeer } from '../runner/peers.js';
import { byCounters, type DurableContender, measureCounters, type Way, waysOf } from './load.js';
import { serveRestate } from './restate-server.js';

interface ObjectContext {
  get<T>(name: string): Promise<T | null>;
  set(name: string, value: unknown): void;
}

interface TallyClient {
  add(by: number): Promise<number>;
  total(): Promise<number>;
}

interface TallySender {
  add(by: number): Promise<unknown>;
}

interface Ingress {
  objectClient(definition: { name: string }, key: string): TallyClient;
  objectSendClient(definition: { name: string }, key: string): TallySender;
}

interface Clients {
  connect(options: { url: string }): Ingress;
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
  const tally = { name: 'tally' };
  const counters = Array.from({ length: Math.max(...sizes.peerAhead) }, (_, at) => ({
    caller: client.objectClient(tally, `tally-${at}`),
    sender: client.objectSendClient(tally, `tally-${at}`),
  }));
  const totalOf = async (count: number): Promise<number> => {
    const totals = await Promise.all(counters.slice(0, count).map(({ caller }) => caller.total()));
    return totals.reduce((sum, each) => sum + each, 0);
  };
  const addAll = async (from: number, to: number, { ahead }: Way): Promise<void> => {
    await byCounters(from, to, ahead, async (at, counter) => counters[counter]?.sender.add(addendOf(at)));
    await totalOf(ahead);
  };
  const asked = client.objectClient(tally, 'asked');
  const load = { increments: sizes.peerIncrements.restate, ways: waysOf(sizes) };
  const total = (): Promise<number> => totalOf(counters.length);
  const measures = await measureCounters({ addAll, total, ask: () => asked.add(1) }, load, sizes);
  await server.stop();
  return measures;
};
