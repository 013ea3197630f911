import { join } from 'node:path';
import type { Config } from '../../../config/index.js';
import { startEmbeddedPostgres } from '../embedded-postgres/index.js';
import { bootstrapDatabase, type DatabaseUrls } from './roles.js';

export interface DatabaseLocation {
  databaseUrl: string;
  /** Only where migrations may run. */
  ownerUrl: string | undefined;
  queueUrl: string | undefined;
  kind: 'embedded' | 'external';
  /** Ends the embedded server, also one that was adopted; an external database is left alone. */
  stop(): Promise<void>;
  /** Ends it only when it was not running before: a command must not take the database from under an application. */
  leave(): Promise<void>;
}

/** The configured database, or the embedded one: started (or adopted) with its roles. */
export async function locateDatabase(config: Config, log: (line: string) => void): Promise<DatabaseLocation> {
  if (config.DATABASE_URL !== undefined) {
    return {
      databaseUrl: config.DATABASE_URL,
      ownerUrl: config.DATABASE_OWNER_URL,
      queueUrl: config.QUEUE_DATABASE_URL,
      kind: 'external',
      stop: async () => undefined,
      leave: async () => undefined,
    };
  }
  const server = await startEmbeddedPostgres({ dataDir: join(config.DATA_DIR, 'postgres'), log });
  const urls: DatabaseUrls = await bootstrapDatabase(server.superuserUrl(), { passwords: server.secrets });
  return {
    databaseUrl: urls.databaseUrl,
    ownerUrl: urls.ownerUrl,
    queueUrl: urls.queueUrl,
    kind: 'embedded',
    stop: () => server.stop(),
    leave: async () => {
      if (!server.adopted) await server.stop();
    },
  };
}
