import { DataSource } from 'typeorm';
import type { Config } from '../../../config/index.js';
import * as migrations from '../../../migrations/index.js';
import { resolveKeys } from '../../platform/crypto/development-keys.js';
import { Keyring } from '../../platform/crypto/index.js';
import { dataSourceOptions } from '../../platform/db/data-source.js';
import { Database } from '../../platform/db/index.js';
import type { DatabaseLocation } from '../../platform/db/locate.js';
import { createFileStorage } from '../../platform/storage/index.js';
import { checkFailures, checkKeys, checkPhones } from './data.check.js';
import { checkAudit } from './audit.check.js';
import { checkDatabase } from './database.check.js';
import { checked, type Finding } from './finding.js';
import { checkPublicUrl } from './public-url.check.js';
import { checkQueue } from './queue.check.js';
import { checkSenders } from './senders.check.js';
import { checkStorage } from './storage.check.js';
import { checkVendors } from './vendors.check.js';

type Urls = Pick<DatabaseLocation, 'databaseUrl' | 'queueUrl' | 'kind'>;

const databaseAdvice = 'Check DATABASE_URL, that PostgreSQL runs, and that this machine may reach it.';
const queueAdvice = 'Check REDIS_URL or QUEUE_DATABASE_URL, and run: npm run migrate';
const storageAdvice = 'Check the S3 settings and the rights on the bucket, or that DATA_DIR can be written.';
const dataAdvice = 'Bring the database and its schema in order first, then run this again.';

/** Every check, in the order in which one mends things. None of them changes anything that stays. */
export async function examine(config: Config, urls: Urls): Promise<Finding[]> {
  const keys = resolveKeys(config);
  const keyring = new Keyring(keys.dataKeys, keys.blindIndexKey);
  const settled = await Promise.all([
    checked('database', databaseAdvice, () => checkDatabase(urls.databaseUrl, urls.kind, Object.values(migrations))),
    checked('queue', queueAdvice, () => checkQueue(config, urls.queueUrl)),
    checked('storage', storageAdvice, async () => checkStorage(await createFileStorage(config, keyring))),
    checkVendors(config),
    checkPublicUrl(config),
    examineData(config, urls.databaseUrl, keyring),
  ]);
  return settled.flat();
}

async function examineData(config: Config, databaseUrl: string, keyring: Keyring): Promise<Finding[]> {
  return checked('data', dataAdvice, async () => {
    const db = new Database(new DataSource(dataSourceOptions(databaseUrl, 2)));
    await db.open();
    try {
      const keys = await checkKeys(db, keyring);
      const sealed = keys.level === 'ok' ? await checkPhones(db, keyring) : [];
      return [
        keys,
        ...sealed,
        ...(await checkSenders(db, config)),
        ...(await checkFailures(db)),
        ...(await checkAudit(db)),
      ];
    } finally {
      await db.close();
    }
  });
}
