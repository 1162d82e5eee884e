/**
 * One request to the server and its answer, until one of them gives up.
 *
 * I own the connection: it is closed when the call is aborted, when a wait takes too long, when the reader leaves, and
 * when anything fails. You own the reading: nothing is read ahead of `read`.
 *
 * EX1  Time counts while the server is waited for, never while the reader works.
 * EX2  After `close` nothing is left: no timer, no listener, no connection with an unread answer. An answer that has
 *      said all may take a second to end, so that its connection can serve the next call.
 * EX3  What a `fetch` does that heeds no signal is not waited for.
 */
import { TroupeError } from '../../../src/core/errors.js';
import { idempotencyKey } from '../call-key.js';
import type { ModelCall } from '../model.js';
import { abortedError, type ModelErrorCode, modelError } from '../model-error.js';
import { errorOf, type Redactor, redactorOf, safeCause } from './errors.js';
import { isKey, type Settings } from './options.js';

/** How much of the body of a refusal is read, in bytes. */
const refusalBytesMax = 65_536;
/** How long, and for how much, a server may take to end an answer that has said all. */
const drainMs = 1_000;
const drainBytesMax = 65_536;

/** See the file's header. */
export class Exchange {
  private readonly controller = new AbortController();
  private readonly onAbort = (): void => this.fail(abortedError(this.settings.name));
  /** Ends the wait that is under way. */
  private reject: (error: TroupeError) => void = () => {};
  /** Why it is over, when it was not the server that ended it. */
  private failure: TroupeError | undefined;
  private waitedMs = 0;
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private isRead = false;
  private isFinished = false;
  private readonly redact: Redactor;

  private constructor(
    private readonly settings: Settings,
    private readonly call: ModelCall,
    private readonly key: string | undefined,
  ) {
    const { headers, endpoint } = settings;
    this.redact = redactorOf([key, ...Object.values(headers), ...endpoint.searchParams.values()]);
    call.signal.addEventListener('abort', this.onAbort, { once: true });
    if (call.signal.aborted) this.onAbort();
  }

  /**
   * Begin one. To be closed, whatever becomes of it.
   * @throws TroupeError MODEL_REJECTED when there is no key to be had
   */
  static begin(settings: Settings, call: ModelCall): Exchange {
    let key: unknown;
    try {
      key = settings.key();
    } catch (error) {
      // Whoever fetches keys may have said one: only the kind of the error is repeated.
      const { name } = error as { name?: unknown };
      throw modelError('MODEL_REJECTED', settings.name, `apiKeyFrom threw ${typeof name === 'string' ? name : 'it'}`);
    }
    if (key !== undefined && !isKey(key)) {
      throw modelError('MODEL_REJECTED', settings.name, 'apiKeyFrom gave no printable text');
    }
    return new Exchange(settings, call, key);
  }

  /**
   * Send the body.
   * @returns the kind of the answer's body, once the server has begun to answer with a good status
   * @throws TroupeError MODEL_UNAVAILABLE, MODEL_RATE_LIMITED, MODEL_REJECTED, MODEL_TIMEOUT, MODEL_ABORTED
   */
  async send(body: string): Promise<string> {
    const { settings, controller } = this;
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'idempotency-key': idempotencyKey(this.call.callId),
      ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
      ...settings.headers,
    };
    const { signal } = controller;
    const { fetch } = settings;
    // Not followed elsewhere: what is asked, and the key, are for this server.
    const answer = fetch(settings.endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const response = await this.wait(answer, settings.timeoutMs);
    this.reader = response.body?.getReader();
    if (!response.ok) await this.refused(response);
    return response.headers.get('content-type') ?? '';
  }

  private async refused({ status, headers }: Response): Promise<never> {
    let text = '';
    try {
      text = await this.readText(refusalBytesMax, true);
    } catch (error) {
      // The status alone says enough, unless the call was given up meanwhile.
      if (TroupeError.is(error, 'MODEL_ABORTED')) throw error;
    }
    throw errorOf({ status, headers, body: text }, this.settings.name, this.redact, this.settings.clock);
  }

