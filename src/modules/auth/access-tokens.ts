import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Clock } from '../../platform/clock/index.js';

export const issuer = 'pharmonico';
export const audience = 'pharmonico-api';
/** RFC 9068: keeps any other kind of JWT from passing as an access token. */
const tokenType = 'at+jwt';
export const accessTokenSeconds = 15 * 60;

interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** RS256 only (passport-jwt cannot verify EdDSA). The newest key signs, all of them verify: rotation without a break. */
export class AccessTokens {
  private readonly keys: readonly SigningKey[];

  /** @param privateKeys PKCS#8 PEM, newest first */
  constructor(
    privateKeys: readonly string[],
    private readonly clock: Clock,
  ) {
    this.keys = privateKeys.map(signingKey);
  }

  issue(userId: string, sessionId: string): string {
    const [newest] = this.keys;
    if (newest === undefined) throw new Error('there is no key to sign tokens with');
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    return jwt.sign(
      { sub: userId, sid: sessionId, iat, exp: iat + accessTokenSeconds, iss: issuer, aud: audience },
      newest.privateKey,
      { algorithm: 'RS256', keyid: newest.kid, header: { alg: 'RS256', typ: tokenType } },
    );
  }

  /** The key a token names, if the token says it is an access token of ours. Nothing is verified yet. */
  verificationKey(token: string): KeyObject | undefined {
    const header = headerOf(token);
    if (header?.typ !== tokenType || header.alg !== 'RS256') return undefined;
    return this.keys.find((key) => key.kid === header.kid)?.publicKey;
  }
}

function headerOf(token: string): jwt.JwtHeader | undefined {
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    // A header that says "JWT" before something that is no JSON.
    return undefined;
  }
}

function signingKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16);
  return { kid, privateKey, publicKey };
}
