import { argon2id, argon2Verify } from 'hash-wasm';
import { randomBytes } from 'node:crypto';

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. */
const cost = { memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32, outputType: 'encoded' } as const;

export const shortestPassword = 12;
/** Far above any passphrase; keeps a megabyte of "password" from being hashed. */
export const longestPassword = 200;

export function hashPassword(password: string): Promise<string> {
  return argon2id({ ...cost, password: password.normalize('NFKC'), salt: randomBytes(16) });
}

/** Of nobody: the same work is done for an unknown address as for a known one. */
const nobody = hashPassword(randomBytes(16).toString('hex'));

export async function passwordMatches(hash: string | undefined, password: string): Promise<boolean> {
  const matches = await argon2Verify({ password: password.normalize('NFKC'), hash: hash ?? (await nobody) });
  return matches && hash !== undefined;
}
