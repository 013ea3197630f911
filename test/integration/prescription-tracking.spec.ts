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

  const [organization, ticket] = [newId(), newId()];
  beforeAll(async () => {
    await admin.query(`INSERT INTO organizations (id, name, brand, created_at) VALUES ($1, 'Test', 'Test', now())`, [
      organization,
    ]);
    await admin.query(
      `INSERT INTO healthcare_tickets (id, organization_id, status, status_since, created_at, updated_at) VALUES ($1, $2, 'sent', now(), now(), now())`,
      [ticket, organization],
    );
  });
  afterEach(async () => {
    await admin.query('DELETE FROM shipments');
    await admin.query('DELETE FROM external_prescriptions');
    await admin.query('DELETE FROM orders');
    await admin.query('DELETE FROM prescriptions');
  });

  /** Received as November began. */
  const prescribed = async (state: string, times: { outcomeAt?: string; completedAt?: string } = {}) => {
    const id = newId();
    await admin.query(
      `INSERT INTO prescriptions (id, organization_id, ticket_id, path, state, state_since, source, sender, drug_description,
         quantity, received_at, outcome_at, completed_at)
       VALUES ($1, $2, $3, 'full', $4, now(), 'json', 'test', 'Atorvastatin', 30, '2026-11-01T00:00Z', $5, $6)`,
      [id, organization, ticket, state, times.outcomeAt, times.completedAt],
    );
    return id;
  };
  const parcel = (id: string, number: string, columns: Readonly<Record<string, string | null>>) => {
    const row = {
      id: newId(),
      prescription_id: id,
      organization_id: organization,
      kind: 'platform_label',
      carrier: 'usps',
      tracking_number: number,
      status: 'pre_transit',
      created_at: columns['shipped_at'] ?? null,
      ...columns,
    };
    const places = Object.keys(row).map((_, at) => `$${at + 1}`);
    return admin.query(
      `INSERT INTO shipments (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`,
      Object.values(row),
    );
  };
  /** The higher the number, the later it was written. */
  const ordered = async (id: string, number: string) => {
    const orderId = newId();
    await admin.query(
      `INSERT INTO orders (id, organization_id, number, status, status_at, placed_at, created_at)
       VALUES ($1, $2, $3, 'approved', now(), now(), now())`,
      [orderId, organization, number],
    );
    await admin.query(
      `INSERT INTO external_prescriptions (id, organization_id, external_id, order_id, prescription_id, digest, written_at,
         webhook_event_id, created_at)
       VALUES ($1, $2, $3, $4, $5, 'd', to_timestamp($6), $1, now())`,
      [newId(), organization, `rx-${number}`, orderId, id, Number(number)],
    );
    return orderId;
  };
  const bought = (at: string) => ({ purchased_at: at, shipped_at: at });

  it('joins order, latest parcel and time measures, for those who may see the rows below', async () => {
    const id = await prescribed('delivered');
    await parcel(id, 'first', { ...bought('2026-11-01T12:00Z'), status: 'delivered' });
    const arrived = { status: 'delivered', delivered_at: '2026-11-03T12:00Z' };
    await parcel(id, 'second', { ...bought('2026-11-02T00:00Z'), ...arrived });
    expect(await seenBy(organization)).toEqual([
      expect.objectContaining({
        prescription_id: id,
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

  it('names the order at CarePortals that was written for it last', async () => {
    const id = await prescribed('paid');
    expect(await seenBy(organization)).toMatchObject([{ order_id: null, order_number: null }]);
    const orders = await Promise.all(['1001', '1002'].map((number) => ordered(id, number)));
    expect(await seenBy(organization)).toMatchObject([
      { prescription_id: id, order_id: orders[1], order_number: '1002' },
    ]);
  });

  it('leaves out a label that was given back, and prefers none to a parcel the pharmacy reported later', async () => {
    const id = await prescribed('cancelled');
    await parcel(id, 'given back', {
      ...bought('2026-11-02T00:00Z'),
      status: 'voided',
      voided_at: '2026-11-02T01:00Z',
    });
    const none = { carrier: null, tracking_number: null, shipped_at: null, hours_to_ship: null };
    expect(await seenBy(organization)).toMatchObject([none]);
    await parcel(id, 'used', bought('2026-11-02T12:00Z'));
    await parcel(id, 'the pharmacy’s', { kind: 'partner', shipped_at: '2026-11-03T00:00Z' });
    expect(await seenBy(organization)).toMatchObject([{ tracking_number: 'the pharmacy’s', hours_to_ship: '48.00' }]);
  });

  it('shows a label that was given back and used all the same', async () => {
    const id = await prescribed('in_transit');
    await parcel(id, 'used', {
      ...bought('2026-11-02T00:00Z'),
      status: 'in_transit',
      voided_at: '2026-11-02T01:00Z',
    });
    expect(await seenBy(organization)).toMatchObject([{ tracking_number: 'used' }]);
  });

  it('takes the time of the order where no parcel tells when it was delivered, as when it was picked up', async () => {
    await prescribed('completed', { outcomeAt: '2026-11-02T00:00Z', completedAt: '2026-11-02T06:00Z' });
    expect(await seenBy(organization)).toMatchObject([
      {
        tracking_number: null,
        delivered_at: new Date('2026-11-02T00:00Z'),
        hours_in_transit: null,
        hours_to_deliver: '24.00',
        completed_at: new Date('2026-11-02T06:00Z'),
        hours_to_complete: '30.00',
      },
    ]);
  });

  it.each(['returned', 'failed', 'in_transit'])(
    'measures no delivery and no completion of one that is %s',
    async (state) => {
      const id = await prescribed(state, { outcomeAt: '2026-11-04T00:00Z', completedAt: '2026-11-03T00:00Z' });
      const arrived = { status: 'delivered', delivered_at: '2026-11-03T00:00Z' };
      await parcel(id, 'first', { ...bought('2026-11-02T00:00Z'), ...arrived });
      expect(await seenBy(organization)).toMatchObject([
        {
          hours_to_ship: '24.00',
          delivered_at: null,
          hours_in_transit: null,
          hours_to_deliver: null,
          completed_at: null,
          hours_to_complete: null,
        },
      ]);
    },
  );
});
