import argon2 from 'argon2';
import { randomBytes } from 'node:crypto';

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. */
const cost = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const shortestPassword = 12;
/** Far above any passphrase; keeps a megabyte of "password" from being hashed. */
export const longestPassword = 200;

export function hashPassword(password: string): Promise<string> {
  return argon2.hash(password.normalize('NFKC'), cost);
}

/** Of nobody: the same work is done for an unknown address as for a known one. */
const nobody = hashPassword(randomBytes(16).toString('hex'));

export async function passwordMatches(hash: string | undefined, password: string): Promise<boolean> {
  const matches = await argon2.verify(hash ?? (await nobody), password.normalize('NFKC'));
  return matches && hash !== undefined;
}
