import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { TableWrites } from './written-rows.js';

const connections = 16;

interface Write {
  name: string;
  text: string;
  values: unknown[];
}

/**
 * The same rows in the same tables by plain transactions: BEGIN, one statement a row, COMMIT, once per transition; prepared
 * statements, as the application role under the same row-level security. No queue, no vendors, no thinking.
 */
export class PipelineReference {
  private constructor(
    private readonly clients: readonly pg.Client[],
    private readonly writes: readonly TableWrites[],
    private readonly transitions: number,
  ) {}

  static async open(
    databaseUrl: string,
    writes: readonly TableWrites[],
    transitions: number,
  ): Promise<PipelineReference> {
    const clients = await Promise.all(
      Array.from({ length: connections }, async () => {
        const client = new pg.Client({ connectionString: databaseUrl });
        client.on('error', () => undefined);
        await client.connect();
        await client.query(`SELECT set_config('app.role', 'system', false)`);
        return client;
      }),
    );
    return new PipelineReference(clients, writes, transitions);
  }

  /** @returns seconds for so many prescriptions */
  async round(count: number): Promise<number> {
    const work = Array.from({ length: count }, () => this.transactionsOfOne());
    const began = performance.now();
    await Promise.all(
      this.clients.map(async (client) => {
        for (let one = work.pop(); one !== undefined; one = work.pop()) await write(client, one);
      }),
    );
    return (performance.now() - began) / 1000;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  private transactionsOfOne(): Write[][] {
    const fresh = renaming(this.writes);
    const writes = this.writes.flatMap((table) => {
      const rows = table.rows.map((row) => cloned(row, table, fresh));
      const updates = Array.from({ length: table.updates }, (_, index) => rows[index % rows.length]);
      return [
        ...rows.map((row) => insertOf(table, row)),
        ...updates.flatMap((row) => (row === undefined ? [] : [updateOf(table, row)])),
      ];
    });
    const perTransition = Math.ceil(writes.length / this.transitions);
    return Array.from({ length: this.transitions }, (_, index) =>
      writes.slice(index * perTransition, (index + 1) * perTransition),
    );
  }
}

async function write(client: pg.Client, transactions: readonly Write[][]): Promise<void> {
  for (const writes of transactions) {
    await client.query('BEGIN');
    for (const one of writes) await client.query(one);
    await client.query('COMMIT');
  }
}

type Fresh = (text: string) => string;

/** New ids for all ids one prescription brought into being, the same in every row. */
function renaming(writes: readonly TableWrites[]): Fresh {
  const names = new Map<string, string>();
  for (const { rows } of writes) {
    for (const { id } of rows) if (typeof id === 'string') names.set(id, randomUUID());
  }
  const pattern = new RegExp([...names.keys()].join('|'), 'g');
  return (text) => text.replace(pattern, (id) => names.get(id) ?? id);
}

function cloned(row: TableWrites['rows'][number], table: TableWrites, fresh: Fresh): Record<string, unknown> {
  const copy = JSON.parse(fresh(JSON.stringify(row))) as Record<string, unknown>;
  for (const index of table.unique) {
    // An id among its columns that was renamed makes the row different already.
    if (index.some((column) => row[column] === null || copy[column] !== row[column])) continue;
    const column = index.at(-1) ?? '';
    copy[column] = typeof row[column] === 'number' ? nextNumber() : `${String(row[column])} ${randomUUID()}`;
  }
  return copy;
}

/** Above the numbers the product itself gives out in a run. */
let lastNumber = 1_000_000_000;
const nextNumber = () => (lastNumber += 1);

function insertOf(table: TableWrites, row: Record<string, unknown>): Write {
  const columns = table.columns.filter(({ name }) => row[name] !== undefined);
  return {
    name: `insert_${table.table}`,
    text: `INSERT INTO ${table.table} (${columns.map(({ name }) => name).join(', ')})
      VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    values: columns.map(({ name, type }) => parameter(row[name], type)),
  };
}

/** Of the column a move changes most often; a key stays what it is. */
const changed = ['state_since', 'updated_at', 'done_at', 'processed_at', 'status'];

function updateOf(table: TableWrites, row: Record<string, unknown>): Write {
  const names = table.columns.map(({ name }) => name);
  const column = changed.find((name) => names.includes(name)) ?? names.at(-1) ?? '';
  const type = table.columns.find(({ name }) => name === column)?.type ?? 'text';
  return {
    name: `update_${table.table}`,
    text: `UPDATE ${table.table} SET ${column} = $1
      WHERE ${table.primaryKey.map((key, index) => `${key} = $${index + 2}`).join(' AND ')}`,
    values: [parameter(row[column], type), ...table.primaryKey.map((key) => row[key])],
  };
}

function parameter(value: unknown, type: string): unknown {
  return value !== null && type === 'jsonb' ? JSON.stringify(value) : value;
}
