import { createHmac } from 'node:crypto';
import { CancellationWorker } from '../../src/modules/cancellation/cancellation.worker.js';
import { Tracking } from '../../src/modules/shipping/tracking.service.js';
import { ShipmentsStore } from '../../src/modules/shipping/shipments.store.js';
import type { TrackingReport, TrackingStatus } from '../../src/modules/shipping/tracking.policy.js';
import { plainNumber } from '../../src/modules/shipping/parcel.policy.js';
import { sha256 } from '../../src/platform/crypto/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from '../support/looker.js';
import { stateOf } from '../support/prescription-rows.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

describe('a prescription in several parcels', () => {
  let app: ShippingApp;
  let key: string;

  beforeAll(async () => {
    app = await startShippingApp();
    key = await app.key();
  });
  afterAll(() => app.stop());

  /** Of a partner pharmacy’s, two parcels under way. */
  const shipped = async () => {
    const id = await app.beforeShipping({ kind: 'partner' });
    await app.sql(`UPDATE prescriptions SET state = 'shipped' WHERE id = $1`, [id]);
    const numbers = [plainNumber(`1Z-${newId()}`), plainNumber(`1Z-${newId()}`)] as const;
    for (const trackingNumber of numbers) {
      await insertRow(app.sql, 'shipments', {
        id: newId(),
        prescription_id: id,
        organization_id: app.organizationId,
        pharmacy_id: app.pharmacies.partner,
        kind: 'partner',
        carrier: 'ups',
        tracking_number: trackingNumber,
        status: 'pre_transit',
        shipped_at: new Date(),
        created_at: new Date(),
      });
    }
    return { id, numbers };
  };
  const push = async (id: string, word: string, trackingNumber?: string) => {
    const body = JSON.stringify([
      {
        referenceId: id,
        rxStatus: word,
        rxStatusDateTime: new Date().toISOString(),
        rxNumber: '1',
        ...(trackingNumber !== undefined && { trackingNumber, shipCarrier: 'UPS' }),
      },
    ]);
    const signature = createHmac('sha256', app.sandbox.secrets.LIFEFILE_WEBHOOK_SECRET).update(body).digest('hex');
    const answer = await fetch(`${app.url}/api/webhooks/lifefile/prescription-status`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-lifefile-signature': signature },
      body,
    });
    const { eventId } = (await answer.json()) as { eventId: string };
    return app.eventually(
      async () =>
        (
          await app.sql<{ status: string }>(
            `SELECT status FROM webhook_events WHERE id = $1 AND status <> 'received'`,
            [eventId],
          )
        )[0]?.status,
    );
  };
  const why = async (id: string) =>
    (await (
      await fetch(`${app.url}/api/prescriptions/${id}/why`, { headers: { authorization: key } })
    ).json()) as Record<string, unknown>;

  it('is delivered with the last of them, and waits for it until then', async () => {
    const { id, numbers } = await shipped();
    expect(await push(id, 'Delivered', numbers[0])).toBe('processed');
    expect((await app.shipments(id)).map(({ status }) => status).sort()).toEqual(['delivered', 'pre_transit']);
    expect(await stateOf(app, id)).toBe('shipped');
    const open = (await app.shipments(id)).find(({ tracking_number }) => tracking_number === numbers[1]);
    expect(await why(id)).toMatchObject({
      code: 'shipping.other-parcel',
      who: 'carrier',
      details: { awaitedShipmentIds: [open?.['id']] },
    });
    await push(id, 'Delivered', numbers[1]);
    await app.reaches(id, 'delivered');
  });

  it('is delivered when the pharmacy says so of the whole order', async () => {
    const { id } = await shipped();
    await push(id, 'Delivered');
    await app.reaches(id, 'delivered');
  });

  it('does not wait for one that is taken back', async () => {
    const { id, numbers } = await shipped();
    await push(id, 'Delivered', numbers[0]);
    const transactionId = newId();
    const [label] = await app.sql<{ id: string }>(
      `UPDATE shipments SET kind = 'platform_label', transaction_id = $2 WHERE tracking_number = $1 RETURNING id`,
      [numbers[1], transactionId],
    );
    await insertRow(app.sql, 'effects', {
      key: `void:${label?.id ?? ''}`,
      kind: 'shippo.void',
      state: 'confirmed',
      reply: JSON.stringify({ id: newId() }),
      request_hash: sha256(`void ${transactionId}`),
      aggregate_id: id,
      organization_id: app.organizationId,
      attempts: 1,
      held_until: new Date(),
      created_at: new Date(),
      updated_at: new Date(),
    });
    const answer = await fetch(`${app.url}/api/shipments/${label?.id ?? ''}/void`, {
      method: 'POST',
      headers: { authorization: key, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(200);
    expect(await stateOf(app, id)).toBe('delivered');
  });

  it('is not undone at once for one that is lost while the other is on its way, but in time for the payers', async () => {
    const { id, numbers } = await shipped();
    const at = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000);
    const lost = at(8);
    for (const [number, status, occurredAt] of [
      [numbers[1], 'in_transit', at(1)],
      [numbers[0], 'failure', lost],
    ] as const) {
      await app.db.tx(systemContext, async (tx) => {
        const [shipment] = await app.get(ShipmentsStore).byTrackingNumber(tx, number);
        if (shipment === undefined) throw new Error('no parcel');
        const report = { status, occurredAt, dedupeKey: `${status} ${id}` };
        await app.get(Tracking).carrierReport(tx, shipment, report, { source: 'shippo', trigger: 'webhook' });
      });
    }
    const run = { outboxId: newId(), attempt: 1, closed: false };
    await app.get(CancellationWorker).compensate({ prescriptionId: id }, run);
    expect(await app.sql('SELECT step FROM cancellation_steps WHERE prescription_id = $1', [id])).toEqual([]);
    const [planned] = await app.sql<{ due_at: Date }>(
      `SELECT due_at FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'cancellation.compensate' AND dedupe_key LIKE $2`,
      [id, `%${run.outboxId}`],
    );
    const hours = ((planned?.due_at.getTime() ?? 0) - Date.now()) / 3_600_000;
    expect([hours > 23.5, hours <= 24]).toEqual([true, true]);
    const asOf = async (daysAgo: number) => {
      await app.sql(`UPDATE prescriptions SET state_since = $2, outcome_at = $2 WHERE id = $1`, [id, at(daysAgo)]);
      await app.get(CancellationWorker).compensate({ prescriptionId: id }, { ...run, outboxId: newId() });
      return (await app.sql('SELECT step FROM cancellation_steps WHERE prescription_id = $1', [id])).length > 0;
    };
    expect([await asOf(12.9), await asOf(13.1)]).toEqual([false, true]);
  });

  it('ends in the same state and history in any order of its parcels’ reports', async () => {
    const told = (status: TrackingStatus, day: number): TrackingReport => ({
      status,
      occurredAt: new Date(Date.UTC(2026, 0, day)),
      dedupeKey: `${status}-${day}`,
    });
    const reports = [
      [0, told('delivered', 2)],
      [1, told('in_transit', 1)],
      [1, told('delivered', 4)],
      [0, told('delivered', 5)],
      [0, told('in_transit', 1)],
    ] as const;
    const outcomeOf = async (order: readonly number[]) => {
      const { id, numbers } = await shipped();
      for (const pick of order) {
        const [parcel, report] = reports[pick] ?? reports[0];
        await app.db.tx(systemContext, async (tx) => {
          const [shipment] = await app.get(ShipmentsStore).byTrackingNumber(tx, numbers[parcel]);
          if (shipment === undefined) throw new Error('no parcel');
          await app.get(Tracking).carrierReport(tx, shipment, report, { source: 'shippo', trigger: 'webhook' });
        });
      }
      const [prescription] = await app.sql('SELECT state, outcome_at, state_since FROM prescriptions WHERE id = $1', [
        id,
      ]);
      const history = await app.sql(
        `SELECT action, occurred_at, source_key FROM prescription_status_events WHERE prescription_id = $1
         ORDER BY occurred_at, source_key`,
        [id],
      );
      return { prescription, history };
    };
    const expected = await outcomeOf([0, 1, 2, 3, 4]);
    expect(expected.prescription).toMatchObject({ state: 'delivered' });
    for (const order of [
      [4, 3, 2, 1, 0],
      [2, 0, 3, 1, 4],
      [3, 0, 2, 2, 4, 1, 0],
      [0, 3, 4, 1, 2],
      [2, 3, 0, 1, 4],
    ]) {
      expect(await outcomeOf(order)).toEqual(expected);
    }
  });
});
