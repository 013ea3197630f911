import pg from 'pg';
import { newId } from '../../src/platform/ids/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('the view prescription_tracking', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  let app: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new pg.Client({ connectionString: database.superuserUrl });
    app = new pg.Client({ connectionString: database.databaseUrl });
    await admin.connect();
    await app.connect();
  });
  afterAll(async () => {
    await admin.end();
    await app.end();
    await database.drop();
  });

  const seenBy = async (organization: string) => {
    await app.query('BEGIN');
    await app.query(`SELECT set_config('app.role', 'ops', true), set_config('app.organization', $1, true)`, [
      organization,
    ]);
    const { rows } = await app.query<Record<string, unknown>>('SELECT * FROM prescription_tracking');
    await app.query('COMMIT');
    return rows;
  };

  it('joins order, latest parcel and time measures, for those who may see the rows below', async () => {
    const [organization, ticket, prescription] = [newId(), newId(), newId()];
    await admin.query(`INSERT INTO organizations (id, name, brand, created_at) VALUES ($1, 'Test', 'Test', now())`, [
      organization,
    ]);
    await admin.query(
      `INSERT INTO healthcare_tickets (id, organization_id, status, status_since, created_at, updated_at) VALUES ($1, $2, 'sent', now(), now(), now())`,
      [ticket, organization],
    );
    await admin.query(
      `INSERT INTO prescriptions (id, organization_id, ticket_id, path, state, state_since, source, sender, drug_description,
         quantity, received_at)
       VALUES ($1, $2, $3, 'full', 'delivered', now(), 'json', 'test', 'Atorvastatin', 30, '2026-11-01T00:00Z')`,
      [prescription, organization, ticket],
    );
    const parcel = (number: string, purchased: string, delivered: string | null) =>
      admin.query(
        `INSERT INTO shipments (id, prescription_id, organization_id, kind, carrier, tracking_number, status, purchased_at,
           shipped_at, delivered_at, created_at)
         VALUES ($1, $2, $3, 'platform_label', 'usps', $4, 'delivered', $5, $5, $6, now())`,
        [newId(), prescription, organization, number, purchased, delivered],
      );
    await parcel('first', '2026-11-01T12:00Z', null);
    await parcel('second', '2026-11-02T00:00Z', '2026-11-03T12:00Z');
    expect(await seenBy(organization)).toEqual([
      expect.objectContaining({
        prescription_id: prescription,
        status: 'delivered',
        tracking_number: 'second',
        hours_to_ship: '24.00',
        hours_in_transit: '36.00',
        hours_to_deliver: '60.00',
        hours_to_complete: null,
      }),
    ]);
    expect(await seenBy(newId())).toEqual([]);
  });
});
