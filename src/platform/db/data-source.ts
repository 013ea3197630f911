import { getMetadataArgsStorage, type DataSourceOptions } from 'typeorm';
import { PreparingClient } from './client.js';

/**
 * Connection of the application or the migrations. Entities are those of all imported modules. `synchronize` is never on:
 * the schema changes by migrations only.
 */
export function dataSourceOptions(url: string, poolSize = 4) {
  return {
    type: 'postgres',
    url,
    entities: getMetadataArgsStorage().tables.map((table) => table.target),
    synchronize: false,
    migrationsTransactionMode: 'each',
    logging: false,
    installExtensions: false,
    poolSize,
    extra: {
      Client: PreparingClient,
      application_name: 'pharmonico',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      // Statements are sent as they are made, not one answer at a time: see Database.
      pipeline: true,
      // A query that runs away must not hold its locks for ever.
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 60_000,
    },
  } as const satisfies DataSourceOptions;
}
