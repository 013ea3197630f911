import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { CarePortalsSources } from '../../src/modules/orders/careportals-sources.js';
import { plainNumber } from '../../src/modules/shipping/parcel.policy.js';
import { WebhookInbox } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { itWithFixtures, jsonFixture } from '../conformance/fixtures.js';
import { insertRow } from '../support/looker.js';
import { bloom, glow, startOrdersApp, type OrdersApp, type Push } from '../support/orders-app.js';

interface Received {
  received: boolean;
  eventId: string;
  duplicate: boolean;
  code?: string;
  problem?: string;
}

interface Answer<T> {
  status: number;
  body: T;
}

let app: OrdersApp;
let key: string;
beforeAll(async () => {
  app = await startOrdersApp();
  key = await app.key();
});
afterAll(() => app.stop());

const order = (names: object = {}) => ({
  _id: newId(),
  id: newId().slice(-8),
  totalAmount: 199.99,
  discountAmount: 50,
  baseAmount: 249.99,
  createdAt: '2026-11-20T10:30:00Z',
  customer: { _id: newId(), email: `${newId()}@example.com`, firstName: 'Ada', lastName: 'Marsh' },
  ...names,
});

async function push(body: unknown, how?: Push): Promise<{ status: number; body: Received }> {
  const answer = await app.push(body, how);
  return { status: answer.status, body: (await answer.json()) as Received };
}

