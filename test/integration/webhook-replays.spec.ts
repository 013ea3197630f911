import { WebhookInbox, WebhookSources } from '../../src/modules/webhooks/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { Effects } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { TryLater } from '../../src/platform/jobs/index.js';
import { rowCounts } from '../support/rows.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

interface Change {
  table: string;
  id: string;
  column: string;
  from: string | null;
  to: string | null;
}
interface Rehearsed {
  eventId: string;
  outcome: string;
  code: string | null;
  changes: Change[];
  tables: { table: string; inserted: number; updated: number; listed: boolean }[];
}
interface RangeAnswer {
  dryRun: boolean;
  matching: number;
  items: Rehearsed[];
  nextCursor: string | null;
  replay: { id: string };
  code: string;
}

interface Answer<T> {
  status: number;
  body: T;
}

let app: ShippingApp;
let ops: string;
beforeAll(async () => {
  app = await startShippingApp({ env: { LIFEFILE_WEBHOOK_TOKEN: 'token-in-the-address' } });
  ops = await app.user('ops');
});
afterAll(() => app.stop());

const call = async <T>(
  method: string,
  path: string,
  body?: object,
  authorization = ops,
  key?: string,
): Promise<Answer<T>> => {
  const answer = await fetch(`${app.url}/api/webhook-events${path}`, {
    method,
    headers: {
      authorization,
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
};
const push = async (body: object): Promise<string> => {
  const answer = await fetch(`${app.url}/api/webhooks/lifefile/prescription-status?token=token-in-the-address`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { eventId: string }).eventId;
};
const reaches = (id: string, status: string) =>
  app.eventually(async () => {
    const [row] = await app.sql<{ status: string }>('SELECT status FROM webhook_events WHERE id = $1', [id]);
    return row?.status === status ? true : undefined;
  });

/** How often somebody had shown what a replay of all of these would change. */
const looksAt = async (...ids: string[]): Promise<number> => {
  const rows = await app.sql(
    `SELECT 1 FROM audit_entries WHERE entity = 'webhook_event' AND reason = 'dry-run' AND entity_ids @> $1::uuid[]`,
    [ids],
  );
  return rows.length;
};

describe('a dry run', () => {
  it('lists row by row what a replay would change, and changes nothing', async () => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    const [order] = await app.sql<{ lifefile_order_id: string }>(
      'SELECT lifefile_order_id FROM partner_orders WHERE prescription_id = $1',
      [id],
    );
    const orderId = order?.lifefile_order_id ?? '';
    const [hidden] = await app.sql(
      `UPDATE partner_orders SET lifefile_order_id = 'other' WHERE prescription_id = $1 RETURNING 1`,
      [id],
    );
    expect(hidden).toBeDefined();
    const eventId = await push({
      orderId,
      fillId: 'x',
      rxStatus: 'Shipping',
      rxStatusDateTime: '2026-11-20T10:00:00',
      trackingNumber: '1ZDRY',
      shipCarrier: 'UPS',
    });
    await reaches(eventId, 'parked');
    await app.sql(`UPDATE partner_orders SET lifefile_order_id = $2, fill_id = 'x' WHERE prescription_id = $1`, [
      id,
      orderId,
    ]);
    const before = await rowCounts(app);
    const { status, body } = await call<Rehearsed>('POST', `/${eventId}/replay`, {});
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'processed', code: null, dryRun: true, status: 'parked' });
    expect(body.changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          table: 'prescriptions',
          id,
          column: 'state',
          from: 'sent_to_pharmacy',
          to: 'shipped',
        }),
        expect.objectContaining({ table: 'shipments', column: 'tracking_number', from: null, to: '1ZDRY' }),
        expect.objectContaining({ table: 'tracking_events', column: 'status', to: 'pre_transit' }),
        expect.objectContaining({ table: 'prescription_status_events', column: 'action', to: 'ship' }),
      ]),
    );
    expect(await rowCounts(app)).toEqual(before);
    expect(await looksAt(eventId)).toBe(1);
    expect(await app.shipments(id)).toEqual([]);
    expect((await call<Rehearsed>('POST', `/${eventId}/replay`, { dryRun: false })).body).toMatchObject({
      status: 'received',
    });
    await app.reaches(id, 'shipped');
    await reaches(eventId, 'processed');
    const again = await call<Rehearsed>('POST', `/${eventId}/replay`, {});
    expect(again.body).toMatchObject({ outcome: 'processed', changes: [] });
    const shown = await call<{ links: string[]; durationMs: number }>('GET', `/${eventId}`);
    expect(shown.body.links).toEqual([`/api/prescriptions/${id}`]);
    expect(shown.body.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('of an event that would turn out to be another organization’s says no more than that it would be handled', async () => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    const orderId = `later-${newId()}`;
    const eventId = await push({ orderId, fillId: 'x', rxStatus: 'Shipping', rxStatusDateTime: '2026-11-20T11:00:00' });
    await reaches(eventId, 'parked');
    await app.sql(`UPDATE partner_orders SET lifefile_order_id = $2, fill_id = 'x' WHERE prescription_id = $1`, [
      id,
      orderId,
    ]);
    const theirs = await app.user('ops', { organizationId: await app.organization() });
    const one = await call<Rehearsed & { related: object }>('POST', `/${eventId}/replay`, {}, theirs);
    expect(one.body).toMatchObject({ outcome: 'processed', changes: [], tables: [], related: {} });
    const range = { source: 'lifefile', status: 'parked' };
    const { body } = await call<RangeAnswer>('POST', '/replay', range, theirs);
    expect(body.items.find((item) => item.eventId === eventId)).toMatchObject({ changes: [], tables: [] });
    const ours = await call<Rehearsed>('POST', `/${eventId}/replay`, {});
    expect(ours.body.changes.some((change) => change.id === id)).toBe(true);
  });

  it('refuses what would act outside, and tells what would fail', async () => {
    app.get(WebhookSources).register({
      source: 'outside',
      handle: async () => {
        await app.get(Effects).once({
          key: newId(),
          kind: 'probe.call',
          requestHash: 'x',
          aggregateId: newId(),
          organizationId: app.organizationId,
          call: () => Promise.resolve({ id: 'done' }),
        });
        return 'processed';
      },
    });
    const { eventId } = await receive('outside');
    await reaches(eventId, 'processed');
    const admin = await call<Rehearsed>('POST', `/${eventId}/replay`, {});
    expect(admin.body).toMatchObject({ outcome: 'failed', code: 'effect.rehearsal', changes: [] });
  });

  it('is of the whole handler, also when one of its transactions fails', async () => {
    app.get(WebhookSources).register({
      source: 'halfway',
      handle: async () => {
        const db = app.get(Database);
        await db.tx(systemContext, (tx) =>
          tx.query(`UPDATE organizations SET brand = 'Rehearsed' WHERE id = $1`, [app.organizationId]),
        );
        await db.tx(systemContext, (tx) => tx.query('SELECT 1 / 0')).catch(() => undefined);
        await db.query(systemContext, 'SELECT 1');
        return 'processed';
      },
    });
    const { eventId } = await receive('halfway');
    await reaches(eventId, 'processed');
    await app.sql(`UPDATE organizations SET brand = 'Real' WHERE id = $1`, [app.organizationId]);
    const told = await call<Rehearsed>('POST', `/${eventId}/replay`, {});
    expect(told.body).toMatchObject({
      outcome: 'processed',
      changes: [{ table: 'organizations', column: 'brand', from: '<hidden>', to: '<hidden>' }],
    });
    const brands = await app.sql<{ brand: string }>('SELECT brand FROM organizations WHERE id = $1', [
      app.organizationId,
    ]);
    expect(brands).toEqual([{ brand: 'Real' }]);
  });
});

