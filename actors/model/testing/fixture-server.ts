/**
 * A server for tests that speaks OpenAI's chat completions over real HTTP: streams, errors, limits, slowness, broken
 * connections. It counts what a real one would bill, and which calls were given up.
 *
 * I own the calls' books: they are in this process, so they outlive a child process that calls and is killed.
 *
 * FS1  A call is paid from the moment it is answered with status 200, also when it is then given up.
 * FS2  A call is aborted when its connection was closed from the other side before its answer ended.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, systemClock } from '../../../src/core/clock.js';
import { completionOf, eventsOf, type FixtureAnswer, refusalOf } from './fixture-wire.js';

export type { FixtureAnswer } from './fixture-wire.js';

/** A call, as the server saw it. */
export interface FixtureCall {
  /** 0 for the first. */
  readonly index: number;
  /** Its `Idempotency-Key`. */
  readonly callId: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as parsed. */
  readonly body: FixtureRequest;
  readonly isStream: boolean;
  isPaid: boolean;
  isAborted: boolean;
  /** Its answer has ended, or was broken off from this side. */
  isDone: boolean;
}

/** The parts of a body that scripts ask for; the rest is there as well. */
export interface FixtureRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | null;
    readonly tool_calls?: readonly unknown[];
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly stream?: boolean;
  readonly [field: string]: unknown;
}

/** An answer, or how to find it. */
export type FixtureScript =
  | FixtureAnswer
  | string
  | ((body: FixtureRequest, call: FixtureCall) => FixtureAnswer | string);

/** How it is to behave. */
export interface FixtureServerOptions {
  /** Answers in order; a text is an answer of that text. */
  script?: readonly FixtureScript[];
  /** The answer to all further calls. Default: they are refused with 400, so that nothing waits for a retry. */
  otherwise?: FixtureScript;
  /** Calls with another key are refused with 401, in words that repeat theirs. Default: all are let in. */
  apiKey?: string;
  /** Default: a free one. */
  port?: number;
  /** For delays. Default: the machine's. */
  clock?: Clock;
}

/** A running server. */
export interface FixtureModelServer {
  /** For `openAiModel`: `http://127.0.0.1:<port>/v1`. */
  readonly url: string;
  /** In the order they came. */
  readonly calls: readonly FixtureCall[];
  /** How many were paid (FS1). */
  readonly paidCalls: number;
  /** How many were given up (FS2). */
  readonly aborted: number;
  /** How many answers are held just now. */
  readonly held: number;
  /** Add answers to the script. */
  script(...answers: readonly FixtureScript[]): void;
  /** Let all answers go on that are held just now: wait `until` they are. Later ones are held again. */
  release(): void;
  /** Resolves when the condition is so; it is asked whenever something happens to a call. */
  until(condition: (server: FixtureModelServer) => boolean): Promise<void>;
  /** Break all connections, and stop. */
  close(): Promise<void>;
}

/**
 * Start one, on 127.0.0.1.
 *
 *   const server = await fixtureModelServer({ script: ['Hello', { status: 429, headers: { 'retry-after': '2' } }] });
 *   const model = openAiModel({ url: server.url, model: 'fixture' });
 *
 * A child process is given the `url`; what it paid is read here, whatever became of it.
 */
export async function fixtureModelServer(options: FixtureServerOptions = {}): Promise<FixtureModelServer> {
  const server = new Fixture(options);
  await server.listen(options.port ?? 0);
  return server;
}

/** Thrown and caught in this file: the other side is gone. */
class Gone extends Error {}

class Fixture implements FixtureModelServer {
  readonly calls: FixtureCall[] = [];
  private readonly answers: FixtureScript[];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly clock: Clock;
  private port = 0;
  private heldAnswers: (() => void)[] = [];
  /** Who waits on which connection. */
  private readonly waits = new Map<ServerResponse, () => void>();
  private watchers: { condition: (server: FixtureModelServer) => boolean; resolve: () => void }[] = [];

