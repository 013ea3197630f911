/** What `DATABASE_URL` leads to, and as whom. */
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

/** What the role has that the application's must not: row-level security, which keeps organizations apart, would be void. */
export function rolePowers({ role, superuser, bypassesRowSecurity, owns }: DatabaseFacts): string[] {
  const powers: [boolean, string][] = [
    [superuser, `role ${role} is a superuser`],
    [bypassesRowSecurity, `role ${role} bypasses row-level security`],
    [owns > 0, `role ${role} owns ${owns} table(s) or view(s)`],
  ];
  return powers.filter(([has]) => has).map(([, what]) => what);
}

export const powersAdvice =
  'Let DATABASE_URL name the application role; `npm run migrate -- --bootstrap` creates the roles, DATABASE_OWNER_URL keeps the owner.';
