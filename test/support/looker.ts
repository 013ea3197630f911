import pg from 'pg';

/** Looks at rows past row-level security; never used by the code under test. */
export type Sql = <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

export interface Looker {
  sql: Sql;
  /** Before the database is dropped: the server would end the connections first. */
  end(): Promise<void>;
}

export function looker(superuserUrl: string): Looker {
  const pool = new pg.Pool({ connectionString: superuserUrl, max: 2 });
  // An idle connection may go when its database does; a query that matters fails by itself.
  pool.on('error', () => undefined);
  return {
    sql: async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<R>(text, values)).rows,
    end: () => pool.end(),
  };
}

/** Columns left undefined keep their default. */
export async function insertRow(sql: Sql, table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  const given = Object.entries(row).filter(([, value]) => value !== undefined);
  const places = given.map((_, at) => `$${at + 1}`).join(', ');
  await sql(
    `INSERT INTO ${table} (${given.map(([column]) => column).join(', ')}) VALUES (${places})`,
    given.map(([, value]) => value),
  );
}
