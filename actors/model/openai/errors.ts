/**
 * What a server says when it says no, as our codes. Servers agree on the status and little else, so the text is only
 * read for the few cases in which the status misleads.
 *
 * OE1  Every text of a server or of the network passes the redactor before it enters an error.
 */
import type { Clock } from '../../../src/core/clock.js';
import { describeBriefly, type TroupeError } from '../../../src/core/errors.js';
import { type ModelErrorCode, modelError } from '../model-error.js';

/** Takes secrets out of a text. */
export type Redactor = (text: string) => string;

/** How much of a server's own words an error repeats, in characters. */
const wordsMax = 500;
/** Shorter texts are no secrets, and would tear holes into every message. */
const secretCharsMin = 6;

/** Make a redactor. */
export function redactorOf(secrets: readonly (string | undefined)[]): Redactor {
  const hidden = secrets
    .filter((each) => each !== undefined && each.length >= secretCharsMin)
    .flatMap((each) => [each!, JSON.stringify(each).slice(1, -1), encodeURIComponent(each!)]);
  return (text) => hidden.reduce((redacted, secret) => redacted.replaceAll(secret, '[secret]'), text);
}

/** An error as a cause that repeats no secret: its name, code and redacted words, and those of its own cause. */
export function safeCause(error: unknown, redact: Redactor, depthLeft = 3): Error {
  const { name, message, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown } & Partial<Error>;
  const inner = cause === undefined || depthLeft === 0 ? {} : { cause: safeCause(cause, redact, depthLeft - 1) };
  const safe = new Error(redact(typeof message === 'string' ? message : describeBriefly(error)), inner);
  if (typeof name === 'string') Object.defineProperty(safe, 'name', { value: name, configurable: true });
  return typeof code === 'string' ? Object.assign(safe, { code }) : safe;
}

/** What a server said of its failure. */
export interface Refusal {
  status?: number;
  headers?: Headers;
  /** The body's text, or the `error` of a stream's event. */
  body: unknown;
}

/** The error of a refusal. */
export function errorOf(refusal: Refusal, name: string, redact: Redactor, clock: Clock): TroupeError {
  const { status, headers } = refusal;
  const { words, kinds } = readBody(refusal.body);
  const retryAfterMs = headers === undefined ? undefined : retryAfterOf(headers, clock);
  const said = words === '' ? '' : `: ${redact(words).slice(0, wordsMax)}`;
  const began = status === undefined ? 'its server broke off' : `its server answered ${status}`;
  return modelError(codeOf(status, kinds), name, began + said, {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A server's words, and how it calls the kind of failure: `code`, `type` and `status`, whichever it has. */
function readBody(body: unknown): { words: string; kinds: string[] } {
  const parsed = typeof body === 'string' ? tryParse(body) : body;
  const outer = (parsed ?? {}) as { error?: unknown; message?: unknown };
  const inner = (outer.error ?? outer) as { message?: unknown; type?: unknown; code?: unknown; status?: unknown };
  const plain = typeof body === 'string' ? body.trim() : describeBriefly(body);
  if (typeof inner === 'string') return { words: inner, kinds: [] };
  const kinds = [inner.code, inner.type, inner.status].filter((each) => ['string', 'number'].includes(typeof each));
  return { words: typeof inner.message === 'string' ? inner.message : plain, kinds: kinds.map(String) };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(status: number | undefined, kinds: readonly string[]): ModelErrorCode {
  const numbered = status ?? kinds.map(Number).find((each) => each >= 400 && each < 600);
  // Waiting mends no empty purse, though the status says to wait.
  if (kinds.some((kind) => /insufficient_quota|billing/.test(kind))) return 'MODEL_REJECTED';
  if (numbered === 429 || kinds.some((kind) => /rate_limit/.test(kind))) return 'MODEL_RATE_LIMITED';
  if (numbered === 408) return 'MODEL_TIMEOUT';
  // 409 and 425: the same call is under way already, or came too early; later it is welcome.
  if (numbered === 409 || numbered === 425) return 'MODEL_UNAVAILABLE';
  if (numbered !== undefined) return numbered >= 500 ? 'MODEL_UNAVAILABLE' : 'MODEL_REJECTED';
  return kinds.some((kind) => /invalid|authentication|permission|not_found/.test(kind))
    ? 'MODEL_REJECTED'
    : 'MODEL_UNAVAILABLE';
}

/** `Retry-After` in its two forms, and the form in milliseconds that some servers prefer. */
function retryAfterOf(headers: Headers, clock: Clock): number | undefined {
  const inMs = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const text = headers.get('retry-after')?.trim() ?? '';
  if (text === '') return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - clock.now() : seconds * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