/** Pushed, and worked on. */
async function taken(body: unknown, how?: Push) {
  const { status, body: answer } = await push(body, how);
  expect(status).toBe(200);
  expect(answer).toMatchObject({ received: true, duplicate: false });
  return { ...(await app.settles(answer.eventId)), eventId: answer.eventId };
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  const answer = await fetch(`${app.url}/api/${path}`, {
    ...init,
    headers: { authorization: key, 'content-type': 'application/json' },
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

const orderOf = async (externalId: string) =>
  (await app.sql<Record<string, unknown>>('SELECT * FROM orders WHERE external_id = $1', [externalId]))[0];

/** The carrier's word of a parcel, as if it had come ten seconds ago: what fits nothing is parked by now. @returns the event */
async function scanned(trackingNumber: string): Promise<string> {
  const data = {
    carrier: 'ups',
    tracking_number: trackingNumber,
    tracking_status: { status: 'TRANSIT', status_date: '2026-11-20T18:00:00Z', object_id: newId() },
  };
  const raw = Buffer.from(JSON.stringify({ event: 'track_updated', data }));
  const event = { source: 'shippo', dedupeKey: newId(), eventType: 'track_updated', raw, headers: {} };
  const { eventId } = await app.get(WebhookInbox).receive(event);
  await app.sql(`UPDATE webhook_events SET received_at = received_at - interval '10 seconds' WHERE id = $1`, [eventId]);
  return eventId;
}

describe('the door of CarePortals', () => {
  it('opens to the signature of the raw body, in any case, with or without its prefix, and to a former secret', async () => {
    for (const [prefix, change] of [
      ['', (text: string) => text],
      ['sha256=', (text: string) => text.toUpperCase()],
    ] as const) {
      const body = JSON.stringify(order());
      const signature = prefix + change(createHmac('sha256', glow.former).update(body).digest('hex'));
      const answer = await push(body, { headers: { 'x-careportals-signature': signature } });
      expect(answer).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
    }
  });

  it('opens to the token of a source', async () => {
    const body = JSON.stringify(order());
    const answer = await fetch(`${app.url}/api/webhooks/careportals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${glow.secret}` },
      body,
    });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['no proof', { 'x-careportals-signature': '' }],
    ['a signature of another secret', { 'x-careportals-signature': 'a'.repeat(64) }],
    ['no signature but a word', { 'x-careportals-signature': 'trust me' }],
    ['a foreign token beside a right signature', { authorization: 'Bearer nobody' }],
    ['the token of another source beside a right signature', { authorization: `Bearer ${bloom.secret}` }],
  ])('stays shut to %s, and keeps nothing', async (_what, headers) => {
    const [before] = await app.sql<{ n: number }>('SELECT count(*)::int AS n FROM webhook_events');
    const answer = await push(order(), { headers });
    expect(answer).toMatchObject({ status: 401, body: { code: 'webhook.signature-invalid' } });
    expect((await app.sql<{ n: number }>('SELECT count(*)::int AS n FROM webhook_events'))[0]?.n).toBe(before?.n);
  });

  it('stays shut to a body that was changed after it was signed', async () => {
    const body = JSON.stringify(order());
    const signature = createHmac('sha256', glow.secret).update(body).digest('hex');
    const answer = await push(`${body} `, { headers: { 'x-careportals-signature': signature } });
    expect(answer.status).toBe(401);
  });

  it('stays shut to every change of body or signature', () => {
    const body = Buffer.from(JSON.stringify(order()));
    const signature = createHmac('sha256', glow.secret).update(body).digest('hex');
    const changed = (bytes: Buffer, at: number, by: number) => {
      const copy = Buffer.from(bytes);
      copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
      return copy;
    };
    const change = fc.tuple(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }));
    const sources = app.get(CarePortalsSources);
    fc.assert(
      fc.property(change, ([ofBody, at, by]) => {
        const raw = ofBody ? changed(body, at, by) : body;
        const header = ofBody ? signature : changed(Buffer.from(signature), at, by).toString('latin1');
        // A letter in its other case is the same signature.
        fc.pre(header.toLowerCase() !== signature || ofBody);
        expect(sources.prove({ raw, authorization: undefined, signature: header }).source).toBeUndefined();
      }),
      { numRuns: 100_000 },
    );
  });

  it('answers the same event with the same id, and does nothing twice', async () => {
    const body = order();
    const first = await push(body);
    const second = await push(body);
    expect(first.body.duplicate).toBe(false);
    expect(second).toMatchObject({
      status: 200,
      body: { received: true, eventId: first.body.eventId, duplicate: true },
    });
    await app.settles(first.body.eventId);
    const reports = await app.sql(
      'SELECT 1 FROM order_reports r JOIN orders o ON o.id = r.order_id WHERE o.external_id = $1',
      [body._id],
    );
    expect(reports).toHaveLength(1);
  });

  it('takes the event from path, header, body or shape', async () => {
    const pause = { _id: newId(), status: 'paused', customer: { email: `${newId()}@example.com` } };
    expect(await taken(order(), { path: '/order.created' })).toMatchObject({ status: 'processed' });
    expect(await taken(order(), { headers: { 'x-careportals-event': 'order.created' } })).toMatchObject({
      status: 'processed',
    });
    for (const field of ['event', 'type', 'trigger']) {
      expect(await taken({ ...order(), [field]: 'order.created' })).toMatchObject({ status: 'processed' });
    }
    expect(await taken(order())).toMatchObject({ status: 'processed' });
    expect(await taken(pause)).toMatchObject({ status: 'processed' });
  });

  it('refuses names of an event that disagree', async () => {
    const answer = await push({ ...order(), event: 'subscription.paused' }, { path: '/order.created' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'careportals.event-disagrees' } });
  });

  const visit = { _id: 'a1', status: 'cancelled', customer: { email: 'visitor@example.com' } };
  it.each([
    ['no event at all', { hello: 'world' }, 'careportals.unknown-event'],
    ['a word nobody documented', { ...order(), event: 'customer.updated' }, 'careportals.unknown-event'],
    ['a word in one piece', { ...order(), event: 'orderRefunded' }, 'careportals.unknown-event'],
    ['a cancelled visit', { ...visit, event: 'appointment-cancelled' }, 'careportals.unknown-event'],
    ['a sentence', { ...visit, event: 'Visit \ud83d called off' }, 'careportals.unknown-event'],
    ['a body of another form', { ...order(), lineItems: 'three' }, 'careportals.undocumented-body'],
    ['an amount that is none', { ...order(), totalAmount: 'much' }, 'careportals.undocumented-body'],
    ['a foreign organization', { ...order(), organization: 'bloom' }, 'careportals.foreign-organization'],
    [
      'a foreign organization in the thing itself',
      { event: 'order.created', data: { ...order(), organization: { code: 'bloom' } } },
      'careportals.foreign-organization',
    ],
    ['a status nobody documented', { ...order(), status: 'teleported' }, 'careportals.unknown-word'],
  ])('keeps %s and parks it', async (_what, body, code) => {
    expect(await taken(body)).toMatchObject({ status: 'parked', error_code: code });
  });

  it('knows the organization of a source by its id, in any case, or by its name', async () => {
    const whose = (organization: string) =>
      app.db.tx(systemContext, (tx) =>
        app.get(CarePortalsSources).organizationOf(tx, { code: 'any', organization, secrets: [] }),
      );
    const { organizationId } = app;
    expect(
      await Promise.all([organizationId, organizationId.toUpperCase(), 'Test', 'TEST', newId()].map(whose)),
    ).toEqual([organizationId, organizationId, organizationId, undefined, undefined]);
  });

  it('parks what comes for an organization nobody has made yet, under the names of its order', async () => {
    const body = order();
    const { eventId, ...row } = await taken(body, { secret: bloom.secret });
    expect(row).toMatchObject({
      status: 'parked',
      error_code: 'careportals.unknown-organization',
      organization_id: null,
    });
    const [{ related } = { related: {} }] = await app.sql<{ related: object }>(
      'SELECT related FROM webhook_events WHERE id = $1',
      [eventId],
    );
    expect(related).toEqual({ externalId: body._id, number: body.id });
  });

  it('keeps the events of two sources apart', async () => {
    const body = order();
    await push(body);
    expect((await push(body, { secret: bloom.secret })).body.duplicate).toBe(false);
  });

  it.each([
    ['a dotted key to the prototype', '{"totalAmount":1,"a.__proto__.admin":true}', 'forbidden-key'],
    ['a dotted key to the constructor', '{"totalAmount":1,"constructor.prototype.admin":true}', 'forbidden-key'],
    ['an index over 200', '{"totalAmount":1,"lineItems.201.price":1}', 'index-too-large'],
    ['a list with holes', '{"totalAmount":1,"lineItems.1.price":1}', 'sparse-list'],
    ['two truths', '{"totalAmount":1,"customer":{"email":"a"},"customer.email":"b"}', 'conflicting-keys'],
    ['a list of events', '[{"totalAmount":1}]', 'not-an-object'],
    ['dots without end', `{"totalAmount":1,"${'a.'.repeat(60)}a":1}`, 'too-deep'],
  ])('refuses %s', async (_what, body, problem) => {
    expect(await push(body)).toMatchObject({ status: 422, body: { code: 'careportals.body-unreadable', problem } });
  });

  it('counts what it refused of a sender it believed', async () => {
    await push('{"totalAmount":1,"lineItems.1.price":1}');
    const metrics = await app.get(Metrics).render();
    const line = 'pharmonico_webhooks_refused_total{source="careportals.glow",verdict="careportals.body-unreadable"}';
    expect(Number(metrics.split(`${line} `)[1]?.split('\n')[0])).toBeGreaterThan(0);
  });

  it.each([
    ['a key that is the prototype', '{"totalAmount":1,"__proto__":{"admin":true}}', 400],
    ['lists in lists without end', `{"totalAmount":1,"a":${'['.repeat(70)}${']'.repeat(70)}}`, 400],
    ['no JSON', '{"totalAmount":', 400],
  ])('refuses %s', async (_what, body, status) => {
    expect((await push(body)).status).toBe(status);
  });

  it('reads XML and forms not at all', async () => {
    expect((await push('<order/>', { headers: { 'content-type': 'application/xml' } })).status).toBe(415);
  });
});

