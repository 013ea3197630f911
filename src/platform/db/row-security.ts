/**
 * SQL that puts a table under forced row-level security. The owner is bound too (FORCE), and the application role owns
 * nothing, so a forgotten WHERE shows no foreign row. Settings are empty after a transaction: NULLIF keeps '' from matching.
 */
const setting = (name: string) => `NULLIF(current_setting('app.${name}', true), '')`;
const isSystem = `${setting('role')} = 'system'`;
const ofOrganization = `(organization_id = ${setting('organization')}::uuid AND ${setting('role')} IN ('ops', 'admin', 'integrator'))`;

export type RowPolicy =
  /** Rows of the organization's staff only. */
  | 'organization'
  /** A prescription-like row: staff, or the doctor, pharmacy or patient named on it. */
  | 'parties'
  /** Whatever belongs to a prescription one may see. */
  | 'of-prescription'
  /** Only the platform itself. */
  | 'system';

const conditions: Readonly<Record<RowPolicy, string>> = {
  system: isSystem,
  organization: `${isSystem} OR ${ofOrganization}`,
  parties: `${isSystem} OR ${ofOrganization}
    OR (organization_id = ${setting('organization')}::uuid AND (
      provider_id = ${setting('provider')}::uuid
      OR pharmacy_id = ${setting('pharmacy')}::uuid
      OR patient_id = ${setting('patient')}::uuid))`,
  'of-prescription': `${isSystem} OR ${ofOrganization}
    OR EXISTS (SELECT 1 FROM prescriptions seen WHERE seen.id = prescription_id)`,
};

/** Statements for `up` of a migration. `columns` renames what a policy compares, for tables with other column names. */
export function forceRowSecurity(
  table: string,
  policy: RowPolicy,
  columns: Readonly<Record<string, string>> = {},
): string[] {
  const condition = Object.entries(columns).reduce(
    (sql, [from, to]) => sql.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), to),
    conditions[policy],
  );
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY ${table}_scope ON ${table} USING (${condition}) WITH CHECK (${condition})`,
  ];
}
