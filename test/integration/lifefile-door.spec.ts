import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { WebhookSources } from '../../src/modules/webhooks/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

const password = 'pharmacy:a-password-of-some-length';
const path = '/api/webhooks/lifefile/prescription-status';

interface Told {
  status: number;
  body: { eventId: string; duplicate: boolean; received: boolean; code: string };
}

interface Row {
  status: string;
  code: string | null;
  related: Record<string, unknown>;
}

let app: ShippingApp;
let other: string;
beforeAll(async () => {
  app = await startShippingApp({
    env: {
      LIFEFILE_WEBHOOK_BASIC: `${password},pharmacy:the-password-before-it`,
      LIFEFILE_WEBHOOK_TOKEN: 'token-in-the-address',
    },
  });
  other = await app.organization();
});
afterAll(() => app.stop());

const basicOf = (value: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(value).toString('base64')}`,
});
const push = async (
  body: unknown,
  { type = 'application/json', headers = basicOf(password), query = '' } = {},
): Promise<Told> => {
  const answer = await fetch(`${app.url}${path}${query}`, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Told['body'] };
};
const settled = (eventId: string): Promise<Row> =>
  app.eventually(async () => {
    const [row] = await app.sql<Row & Record<string, unknown>>(
      `SELECT status, error_code AS code, related FROM webhook_events WHERE id = $1 AND status <> 'received'`,
      [eventId],
    );
    return row;
  });
const told = async (body: unknown, options?: Parameters<typeof push>[1]): Promise<Row> =>
  settled((await push(body, options)).body.eventId);

const item = (referenceId: string, over: object = {}) => ({
  orderId: '12345678',
  fillId: '1',
  rxNumber: '1',
  referenceId,
  rxStatus: 'Rx Scheduled',
  rxStatusDateTime: '2026-11-20T07:29:34',
  ...over,
});

/** A prescription that is at the partner pharmacy. */
const atPharmacy = async (): Promise<string> => {
  const id = await app.ready({ kind: 'partner' });
  await app.reaches(id, 'sent_to_pharmacy');
  return id;
};

describe('the door of partner pharmacies', () => {
  it('takes an array of several prescriptions as one event each, and a repeat of it as none', async () => {
    const ids = [await atPharmacy(), await atPharmacy()];
    const body = [[item(ids[0] ?? '')], [item(ids[1] ?? '', { fillId: '2' })]];
    const first = await push(body);
    expect(first).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
    expect(Object.keys(first.body).sort()).toEqual(['duplicate', 'eventId', 'received']);
    for (const id of ids) await app.reaches(id, 'pharmacy_received');
    expect(await push(body)).toEqual({ status: 200, body: { ...first.body, duplicate: true } });
    // What an event is about is written after what it changed.
    const rows = await app.eventually(async () => {
      const found = await app.sql(`SELECT 1 FROM webhook_events WHERE related->>'prescriptionId' = ANY($1::text[])`, [
        ids,
      ]);
      return found.length < 2 ? undefined : found;
    });
    expect(rows).toHaveLength(2);
  });

  it('takes the same as XML, and reads times without offset in the pharmacy’s zone', async () => {
    const id = await atPharmacy();
    const xml = `<list><rx><OrderReferenceId>${id}</OrderReferenceId><rxNumber>1</rxNumber><rxStatus>FULFILLMENT</rxStatus>
      <rxStatusDateTime>2026-11-20T07:29:34</rxStatusDateTime></rx></list>`;
    expect(await told(xml, { type: 'application/xml' })).toMatchObject({ status: 'processed', code: null });
    await app.reaches(id, 'processing');
    const [event] = await app.sql<{ at: Date }>(
      `SELECT occurred_at AS at FROM prescription_status_events WHERE prescription_id = $1 AND action = 'start'`,
      [id],
    );
    expect(event?.at.toISOString()).toBe('2026-11-20T13:29:34.000Z');
  });

  it('knows its pharmacy by password, by token in the address, or by signature, and by nothing else', async () => {
    const body = JSON.stringify(item(newId()));
    const signature = (secret: string) => ({
      'x-lifefile-signature': createHmac('sha256', secret).update(body).digest('hex'),
    });
    const secret = app.sandbox.secrets.LIFEFILE_WEBHOOK_SECRET;
    const ways: [Record<string, string>, string, number][] = [
      [basicOf('pharmacy:the-password-before-it'), '', 200],
      [{}, '?token=token-in-the-address', 200],
      [signature(secret), '', 200],
      [{}, '', 401],
      [{}, '?token=wrong', 401],
      [{}, '?token=token-in-the-address&token=x', 401],
      [basicOf('pharmacy:wrong'), '', 401],
      [{ ...basicOf(password), ...signature('wrong') }, '', 401],
      [{ ...basicOf(password), ...signature(secret) }, '', 200],
      [{ ...basicOf('proxy:own'), ...signature(secret) }, '', 401],
      // Bearer is not configured here.
      [{ authorization: 'Bearer of-a-proxy', ...signature(secret) }, '', 200],
      [{ authorization: `Bearer ${password}` }, '', 401],
    ];
    for (const [headers, query, status] of ways) expect((await push(body, { headers, query })).status).toBe(status);
  });

  it('is told once by a body without a time, whichever rows it comes in by', async () => {
    const id = await atPharmacy();
    const raw = Buffer.from(JSON.stringify(item(id, { rxStatusDateTime: undefined })));
    const event = { source: 'lifefile', eventType: 'any', raw, headers: {}, receivedAt: new Date() };
    for (const row of [newId(), newId()]) {
      await app
        .get(WebhookSources)
        .of('lifefile')
        ?.handle({ ...event, id: row });
    }
    const history = await app.sql(
      `SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND action = 'acknowledge'`,
      [id],
    );
    expect(history).toHaveLength(1);
  });

  it('keeps several parcels of a prescription, none overwritten', async () => {
    const id = await atPharmacy();
    const shipped = (trackingNumber: string, over: object = {}) =>
      item(id, {
        rxStatus: 'Shipping',
        deliveryService: 'UPS GROUND',
        shipCarrier: 'EASYPOST',
        trackingNumber,
        ...over,
      });
    await told([shipped('1ZA'), shipped('1ZB')]);
    await told(shipped('1ZC, 1ZD', { rxStatusDateTime: '2026-11-20T09:00:00' }));
    await app.eventually(async () => ((await app.shipments(id)).length === 4 ? true : undefined));
    await told(shipped('1ZB', { rxStatus: 'Delivered', rxStatusDateTime: '2026-11-21T01:00:00' }));
    const parcels = await app.eventually(async () => {
      const now = await app.shipments(id);
      return now.some(({ status }) => status === 'delivered') ? now : undefined;
    });
    expect(parcels.map((parcel) => [parcel['tracking_number'], parcel['status'], parcel['carrier']]).sort()).toEqual([
      ['1ZA', 'pre_transit', 'ups'],
      ['1ZB', 'delivered', 'ups'],
      ['1ZC', 'pre_transit', 'ups'],
      ['1ZD', 'pre_transit', 'ups'],
    ]);
  });

  it('parks a word nobody knows, an order nobody knows, and one at another pharmacy, and says which', async () => {
    const id = await atPharmacy();
    expect(await told(item(id, { rxStatus: 'Lost At Sea' }))).toMatchObject({
      status: 'parked',
      code: 'lifefile.unknown-word',
      related: { referenceId: id, prescriptionId: id, word: 'lost at sea' },
    });
    // Nobody else's operations see it.
    const [word] = await app.sql(`SELECT organization_id AS whose FROM webhook_events WHERE related @> $1`, [
      { prescriptionId: id, word: 'lost at sea' },
    ]);
    expect(word).toEqual({ whose: app.organizationId });
    expect(await told(item(newId(), { orderId: newId() }))).toMatchObject({
      status: 'parked',
      code: 'shipping.unknown-order',
    });
    const [order] = await app.sql<{ lifefile_order_id: string }>(
      'UPDATE partner_orders SET pharmacy_id = $2 WHERE prescription_id = $1 RETURNING lifefile_order_id',
      [id, app.pharmacies.platform_label],
    );
    const late = item(id, { orderId: order?.lifefile_order_id, rxStatus: 'Cancelled' });
    expect(await told(late)).toMatchObject({ status: 'parked', code: 'shipping.other-pharmacy' });
    await app.reaches(id, 'sent_to_pharmacy');
  });

  it('parks the end of a further fill: the one that was ordered and delivered stays delivered', async () => {
    const id = await atPharmacy();
    const [order] = await app.sql<{ lifefile_order_id: string }>(
      `UPDATE partner_orders SET fill_id = '100' WHERE prescription_id = $1 RETURNING lifefile_order_id`,
      [id],
    );
    const said = (fillId: string, rxStatus: string) =>
      told(item(id, { orderId: order?.lifefile_order_id, fillId, rxStatus }));
    expect(await said('100', 'Delivered')).toMatchObject({ status: 'processed' });
    expect(await said('200', 'Shipping')).toMatchObject({ status: 'processed' });
    for (const word of ['Cancelled', 'Returned'])
      expect(await said('200', word)).toMatchObject({
        status: 'parked',
        code: 'shipping.other-fill',
        related: { prescriptionId: id, fillId: '200' },
      });
    await app.reaches(id, 'delivered');
    expect(await said('100', 'Returned')).toMatchObject({ status: 'processed' });
    await app.reaches(id, 'returned');
  });

  it('hands a status that was faster than our own order to the prescription once it is there', async () => {
    const id = await app.beforeShipping({ kind: 'partner' });
    const [row] = await app.sql<{ rx_number: string }>('SELECT rx_number FROM prescriptions WHERE id = $1', [id]);
    const early = await push(
      { ...item(''), foreignRxNumber: String(row?.rx_number), rxStatus: 'Delivered' },
      { query: '?token=token-in-the-address' },
    );
    expect(await settled(early.body.eventId)).toMatchObject({ status: 'parked', code: 'shipping.not-handed-over' });
    await app.release(id);
    await app.reaches(id, 'delivered');
  });

  it('does not believe a time of the year 1 or 9999, and takes the word all the same', async () => {
    const id = await atPharmacy();
    for (const year of ['0001', '9999']) {
      const row = await told(item(id, { rxStatus: 'Delivered', rxStatusDateTime: `${year}-01-01T00:00:00` }));
      expect(row).toMatchObject({ status: 'processed', related: { findings: ['lifefile.time-unbelievable'] } });
    }
    const events = await app.sql<{ at: Date }>(
      `SELECT occurred_at AS at FROM prescription_status_events WHERE prescription_id = $1 AND action = 'deliver'`,
      [id],
    );
    expect(events.every(({ at }) => Math.abs(at.getTime() - Date.now()) < 3_600_000)).toBe(true);
  });

  it.each([
    ['application/json', '{"rxStatus":', 400, 'request.malformed'],
    ['application/json', '{"__proto__":{"rxStatus":"Shipping"}}', 400, 'request.malformed'],
    ['text/plain', '{"__proto__":{"rxStatus":"Shipping"}}', 400, 'lifefile.body-unreadable'],
    ['text/plain', '['.repeat(70) + ']'.repeat(70), 400, 'lifefile.body-unreadable'],
    ['text/xml', '<!DOCTYPE a><a/>', 400, 'lifefile.body-unreadable'],
    ['text/xml', '<a>'.repeat(70) + '</a>'.repeat(70), 400, 'lifefile.body-unreadable'],
    ['text/csv', 'a,b', 415, 'request.unsupported-media-type'],
    ['application/json', `"${'x'.repeat(600_000)}"`, 413, 'request.too-large'],
  ])('refuses %s %.20s with %i %s and keeps nothing of it', async (type, body, status, code) => {
    const before = await app.sql('SELECT 1 FROM webhook_events');
    expect(await push(body, { type })).toMatchObject({ status, body: { code } });
    expect(await app.sql('SELECT 1 FROM webhook_events')).toHaveLength(before.length);
  });

  it('ends in the same rows whatever the order and repetition of what it is told', async () => {
    const said = [
      ['Rx Scheduled', '09:00'],
      ['Ready for Fulfillment', '10:00'],
      ['Fulfillment', '11:00'],
      ['Final Verification', '12:00'],
      ['Shipping', '13:00'],
      ['Rx Shipping Pickup', '14:00'],
      ['Out For Delivery', '15:00'],
      ['Delivered', '16:00'],
    ] as const;
    const outcome = async (picks: readonly number[]) => {
      const id = await atPharmacy();
      for (const pick of picks) {
        const [rxStatus, hour] = said[pick] ?? [];
        const trackingNumber = pick >= 4 ? `1Z${id.slice(-8)}` : null;
        await told(item(id, { orderId: id, rxStatus, rxStatusDateTime: `2026-11-20T${hour}:00`, trackingNumber }));
      }
      await app.reaches(id, 'delivered');
      return {
        prescription: await app.sql('SELECT state, outcome_at FROM prescriptions WHERE id = $1', [id]),
        events: await app.sql(
          `SELECT action, occurred_at, reason FROM prescription_status_events
           WHERE prescription_id = $1 AND actor_kind = 'pharmacy' ORDER BY occurred_at, reason`,
          [id],
        ),
        parcels: await app.sql(
          'SELECT status, handed_over_at, delivered_at FROM shipments WHERE prescription_id = $1',
          [id],
        ),
        tracking: await app.sql(
          'SELECT status, occurred_at FROM tracking_events WHERE prescription_id = $1 ORDER BY 2, 1',
          [id],
        ),
      };
    };
    const all = said.map((_, index) => index);
    const expected = await outcome(all);
    expect(expected.events).toHaveLength(all.length);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...all, ...all], { minLength: 16, maxLength: 16 }), async (picks) =>
        expect(await outcome(picks)).toEqual(expected),
      ),
      { numRuns: 4 },
    );
  });
});

describe('the health of the door', () => {
  it('is told to everybody in numbers, with nothing secret in it, and not too often', async () => {
    const answer = await fetch(`${app.url}${path}`);
    expect(answer.status).toBe(200);
    const health = (await answer.json()) as { lastEventAt: string; lastHour: Record<string, number> };
    expect(health).toEqual({
      status: 'ok',
      up: true,
      source: 'lifefile',
      lastEventAt: expect.any(String) as string,
      lagSeconds: expect.any(Number) as number,
      lastHour: {
        received: expect.any(Number) as number,
        processed: expect.any(Number) as number,
        parked: expect.any(Number) as number,
        failed: 0,
        ignored: 0,
      },
    });
    expect(health.lastHour['processed']).toBeGreaterThan(10);
    const statuses = new Set<number>();
    for (let count = 0; count < 70; count += 1) statuses.add((await fetch(`${app.url}${path}`)).status);
    expect([...statuses].sort()).toEqual([200, 429]);
  });
});

describe('a source that speaks for one organization', () => {
  it('does not reach the orders of another, even by our own id', async () => {
    const bound = await startShippingApp({
      env: { LIFEFILE_ORGANIZATION: other, LIFEFILE_WEBHOOK_TOKEN: 'token-of-the-other-one' },
    });
    try {
      const id = await bound.ready({ kind: 'partner' });
      await bound.reaches(id, 'sent_to_pharmacy');
      const answer = await fetch(`${bound.url}${path}?token=token-of-the-other-one`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(item(id, { rxStatus: 'Delivered' })),
      });
      const { eventId } = (await answer.json()) as Told['body'];
      const row = await bound.eventually(async () => {
        const [event] = await bound.sql<Record<string, unknown>>(
          `SELECT status, error_code, organization_id FROM webhook_events WHERE id = $1 AND status <> 'received'`,
          [eventId],
        );
        return event;
      });
      expect(row).toEqual({ status: 'parked', error_code: 'shipping.unknown-order', organization_id: null });
      await bound.reaches(id, 'sent_to_pharmacy');
    } finally {
      await bound.stop();
    }
  });
});
