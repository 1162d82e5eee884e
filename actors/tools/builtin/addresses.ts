/**
 * Which hosts a URL may lead to, and which addresses a host may have. A name on the list whose address is private
 * would be a door into the network that the process lives in; so is a redirect to it, or a name that has a good
 * address when it is looked at and another when it is called.
 */
import { BlockList, isIP } from 'node:net';
import { describeBriefly, TroupeError } from '../../../src/index.js';
import { refuse } from './refuse.js';

/** Networks that are nobody's on the internet: IANA's registries of special-purpose addresses. */
const privateNetworks: readonly (readonly [net: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  // Unspecified, loopback, and IPv4 in other clothes: mapped, compatible, translated, 6to4, Teredo.
  ['::', 96, 'ipv6'],
  ['::ffff:0:0', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

// One for each family: Node would take every IPv4 address for one that is mapped into IPv6.
const isPrivate = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix, family] of privateNetworks) isPrivate[family].addSubnet(net, prefix, family);

/** Is it an address on the internet? What is no address at all is none. */
export function isPublicAddress(address: string): boolean {
  // The zone of a link-local address is no part of it.
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return version !== 0 && !isPrivate[family].check(bare, family);
}

/** One host that may be reached. */
interface HostRule {
  /** Lower case; `*.` for everything below a name. */
  readonly host: string;
  /** Empty: the scheme's own. */
  readonly port: string;
}

/** A list of hosts, checked. */
export type HostRules = readonly HostRule[];

/**
 * Check a list: `example.com`, `*.example.com` (all below it, not itself), `example.com:8080`, `[::1]:8080`.
 * @throws TroupeError TOOL_SPEC naming the entry
 */
export function hostRules(hosts: readonly unknown[]): HostRules {
  return hosts.map((entry, index) => {
    const parts =
      typeof entry === 'string' ? /^(\*\.)?([^/@\s*:]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(entry) : null;
    const [, below = '', name = '', port = ''] = parts ?? [];
    const url = `http://${name}:${port || '80'}`;
    if (name !== '' && URL.canParse(url)) return { host: below + new URL(url).hostname, port };
    const what = 'a host, like "example.com", "*.example.com" or "localhost:8080"';
    throw new TroupeError('TOOL_SPEC', `fetchUrl: hosts[${index}] must be ${what}, and is ${describeBriefly(entry)}`, {
      field: `hosts[${index}]`,
      value: entry,
    });
  });
}

/**
 * May this URL be fetched? Its host must be on the list, its port too when it is not the scheme's own.
 * @returns the URL, parsed
 * @throws TroupeError TOOL_HOST
 */
export function allowedUrl(text: string, rules: HostRules, base?: URL): URL {
  const no = (why: string): never => refuse('TOOL_HOST', `${describeBriefly(text)} ${why}`, 'url', text);
  if (!URL.canParse(text, base?.href)) return no('is no URL');
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return no('is neither http nor https');
  if (url.username !== '' || url.password !== '') return no('has a name or a password in it');
  const host = url.hostname.replace(/\.$/, '');
  const fits = (rule: HostRule): boolean =>
    rule.port === (url.port === '' && rule.port !== '' ? portOf(url) : url.port) && isHost(host, rule.host);
  return rules.some(fits) ? url : no('leads to a host that is not on the list');
}

function portOf({ protocol }: URL): string {
  return protocol === 'https:' ? '443' : '80';
}

function isHost(host: string, rule: string): boolean {
  return rule.startsWith('*.') ? host.length > rule.length - 1 && host.endsWith(rule.slice(1)) : host === rule;
}
