import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from '../support/looker.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { stateOf } from '../support/prescription-rows.js';
import { until } from '../support/until.js';

describe('a carrier’s event', () => {
  let app: ShippingApp;

  beforeAll(async () => {
    app = await startShippingApp();
  });
  afterAll(() => app.stop());

  const shippedBy = async (carrier: string | null) => {
    const id = await app.beforeShipping({ kind: 'partner' });
    await app.sql(`UPDATE prescriptions SET state = 'shipped' WHERE id = $1`, [id]);
    const trackingNumber = `N-${newId()}`;
    await insertRow(app.sql, 'shipments', {
      id: newId(),
      prescription_id: id,
      organization_id: app.organizationId,
      kind: 'partner',
      carrier,
      tracking_number: trackingNumber,
      status: 'pre_transit',
      shipped_at: new Date(),
      created_at: new Date(),
    });
    return { id, trackingNumber };
  };
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const tell = async (carrier: string, trackingNumber: string) => {
    const url = `${app.url}/api/webhooks/shippo?token=${app.sandbox.secrets.SHIPPO_WEBHOOK_SECRET}`;
    const status = { status: 'TRANSIT', substatus: null, status_details: 'On its way.', status_date: occurredAt };
    const body = JSON.stringify({
      event: 'track_updated',
      data: { carrier, tracking_number: trackingNumber, tracking_status: status },
    });
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).toBe(200);
    // Past the time in which an unknown number is waited for.
    await app.sql(
      `UPDATE webhook_events SET received_at = received_at - interval '1 minute' WHERE source = 'shippo' AND status = 'received'`,
    );
  };
  const told = (trackingNumber: string) =>
    app.sql<{ status: string; code: string | null; carrier: string | undefined }>(
      `SELECT status, error_code AS code, related ->> 'carrier' AS carrier FROM webhook_events
       WHERE source = 'shippo' AND related ->> 'trackingNumber' = $1 ORDER BY received_at, id`,
      [trackingNumber],
    );

  it('with the number of a parcel and another carrier is parked as unknown, and its own carrier’s still counts', async () => {
    const { id, trackingNumber } = await shippedBy('ups');
    await tell('usps', trackingNumber);
    const parked = await app.eventually(async () => (await told(trackingNumber))[0]);
    expect(parked).toEqual({ status: 'parked', code: 'shipping.unknown-parcel', carrier: 'usps' });
    expect(await stateOf(app, id)).toBe('shipped');
    expect((await app.shipments(id))[0]).toMatchObject({ status: 'pre_transit' });
    await tell('UPS', trackingNumber);
    await app.reaches(id, 'in_transit');
    // The event is ended after what it tells.
    await until(async () => (await told(trackingNumber)).length === 2);
    expect((await told(trackingNumber)).map(({ status }) => status)).toEqual(['parked', 'processed']);
  });

  it('moves a parcel whose carrier nobody named', async () => {
    const { id, trackingNumber } = await shippedBy(null);
    await tell('ontrac', trackingNumber);
    await app.reaches(id, 'in_transit');
  });
});