  constructor(private readonly options: FixtureServerOptions) {
    this.answers = [...(options.script ?? [])];
    this.clock = options.clock ?? systemClock;
    this.server = createServer((request, response) => {
      // Whatever fails here has broken this connection alone, and its client sees that.
      this.handle(request, response).catch(() => response.destroy());
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  get paidCalls(): number {
    return this.calls.filter(({ isPaid }) => isPaid).length;
  }

  get held(): number {
    return this.heldAnswers.length;
  }

  get aborted(): number {
    return this.calls.filter(({ isAborted }) => isAborted).length;
  }

  script(...answers: readonly FixtureScript[]): void {
    this.answers.push(...answers);
  }

  release(): void {
    for (const go of this.heldAnswers.splice(0)) go();
  }

  until(condition: (server: FixtureModelServer) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.watchers.push({ condition, resolve });
      this.happened();
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    this.release();
    await closed;
  }

  private happened(): void {
    const { watchers } = this;
    this.watchers = [];
    for (const watcher of watchers) {
      if (watcher.condition(this)) watcher.resolve();
      else this.watchers.push(watcher);
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const body = parse(text);
    if (request.method !== 'POST' || !request.url?.startsWith('/v1/chat/completions') || body === undefined) {
      return this.refuse(response, {
        status: 404,
        error: { message: `nothing is at ${request.method} ${request.url}` },
      });
    }
    const { headers } = request;
    const callId = headers['idempotency-key']?.toString();
    const isStream = body.stream === true;
    const state = { isPaid: false, isAborted: false, isDone: false };
    const call: FixtureCall = { index: this.calls.length, callId, headers, body, isStream, ...state };
    this.calls.push(call);
    response.on('close', () => {
      if (!call.isDone) call.isAborted = true;
      this.wake(response);
      this.happened();
    });
    this.happened();
    const answer = this.answerTo(call);
    try {
      await this.answer(answer, call, response, text);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  }

  private answerTo(call: FixtureCall): FixtureAnswer {
    const { apiKey, otherwise } = this.options;
    const { authorization } = call.headers;
    if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
      return {
        status: 401,
        error: { message: `Incorrect API key provided: ${authorization}`, code: 'invalid_api_key' },
      };
    }
    const script = this.answers.shift() ?? otherwise;
    const answer = typeof script === 'function' ? script(call.body, call) : script;
    if (answer === undefined) return { status: 400, error: { message: `no answer is left for call ${call.index}` } };
    return typeof answer === 'string' ? { text: answer } : answer;
  }

  private async answer(
    answer: FixtureAnswer,
    call: FixtureCall,
    response: ServerResponse,
    text: string,
  ): Promise<void> {
    await this.pause(answer.delayMs ?? 0, response);
    if (answer.hold === 'headers') await this.hold(response);
    const { status = 200, raw, contentType } = answer;
    if (raw === undefined && status !== 200) {
      call.isDone = true;
      return this.refuse(response, answer);
    }
    call.isPaid = status === 200;
    const kind = contentType ?? (call.isStream ? 'text/event-stream' : 'application/json');
    response.writeHead(status, { 'content-type': kind, ...answer.headers });
    response.flushHeaders();
    this.happened();
    const { model } = call.body;
    const pieces =
      raw !== undefined
        ? [raw]
        : call.isStream
          ? eventsOf(answer, model, text, call.index)
          : halves(completionOf(answer, model, text, call.index));
    await this.write(pieces, answer, call, response);
  }

  private async write(
    pieces: readonly (string | Uint8Array)[],
    { cutAfter = Infinity, endAfter = Infinity, hold, chunkDelayMs = 0 }: FixtureAnswer,
    call: FixtureCall,
    response: ServerResponse,
  ): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (index >= Math.min(cutAfter, endAfter)) break;
      await this.pause(chunkDelayMs, response);
      if (hold === 'body' && index === Math.ceil(pieces.length / 2)) await this.hold(response);
      await written(response, piece);
    }
    call.isDone = true;
    if (cutAfter < pieces.length) response.destroy();
    else response.end();
    this.happened();
  }

  private refuse(response: ServerResponse, answer: FixtureAnswer): void {
    response.writeHead(answer.status ?? 400, { 'content-type': 'application/json', ...answer.headers });
    response.end(refusalOf(answer));
  }

  /** Wait for `release`, or for the other side to leave. */
  private async hold(response: ServerResponse): Promise<void> {
    let mine = (): void => {};
    try {
      await this.waitOn(response, (go) => {
        mine = go;
        this.heldAnswers.push(go);
        this.happened();
      });
    } finally {
      this.heldAnswers = this.heldAnswers.filter((go) => go !== mine);
    }
  }

  private async pause(ms: number, response: ServerResponse): Promise<void> {
    if (ms > 0) await this.waitOn(response, (go) => void this.clock.after(ms, go));
  }

  private async waitOn(response: ServerResponse, arm: (go: () => void) => void): Promise<void> {
    if (!response.destroyed) {
      await new Promise<void>((resolve) => {
        this.waits.set(response, resolve);
        arm(resolve);
      });
      this.waits.delete(response);
    }
    if (response.destroyed) throw new Gone();
  }

  /** Whoever waits on a connection that is gone waits for nothing. */
  private wake(response: ServerResponse): void {
    this.waits.get(response)?.();
  }
}

function halves(text: string): string[] {
  const half = Math.floor(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parse(text: string): FixtureRequest | undefined {
  try {
    const body = JSON.parse(text) as Partial<FixtureRequest> | null;
    return typeof body?.model === 'string' && Array.isArray(body.messages) ? (body as FixtureRequest) : undefined;
  } catch {
    return undefined;
  }
}

/** With the backpressure of the connection. */
async function written(response: ServerResponse, piece: string | Uint8Array): Promise<void> {
  if (response.destroyed) throw new Gone();
  if (response.write(piece)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.on('drain', go);
    response.on('close', go);
  });
  if (response.destroyed) throw new Gone();
}