  /** The error of an event that says one. */
  refusalOf(body: unknown): TroupeError {
    return errorOf({ body }, this.settings.name, this.redact, this.settings.clock);
  }

  /** An answer that is none. @param said what is wrong with it */
  protocolError(said: string, cause?: unknown): TroupeError {
    const safe = cause === undefined ? {} : { cause: safeCause(cause, this.redact) };
    return modelError('MODEL_PROTOCOL', this.settings.name, this.redact(said), safe);
  }

  /**
   * The next bytes of the answer, or undefined at its end.
   * @param longestMs of this wait
   * @throws TroupeError as `send` does
   */
  async read(longestMs: number): Promise<Uint8Array | undefined> {
    if (this.reader === undefined) return undefined;
    const { done, value } = await this.wait(this.reader.read(), longestMs);
    if (done) this.isRead = true;
    return done ? undefined : value;
  }

  /**
   * The whole body as text.
   * @param isCut cut what is longer, instead of failing
   * @throws TroupeError MODEL_PROTOCOL when it is longer, or no UTF-8; and as `send` does
   */
  async readText(bytesMax: number, isCut = false): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (let chunk = await this.read(Infinity); chunk !== undefined; chunk = await this.read(Infinity)) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) {
        if (isCut) break;
        throw this.protocolError(`the answer is longer than ${bytesMax} bytes`);
      }
      chunks.push(chunk);
    }
    try {
      return new TextDecoder('utf-8', { fatal: !isCut }).decode(Buffer.concat(chunks));
    } catch (error) {
      throw this.protocolError('the answer is no UTF-8', error);
    }
  }

  /** The answer has said all, whether or not the server has ended it. */
  finish(): void {
    this.isFinished = true;
  }

  /** EX2. */
  close(): void {
    this.call.signal.removeEventListener('abort', this.onAbort);
    this.reject = () => {};
    if (this.isRead) return;
    if (this.isFinished && this.failure === undefined) void this.drain();
    else this.controller.abort();
  }

  /** A connection whose answer is read to its end serves the next call. */
  private async drain(): Promise<void> {
    const timer = this.settings.clock.after(drainMs, () => this.controller.abort());
    try {
      let left = drainBytesMax;
      for (let step = await this.reader!.read(); !step.done && left > 0; step = await this.reader!.read()) {
        left -= step.value.byteLength;
      }
      if (left <= 0) this.controller.abort();
    } catch {
      // It is over, and what the call came to is known.
    } finally {
      timer.cancel();
    }
  }

  private fail(error: TroupeError): void {
    this.failure ??= error;
    this.reject(this.failure);
    this.controller.abort();
  }

  /** EX1, EX3. */
  private async wait<T>(answer: Promise<T>, longestMs: number): Promise<T> {
    const { clock, timeoutMs, name } = this.settings;
    const from = clock.now();
    const leftMs = Math.min(longestMs, timeoutMs - this.waitedMs);
    const timer = clock.after(Math.max(0, leftMs), () =>
      this.fail(modelError('MODEL_TIMEOUT', name, `its server was silent for ${Math.round(leftMs)} ms`)),
    );
    try {
      return await new Promise<T>((resolve, reject) => {
        this.reject = reject;
        if (this.failure !== undefined) reject(this.failure);
        answer.then(resolve, reject);
      });
    } catch (error) {
      throw this.failure ?? this.networkError(error);
    } finally {
      this.reject = () => {};
      timer.cancel();
      this.waitedMs += Math.max(0, clock.now() - from);
    }
  }

  private networkError(error: unknown): TroupeError {
    const cause = safeCause(error, this.redact);
    const codes = [cause, cause.cause].map((each) => (each as { code?: unknown } | undefined)?.code);
    const code = codes.find((each) => typeof each === 'string');
    const kind: ModelErrorCode = /TIMEOUT/.test(code ?? '') ? 'MODEL_TIMEOUT' : 'MODEL_UNAVAILABLE';
    return modelError(kind, this.settings.name, `its server cannot be reached (${code ?? cause.message})`, { cause });
  }
}