describe('an order', () => {
  itWithFixtures(
    'is the same from the flat and from the nested body, which are taken as they are documented',
    async () => {
      const flat = jsonFixture('careportals/seed_order_created_flat.json') as Record<string, unknown>;
      const nested = jsonFixture('careportals/seed_order_created_nested.json') as Record<string, unknown>;
      expect(await taken(flat)).toMatchObject({ status: 'processed' });
      const [first, ...others] = await app.sql<{ id: string }>(
        `SELECT * FROM orders WHERE external_id = 'internal_order_id'`,
      );
      expect(await taken(nested)).toMatchObject({ status: 'processed' });
      expect(others).toEqual([]);
      expect(await app.sql(`SELECT * FROM orders WHERE external_id = 'internal_order_id'`)).toEqual([first]);
      const { body } = await ask<Record<string, unknown>>(`orders/${first?.id ?? ''}`);
      expect(body).toMatchObject({
        externalId: 'internal_order_id',
        number: 'customer_facing_order_id',
        status: 'pending',
        statusAt: '2024-01-15T10:30:00.000Z',
        source: 'order_source_channel',
        coupon: 'discount_code',
        baseCents: 24_999,
        discountCents: 5_000,
        creditCents: 0,
        totalCents: 19_999,
        reductionType: 'dollar',
        findings: [],
        customer: { firstName: 'patient_first_name', lastName: 'patient_last_name', phoneUnreachable: true },
        contact: { externalId: 'internal_customer_id', email: 'patient@email.com', phone: '+1234567890' },
        lineItems: [
          {
            productId: 'product_identifier',
            drugName: 'medication_compound_name',
            listPriceCents: 24_999,
            priceCents: 19_999,
            reductionHundredths: 5_000,
            reductionType: 'dollar',
            quantity: 1,
          },
        ],
        addresses: [{ kind: 'shipping', line1: '123 Main Street', line2: 'Apt 4B', state: 'NY', zip: '12345' }],
        events: [{ kind: 'status', status: 'pending' }],
      });
      const [report] = await app.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM order_reports r JOIN orders o ON o.id = r.order_id WHERE o.external_id = 'internal_order_id'`,
      );
      expect(report?.n).toBe(1);
    },
  );

  it('is one from the simple and the full body, whichever comes first', async () => {
    const full = { ...order(), lineItems: [{ productId: 'p', price: 199.99, listPrice: 249.99 }], coupon: 'WELCOME' };
    const { _id, id, totalAmount, createdAt, customer } = full;
    const simple = { _id, id, totalAmount, createdAt, customer, source: 'app' };
    for (const [first, second] of [
      [simple, full],
      [full, simple],
    ]) {
      const names = { _id: newId(), id: newId().slice(-8) };
      await taken({ ...first, ...names, event: 'order.created' });
      await taken({ ...second, ...names, event: 'order.created' });
      expect(await orderOf(names._id)).toMatchObject({
        number: names.id,
        source: 'app',
        coupon: 'WELCOME',
        total_cents: 19_999,
        base_cents: 24_999,
      });
    }
  });

  it('is one when it was first told of by its number and by its id alone', async () => {
    const { _id, id, ...rest } = order();
    await taken({ ...rest, id });
    await taken({ ...rest, _id });
    await taken({ ...rest, _id, id });
    expect(await app.sql('SELECT id FROM orders WHERE external_id = $1 OR number = $2', [_id, id])).toHaveLength(1);
  });

  it('notes what does not add up, and is taken all the same', async () => {
    const wrong = { ...order({ totalAmount: '200.005' }), lineItems: [{ listPrice: 100, price: 100, quantity: 2 }] };
    expect(await taken(wrong)).toMatchObject({ status: 'processed' });
    expect(await orderOf(wrong._id)).toMatchObject({
      total_cents: 20_001,
      findings: [
        { code: 'order.total-differs', expectedCents: 19_999, givenCents: 20_001 },
        { code: 'order.lines-differ-from-base', expectedCents: 20_000, givenCents: 24_999 },
        { code: 'order.lines-differ-from-total', expectedCents: 20_000, givenCents: 20_001 },
      ],
    });
  });

  it('gets each entry of a status history as an event at its own time, and stands where the furthest is', async () => {
    const placed = order();
    await taken(placed);
    await taken({
      event: 'order.status_updated',
      _id: placed._id,
      status: 'approved',
      statusHistory: [
        { status: 'Processing', createdAt: '2026-11-20T11:00:00Z' },
        { status: 'approved', createdAt: '2026-11-20T12:00:00Z' },
        { status: 'shipped', createdAt: '2026-11-21T09:00:00Z' },
      ],
      tracking: { trackingNumber: '1Z999', carrier: 'UPS', estimatedDelivery: '2026-11-24' },
    });
    const row = await orderOf(placed._id);
    expect(row).toMatchObject({ status: 'shipped', tracking_number: '1Z999', carrier: 'UPS' });
    const events = await app.sql<{ word: string; occurred_at: Date }>(
      'SELECT word, occurred_at FROM order_events WHERE order_id = $1 ORDER BY occurred_at',
      [row?.['id']],
    );
    expect(events.map(({ word, occurred_at: at }) => `${word} ${at.toISOString()}`)).toEqual([
      'pending 2026-11-20T10:30:00.000Z',
      'processing 2026-11-20T11:00:00.000Z',
      'approved 2026-11-20T12:00:00.000Z',
      'shipped 2026-11-21T09:00:00.000Z',
    ]);
  });

  it('takes the update that came before it', async () => {
    const placed = order();
    const update = {
      event: 'order.status_updated',
      id: placed.id,
      status: 'approved',
      updatedAt: '2026-11-20T12:00:00Z',
    };
    const early = await push(update);
    // Only after a grace in which the order may still be on its way it is parked.
    await app.eventually(async () =>
      (await app.eventRow(early.body.eventId))?.status === 'parked' ? true : undefined,
    );
    await taken(placed);
    await app.eventually(async () => ((await orderOf(placed._id))?.['status'] === 'approved' ? true : undefined));
    await app.eventually(async () =>
      (await app.eventRow(early.body.eventId))?.status === 'processed' ? true : undefined,
    );
  });

  it('takes an update that says orderId, whichever of its names that is, and keeps its number', async () => {
    const placed = order();
    await taken(placed);
    for (const [orderId, status] of [
      [placed._id, 'approved'],
      [placed.id, 'shipped'],
    ]) {
      const update = { event: 'order.status_updated', orderId, status, updatedAt: '2026-11-20T12:00:00Z' };
      expect(await taken(update)).toMatchObject({ status: 'processed' });
      expect(await orderOf(placed._id)).toMatchObject({ status, number: placed.id });
    }
    expect(await app.sql('SELECT 1 FROM orders WHERE number = $1', [placed._id])).toEqual([]);
  });

  it('learns its number from an update that says both names, unless it is told otherwise', async () => {
    const { id, ...nameless } = order();
    await taken(nameless);
    const update = { event: 'order.status_updated', _id: nameless._id, status: 'approved' };
    await taken({ ...update, orderId: id, updatedAt: '2026-11-20T12:00:00Z' });
    expect(await orderOf(nameless._id)).toMatchObject({ status: 'approved', number: id });
    await taken({ ...nameless, id: `${id}-1` });
    await taken({ ...update, orderId: id, updatedAt: '2026-11-20T13:00:00Z' });
    expect(await orderOf(nameless._id)).toMatchObject({ number: `${id}-1` });
  });

  it('is found by orderId where the update has an _id of its own, and keeps its names', async () => {
    const placed = order();
    const update = { event: 'order.status_updated', _id: newId(), orderId: placed._id };
    const { body: early } = await push({ ...update, status: 'approved' });
    await app.sql(`UPDATE webhook_events SET received_at = received_at - interval '10 seconds' WHERE id = $1`, [
      early.eventId,
    ]);
    expect(await app.settles(early.eventId)).toMatchObject({ error_code: 'careportals.unknown-order' });
    await taken(placed);
    expect(await app.settles(early.eventId)).toMatchObject({ status: 'processed' });
    expect(await taken({ ...update, id: newId(), status: 'shipped' })).toMatchObject({ status: 'processed' });
    expect(await orderOf(placed._id)).toMatchObject({ status: 'shipped', number: placed.id });
  });

  it.each(['_id', 'id'] as const)('takes the update that said its %s as orderId and came before it', async (name) => {
    const placed = order();
    const update = { event: 'order.status_updated', orderId: placed[name], status: 'approved' };
    const { body: early } = await push(update);
    await app.sql(`UPDATE webhook_events SET received_at = received_at - interval '10 seconds' WHERE id = $1`, [
      early.eventId,
    ]);
    expect(await app.settles(early.eventId)).toMatchObject({
      status: 'parked',
      error_code: 'careportals.unknown-order',
    });
    await taken(placed);
    expect(await app.settles(early.eventId)).toMatchObject({ status: 'processed' });
    expect(await orderOf(placed._id)).toMatchObject({ status: 'approved', number: placed.id });
  });

  it('is found by either of its numbers, page by page, and by nobody of another organization', async () => {
    const placed = order();
    await taken(placed);
    for (const reference of [placed._id, placed.id]) {
      const { body } = await ask<{ items: { externalId: string }[] }>(`orders?reference=${reference}`);
      expect(body.items.map(({ externalId }) => externalId)).toEqual([placed._id]);
    }
    const first = await ask<{ items: { id: string }[]; nextCursor: string }>('orders?limit=2');
    const second = await ask<{ items: { id: string }[] }>(`orders?limit=2&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(4);
    const own = key;
    key = await app.key({ organizationId: await app.organization({ name: 'Elsewhere' }) });
    expect((await ask<{ items: unknown[] }>('orders')).body.items).toEqual([]);
    expect(await ask(`orders/${ids[0] ?? ''}`)).toMatchObject({ status: 404, body: { code: 'order.not-found' } });
    key = own;
    const [entry] = await app.sql<{ action: string }>(
      `SELECT action FROM audit_entries WHERE entity = 'order' AND $1 = ANY (entity_ids)`,
      [ids[0]],
    );
    expect(entry?.action).toBe('search');
  });

  it('keeps contact data sealed', async () => {
    const placed = order();
    await taken(placed);
    const rows = await app.sql<{ row: string }>(
      `SELECT row_to_json(c)::text AS row FROM customer_contacts c UNION ALL SELECT row_to_json(c)::text FROM customers c
       UNION ALL SELECT row_to_json(r)::text FROM order_reports r`,
    );
    expect(rows.some(({ row }) => row.includes(placed.customer.email))).toBe(false);
  });
});

