import { BlockList, isIP, isIPv4 } from 'node:net';

export interface AddressRules {
  /** Development only: loopback and private networks are allowed. */
  allowPrivate: boolean;
  /** Production: nothing goes out unencrypted. */
  requireHttps: boolean;
}

export type UrlProblem = 'not-a-url' | 'scheme' | 'credentials' | 'private-address';

type Range = readonly [network: string, prefix: number];

/** What is not reachable in public, IPv4 (IANA Special-Purpose Address Registry, RFC 6890), and multicast. */
const special4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // RFC 6598, carrier-grade NAT
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and metadata of cloud machines
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/**
 * Of IPv6 only global unicast (2000::/3) is public: loopback, unique local, link-local, multicast, IPv4-mapped and NAT64
 * addresses all lie outside. Inside, these lead elsewhere or carry an IPv4 address.
 */
const global6: Range = ['2000::', 3];
const special6: readonly Range[] = [
  ['2001::', 23], // IETF protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['3fff::', 20],
];

const refused4 = listOf(special4, 'ipv4');
const public6 = listOf([global6], 'ipv6');
const refused6 = listOf(special6, 'ipv6');

/** Whether a numeric address is one that everybody on the internet reaches. */
export function isPublicAddress(address: string): boolean {
  const [plain = ''] = address.split('%');
  if (isIPv4(plain)) return !refused4.check(plain, 'ipv4');
  return isIP(plain) === 6 && public6.check(plain, 'ipv6') && !refused6.check(plain, 'ipv6');
}

/**
 * Why nothing may be sent to this address, as far as it can be told without asking for its name. The URL parser has turned
 * decimal, octal and hexadecimal hosts into dotted ones by then.
 */
export function urlProblem(text: string, { allowPrivate, requireHttps }: AddressRules): UrlProblem | undefined {
  if (!URL.canParse(text)) return 'not-a-url';
  const url = new URL(text);
  if (url.protocol !== 'https:' && (requireHttps || url.protocol !== 'http:')) return 'scheme';
  // They would be logged by proxies; a receiver is told who calls by the signature.
  if (url.username !== '' || url.password !== '') return 'credentials';
  return allowPrivate || !isPrivateHost(hostOf(url)) ? undefined : 'private-address';
}

/** Without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function isPrivateHost(host: string): boolean {
  return isIP(host) === 0 ? /(^|\.)localhost\.?$/.test(host) : !isPublicAddress(host);
}

function listOf(ranges: readonly Range[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