const receive = (source: string, text = '{}') =>
  app.get(WebhookInbox).receive({
    source,
    dedupeKey: newId(),
    eventType: 'probe',
    raw: Buffer.from(text),
    headers: { 'content-type': 'application/json', 'x-key': 'secret' },
  });

describe('a range', () => {
  it('is tried out page by page, then handed out, and its progress is seen', async () => {
    let fails = true;
    app.get(WebhookSources).register({
      source: 'ranged',
      handle: () =>
        Promise.resolve(
          fails
            ? {
                outcome: 'parked' as const,
                code: 'probe.parked',
                organizationId: app.organizationId,
                related: { probe: 'p-1' },
              }
            : { outcome: 'processed' as const },
        ),
    });
    const told = await Promise.all(Array.from({ length: 7 }, () => receive('ranged')));
    for (const { eventId } of told) await reaches(eventId, 'parked');
    fails = false;
    const range = { source: 'ranged', status: 'parked' };
    const first = await call<RangeAnswer>('POST', '/replay', { ...range, limit: 5 });
    expect(first.body).toMatchObject({ dryRun: true, matching: 7 });
    expect(first.body.items).toHaveLength(5);
    const second = await call<RangeAnswer>('POST', '/replay', { ...range, limit: 5, cursor: first.body.nextCursor });
    expect(second.body.items).toHaveLength(2);
    expect(second.body.nextCursor).toBeNull();
    expect(await looksAt(...first.body.items.map(({ eventId }) => eventId))).toBe(1);
    const stranger = await app.key({ organizationId: await app.organization() });
    expect((await call<RangeAnswer>('POST', '/replay', range, stranger)).body.matching).toBe(0);
    const apply = () => call<RangeAnswer>('POST', '/replay', { ...range, dryRun: false }, ops, 'one-replay');
    const [applied, again] = [await apply(), await apply()];
    expect(applied.body).toMatchObject({ dryRun: false, matching: 7 });
    expect(again.body).toEqual(applied.body);
    const progress = await app.eventually(async () => {
      const now = await call<{ finished: boolean }>('GET', `/replays/${applied.body.replay.id}`);
      return now.body.finished ? now.body : undefined;
    });
    expect(progress).toMatchObject({ matching: 7, handedOut: 7, processed: 7, parked: 0, waiting: 0 });
    expect((await call('GET', `/replays/${applied.body.replay.id}`, undefined, stranger)).status).toBe(404);
  });

  it('leaves out what is being worked on', async () => {
    app.get(WebhookSources).register({
      source: 'slow',
      handle: () => Promise.reject(new TryLater('probe.later', 3_600_000)),
    });
    await receive('slow');
    for (const dryRun of [true, false]) {
      const { body } = await call<RangeAnswer>('POST', '/replay', { source: 'slow', dryRun });
      expect(body).toMatchObject({ dryRun, matching: 0 });
    }
  });

  it('of a source nobody handles is refused, and what was processed stays so', async () => {
    app.get(WebhookSources).register({ source: 'former', handle: () => Promise.resolve('processed') });
    const { eventId } = await receive('former');
    await reaches(eventId, 'processed');
    await app.sql(`UPDATE webhook_events SET source = 'retired', organization_id = $2 WHERE id = $1`, [
      eventId,
      app.organizationId,
    ]);
    const { status, body } = await call<RangeAnswer>('POST', '/replay', { source: 'retired', dryRun: false });
    expect([status, body.code]).toEqual([409, 'webhook.no-handler']);
  });

  it('needs a source', async () => {
    expect((await call('POST', '/replay', { dryRun: false })).status).toBe(400);
  });
});

