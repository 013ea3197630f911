import type pg from 'pg';

/** What one prescription leaves in one table: its rows, and how often rows of that table are updated on the way. */
export interface TableWrites {
  table: string;
  columns: readonly { name: string; type: string }[];
  primaryKey: readonly string[];
  /** The columns of each unique index, beside the primary key. */
  unique: readonly (readonly string[])[];
  rows: readonly Readonly<Record<string, unknown>>[];
  updates: number;
}

interface Counted {
  table: string;
  inserts: number;
  updates: number;
}

/** Inserts and updates by table since the last reset, of the product's own tables. */
export async function countedWrites(sql: pg.Pool): Promise<Counted[]> {
  // Backends hand in their counts at most once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { rows } = await sql.query<Counted>(
    `SELECT relname AS table, n_tup_ins::int AS inserts, n_tup_upd::int AS updates FROM pg_stat_user_tables
     WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd > 0`,
  );
  return rows;
}

/** Rows that lead to further rows by an id that is not their own. */
const followed: Readonly<Record<string, readonly string[]>> = {
  prescriptions: ['patient_id', 'ticket_id'],
  prescription_status_events: ['webhook_event_id'],
};

/**
 * Everything one prescription wrote, found by following ids, in an order foreign keys allow. @param counted of a run of
 * `count` prescriptions: updates leave no rows behind
 */
export async function writesOf(
  sql: pg.Pool,
  prescriptionId: string,
  counted: readonly Counted[],
  count: number,
): Promise<TableWrites[]> {
  const tables = await inForeignKeyOrder(
    sql,
    counted.map(({ table }) => table),
  );
  const ids = new Set([prescriptionId]);
  const found = new Map<string, Record<string, unknown>[]>();
  for (let before = 0; before !== ids.size;) {
    before = ids.size;
    for (const table of tables) {
      const rows = await mentioning(sql, table, [...ids]);
      found.set(table, rows);
      for (const row of rows) {
        for (const column of ['id', ...(followed[table] ?? [])]) {
          if (typeof row[column] === 'string') ids.add(row[column]);
        }
      }
    }
  }
  return Promise.all(
    tables
      .filter((table) => (found.get(table) ?? []).length > 0)
      .map(async (table) => ({
        table,
        ...(await shapeOf(sql, table)),
        rows: found.get(table) ?? [],
        updates: Math.round((counted.find((one) => one.table === table)?.updates ?? 0) / count),
      })),
  );
}

async function mentioning(sql: pg.Pool, table: string, ids: readonly string[]): Promise<Record<string, unknown>[]> {
  const { rows } = await sql.query<{ row: Record<string, unknown> }>(
    `SELECT row FROM (SELECT to_jsonb(t) AS row FROM ${table} t) all_rows WHERE row::text ~ $1`,
    [ids.join('|')],
  );
  return rows.map(({ row }) => row);
}

async function inForeignKeyOrder(sql: pg.Pool, tables: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ from: string; to: string }>(
    `SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to FROM pg_constraint WHERE contype = 'f'`,
  );
  const ordered: string[] = [];
  const visit = (table: string): void => {
    if (ordered.includes(table)) return;
    for (const { from, to } of rows) if (from === table && to !== table) visit(to);
    ordered.push(table);
  };
  tables.forEach(visit);
  return ordered.filter((table) => tables.includes(table));
}

async function shapeOf(sql: pg.Pool, table: string): Promise<Pick<TableWrites, 'columns' | 'primaryKey' | 'unique'>> {
  const columns = await sql.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [table],
  );
  const keys = await sql.query<{ names: string[]; primary: boolean }>(
    `SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names, i.indisprimary AS primary FROM pg_index i
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::int2[])
     WHERE i.indrelid = $1::regclass AND i.indisunique GROUP BY i.indexrelid, i.indisprimary`,
    [table],
  );
  const [primary] = keys.rows.filter((key) => key.primary);
  const unique = keys.rows.filter((key) => !key.primary).map(({ names }) => names);
  return { columns: columns.rows, primaryKey: primary?.names ?? [], unique };
}
