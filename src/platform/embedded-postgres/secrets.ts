import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode, unlessTaken } from './error-code.js';

/** Passwords by role name. Asking for an unknown one makes it, so the first start and every later one are the same call. */
export interface SecretStore {
  passwordOf(role: string): Promise<string>;
}

const content = z.record(z.string(), z.string());

/** 192 bits, characters that need no escaping in a URL. */
const randomPassword = (): string => randomBytes(24).toString('base64url');

/**
 * A JSON file, mode 600. Written whole and moved into place: a crash leaves the old or the new content. Two processes that
 * create the file at the same moment agree on the first; later additions are made under the lock of bootstrapDatabase.
 */
export function openSecretsFile(file: string): SecretStore {
  return {
    async passwordOf(role) {
      const known = await readSecrets(file);
      const existing = known?.[role];
      if (existing !== undefined) return existing;
      const written = await writeSecrets(file, { ...known, [role]: randomPassword() }, known === undefined);
      const password = written[role];
      if (password === undefined) return this.passwordOf(role);
      return password;
    },
  };
}

async function readSecrets(file: string): Promise<Record<string, string> | undefined> {
  try {
    return content.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'EACCES') {
      throw new Error(`${file} belongs to another user; start as that user or choose another data folder.`, {
        cause: error,
      });
    }
    // Neither the content nor the parser's excerpt of it may reach a log.
    throw new Error(`${file} cannot be read as a list of passwords.`);
  }
}

async function writeSecrets(file: string, secrets: Record<string, string>, first: boolean) {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    if (!first) await rename(temporary, file);
    else await link(temporary, file).catch(unlessTaken);
  } finally {
    await rm(temporary, { force: true });
  }
  return (await readSecrets(file)) ?? secrets;
}
