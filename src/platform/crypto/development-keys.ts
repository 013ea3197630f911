import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../../config/index.js';

export interface PlatformKeys {
  /** As `Keyring` wants it: `id:base64`, newest first. */
  dataKeys: string;
  blindIndexKey: Buffer;
  /** PKCS#8 PEM, newest first. */
  jwtPrivateKeys: readonly string[];
}

const keyFile = z.object({ dataKeys: z.string(), blindIndexKey: z.string(), jwtPrivateKey: z.string() });
type KeyFile = z.infer<typeof keyFile>;

type KeySettings = Pick<Config, 'NODE_ENV' | 'DATA_DIR' | 'DATA_KEYS' | 'BLIND_INDEX_KEY' | 'JWT_PRIVATE_KEYS'>;

/**
 * The keys from the settings; what is missing there comes from a file in the data folder, made on first use, mode 600.
 * @throws Error in production when a key is missing
 */
export function resolveKeys(config: KeySettings): PlatformKeys {
  let file: KeyFile | undefined;
  const developed = (name: keyof KeyFile): string => {
    if (config.NODE_ENV === 'production') throw new Error('production does not start with keys from the data folder');
    file ??= developmentKeys(config.DATA_DIR);
    return file[name];
  };
  return {
    dataKeys: config.DATA_KEYS ?? developed('dataKeys'),
    blindIndexKey: Buffer.from(config.BLIND_INDEX_KEY ?? developed('blindIndexKey'), 'base64'),
    jwtPrivateKeys: config.JWT_PRIVATE_KEYS ?? [developed('jwtPrivateKey')],
  };
}

function developmentKeys(folder: string): KeyFile {
  const path = join(folder, 'development-keys.json');
  return read(path) ?? create(folder, path);
}

function read(path: string): KeyFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return keyFile.parse(JSON.parse(text));
}

/** Written aside and linked: of two processes that start at once, one makes the keys and both use them. */
function create(folder: string, path: string): KeyFile {
  mkdirSync(folder, { recursive: true });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const made: KeyFile = {
    dataKeys: `dev1:${randomBytes(32).toString('base64')}`,
    blindIndexKey: randomBytes(32).toString('base64'),
    jwtPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const aside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(aside, JSON.stringify(made, undefined, 2), { mode: 0o600, flush: true });
  try {
    linkSync(aside, path);
    return made;
  } catch (error) {
    const other = read(path);
    if (other === undefined) throw error;
    return other;
  } finally {
    rmSync(aside, { force: true });
  }
}
