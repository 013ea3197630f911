import pg from 'pg';
import { errorCode } from './error-code.js';

/** `ours`: it serves our data. `refused`: a PostgreSQL our password does not open. `no`: nothing, or not yet, or another one. */
export type Answer = 'ours' | 'refused' | 'no';

/** invalid_password, invalid_authorization_specification. */
const refusals: readonly unknown[] = ['28P01', '28000'];

/** Asks the server that answers at `url` whose data it has: a port alone proves nothing. */
export async function ask(url: string, dataDir: string): Promise<Answer> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory === dataDir ? 'ours' : 'no';
  } catch (error) {
    return refusals.includes(errorCode(error)) ? 'refused' : 'no';
  } finally {
    await client.end().catch(() => undefined);
  }
}
