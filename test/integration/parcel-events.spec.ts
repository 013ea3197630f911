import { plainNumber } from '../../src/modules/shipping/parcel.policy.js';
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

  const dayMs = 86_400_000;
  const shippedBy = async (carrier: string | null, trackingNumber = plainNumber(`N-${newId()}`), daysAgo = 0) => {
    const id = await app.beforeShipping({ kind: 'partner' });
    const shippedAt = new Date(Date.now() - daysAgo * dayMs);
    await app.sql(`UPDATE prescriptions SET state = 'shipped', received_at = $2 WHERE id = $1`, [id, shippedAt]);
    await insertRow(app.sql, 'shipments', {
      id: newId(),
      prescription_id: id,
      organization_id: app.organizationId,
      kind: 'partner',
      carrier,
      tracking_number: trackingNumber,
      status: 'pre_transit',
      shipped_at: shippedAt,
      created_at: shippedAt,
    });
    return { id, trackingNumber };
  };
  const tell = async (carrier: string, trackingNumber: string, word = 'TRANSIT', daysAgo = 0) => {
    const url = `${app.url}/api/webhooks/shippo?token=${app.sandbox.secrets.SHIPPO_WEBHOOK_SECRET}`;
    const occurredAt = new Date(Date.now() - daysAgo * dayMs - 60_000).toISOString();
    const status = { status: word, substatus: null, status_details: 'On its way.', status_date: occurredAt };
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

  it('of a number that was used before is not told of the parcel that has it now, nor the other way round', async () => {
    const lastYear = await shippedBy('ups', undefined, 400);
    const { trackingNumber } = lastYear;
    const now = await shippedBy('ups', trackingNumber);
    const settled = async (n: number) => {
      await until(async () => (await told(trackingNumber)).length === n);
      return [await stateOf(app, lastYear.id), await stateOf(app, now.id)];
    };
    await tell('ups', trackingNumber, 'DELIVERED', 395);
    expect(await settled(1)).toEqual(['delivered', 'shipped']);
    await tell('ups', trackingNumber, 'RETURNED');
    expect(await settled(2)).toEqual(['delivered', 'returned']);
  });

  it('is of the one parcel with its number, however old its time', async () => {
    const { id, trackingNumber } = await shippedBy('ups');
    await tell('ups', trackingNumber, 'TRANSIT', 400);
    await app.reaches(id, 'in_transit');
  });

  it('moves a parcel whose carrier nobody named', async () => {
    const { id, trackingNumber } = await shippedBy(null);
    await tell('ontrac', trackingNumber);
    await app.reaches(id, 'in_transit');
  });
});
