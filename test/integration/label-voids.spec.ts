import { LabelGateway } from '../../src/modules/shipping/gateways/label-gateway.port.js';
import { voidLabelJob } from '../../src/modules/shipping/shipping.jobs.js';
import { Refused } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

describe('a void whose answer from the carrier is lost', () => {
  let app: ShippingApp;
  let key: string;

  beforeAll(async () => {
    app = await startShippingApp();
    key = await app.key();
  });
  afterAll(() => app.stop());
  afterEach(() => fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

  const fault = (kind: string, match: object) =>
    app.sandbox.post('/_sandbox/faults', { vendor: 'shippo', kind, match, times: 1 });
  const ask = (shipmentId: string, replace = false) =>
    fetch(`${app.url}/api/shipments/${shipmentId}/void`, {
      method: 'POST',
      headers: { authorization: key, 'content-type': 'application/json' },
      body: JSON.stringify({ replace }),
    });
  const shipped = async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    return { id, shipmentId: (await app.shipments(id))[0]?.['id'] ?? '' };
  };
  const open = (id: string) =>
    app.sql('SELECT id FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL', [
      id,
      voidLabelJob.name,
    ]);
  const holdIsOver = async (id: string) => {
    await app.sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE aggregate_id = $1`, [id]);
    await app.sql(
      'UPDATE outbox_events SET due_at = now() WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL',
      [id, voidLabelJob.name],
    );
  };
  const isResumed = (id: string) => app.eventually(async () => ((await open(id)).length === 0 ? true : undefined));
  const statuses = async (id: string) => (await app.shipments(id)).map(({ status }) => status);
  const voidEntries = (shipmentId: string) =>
    app.sql(
      `SELECT actor_kind, actor_role FROM audit_entries WHERE reason = 'void' AND entity_ids @> ARRAY[$1::uuid]`,
      [shipmentId],
    );

  it.each(['500_after', 'reset', '500_before'])('by %s comes to its end by itself, and is one void', async (kind) => {
    const { id, shipmentId } = await shipped();
    await fault(kind, { path: '/refunds', method: 'POST' });
    expect((await ask(shipmentId)).status).toBe(503);
    expect(await statuses(id)).toEqual(['pre_transit']);
    await holdIsOver(id);
    await isResumed(id);
    expect(await statuses(id)).toEqual(['voided']);
    expect(await app.ledger('shippo', 'refund', id)).toHaveLength(1);
    expect(await voidEntries(shipmentId)).toEqual([{ actor_kind: 'api-key', actor_role: 'integrator' }]);
  });

  it('buys the new label that was asked for with it', async () => {
    const { id, shipmentId } = await shipped();
    await fault('500_after', { path: '/refunds', method: 'POST' });
    expect((await ask(shipmentId, true)).status).toBe(503);
    await holdIsOver(id);
    await app.eventually(async () => (await app.shipments(id))[1]);
    expect(await statuses(id)).toEqual(['voided', 'pre_transit']);
  });

  it('is forgotten when the carrier has taken the parcel meanwhile', async () => {
    const { id, shipmentId } = await shipped();
    await fault('500_before', { path: '/refunds', method: 'POST' });
    expect((await ask(shipmentId)).status).toBe(503);
    await app.sql(`UPDATE shipments SET status = 'in_transit' WHERE id = $1`, [shipmentId]);
    await holdIsOver(id);
    await isResumed(id);
    expect(await statuses(id)).toEqual(['in_transit']);
    expect(await app.ledger('shippo', 'refund', id)).toEqual([]);
  });

  it('is no scan when the carrier refuses for another reason: what was asked for stays, as a dead letter in the end', async () => {
    const { id, shipmentId } = await shipped();
    await app.sql(`UPDATE shipments SET transaction_id = 'nobody' WHERE id = $1`, [shipmentId]);
    const answer = await ask(shipmentId);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'service.unavailable' }]);
    expect(await open(id)).toHaveLength(1);
    await holdIsOver(id);
    await isResumed(id);
    expect(await statuses(id)).toEqual(['pre_transit']);
    const ended = await app.sql('SELECT subscriber, reason FROM dead_letters WHERE aggregate_id = $1', [id]);
    expect(ended).toEqual([{ subscriber: voidLabelJob.name, reason: 'shippo.404' }]);
  });

  it('is for a person when the carrier does not take back what it has not seen, and goes on once it did', async () => {
    const { id, shipmentId } = await shipped();
    await fault('500_before', { path: '/refunds', method: 'POST' });
    expect((await ask(shipmentId, true)).status).toBe(503);
    const gateway = app.get(LabelGateway);
    gateway.void = () => Promise.reject(new Refused('shipping.label-not-refunded', 'no'));
    try {
      await holdIsOver(id);
      await isResumed(id);
    } finally {
      Reflect.deleteProperty(gateway, 'void');
    }
    expect(await statuses(id)).toEqual(['pre_transit']);
    const [letter, ...more] = await app.sql<{ id: string; subscriber: string; reason: string }>(
      'SELECT outbox_id AS id, subscriber, reason FROM dead_letters WHERE aggregate_id = $1',
      [id],
    );
    expect([letter, more]).toMatchObject([
      { subscriber: voidLabelJob.name, reason: 'shipping.label-not-refunded' },
      [],
    ]);
    await app.sql('UPDATE outbox_events SET due_at = now(), done_at = NULL, dispatched_at = NULL WHERE id = $1', [
      letter?.id ?? '',
    ]);
    await app.eventually(async () => (await app.shipments(id))[1]);
    expect(await statuses(id)).toEqual(['voided', 'pre_transit']);
  });

  it('leaves nothing to do once the asker was answered', async () => {
    const { id, shipmentId } = await shipped();
    expect((await ask(shipmentId)).status).toBe(200);
    expect(await open(id)).toEqual([]);
  });
});

describe('a void while the carrier is switched off', () => {
  it('is answered 503, and is not forgotten', async () => {
    const app = await startShippingApp({ env: { SHIPPO_API_TOKEN: '' } });
    try {
      const id = await app.beforeShipping();
      const shipmentId = newId();
      await app.sql(
        `INSERT INTO shipments (id, prescription_id, organization_id, kind, carrier, tracking_number, status, transaction_id, created_at)
         VALUES ($1, $2, $3, 'platform_label', 'usps', $4, 'pre_transit', 'any', now())`,
        [shipmentId, id, app.organizationId, `N-${id}`],
      );
      const answer = await fetch(`${app.url}/api/shipments/${shipmentId}/void`, {
        method: 'POST',
        headers: { authorization: await app.key(), 'content-type': 'application/json' },
        body: '{}',
      });
      expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'service.unavailable' }]);
      const waiting = await app.sql(
        'SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL',
        [id, voidLabelJob.name],
      );
      expect(waiting).toHaveLength(1);
    } finally {
      await app.stop();
    }
  });
});
