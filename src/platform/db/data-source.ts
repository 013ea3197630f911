import pg from 'pg';
import { getMetadataArgsStorage, type DataSourceOptions } from 'typeorm';
import { PreparingClient } from './client.js';
import type { DbContext } from './tx.js';

const connection = {
  Client: PreparingClient,
  application_name: 'pharmonico',
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
  // A connection knows the plans of a hundred statements; a new one makes them all again, at the cost of some hundred jobs.
  idleTimeoutMillis: 600_000,
  // Statements are sent as they are made, not one answer at a time: see Database.
  pipeline: true,
  // A query that runs away must not hold its locks for ever.
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
};

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
    extra: connection,
  } as const satisfies DataSourceOptions;
}

/** Connections that carry `context` from their start to their end; without one, each transaction brings its own. */
export function poolOf(url: string, max: number, context: DbContext = {}): pg.Pool {
  const target = new URL(url);
  const given = target.searchParams.get('options');
  target.searchParams.delete('options');
  const settings = Object.entries(context).map(([name, value]) => `-c app.${name}=${value}`);
  const options = [...(given === null ? [] : [given]), ...settings].join(' ');
  const pool = new pg.Pool({
    ...connection,
    connectionString: target.href,
    max,
    ...(options !== '' && { options }),
  });
  // An idle connection that loses its server is simply replaced.
  pool.on('error', () => undefined);
  // One that is lent out says so by its failing statement; without a listener it would end the process as well.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
