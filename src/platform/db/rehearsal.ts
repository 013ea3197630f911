import type pg from 'pg';
import { Scope } from '../scope.js';
import type { SqlValue } from './tx.js';

/** Work that is tried out on one connection and taken back. */
export interface Rehearsal {
  readonly client: pg.ClientBase;
  /** The transaction id; what the work does has this one or, in savepoints, a later one. */
  readonly xid: number;
  readonly before: ReadonlyMap<string, Written>;
  /** The end of the transaction that runs at the moment. */
  last: Promise<unknown>;
}

/** Set while something is tried out. Of the module, because whatever would act outside the trial must be able to ask. */
export const trials = new Scope<Rehearsal>();

interface Written {
  inserted: number;
  updated: number;
  deleted: number;
}

/** How many rows of a table the work wrote, also of those that are not listed. */
export interface TableChanges extends Written {
  table: string;
  /** False: the table is too large to be looked through, or more rows changed than are listed. */
  listed: boolean;
}

export interface ChangedColumn {
  column: string;
  from: unknown;
  to: unknown;
}

export interface ChangedRow {
  table: string;
  /** The primary key; columns of a compound one joined by `+`. */
  id: string;
  change: 'inserted' | 'updated';
  columns: ChangedColumn[];
}

export interface Rehearsed<T> {
  result: T;
  tables: TableChanges[];
  rows: ChangedRow[];
}

/** A table of more rows than these would be read for seconds: no index knows who wrote a row last. */
const mostRowsSearched = 300_000;
const mostRowsListed = 50;

type Ask = <R extends pg.QueryResultRow>(text: string, values: readonly SqlValue[]) => Promise<R[]>;

/** A trial that hangs must not hold its locks. */
const notLeftOpen = `SET LOCAL idle_in_transaction_session_timeout = '15s'`;

/** Begins one. Locks of real work are waited for a moment only, and so is the rehearsal by others. */
export async function beginRehearsal(client: pg.ClientBase): Promise<Rehearsal> {
  await client.query(`BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5s'; ${notLeftOpen}`);
  const { rows } = await client.query<{ xid: string }>('SELECT pg_current_xact_id()::xid::text AS xid');
  return { client, xid: Number(rows[0]?.xid), before: await written(client), last: Promise.resolve() };
}

/** Compares what the work left with what everybody else still sees. */
export async function rehearsed<T>(trial: Rehearsal, result: T, ask: Ask): Promise<Rehearsed<T>> {
  const tables: TableChanges[] = [];
  const rows: ChangedRow[] = [];
  for (const [table, now] of await written(trial.client)) {
    const changes = since(now, trial.before.get(table));
    if (changes.inserted + changes.updated + changes.deleted === 0) continue;
    const found = await changedRows(trial, table, ask);
    tables.push({ table, ...changes, listed: found !== undefined && found.length < mostRowsListed });
    rows.push(...(found ?? []));
  }
  return { result, tables, rows };
}

async function written(client: pg.ClientBase): Promise<Map<string, Written>> {
  const { rows } = await client.query<Written & { table: string }>(
    `SELECT relname AS table, n_tup_ins AS inserted, n_tup_upd AS updated, n_tup_del AS deleted
     FROM pg_stat_xact_user_tables WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY relname`,
  );
  return new Map(rows.map(({ table, ...counts }) => [table, counts]));
}

function since(now: Written, before: Written = { inserted: 0, updated: 0, deleted: 0 }): Written {
  return {
    inserted: now.inserted - before.inserted,
    updated: now.updated - before.updated,
    deleted: now.deleted - before.deleted,
  };
}

interface Shape {
  rows: number;
  /** Columns of the primary key with their types. */
  key: { name: string; type: string }[];
}

type Row = Readonly<Record<string, unknown>>;

/** @returns undefined when the table is not looked through */
async function changedRows({ client, xid }: Rehearsal, table: string, ask: Ask): Promise<ChangedRow[] | undefined> {
  const { rows: shapes } = await client.query<Shape>(shapeSql, [table]);
  const [shape] = shapes;
  if (shape === undefined || shape.key.length === 0 || shape.rows > mostRowsSearched) return undefined;
  const name = quoted(table);
  const { rows: found } = await client.query<{ row: Row }>(
    `SELECT to_jsonb(t) AS row FROM public.${name} t WHERE t.xmin::text::bigint >= $1 LIMIT ${mostRowsListed}`,
    [xid],
  );
  const keys = shape.key.map((column) => found.map(({ row }) => String(row[column.name])));
  const columns = shape.key.map((column) => quoted(column.name)).join(', ');
  const given = shape.key.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  const earlier = await ask<{ row: Row }>(
    `SELECT to_jsonb(t) AS row FROM public.${name} t WHERE (${columns}) IN (SELECT * FROM unnest(${given}))`,
    keys,
  );
  const idOf = (row: Row) => shape.key.map((column) => String(row[column.name])).join('+');
  const known = new Map(earlier.map(({ row }) => [idOf(row), row]));
  return found
    .map(({ row }) => changeOf(table, idOf(row), row, known.get(idOf(row))))
    .filter(({ columns: differing }) => differing.length > 0);
}

const shapeSql = `SELECT c.reltuples::float8 AS rows,
    coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL)) ORDER BY a.attnum)
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
      WHERE i.indrelid = c.oid AND i.indisprimary), '[]') AS key
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname = $1`;

function changeOf(table: string, id: string, now: Row, before: Row | undefined): ChangedRow {
  const columns = Object.keys(now)
    .filter((column) => JSON.stringify(now[column]) !== JSON.stringify(before?.[column] ?? null))
    .map((column) => ({ column, from: before?.[column] ?? null, to: now[column] }));
  return { table, id, change: before === undefined ? 'inserted' : 'updated', columns };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
