import Stripe from 'stripe';
import { WebhookInbox, WebhookSources, type WebhookVerdict } from '../../src/modules/webhooks/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startPaymentsApp, type PaymentsApp } from '../support/payments-app.js';
import { until } from '../support/until.js';

interface Shown {
  id: string;
  status: string;
  code: string | null;
  attempts: number;
  dedupeKey: string | null;
}

interface Answer<T> {
  status: number;
  body: T;
}

describe('webhook inbox', () => {
  let app: PaymentsApp;
  let ops: string;
  const handled: string[] = [];
  let answer: (text: string) => WebhookVerdict;

  beforeAll(async () => {
    app = await startPaymentsApp();
    ops = await app.key();
    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    app.get(WebhookSources).register({
      source: 'probe',
      handle: (event) => {
        handled.push(event.raw.toString('utf8'));
        return Promise.resolve(answer(event.raw.toString('utf8')));
      },
    });
  });
  afterAll(async () => {
    await app.stop();
  });

  const receive = (dedupeKey: string, text = dedupeKey, headers: Record<string, string> = {}) =>
    app.get(WebhookInbox).receive({ source: 'probe', dedupeKey, eventType: 'probe', raw: Buffer.from(text), headers });
  const call = async <T>(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    authorization = ops,
  ): Promise<Answer<T>> => {
    const response = await fetch(`${app.url}/api/webhook-events${path}`, {
      method,
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const reaches = (id: string, status: string) =>
    app.eventually(async () => {
      const [row] = await app.sql<{ status: string; attempts: number; error_code: string | null }>(
        'SELECT status, attempts, error_code FROM webhook_events WHERE id = $1',
        [id],
      );
      return row?.status === status ? row : undefined;
    });
  const push = (body: string, signature: string) =>
    fetch(`${app.url}/api/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body,
    });
  const signed = (payload: string) => Stripe.webhooks.generateTestHeaderString({ payload, secret: app.stripeSecret });

  it('keeps one row of many that arrive together, and tells all but one that they are repeats', async () => {
    const keys = Array.from({ length: 20 }, () => newId());
    const told = await Promise.all([...keys, ...keys, ...keys].map((key) => receive(key)));
    expect(told.filter((one) => !one.duplicate)).toHaveLength(20);
    keys.forEach((_, index) =>
      expect(new Set([0, 20, 40].map((offset) => told[index + offset]?.eventId)).size).toBe(1),
    );
    const [rows] = await app.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM webhook_events WHERE dedupe_key = ANY($1)',
      [keys],
    );
    expect(rows?.n).toBe(20);
    await Promise.all(told.map(({ eventId }) => reaches(eventId, 'processed')));
    keys.forEach((key) => expect(handled.filter((text) => text === key)).toHaveLength(1));
  });

  it('keeps what arrives together in the order in which it came', async () => {
    const keys = Array.from({ length: 12 }, () => newId()).toReversed();
    const ids = (await Promise.all(keys.map((key) => receive(key)))).map(({ eventId }) => eventId);
    const jobs = await app.sql<{ event: string }>(
      `SELECT payload->>'webhookEventId' AS event FROM outbox_events
       WHERE payload->>'webhookEventId' = ANY($1) ORDER BY id`,
      [ids],
    );
    expect([ids.toSorted(), jobs.map(({ event }) => event)]).toEqual([ids, ids]);
    await Promise.all(ids.map((id) => reaches(id, 'processed')));
  });

  it('keeps the body sealed and never the headers that open doors', async () => {
    const text = `secret body ${newId()}`;
    const { eventId } = await receive(newId(), text, { authorization: 'Basic dXNlcjpwYXNz', 'x-signature': 'kept' });
    const [row] = await app.sql<{ raw_sealed: Buffer; headers_sealed: Buffer }>(
      'SELECT * FROM webhook_events WHERE id = $1',
      [eventId],
    );
    expect(row?.raw_sealed.includes('secret body')).toBe(false);
    expect(row?.headers_sealed.includes('kept')).toBe(false);
    await reaches(eventId, 'processed');
    expect(handled).toContain(text);
  });

  it('shows an event to the organization it belongs to, and to no other', async () => {
    const { eventId } = await receive(newId());
    await reaches(eventId, 'processed');
    const stranger = await app.key({ organizationId: await app.organization() });
    expect((await call<Shown>('GET', `/${eventId}`)).body).toMatchObject({ id: eventId, status: 'processed' });
    await call('GET', '');
    const looks = await app.sql<{ action: string }>(
      `SELECT action FROM audit_entries WHERE entity = 'webhook_event' AND $1 = ANY(entity_ids)`,
      [eventId],
    );
    expect(looks.map(({ action }) => action)).toEqual(expect.arrayContaining(['read', 'search']));
    expect(await call('GET', `/${eventId}`, undefined, stranger)).toMatchObject({
      status: 404,
      body: { code: 'webhook.not-found' },
    });
    const list = await call<{ items: Shown[] }>('GET', '?source=probe&status=processed&limit=200', undefined, stranger);
    expect(list.body.items).toEqual([]);
  });

  it('pages through the list without skipping or repeating', async () => {
    const first = await call<{ items: Shown[]; nextCursor: string }>('GET', '?source=probe&limit=5');
    const second = await call<{ items: Shown[] }>('GET', `?source=probe&limit=5&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map((item) => item.id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(10);
  });

  it('says what a replay would do, and does it only when told', async () => {
    const { eventId } = await receive(newId(), 'replayed');
    await reaches(eventId, 'processed');
    const jobs = () => app.sql('SELECT 1 FROM outbox_events WHERE aggregate_id = $1', [eventId]);
    expect(await jobs()).toHaveLength(1);
    const dry = await call<{ dryRun: boolean; hasHandler: boolean }>('POST', `/${eventId}/replay`, {});
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, hasHandler: true, status: 'processed' } });
    expect(await jobs()).toHaveLength(1);
    expect((await call('POST', `/${eventId}/replay`, { dryRun: false })).body).toMatchObject({ status: 'received' });
    expect(await jobs()).toHaveLength(2);
    await reaches(eventId, 'processed');
  });

  it('hands a parked event to its handler again when what it waited for is there', async () => {
    const orderId = newId();
    answer = () => ({ outcome: 'parked', code: 'order.unknown', related: { orderId } });
    const { eventId } = await receive(newId(), 'parked');
    expect(await reaches(eventId, 'parked')).toMatchObject({ error_code: 'order.unknown' });
    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    const release = (related: Record<string, string>) =>
      app.get(Database).tx(systemContext, (tx) => app.get(WebhookInbox).release(tx, 'probe', related));
    expect(await release({ orderId: newId() })).toBe(0);
    expect(await release({ orderId })).toBe(1);
    await reaches(eventId, 'processed');
  });

  it('leaves an event that cannot be handled as failed, with a dead letter', async () => {
    const { eventId } = await app.get(WebhookInbox).receive({
      source: 'nobody',
      dedupeKey: newId(),
      eventType: 'probe',
      raw: Buffer.from('{}'),
      headers: {},
    });
    expect(await reaches(eventId, 'failed')).toMatchObject({ error_code: 'webhook.no-handler' });
    const letters = () => app.sql('SELECT 1 FROM dead_letters WHERE aggregate_id = $1', [eventId]);
    await until(async () => (await letters()).length === 1);
  });

  it('answers malformed bodies, wrong types and large ones with a problem and keeps nothing of them but a count', async () => {
    const payload = '{"id": 7}';
    expect((await push(payload, signed(payload))).status).toBe(400);
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toMatch(/pharmonico_webhooks_refused_total\{source="stripe",verdict="request.malformed"\} 1/);
    expect((await push('{"id"', signed('{"id"'))).status).toBe(400);
    expect((await push('x'.repeat(600_000), 't=1,v1=0')).status).toBe(413);
    const xml = await fetch(`${app.url}/api/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/xml' },
      body: '<a/>',
    });
    expect(xml.status).toBe(415);
  });

  it('counts refused signatures and ends up refusing to look, while rightly signed ones still pass', async () => {
    const statuses = new Set<number>();
    for (let tries = 0; tries < 40; tries += 1) statuses.add((await push('{}', 't=1,v1=00')).status);
    expect([...statuses]).toEqual([400, 429]);
    const good = JSON.stringify({ id: `evt_${newId()}`, type: 'customer.created', data: { object: {} } });
    const answered = await push(good, signed(good));
    expect(await answered.json()).toMatchObject({ received: true, duplicate: false });
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toMatch(/pharmonico_webhooks_refused_total\{source="stripe",verdict="mismatch"\} \d+/);
  });

  it('asks the sender to come back when the database is gone, and never says yes before a commit', async () => {
    await app.get(Database).close();
    const body = JSON.stringify({ id: `evt_${newId()}`, type: 'customer.created', data: { object: {} } });
    const refused = await push(body, signed(body));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
