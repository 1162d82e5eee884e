/**
 * Restate's server, which is a program of its npm package: started in a folder of its own, on free ports of the
 * loopback, and told where our handlers listen.
 */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { loadPeer, ownPlace } from '../runner/peers.js';
import { Absent } from '../runner/verdict.js';
import { freePort, listens, type Server, startServer } from './server.js';

/** What of Restate's SDK is used here, for objects and workflows alike. */
export interface RestateSdk {
  object(definition: { name: string; handlers: object }): object;
  workflow(definition: { name: string; handlers: object }): object;
  serve(options: { services: readonly object[]; port: number }): Promise<number>;
}

/** Restate with our handlers. */
export interface Restate {
  readonly server: Server;
  /** Where it is called. */
  readonly ingress: string;
}

/**
 * Serve what `define` makes with the SDK, and have a server call it.
 * @param folder for the server's
 * @throws Absent
 */
export async function serveRestate(folder: string, define: (sdk: RestateSdk) => object): Promise<Restate> {
  addWithResolvers();
  // As in production: by itself it writes two lines for each call.
  process.env.RESTATE_LOGGING = 'ERROR';
  const sdk = await loadPeer<RestateSdk>('@restatedev/restate-sdk');
  const port = await sdk.serve({ services: [define(sdk)], port: await freePort() });
  return startRestate(folder, port);
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

/** Its server, told where our handlers are. @throws Absent */
async function startRestate(folder: string, port: number): Promise<Restate> {
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
