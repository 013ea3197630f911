import { createRequire } from 'node:module';
import type * as TwilioWebhooks from 'twilio/lib/webhooks/webhooks.js';
import { constantTimeEqual, sha256 } from '../../../platform/crypto/index.js';
import type { SignatureVerdict } from '../verification/index.js';

// The one file of the SDK that checks signatures; the whole SDK costs 20 MB and is loaded by who sends.
const { validateRequest } = createRequire(import.meta.url)('twilio/lib/webhooks/webhooks.js') as typeof TwilioWebhooks;

export interface TwilioSignature {
  /** X-Twilio-Signature */
  header: string | undefined;
  /** The configured public address with path and query, as Twilio was told; never taken from forwarded headers. */
  url: string;
  /** Form fields; repeated ones as lists. Absent for JSON bodies. */
  params?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Needed for JSON: `bodySHA256` of the address must be its digest. */
  body?: Buffer | undefined;
  /** Current and retiring account tokens. */
  authTokens: readonly string[];
}

/** Twilio's own rules (port and query variants, sorted fields) through its SDK, under every active token. */
export function verifyTwilioSignature({ header, url, params, body, authTokens }: TwilioSignature): SignatureVerdict {
  if (authTokens.length === 0) return 'unconfigured';
  if (header === undefined || header === '') return 'missing';
  if (!URL.canParse(url)) return 'malformed';
  const digest = new URL(url).searchParams.get('bodySHA256');
  if (digest !== null && !constantTimeEqual(digest.toLowerCase(), sha256(body ?? ''))) return 'mismatch';
  if (digest === null && params === undefined) return 'malformed';
  const fields = digest === null ? { ...params } : {};
  return authTokens.map((token) => validateRequest(token, header, url, fields)).includes(true) ? 'valid' : 'mismatch';
}
