import { isHmacSha256 } from '../../../platform/crypto/index.js';
import type { SignatureVerdict } from './verdict.js';

export interface HexHmac {
  /** HMAC-SHA256 of the body in hex, any case, with or without `sha256=` before it. */
  header: string | undefined;
  body: Buffer;
  secrets: readonly string[];
}

/** Lifefile's scheme. It signs no time, so a repeat is caught by the dedupe key only. */
export function verifyHexHmac({ header, body, secrets }: HexHmac): SignatureVerdict {
  if (secrets.length === 0) return 'unconfigured';
  if (header === undefined || header === '') return 'missing';
  const [, given] = /^\s*(?:sha256=)?([0-9a-f]{64})\s*$/i.exec(header) ?? [];
  if (given === undefined) return 'malformed';
  const matches = secrets.map((secret) => isHmacSha256(given, secret, body));
  return matches.includes(true) ? 'valid' : 'mismatch';
}