describe('customers', () => {
  const customersOf = (emails: readonly string[], ids: readonly string[] = []) =>
    app.sql<{ id: string; externalIds: string[] }>(
      `SELECT c.customer_id AS id, array_agg(DISTINCT o.external_id) AS "externalIds"
       FROM orders o JOIN customer_contacts c ON c.id = o.contact_id WHERE o.external_id = ANY ($1) GROUP BY 1 ORDER BY 1`,
      [[...emails, ...ids]],
    );

  it('are one by email, by id when no email is told, and by phone when neither is', async () => {
    const [email, _id, phone] = [`${newId()}@example.com`, newId(), '+15125550143'];
    const orders = [{ email, _id, phone }, { email: email.toUpperCase() }, { _id }, { phone: '(512) 555-0143' }].map(
      (customer) => order({ customer }),
    );
    for (const one of orders) await taken(one);
    const found = await customersOf(orders.map((one) => one._id));
    expect(found).toHaveLength(1);
    expect(found[0]?.externalIds).toHaveLength(4);
  });

  it('stay apart where one id has two emails, until a person has looked', async () => {
    const _id = newId();
    const [one, other] = [1, 2].map(() => order({ customer: { _id, email: `${newId()}@example.com` } }));
    await taken(one);
    await taken(other);
    expect(await customersOf([one?._id ?? '', other?._id ?? ''])).toHaveLength(2);
    const { body } = await ask<{ items: { id: string; reason: string; customer: { id: string } }[] }>(
      'customers/reviews?limit=200',
    );
    const [review] = body.items.filter(({ reason }) => reason === 'same_id_other_email');
    const { body: ordered } = await ask<{ items: { externalId: string }[] }>(
      `orders?customerId=${review?.customer.id ?? ''}`,
    );
    expect([one?._id, other?._id]).toContain(ordered.items[0]?.externalId);
    const resolve = () =>
      ask<{ resolution: string }>(`customers/reviews/${review?.id ?? ''}/resolve`, {
        method: 'POST',
        body: JSON.stringify({ resolution: 'different_people' }),
      });
    expect(await resolve()).toMatchObject({ status: 200, body: { resolution: 'different_people' } });
    expect(await resolve()).toMatchObject({ status: 409, body: { code: 'customer-review.already-resolved' } });
    await taken(order({ customer: { _id, email: one?.customer.email } }));
    const open = await ask<{ items: { id: string }[] }>('customers/reviews?limit=200');
    expect(open.body.items.map(({ id }) => id)).not.toContain(review?.id);
  });
});

