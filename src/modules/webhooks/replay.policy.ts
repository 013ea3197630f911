import type { ChangedRow } from '../../platform/db/index.js';
import { isId } from '../../platform/ids/index.js';

/** One column of one row a replay would change. */
export interface ShownChange {
  table: string;
  id: string;
  column: string;
  change: 'inserted' | 'updated';
  from: string | null;
  to: string | null;
}

/** Columns that hold codes, never anything of a person. */
const codeColumns =
  /^(state|status|outcome|action|kind|source|trigger|carrier|currency|code|event|subscriber|queue|type|path|role|schedule|priority|party|category|channel|.*_(state|status|kind|code|type|action|by_kind|cents|count|number|minutes|ms|at|id))$/;
/** Times and numbers of a person, whatever they are called. */
const personal = /birth|dob|phone|email|name|street|address|zip|member|cardholder|policy/;
const codeValue = /^[\w.:+-]{1,64}$/;

/** What a rehearsal changed, a line per column; values that could be a person's are masked. */
export function shownChanges(rows: readonly ChangedRow[]): ShownChange[] {
  return rows.flatMap(({ table, id, change, columns }) =>
    columns
      .filter(({ column }) => column !== 'id')
      .map(({ column, from, to }) => ({ table, id, column, change, from: shown(column, from), to: shown(column, to) })),
  );
}

function shown(column: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || (typeof value === 'number' && !personal.test(column))) return String(value);
  const isCode =
    typeof value === 'string' && !personal.test(column) && codeColumns.test(column) && codeValue.test(value);
  return isCode ? value : '<hidden>';
}

/** Ids of ours in what handlers name, with the path that shows the thing. */
const paths: Readonly<Record<string, (id: string) => string>> = {
  prescriptionId: (id) => `/api/prescriptions/${id}`,
  prescriptionIds: (id) => `/api/prescriptions/${id}`,
  orderRecordId: (id) => `/api/orders/${id}`,
  ticketId: (id) => `/api/tickets/${id}`,
};

/** Where what an event changed can be looked at. */
export function linksOf(related: Readonly<Record<string, unknown>>): string[] {
  const links = Object.entries(related).flatMap(([name, value]) => {
    const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
    const ids = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isId);
    return path === undefined ? [] : ids.map(path);
  });
  return [...new Set(links)];
}
