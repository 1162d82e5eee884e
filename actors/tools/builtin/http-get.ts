/**
 * One GET over HTTP whose every step is looked at: each redirect against the list of hosts, each address when it is
 * connected to, the body while it comes.
 *
 * H1  A connection is made only to an address that was looked at, and to no other: the look is the name's resolution
 *     itself, so there is no time in which it could change.
 * H2  No more than `bytesMax` bytes of a body are read; the connection is closed at once when there are more, when the
 *     signal aborts, and at the end.
 */
import type { lookup as systemLookup, LookupAddress } from 'node:dns';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { TroupeError } from '../../../src/index.js';
import { allowedUrl, type HostRules, isPublicAddress } from './addresses.js';
import { refuse } from './refuse.js';

/** Finds the addresses of a name: Node's `dns.lookup`, or a test's. */
export type Lookup = typeof systemLookup;

/** What may be fetched. */
export interface GetRules {
  readonly hosts: HostRules;
  /** True: private addresses too. */
  readonly private: boolean;
  readonly bytesMax: number;
  readonly redirectsMax: number;
  readonly lookup: Lookup;
}

/** What came back. */
export interface Got {
  url: string;
  status: number;
  contentType: string;
  body: Buffer;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Get a URL.
 * @throws TroupeError TOOL_HOST, TOOL_LIMIT (body or redirects), TOOL_CONTENT (a compressed body); the signal's reason;
 *   Node's own errors (`ECONNREFUSED` and so on), after which another attempt may help
 */
export async function httpGet(text: string, rules: GetRules, signal: AbortSignal): Promise<Got> {
  let url = allowedUrl(text, rules.hosts);
  for (let hops = 0; hops <= rules.redirectsMax; hops += 1) {
    const response = await send(url, rules, signal);
    const { statusCode: status = 0, headers } = response;
    if (!redirects.has(status) || headers.location === undefined) {
      const body = await bodyOf(response, rules.bytesMax);
      return { url: url.href, status, contentType: headers['content-type'] ?? '', body };
    }
    response.destroy();
    url = allowedUrl(headers.location, rules.hosts, url);
  }
  return refuse('TOOL_LIMIT', `${text} redirects more than ${rules.redirectsMax} times`, 'url', text);
}

function send(url: URL, rules: GetRules, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A name is looked at when it is resolved; an address is not resolved.
  if (!rules.private && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(hidden(url, host));
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'text/*, application/json, application/xml;q=0.9, */*;q=0.1',
      'accept-encoding': 'identity',
    };
    const lookup = rules.private ? (rules.lookup as LookupFunction) : lookingAt(url, rules.lookup);
    // A connection of its own: one from a pool would not be looked at again.
    request(url, { agent: false, headers, lookup, signal }, resolve).on('error', reject).end();
  });
}

/** H1: resolve a name, and refuse it when any of its addresses is private. */
function lookingAt(url: URL, lookup: Lookup): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        done(error, '', 0);
        return;
      }
      const bad = addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (bad !== undefined || first === undefined) done(hidden(url, bad?.address ?? 'nothing'), '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function hidden(url: URL, address: string): TroupeError {
  const message = `${url.host} has an address that is not on the internet`;
  return new TroupeError('TOOL_HOST', message, { field: 'url', value: address });
}

/** H2. */
async function bodyOf(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const { 'content-encoding': encoding = 'identity', 'content-length': length } = response.headers;
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    if (encoding !== 'identity') refuse('TOOL_CONTENT', `the body is compressed (${encoding}), unasked`, 'url');
    const tooLarge = (many: string): never =>
      refuse('TOOL_LIMIT', `the body has ${many} bytes, and may have ${bytesMax}`, 'url');
    if (Number(length) > bytesMax) tooLarge(String(length));
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytesMax) tooLarge(`more than ${bytesMax}`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } finally {
    response.destroy();
  }
}
