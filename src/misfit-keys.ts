import type { INestApplicationContext } from '@nestjs/common';
import { misfitKey, type MisfitKey } from './modules/directory/index.js';
import { Keyring } from './platform/crypto/index.js';
import { Database, systemContext } from './platform/db/index.js';

/** What goes wrong with another key, and what to do. */
export const misfitAdvice: Readonly<Record<MisfitKey, string>> = {
  DATA_KEYS:
    'Nothing on file could be read. Set the keys it was written with; a new one is added after them, separated by a comma.',
  BLIND_INDEX_KEY: 'Every patient would be taken for a new one. Set the key it was written with.',
};

/** @throws Error when what is on file was written with other keys: what this process wrote would fit nothing else. */
export async function refuseMisfitKeys(app: INestApplicationContext): Promise<void> {
  const keyring = app.get(Keyring, { strict: false });
  const db = app.get(Database, { strict: false });
  const misfit = await db.tx(systemContext, (tx) => misfitKey(tx, keyring), { readOnly: true });
  if (misfit === undefined) return;
  throw new Error(
    `${misfit} is not the one this database was written with. ${misfitAdvice[misfit]} Without the setting it is in ` +
      'development-keys.json, in the DATA_DIR of the first start.',
  );
}
