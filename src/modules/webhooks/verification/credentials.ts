import { BlockList, isIPv6 } from 'node:net';
import { verifyHexHmac } from './hex-hmac.js';
import { verifySharedSecret } from './shared-secret.js';
import type { SignatureVerdict } from './verdict.js';

/** How a source proves who it is. Of each secret the current one and the one being rotated out. */
export interface SourceCredentials {
  /** Of a signature over the raw body, see `verifyHexHmac`. */
  hmac: readonly string[];
  /** `user:password` */
  basic: readonly string[];
  bearer: readonly string[];
  /** In the query of the address. */
  token: readonly string[];
  /** Addresses and networks (`198.51.100.0/24`) it calls from, beside the others or alone. */
  addresses: readonly string[];
}

/** What a request brought along. */
export interface PresentedCredentials {
  body: Buffer;
  signature: string | undefined;
  authorization: string | undefined;
  token: string | undefined;
  /** Of the connection, or what a declared proxy says of it. */
  address: string | undefined;
}

/**
 * Of the methods that are configured, everything a request brings must be right, and it must bring at least one: neither makes a
 * right password up for a wrong signature nor the other way about. What comes by a method that is not configured, such as the
 * Basic header a proxy adds to signed requests, proves nothing and refutes nothing: there is nothing to compare it with. Whoever
 * configures the method has it compared, beside a valid signature too.
 */
export function verifyCredentials(wanted: SourceCredentials, given: PresentedCredentials): SignatureVerdict {
  if (wanted.addresses.length > 0 && !isListed(wanted.addresses, given.address)) return 'mismatch';
  const verdicts = checks.map((check) => check(wanted, given));
  const wrong = verdicts.find((verdict) => verdict === 'mismatch' || verdict === 'malformed');
  if (wrong !== undefined) return wrong;
  if (verdicts.includes('valid')) return 'valid';
  if (verdicts.includes('missing')) return 'missing';
  return wanted.addresses.length > 0 ? 'valid' : 'unconfigured';
}

type Check = (wanted: SourceCredentials, given: PresentedCredentials) => SignatureVerdict;

const checks: readonly Check[] = [
  ({ hmac }, { signature, body }) => verifyHexHmac({ header: signature, body, secrets: hmac }),
  ({ basic }, { authorization }) => {
    const encoded = schemeOf(authorization, 'basic');
    if (basic.length > 0 && encoded !== undefined && !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return 'malformed';
    return verifySharedSecret(encoded && Buffer.from(encoded, 'base64').toString('utf8'), basic);
  },
  ({ bearer }, { authorization }) => verifySharedSecret(schemeOf(authorization, 'bearer'), bearer),
  ({ token }, given) => verifySharedSecret(given.token, token),
];

function schemeOf(authorization: string | undefined, scheme: string): string | undefined {
  const [, name, value] = /^\s*([A-Za-z]+)\s+(\S+)\s*$/.exec(authorization ?? '') ?? [];
  return name?.toLowerCase() === scheme ? value : undefined;
}

function isListed(listed: readonly string[], address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return networks(listed).check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

const known = new WeakMap<readonly string[], BlockList>();

function networks(listed: readonly string[]): BlockList {
  const built = known.get(listed) ?? new BlockList();
  if (!known.has(listed)) {
    for (const one of listed) {
      const [address = '', bits] = one.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      built.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    }
    known.set(listed, built);
  }
  return built;
}
