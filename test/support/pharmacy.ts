import { newId } from '../../src/platform/ids/index.js';
import { insertRow, type Sql } from './looker.js';

/** A pharmacy of its own by SQL, for specs that need one and none of its rules. @returns its id */
export async function insertPharmacy(
  sql: Sql,
  organizationId: string,
  columns: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const id = newId();
  await insertRow(sql, 'pharmacies', {
    id,
    organization_id: organizationId,
    name: 'Corner Pharmacy',
    npi: '1439999907',
    ncpdp_id: id.slice(-7),
    kind: 'partner',
    street: '1 Main St',
    city: 'Austin',
    state: 'TX',
    zip: '78701',
    time_zone: 'America/Chicago',
    licensed_states: ['TX'],
    schedules: [],
    forms: ['tablet'],
    daily_capacity: 100,
    turnaround_hours: 24,
    dispensing_fee_cents: 500,
    created_at: new Date(),
    ...columns,
  });
  return id;
}
