/** What a URL of a database leads to, and as whom. */
export interface DatabaseFacts {
  versionNumber: number;
  version: string;
  role: string;
  superuser: boolean;
  bypassesRowSecurity: boolean;
  owns: number;
}

export const factsSql = `SELECT current_setting('server_version_num')::int AS "versionNumber", current_setting('server_version') AS version,
  r.rolname AS role, r.rolsuper AS superuser, r.rolbypassrls AS "bypassesRowSecurity",
  (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')) AS owns
  FROM pg_roles r WHERE r.rolname = current_user`;

/** What makes row-level security, which keeps organizations apart, void in every database of the server. */
export function boundlessPowers({ role, superuser, bypassesRowSecurity }: DatabaseFacts): string[] {
  return held([
    [superuser, `role ${role} is a superuser`],
    [bypassesRowSecurity, `role ${role} bypasses row-level security`],
  ]);
}

/** What the role has that the application's must not: an owner is not bound either. */
export function rolePowers(facts: DatabaseFacts): string[] {
  const { role, owns } = facts;
  return [...boundlessPowers(facts), ...held([[owns > 0, `role ${role} owns ${owns} table(s) or view(s)`]])];
}

function held(powers: readonly [boolean, string][]): string[] {
  return powers.filter(([has]) => has).map(([, what]) => what);
}

export const powersAdvice =
  'Let DATABASE_URL name the application role; `npm run migrate -- --bootstrap` creates the roles, DATABASE_OWNER_URL keeps the owner.';

export const queuePowersAdvice =
  'Let QUEUE_DATABASE_URL name the role of the queues, which owns schema bullmq and nothing else; `npm run migrate -- --bootstrap` creates it.';
