/**
 * Restate, written as its documentation does: a virtual object for each counter, that keeps its total in the server,
 * called through the ingress. The server is the one of its npm package.
 */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { addendOf } from '../kernel/actors.js';
import { loadPeer, ownPlace } from '../runner/peers.js';
import { Absent } from '../runner/verdict.js';
import { type DurableContender, inFlight, measureCounters } from './load.js';
import { freePort, listens, type Server, startServer } from './server.js';

interface ObjectContext {
  get<T>(name: string): Promise<T | null>;
  set(name: string, value: unknown): void;
}

/** What of Restate's SDK is used here. */
interface Sdk {
  object(definition: { name: string; handlers: object }): object;
  serve(options: { services: readonly object[]; port: number }): Promise<number>;
}

interface TallyClient {
  add(by: number): Promise<number>;
  total(): Promise<number>;
}

interface Clients {
  connect(options: { url: string }): { objectClient(definition: { name: string }, key: string): TallyClient };
}

/** The server's program lies in the package of the platform. @throws Absent */
function serverProgram(): string {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    return createRequire(path.join(ownPlace.to, 'package.json')).resolve(`${name}/bin/restate-server`);
  } catch {
    throw new Absent(`${name}, which has its server, is not installed`);
  }
}

/** See the file's header. */
export const restate: DurableContender = async ({ sizes, folder }) => {
  addWithResolvers();
  // As in production: by itself it writes two lines for each call.
  process.env.RESTATE_LOGGING = 'ERROR';
  const sdk = await loadPeer<Sdk>('@restatedev/restate-sdk');
  const { connect } = await loadPeer<Clients>('@restatedev/restate-sdk-clients');
  const tally = sdk.object({
    name: 'tally',
    handlers: {
      add: async (ctx: ObjectContext, by: number): Promise<number> => {
        const total = ((await ctx.get<number>('total')) ?? 0) + by;
        ctx.set('total', total);
        return total;
      },
      total: async (ctx: ObjectContext): Promise<number> => (await ctx.get<number>('total')) ?? 0,
    },
  });
  const port = await sdk.serve({ services: [tally], port: await freePort() });
  const { server, ingress } = await startRestate(folder, port);
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

/** Its server, told where our handlers are. @throws Absent */
async function startRestate(folder: string, port: number): Promise<{ server: Server; ingress: string }> {
  const [node, ingress, admin] = [await freePort(), await freePort(), await freePort()];
  const base = path.join(folder, 'restate');
  mkdirSync(base);
  const server = await startServer({
    name: 'Restate',
    program: serverProgram(),
    args: ['--no-logo', '--base-dir', base, '--listen-mode', 'tcp', '--bind-ip', '127.0.0.1'],
    folder: base,
    env: {
      RESTATE_NODE_NAME: 'bench',
      RESTATE_ADVERTISED_HOST: '127.0.0.1',
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: 'true',
    },
    isReady: async () => (await listens(ingress)) && (await isHealthy(admin)),
  });
  const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
  });
  if (!answer.ok) throw new Absent(`Restate did not take our handlers: ${await answer.text()}`);
  return { server, ingress: `http://127.0.0.1:${ingress}` };
}

async function isHealthy(admin: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${admin}/health`)).ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

/** Its SDK uses `Promise.withResolvers`, which Node 20 lacks. */
function addWithResolvers(): void {
  const promise = Promise as { withResolvers?: () => object };
  promise.withResolvers ??= function withResolvers() {
    let [resolve, reject] = [(_: unknown): void => {}, (_: unknown): void => {}];
    const made = new Promise((...settlers) => {
      [resolve, reject] = settlers;
    });
    return { promise: made, resolve, reject };
  };
}