describe('a subscription', () => {
  it('suppresses reminders from the moment it is paused until ops or a later order resumes it', async () => {
    const customer = { email: `${newId()}@example.com`, firstName: 'Ada', lastName: 'Marsh' };
    const stop = (word: string, at: string) => ({
      event: `subscription.${word}`,
      subscription: { _id: `sub-${customer.email}`, reason: 'too expensive', source: 'web', coupon: 'WELCOME' },
      customer,
      timestamp: at,
    });
    const shown = async () =>
      (await ask<{ items: Record<string, unknown>[] }>('subscriptions?limit=200')).body.items.find(
        ({ externalId }) => externalId === `sub-${customer.email}`,
      );
    await taken(stop('paused', '2026-11-01T10:00:00Z'));
    expect(await shown()).toMatchObject({
      status: 'paused',
      remindersSuppressed: true,
      reason: 'too expensive',
      source: 'web',
      coupon: 'WELCOME',
    });
    const resume = async () => ask(`subscriptions/${String((await shown())?.['id'])}/resume`, { method: 'POST' });
    expect(await resume()).toMatchObject({ status: 200, body: { remindersSuppressed: false, resumedBy: 'ops' } });
    expect(await resume()).toMatchObject({ status: 409, body: { code: 'subscription.not-stopped' } });
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await taken(stop('cancelled', later));
    expect(await shown()).toMatchObject({ status: 'cancelled', remindersSuppressed: true, resumedBy: null });
    await taken(order({ customer, createdAt: new Date(Date.now() + 7_200_000).toISOString() }));
    expect(await shown()).toMatchObject({ status: 'cancelled', remindersSuppressed: false, resumedBy: 'order' });
  });
});

