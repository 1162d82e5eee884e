/** The options of `openAiModel`, checked so that no refusal repeats a key. */
import { type Clock, systemClock } from '../../../src/core/clock.js';
import { TroupeError } from '../../../src/core/errors.js';
import { checkOptions, type OptionsSpec } from '../../../src/core/options.js';
import type { Prices } from '../model.js';
import { nameRule, pricesRule } from '../model-from.js';

/** How to reach an OpenAI-compatible server. */
export interface OpenAiModelOptions {
  /** Where its API begins: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`. A query is kept. */
  url: string;
  /** The server's name of the model. */
  model: string;
  /** The model's name for replies and errors. Default: `model`. */
  name?: string;
  /** Sent as `Authorization: Bearer`. Default: none. It is in no error, record or message. */
  apiKey?: string;
  /** Called at each call instead, for keys that change or must not lie about. */
  apiKeyFrom?: () => string;
  /** More headers. Their values are kept out of errors as the key is. */
  headers?: Readonly<Record<string, string>>;
  /** More fields of the body, as the server knows them (`reasoning_effort`); they win over what the request says. */
  body?: Readonly<Record<string, unknown>>;
  /** See `Prices`. Default: not known. */
  prices?: Prices;
  /** How long a call waits for the server in all, in milliseconds; default 600,000. A slow reader costs none of it. */
  timeoutMs?: number;
  /** The longest silence within a stream, in milliseconds; default 120,000. */
  silenceMs?: number;
  /**
   * Characters of a reply: its text and arguments, one event of a stream, the body of a reply that is not streamed.
   * Beyond it the call fails with MODEL_PROTOCOL. Default 4,194,304.
   */
  replyCharsMax?: number;
  /** What the server calls `maxOutputTokens`. Default `max_tokens`; OpenAI's reasoning models want the other. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Default: Node's. */
  fetch?: typeof fetch;
  /** For timeouts. Default: the machine's. */
  clock?: Clock;
}

/** Options as checked. */
export interface Settings extends Required<Omit<OpenAiModelOptions, 'apiKey' | 'apiKeyFrom' | 'prices' | 'url'>> {
  /** Of chat completions. */
  endpoint: URL;
  /** The key of this call, if any. */
  key: () => string | undefined;
  prices: Prices | undefined;
}

const headerLegal = /^[\x20-\x7e\x80-\xff]+$/;
const text = { type: 'string', required: true } as const;

const spec: OptionsSpec<OpenAiModelOptions> = {
  url: text,
  model: { ...nameRule, required: true },
  name: nameRule,
  apiKey: { type: 'string' },
  apiKeyFrom: { type: 'function' },
  headers: { type: 'object', default: {} },
  body: { type: 'object', default: {} },
  prices: pricesRule,
  timeoutMs: { type: 'number', min: 1, default: 600_000 },
  silenceMs: { type: 'number', min: 1, default: 120_000 },
  replyCharsMax: { type: 'integer', min: 1, default: 4_194_304 },
  maxTokensField: { type: 'string', oneOf: ['max_tokens', 'max_completion_tokens'], default: 'max_tokens' },
  fetch: { type: 'function', default: (...args: Parameters<typeof fetch>) => globalThis.fetch(...args) },
  clock: { type: 'object', default: systemClock },
};

/** A refusal that does not show what was given: it may be a key, or a key under a mistyped name. */
function refusal(code: 'OPTION_TYPE' | 'OPTION_RANGE', field: string, expected: string): TroupeError {
  return new TroupeError(code, `openAiModel: ${field} ${expected}`, { field });
}

/**
 * Check, and fill in defaults.
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function checkSettings(options: OpenAiModelOptions): Settings {
  const { url, apiKey, apiKeyFrom, prices, name, ...rest } = checkedQuietly(options);
  if (apiKey !== undefined && apiKeyFrom !== undefined) {
    throw refusal('OPTION_RANGE', 'apiKeyFrom', 'and apiKey exclude each other');
  }
  if (apiKey !== undefined && !isKey(apiKey)) throw refusal('OPTION_RANGE', 'apiKey', 'must be printable text');
  for (const [header, value] of Object.entries(rest.headers)) {
    const isLegal = typeof value === 'string' && headerLegal.test(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(header);
    if (!isLegal) throw refusal('OPTION_RANGE', `headers.${header}`, 'must be a header with a printable text');
  }
  return {
    ...rest,
    name: name ?? rest.model,
    endpoint: endpointOf(url),
    key: () => (apiKeyFrom === undefined ? apiKey : apiKeyFrom()),
    prices,
  };
}

type Checked = Required<Omit<OpenAiModelOptions, 'apiKey' | 'apiKeyFrom' | 'prices' | 'name'>> &
  Pick<OpenAiModelOptions, 'apiKey' | 'apiKeyFrom' | 'prices' | 'name'>;

function checkedQuietly(options: OpenAiModelOptions): Checked {
  try {
    return checkOptions(options, spec, 'openAiModel') as Checked;
  } catch (error) {
    if (!TroupeError.is(error)) throw error;
    const mayBeSecret = error.code === 'OPTION_UNKNOWN' || ['apiKey', 'headers', 'url'].includes(error.field ?? '');
    if (!mayBeSecret) throw error;
    throw new TroupeError(error.code, error.message.replace(/, but is .*$/s, ''), { field: error.field });
  }
}

/** Is it fit for a header? */
export function isKey(key: unknown): key is string {
  return typeof key === 'string' && headerLegal.test(key);
}

function endpointOf(url: string): URL {
  const refused = (): TroupeError => refusal('OPTION_RANGE', 'url', 'must be an http or https URL, without a password');
  if (!URL.canParse(url)) throw refused();
  const endpoint = new URL(url);
  if (!/^https?:$/.test(endpoint.protocol) || endpoint.username !== '' || endpoint.password !== '') throw refused();
  const path = endpoint.pathname.replace(/\/+$/, '');
  endpoint.pathname = path.endsWith('/chat/completions') ? path : `${path}/chat/completions`;
  endpoint.hash = '';
  return endpoint;
}
