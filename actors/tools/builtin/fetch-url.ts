/** The tool that fetches a text from the web. */
import { lookup as systemLookup } from 'node:dns';
import { checkOptions, type OptionsSpec } from '../../../src/core/options.js';
import { jsonSchema } from '../../schema/index.js';
import { type Approval, defineTool, type Tool, type ToolRetry } from '../tool.js';
import { hostRules } from './addresses.js';
import { roomFor } from './file-options.js';
import { type GetRules, httpGet, type Lookup } from './http-get.js';
import { refuse } from './refuse.js';

/** Where to, and how much. */
export interface FetchUrlOptions {
  /** `example.com`, `*.example.com` (all below it), with `:8080` for a port that is not the scheme's own. */
  hosts: readonly string[];
  /** Bytes of a body; default 262,144. */
  bytesMax?: number;
  /** Milliseconds for all of it, redirects included; default 20,000. */
  timeoutMs?: number;
  /** Redirects that are followed, each to a host of the list; default 3. */
  redirectsMax?: number;
  /** `any` also reaches private addresses: this machine and its network. Default `public`. */
  addresses?: 'public' | 'any';
  /** Default: `deny`, as it touches the outside. */
  approval?: Approval;
  /** What is done when the host cannot be reached; default: one attempt. */
  retry?: Partial<ToolRetry>;
  /** How names are resolved; default Node's. */
  lookup?: Lookup;
}

/** Arguments of `fetchUrl`. */
export interface FetchUrlArgs {
  url: string;
}

/** What `fetchUrl` answers. */
export interface FetchUrlResult {
  /** Where it came from in the end. */
  url: string;
  /** 404 and the like are answers too. */
  status: number;
  contentType: string;
  text: string;
}

const spec: OptionsSpec<FetchUrlOptions> = {
  hosts: { type: 'array', required: true },
  bytesMax: { type: 'integer', min: 1, max: 2 ** 26, default: 262_144 },
  timeoutMs: { type: 'number', min: 1, max: 3_600_000, default: 20_000 },
  redirectsMax: { type: 'integer', min: 0, max: 20, default: 3 },
  addresses: { type: 'string', oneOf: ['public', 'any'], default: 'public' },
  approval: { type: 'string', oneOf: ['allow', 'deny', 'ask'] },
  retry: { type: 'object', default: {} },
  lookup: { type: 'function', default: systemLookup },
};

/** Types of content that are text, besides `text/...`. */
const textual = /^application\/([\w.-]+\+)?(json|xml|javascript|x-ndjson|yaml|x-yaml|toml)$|^image\/svg\+xml$/;

/**
 * `fetchUrl`: GET a text from one of the hosts of a list. No cookies, no credentials, no other method.
 * Refuses with TOOL_HOST (a URL or redirect that leads off the list, or to a private address, also when its name has
 * one), TOOL_LIMIT (body or redirects) and TOOL_CONTENT (no text); TOOL_TIMEOUT closes the connection.
 * @throws TroupeError TOOL_SPEC for a list that is none, OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function fetchUrl(options: FetchUrlOptions): Tool<FetchUrlArgs, FetchUrlResult> {
  const checked = checkOptions<FetchUrlOptions>(options, spec, 'fetchUrl') as Required<FetchUrlOptions>;
  const { bytesMax, redirectsMax, lookup, timeoutMs, addresses, approval, retry } = checked;
  const hosts = hostRules(checked.hosts);
  const rules: GetRules = { hosts, private: addresses === 'any', bytesMax, redirectsMax, lookup };
  return defineTool({
    name: 'fetchUrl',
    description: `Fetches a text of up to ${bytesMax} bytes from the web: ${checked.hosts.join(', ') || 'none'}.`,
    touches: 'outside',
    ...(approval === undefined ? {} : { approval }),
    idempotent: true,
    timeoutMs,
    retry,
    resultBytesMax: roomFor(4 * bytesMax),
    input: jsonSchema<FetchUrlArgs>({
      type: 'object',
      properties: { url: { type: 'string', maxLength: 8_192, description: 'http or https' } },
      required: ['url'],
      additionalProperties: false,
    }),
    example: { args: { url: 'https://example.com/teas.json' }, says: 'the status, the type of content and the text' },
    run: async ({ url }, { signal }) => {
      const { body, ...got } = await httpGet(url, rules, signal);
      return { ...got, text: decoded(body, got.contentType) };
    },
  });
}

function decoded(body: Buffer, contentType: string): string {
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (body.length > 0 && type !== '' && !type.startsWith('text/') && !textual.test(type)) {
    refuse('TOOL_CONTENT', `the body is ${type}, and no text`, 'url');
  }
  const charset =
    parameters
      .find((each) => each.startsWith('charset='))
      ?.slice(8)
      .replace(/"/g, '') ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return refuse('TOOL_CONTENT', `the body is no text in ${charset.slice(0, 40)}`, 'url');
  }
}
