import { z } from 'zod';

/** What a stream needs of the token it was opened with, long after the request was let in. */
export interface Credential {
  token?: string;
  expiresAt?: Date;
}

const claims = z.object({ exp: z.number() });

/** Nothing is verified here: the access guard has done that. An API key has no expiry of its own in it. */
export function credentialOf(authorization: string | undefined): Credential {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return {};
  const expiry = expiryOf(token);
  return { token, ...(expiry !== undefined && { expiresAt: expiry }) };
}

function expiryOf(token: string): Date | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const read = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return read.success ? new Date(read.data.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