describe('an event', () => {
  it('is found by its id, and by every id it was matched with', async () => {
    const list = async (query: string) =>
      (await call<{ items: { id: string; source: string }[] }>('GET', `?${query}`)).body.items;
    const byRelated = await list('related=p-1');
    expect(new Set(byRelated.map(({ source }) => source))).toEqual(new Set(['ranged']));
    expect(await list(`id=${byRelated[0]?.id ?? ''}`)).toHaveLength(1);
    const [ours, theirs] = [newId(), newId().toUpperCase()];
    await app.sql(
      `UPDATE webhook_events SET related = jsonb_build_object('ours', $2::text, 'theirs', $3::text) WHERE id = $1`,
      [byRelated[0]?.id, ours, theirs],
    );
    for (const id of [ours, ours.toUpperCase(), theirs]) expect(await list(`related=${id}`)).toHaveLength(1);
    expect(await list('related=p-2%22%20%7C%7C%20true')).toEqual([]);
  });

  it('is shown with its values masked, and as it came only to people who may and are recorded', async () => {
    app.get(WebhookSources).register({
      source: 'private',
      handle: () => Promise.resolve({ outcome: 'processed', organizationId: app.organizationId }),
    });
    const { eventId } = await receive('private', '{"patient":{"name":"Ada Quill","age":44},"Ada Quill":[true,null]}');
    await reaches(eventId, 'processed');
    const masked = await call<{ body: unknown; headers: Record<string, string>; revealed: boolean }>(
      'GET',
      `/${eventId}`,
    );
    expect(masked.body).toMatchObject({
      revealed: false,
      body: { patient: { name: '<text of 9>', age: '<number>' }, '<name of 9>': ['<boolean>', null] },
      headers: { 'content-type': 'application/json', 'x-key': '<text of 6>' },
    });
    expect((await call('GET', `/${eventId}?reveal=true`, undefined, await app.key())).status).toBe(403);
    const person = await app.user('ops');
    const revealed = await call<{ body: string }>('GET', `/${eventId}?reveal=true`, undefined, person);
    expect(revealed.body.body).toContain('Ada Quill');
    const audited = await app.sql(
      `SELECT 1 FROM audit_entries WHERE entity = 'webhook_event' AND reason = 'reveal' AND $1 = ANY(entity_ids)`,
      [eventId],
    );
    expect(audited).toHaveLength(1);
  });
});
