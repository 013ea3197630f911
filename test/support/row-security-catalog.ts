import type pg from 'pg';
import { defaultRoles } from '../../src/platform/db/roles.js';

type Query = <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

/** Columns that say whose a row is. A table that has one, or refers to a table of the kind, holds party data. */
const partyColumns = [
  'organization_id',
  'patient_id',
  'other_patient_id',
  'provider_id',
  'primary_provider_id',
  'secondary_provider_id',
  'pharmacy_id',
  'selected_pharmacy_id',
  'prescription_id',
  'ticket_id',
  'thread_id',
  'message_id',
  'user_id',
  'member_id',
  'aggregate_id',
  'entity_ids',
];

/** Tables with party data that are not under the one rule, each with the reason. */
export const exceptions: Readonly<Record<string, string>> = {
  outbox_events: 'ids and codes only; relay and workers read it across organizations',
  effects: 'ids, keys and codes only; written for every organization by whoever calls a vendor',
  dead_letters: 'ids and codes only; the organization is compared in dead-letters.store.ts, in one place',
  audit_entries:
    'append-only: all may insert, also who is refused; reading has a policy, changing has neither right nor policy',
};

/** What is wrong with the row-level security of this database, a line each; nothing when all is well. */
export async function rowSecurityProblems(query: Query): Promise<string[]> {
  return [...(await tableProblems(query)), ...(await viewProblems(query)), ...(await policyProblems(query))];
}

interface TableRow {
  name: string;
  enabled: boolean;
  forced: boolean;
  /** Policies for all commands, with USING and WITH CHECK. */
  whole: number;
}

/** Partitions are tables of their own here: each must be under the rule when it is asked directly. */
const tablesWithPartyData = `
  WITH RECURSIVE holding AS (
    SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = ANY ($1)
    UNION
    SELECT f.conrelid FROM pg_constraint f JOIN holding h ON f.confrelid = h.oid WHERE f.contype = 'f'
  )
  SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
    (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive
       AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL) AS whole
  FROM pg_class c WHERE c.oid IN (SELECT oid FROM holding) ORDER BY 1`;

async function tableProblems(query: Query): Promise<string[]> {
  const tables = await query<TableRow>(tablesWithPartyData, [partyColumns]);
  const found = tables.flatMap(({ name, enabled, forced, whole }) => {
    const lacks = [
      ...(enabled ? [] : ['no row-level security']),
      ...(forced ? [] : ['not forced on its owner']),
      ...(whole > 0 ? [] : ['no policy with USING and WITH CHECK']),
    ];
    return lacks.length === 0 ? [] : [{ name, lacks }];
  });
  const names = new Set(found.map(({ name }) => name));
  const needless = Object.keys(exceptions).filter((name) => !names.has(name));
  return [
    ...found.filter(({ name }) => !(name in exceptions)).map(({ name, lacks }) => `table ${name}: ${lacks.join(', ')}`),
    ...needless.map((name) => `table ${name}: named as an exception and is none`),
  ];
}

/** A view runs with its owner's rights unless it says otherwise; a materialized view has no rows' security at all. */
async function viewProblems(query: Query): Promise<string[]> {
  const views = await query<{ name: string; kind: string; options: string[] | null }>(
    `SELECT relname AS name, relkind AS kind, reloptions AS options FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') ORDER BY 1`,
  );
  return views.flatMap(({ name, kind, options }) => {
    if (kind === 'm') return [`view ${name}: materialized, so everybody reads all of it`];
    return options?.some((option) => /^security_invoker=(true|on|1)$/.test(option)) === true
      ? []
      : [`view ${name}: not security_invoker`];
  });
}

/** A condition that compares nothing with the caller is none. The narrow roles are no caller's. */
async function policyProblems(query: Query): Promise<string[]> {
  const policies = await query<{ table: string; name: string; reads: string | null }>(
    `SELECT c.relname AS table, p.polname AS name, pg_get_expr(p.polqual, p.polrelid) AS reads
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
     WHERE c.relnamespace = 'public'::regnamespace AND p.polpermissive AND p.polqual IS NOT NULL
       AND (0 = ANY (p.polroles) OR $1::regrole = ANY (p.polroles)) ORDER BY 1, 2`,
    [defaultRoles.app],
  );
  return policies
    .filter(({ reads }) => !/current_setting\('app\./.test(reads ?? ''))
    .map(({ table, name }) => `policy ${name} of ${table}: compares nothing with the caller`);
}

/** Roles that work for users must not be able to step around the policies. */
export async function roleProblems(query: Query, roles: readonly string[]): Promise<string[]> {
  const rows = await query<{ role: string; problem: string }>(
    `SELECT r.rolname AS role, w.problem FROM pg_roles r CROSS JOIN LATERAL (
       SELECT 'is a superuser' AS problem WHERE r.rolsuper
       UNION ALL SELECT 'has BYPASSRLS' WHERE r.rolbypassrls
       UNION ALL SELECT 'may create roles' WHERE r.rolcreaterole
       UNION ALL SELECT 'may become ' || o.rolname FROM pg_roles o
         WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER')
           AND (o.rolsuper OR o.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = o.oid))
       UNION ALL SELECT 'owns ' || c.relname FROM pg_class c WHERE c.relowner = r.oid
       UNION ALL SELECT 'owns function ' || f.proname FROM pg_proc f WHERE f.proowner = r.oid
       UNION ALL SELECT 'owns schema ' || n.nspname FROM pg_namespace n WHERE n.nspowner = r.oid
       UNION ALL SELECT 'owns database ' || d.datname FROM pg_database d WHERE d.datdba = r.oid
     ) w WHERE r.rolname = ANY ($1) ORDER BY 1, 2`,
    [roles],
  );
  const definers = await query<{ name: string }>(
    `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1`,
  );
  return [
    ...rows.map(({ role, problem }) => `role ${role}: ${problem}`),
    ...definers.map(({ name }) => `function ${name}: runs with its owner's rights`),
  ];
}