describe("a stop in the customer's own words", () => {
  it.each([
    ['more than anybody reads', 'x'.repeat(400)],
    ['a text that was cut inside a character', 'too dear \ud83d'],
  ])('counts when they are %s', async (_what, reason) => {
    const _id = newId();
    const stop = { event: 'subscription.cancelled', _id, customer: { email: `${_id}@example.com` }, reason };
    expect(await taken(stop)).toMatchObject({ status: 'processed' });
    expect(await app.sql('SELECT reminders_suppressed FROM subscriptions WHERE external_id = $1', [_id])).toEqual([
      { reminders_suppressed: true },
    ]);
  });

  it('counts when its very id was cut inside a character', async () => {
    const _id = `${newId()} \ud83d`;
    expect(await taken({ event: 'subscription.paused', _id })).toMatchObject({ status: 'processed' });
  });
});

describe('a prescription written at CarePortals', () => {
  const written = (customer: object, more: object = {}) => ({
    event: 'prescription.created',
    prescription: { _id: newId(), drugName: 'semaglutide', ...more },
    customer,
    createdAt: '2026-11-20T12:00:00Z',
  });
  const linkOf = async (externalId: string) =>
    (
      await app.sql<{ order_id: string | null; prescription_id: string | null }>(
        'SELECT order_id, prescription_id FROM external_prescriptions WHERE external_id = $1',
        [externalId],
      )
    )[0];

  it('stands on the newest open order of its customer, and starts nothing', async () => {
    const customer = { email: `${newId()}@example.com` };
    const [ended, older, newer] = ['2026-11-17', '2026-11-18', '2026-11-19'].map((day) =>
      order({ customer, createdAt: `${day}T10:00:00Z` }),
    );
    for (const one of [ended, older, newer]) await taken(one);
    await taken({
      event: 'order.status_updated',
      _id: newer?._id,
      status: 'cancelled',
      updatedAt: '2026-11-19T12:00:00Z',
    });
    const [before] = await app.sql<{ n: number }>('SELECT count(*)::int AS n FROM prescriptions');
    const news = written(customer);
    await taken(news);
    expect((await linkOf(news.prescription._id))?.order_id).toBe((await orderOf(older?._id ?? ''))?.['id']);
    expect((await app.sql<{ n: number }>('SELECT count(*)::int AS n FROM prescriptions'))[0]?.n).toBe(before?.n);
  });

  it('is linked when an intake of its customer arrives, and order and prescription follow each other from then on', async () => {
    const email = `${newId()}@example.com`;
    const placed = order({ customer: { email, firstName: 'Ada', lastName: 'Marsh' } });
    await taken(placed);
    const news = written({ email });
    await taken(news);
    const patientId = await app.patient({ email });
    const id = await app.prescription(undefined, 'received');
    await app.move(id, 'pass_validation', patientId);
    await app.eventually(async () =>
      (await linkOf(news.prescription._id))?.prescription_id === id ? true : undefined,
    );
    const reaches = (status: string) =>
      app.eventually(async () => ((await orderOf(placed._id))?.['status'] === status ? true : undefined));
    await reaches('approved');

    // Their view of our gates moves nothing here, and neither does a parcel nobody has paid for.
    await taken({
      event: 'order.status_updated',
      _id: placed._id,
      status: 'pharmacy',
      updatedAt: '2026-11-20T14:00:00Z',
    });
    const shipped = {
      event: 'order.status_updated',
      _id: placed._id,
      status: 'shipped',
      updatedAt: '2026-11-20T15:00:00Z',
      tracking: { trackingNumber: `1Z${email.slice(0, 10)}`, carrier: 'UPS' },
    };
    await taken(shipped);
    const scan = await scanned(shipped.tracking.trackingNumber);
    expect(await app.settles(scan)).toMatchObject({ status: 'parked', error_code: 'shipping.unknown-parcel' });
    expect(await app.stateOf(id)).toBe('validated');
    expect(await app.sql('SELECT 1 FROM shipments WHERE prescription_id = $1', [id])).toEqual([]);

    await app.sql(`UPDATE prescriptions SET state = 'paid' WHERE id = $1`, [id]);
    await app.move(id, 'hand_to_pharmacy');
    const [parcel] = await app.eventually(async () => {
      const rows = await app.sql<{ carrier: string; tracking_number: string }>(
        'SELECT carrier, tracking_number FROM shipments WHERE prescription_id = $1',
        [id],
      );
      return rows.length > 0 ? rows : undefined;
    });
    expect(parcel).toEqual({ carrier: 'ups', tracking_number: plainNumber(shipped.tracking.trackingNumber) });
    await app.eventually(async () => ((await app.eventRow(scan))?.status === 'processed' ? true : undefined));
    await taken({
      event: 'order.status_updated',
      _id: placed._id,
      status: 'delivered',
      updatedAt: '2026-11-22T15:00:00Z',
    });
    expect(await app.stateOf(id)).toBe('delivered');
    await reaches('delivered');
    const history = () =>
      app.sql<{ action: string; source_key: string | null }>(
        'SELECT action, source_key FROM prescription_status_events WHERE prescription_id = $1',
        [id],
      );
    const events = () => app.sql('SELECT * FROM order_events ORDER BY id');
    const [told, kept] = [await history(), await events()];
    await app.eventually(async () => {
      const open = await app.sql(`SELECT 1 FROM outbox_events WHERE subscriber = 'orders.follow' AND done_at IS NULL`);
      return open.length === 0 ? true : undefined;
    });
    expect(await history()).toEqual(told);
    expect(await events()).toEqual(kept);
  });

  /** An order and our prescription of its customer. */
  const linked = async () => {
    const email = `${newId()}@example.com`;
    const patientId = await app.patient({ email });
    const id = await app.prescription(patientId, 'awaiting_payment');
    const placed = order({ customer: { email } });
    await taken(placed);
    await taken(written({ email }));
    return { id, placed };
  };

  it('has each parcel it was told of, in whatever order, and learns the carrier of one later', async () => {
    const { id, placed } = await linked();
    await app.sql(`UPDATE prescriptions SET state = 'sent_to_pharmacy' WHERE id = $1`, [id]);
    const [first, second] = [`1ZA${placed.id}`, `1ZB${placed.id}`].map((number) => number.toUpperCase());
    const tells = (tracking: object, updatedAt: string) =>
      taken({ event: 'order.status_updated', _id: placed._id, updatedAt, tracking });
    // The later one first.
    await tells({ trackingNumber: second }, '2026-11-21T15:00:00Z');
    await tells({ trackingNumber: first, carrier: 'UPS' }, '2026-11-20T15:00:00Z');
    await tells({ trackingNumber: second, carrier: 'USPS', estimatedDelivery: '2026-11-24' }, '2026-11-22T15:00:00Z');
    const parcels = () =>
      app.sql(
        `SELECT tracking_number AS number, carrier, estimated_delivery::text AS day, next_poll_at IS NOT NULL AS followed
         FROM shipments WHERE prescription_id = $1 ORDER BY tracking_number`,
        [id],
      );
    await app.eventually(async () => ((await parcels()).every((row) => row['carrier'] !== null) ? true : undefined));
    expect(await parcels()).toEqual([
      { number: first, carrier: 'ups', day: null, followed: true },
      { number: second, carrier: 'usps', day: '2026-11-24', followed: true },
    ]);
  });

  it('hears each word once, also when its order was two that turned out to be one', async () => {
    const email = `${newId()}@example.com`;
    const id = await app.prescription(await app.patient({ email }), 'sent_to_pharmacy');
    const { _id, id: number, ...rest } = order({ customer: { email } });
    await taken({ ...rest, id: number });
    const news = written({ email });
    await taken(news);
    const shipped = { event: 'order.status_updated', status: 'shipped', updatedAt: '2026-11-21T15:00:00Z' };
    await taken({ ...shipped, id: number });
    expect(await app.stateOf(id)).toBe('shipped');
    await taken({ ...rest, _id });
    await taken({ ...rest, _id, id: number });
    const heard = () =>
      app.sql(`SELECT action FROM prescription_status_events WHERE prescription_id = $1 AND trigger = 'webhook'`, [id]);
    expect(await linkOf(news.prescription._id)).toEqual({
      order_id: (await orderOf(_id))?.['id'],
      prescription_id: id,
    });
    expect(await heard()).toEqual([{ action: 'ship' }]);
  });

  it('cancels ours when the order is cancelled there, and the order when ours is', async () => {
    const there = await linked();
    await taken({
      event: 'order.status_updated',
      _id: there.placed._id,
      status: 'cancelled',
      updatedAt: '2026-11-21T10:00:00Z',
    });
    expect(await app.stateOf(there.id)).toBe('cancelled');
    const here = await linked();
    await app.move(here.id, 'cancel');
    await app.eventually(async () => ((await orderOf(here.placed._id))?.['status'] === 'cancelled' ? true : undefined));
    const reported = await app.sql(
      `SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND source_key LIKE 'careportals:%'`,
      [here.id],
    );
    expect(reported).toEqual([]);
  });

  it('is refunded with ours, and no more once the bank has sent the money back', async () => {
    const { id, placed } = await linked();
    await app.move(id, 'cancel');
    const now = new Date();
    const [invoiceId, paymentId, refundId] = [newId(), newId(), newId()];
    const of = { prescription_id: id, organization_id: app.organizationId, amount_cents: 1_000, created_at: now };
    const payable = { ...of, currency: 'USD' };
    await insertRow(app.sql, 'invoices', {
      ...{ ...payable, id: invoiceId, number: `INV-${invoiceId}`, status: 'refunded', description: 'order' },
    });
    await insertRow(app.sql, 'payments', {
      ...{ ...payable, id: paymentId, invoice_id: invoiceId, origin: 'request', attempt: 1, status: 'refunded' },
      expires_at: now,
    });
    await insertRow(app.sql, 'refunds', {
      ...{
        ...of,
        id: refundId,
        invoice_id: invoiceId,
        payment_id: paymentId,
        kind: 'rest',
        reason: 'prescription_cancelled',
      },
      ...{ status: 'succeeded', confirmed_at: now },
    });
    const tell = (name: string) =>
      app.db.tx(systemContext, (tx) =>
        app.get(Outbox).publish(tx, {
          ...{ name, aggregateId: id, organizationId: app.organizationId, payload: { prescriptionId: id } },
        }),
      );
    const reaches = (status: string) =>
      app.eventually(async () => ((await orderOf(placed._id))?.['status'] === status ? true : undefined));
    await tell('payment_refunded');
    await reaches('refunded');
    await app.sql(`UPDATE refunds SET status = 'failed', failed_at = $2 WHERE id = $1`, [refundId, now]);
    await app.sql(`UPDATE invoices SET status = 'paid' WHERE id = $1`, [invoiceId]);
    await tell('payment_refund_failed');
    await reaches('cancelled');
  });
});
