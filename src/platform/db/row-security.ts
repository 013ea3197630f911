/**
 * SQL that puts a table under forced row-level security. The owner is bound too (FORCE), and the application role owns
 * nothing, so a forgotten WHERE shows no foreign row. Settings are empty after a transaction: NULLIF keeps '' from matching.
 */
export const setting = (name: string) => `NULLIF(current_setting('app.${name}', true), '')`;
export const systemOnly = `${setting('role')} = 'system'`;
export const staffOnly = `(organization_id = ${setting('organization')}::uuid AND ${setting('role')} IN ('ops', 'admin', 'integrator'))`;

/** The caller's own side of a ticket, as named by two columns; the organization's staff are one side. */
export const ownParty = (party: string, partyId: string) => `(CASE ${party}
  WHEN 'doctor' THEN ${partyId} = ${setting('provider')}::uuid
  WHEN 'pharmacy' THEN ${partyId} = ${setting('pharmacy')}::uuid
  WHEN 'patient' THEN ${partyId} = ${setting('patient')}::uuid
  ELSE ${partyId} = ${setting('organization')}::uuid AND ${setting('role')} IN ('ops', 'admin', 'integrator') END)`;

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
  system: systemOnly,
  organization: `${systemOnly} OR ${staffOnly}`,
  parties: `${systemOnly} OR ${staffOnly}
    OR (organization_id = ${setting('organization')}::uuid AND (
      provider_id = ${setting('provider')}::uuid
      OR pharmacy_id = ${setting('pharmacy')}::uuid
      OR patient_id = ${setting('patient')}::uuid))`,
  'of-prescription': `${systemOnly} OR ${staffOnly}
    OR EXISTS (SELECT 1 FROM prescriptions seen WHERE seen.id = prescription_id)`,
};

/** Statements for `up` of a migration. `columns` renames what a policy compares, for tables with other column names. */
export function forceRowSecurity(
  table: string,
  policy: RowPolicy | { condition: string },
  columns: Readonly<Record<string, string>> = {},
): string[] {
  const condition = Object.entries(columns).reduce(
    (sql, [from, to]) => sql.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), to),
    typeof policy === 'string' ? conditions[policy] : policy.condition,
  );
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY ${table}_scope ON ${table} USING (${condition}) WITH CHECK (${condition})`,
  ];
}
