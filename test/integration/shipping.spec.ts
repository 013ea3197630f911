import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { catalog } from '../../src/demo/catalog.js';
import { Drugs } from '../../src/modules/directory/index.js';
import { Prescriptions } from '../../src/modules/prescriptions/index.js';
import { ToldParcels, TrackingLinks, type TrackingReport } from '../../src/modules/shipping/index.js';
import { LabelGateway } from '../../src/modules/shipping/gateways/label-gateway.port.js';
import { LabelShipping } from '../../src/modules/shipping/label-shipping.js';
import { PartnerHandOver } from '../../src/modules/shipping/partner-hand-over.js';
import { ShipmentsStore } from '../../src/modules/shipping/shipments.store.js';
import { fulfilJob, pollDueJob, pollJob } from '../../src/modules/shipping/shipping.jobs.js';
import { ShippingWorker } from '../../src/modules/shipping/shipping.worker.js';
import { Tracking } from '../../src/modules/shipping/tracking.service.js';
import { systemContext } from '../../src/platform/db/index.js';
import { Refused } from '../../src/platform/effects/index.js';
import { RateLimits } from '../../src/platform/http/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { until } from '../support/until.js';

let app: ShippingApp;
let key: string;
const helpLine = (words: string | null) =>
  app.sql('UPDATE organizations SET support_phone = $2 WHERE id = $1', [app.organizationId, words]);
beforeAll(async () => {
  app = await startShippingApp({ env: { SUPPORT_PHONE: 'see our page' } });
  await helpLine('1-800-SUPPORT');
  key = await app.key();
});
afterAll(() => app.stop());
afterEach(async () => {
  await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
});

const fault = (vendor: string, kind: string, match: object = {}, times = 1) =>
  app.sandbox.post('/_sandbox/faults', { vendor, kind, match, times });
const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${app.url}${path}`, { ...init, headers: { authorization: key, 'content-type': 'application/json' } });
const advance = async (number: string, status: string, substatus?: string, statusDate?: string) => {
  const response = await app.sandbox.post(`/_sandbox/shippo/tracks/${number}/advance`, {
    status,
    substatus,
    statusDate,
  });
  expect(response.status).toBe(200);
};
const numberOf = async (id: string) => (await app.shipments(id))[0]?.['tracking_number'] ?? '';

async function history(id: string) {
  return app.sql<{ action: string; moved: boolean }>(
    'SELECT action, moved FROM prescription_status_events WHERE prescription_id = $1 ORDER BY occurred_at, recorded_at',
    [id],
  );
}

async function deadLetter(id: string) {
  return app.eventually(async () => {
    const [row] = await app.sql<{ reason: string }>('SELECT reason FROM dead_letters WHERE aggregate_id = $1', [id]);
    return row?.reason;
  });
}

describe('a label of ours', () => {
  it('is bought once, shipped, followed to the door, and printed by staff', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const [shipment] = await app.shipments(id);
    expect(shipment).toMatchObject({
      kind: 'platform_label',
      carrier: 'usps',
      service_level: 'usps_ground_advantage',
      cost_cents: 565,
      signature_required: false,
      status: 'pre_transit',
    });
    const label = await ask(`/api/shipments/${shipment?.['id'] ?? ''}/label`);
    expect(label.headers.get('content-type')).toBe('application/pdf');
    expect(label.headers.get('content-disposition')).toContain('attachment');
    expect(
      Buffer.from(await label.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    const number = await numberOf(id);
    await advance(number, 'TRANSIT', 'package_accepted');
    await app.reaches(id, 'in_transit');
    await advance(number, 'TRANSIT', 'out_for_delivery');
    await app.reaches(id, 'out_for_delivery');
    await advance(number, 'DELIVERED', 'delivered');
    await app.reaches(id, 'delivered');
    const shown = (await (await ask(`/api/prescriptions/${id}/shipment`)).json()) as {
      items: { status: string; deliveredAt: string | null; events: { status: string }[] }[];
    };
    expect(shown.items).toHaveLength(1);
    expect(shown.items[0]).toMatchObject({ status: 'delivered', hasLabel: true });
    expect(shown.items[0]?.events.map(({ status }) => status)).toEqual(['in_transit', 'out_for_delivery', 'delivered']);
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
  });

  it('asks for an adult’s signature when the medicine is controlled, and goes express when asked to', async () => {
    const id = await app.ready({ schedule: 'IV', serviceLevel: 'expedited' });
    await app.reaches(id, 'shipped');
    expect((await app.shipments(id))[0]).toMatchObject({
      signature_required: true,
      service_level: 'usps_priority_express',
      cost_cents: 3930,
    });
  });

  it('asks for it as well when only the directory knows that the medicine is controlled', async () => {
    await app.db.tx(systemContext, (tx) => app.get(Drugs).upsert(tx, catalog));
    const id = await app.beforeShipping({ path: 'direct' });
    await app.sql(`UPDATE prescriptions SET ndc = '70000011330' WHERE id = $1`, [id]);
    await app.release(id, 'direct');
    await app.reaches(id, 'shipped');
    expect((await app.shipments(id))[0]).toMatchObject({ signature_required: true });
  });

  const holdEnds = async (id: string) => {
    const waiting = `aggregate_id = $1 AND last_error = 'effect.held' AND dispatched_at IS NULL AND done_at IS NULL`;
    await app.eventually(async () => (await app.sql(`SELECT 1 FROM outbox_events WHERE ${waiting}`, [id]))[0]);
    expect(await app.shipments(id)).toEqual([]);
    await app.sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE aggregate_id = $1`, [id]);
    await app.sql(`UPDATE outbox_events SET due_at = now() WHERE ${waiting}`, [id]);
  };

  it.each(['500_after', 'reset', '500_before', '429'])(
    'is one label in the ledger although the carrier answered %s',
    async (kind) => {
      await fault('shippo', kind, { path: '/transactions', method: 'POST' });
      const id = await app.ready();
      // Cut off, it may go on at the carrier: a look-up now could come too early.
      if (kind === 'reset') await holdEnds(id);
      await app.reaches(id, 'shipped');
      expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
      expect(await app.shipments(id)).toHaveLength(1);
    },
  );

  it('waits as a dead letter that names the address when the carrier does not know it, and ships once that is mended', async () => {
    const id = await app.ready({ zip: '00000' });
    expect(await deadLetter(id)).toBe('shipping.address-refused');
    expect(await app.shipments(id)).toEqual([]);
    expect(await (await ask(`/api/prescriptions/${id}/why`)).json()).toMatchObject({ who: 'ops' });
    const other = await app.beforeShipping();
    await app.sql(
      `UPDATE prescriptions SET patient_id = (SELECT patient_id FROM prescriptions WHERE id = $2) WHERE id = $1`,
      [id, other],
    );
    await app.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, fulfilJob, { prescriptionId: id }));
    await app.reaches(id, 'shipped');
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
  });

  it('waits as a dead letter that names the sender when it has no phone, and ships once it has one', async () => {
    await helpLine('help.cedar.example');
    const id = await app.ready();
    expect(await deadLetter(id)).toBe('shipping.sender-incomplete');
    await helpLine('1-800-SUPPORT');
    await app.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, fulfilJob, { prescriptionId: id }));
    await app.reaches(id, 'shipped');
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
  });

  it('is given back when the prescription is cancelled while it is bought, without waiting for its PDF', async () => {
    const id = await app.beforeShipping();
    // The label is bought, and nobody can see it for a while.
    await fault('shippo', '500_after', { path: '/transactions', method: 'POST' });
    await fault('shippo', '500_before', { path: '/transactions', method: 'GET' }, 50);
    await app.release(id);
    await app.eventually(async () => ((await app.ledger('shippo', 'label', id)).length > 0 ? true : undefined));
    const cancelled = await ask(`/api/prescriptions/${id}/cancel`, {
      method: 'POST',
      body: JSON.stringify({ reason: 'changed mind' }),
    });
    expect(cancelled.status).toBe(200);
    const gateway = app.get(LabelGateway);
    gateway.document = () => Promise.reject(new Error('away'));
    try {
      await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
      await app.eventually(async () => ((await app.shipments(id))[0]?.['status'] === 'voided' ? true : undefined));
    } finally {
      Reflect.deleteProperty(gateway, 'document');
    }
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
    expect(await app.ledger('shippo', 'refund', id)).toHaveLength(1);
    await app.reaches(id, 'cancelled');
  });

  it('is voided by a cancel after shipping', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const cancelled = await ask(`/api/prescriptions/${id}/cancel`, {
      method: 'POST',
      body: JSON.stringify({ reason: 'changed mind' }),
    });
    expect(cancelled.status).toBe(200);
    expect((await app.shipments(id))[0]).toMatchObject({ status: 'voided' });
  });

  it('is used once the parcel was with the carrier: undoing asks for no refund of it', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    await app.sql(`UPDATE shipments SET status = 'returned' WHERE prescription_id = $1`, [id]);
    await app.sql(`UPDATE prescriptions SET state = 'returned' WHERE id = $1`, [id]);
    expect(await app.get(LabelShipping).undo(id)).toBe('label-used');
    expect(await app.ledger('shippo', 'refund', id)).toEqual([]);
    await app.sql(`UPDATE shipments SET status = 'pre_transit' WHERE prescription_id = $1`, [id]);
    expect(await app.get(LabelShipping).undo(id)).toBe('voided');
  });

  it('stays when the carrier does not take it back: that is said, and ends every undoing', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const gateway = app.get(LabelGateway);
    gateway.void = () => Promise.reject(new Refused('shipping.label-not-refunded', 'no'));
    const shipment = (await app.shipments(id))[0]?.['id'] ?? '';
    const post = (path: string, body: object) => ask(path, { method: 'POST', body: JSON.stringify(body) });
    try {
      const voided = await post(`/api/shipments/${shipment}/void`, {});
      const cancelled = await post(`/api/prescriptions/${id}/cancel`, { reason: 'changed mind' });
      expect([voided.status, cancelled.status]).toEqual([409, 409]);
      expect(await voided.json()).toMatchObject({ code: 'shipment.not-refunded' });
      expect(await cancelled.json()).toMatchObject({ code: 'prescription.label-not-refunded' });
      expect(await app.get(LabelShipping).undo(id)).toBe('label-kept');
      // A job has nobody to say it to.
      await app.sql(`UPDATE prescriptions SET state = 'cancelled' WHERE id = $1`, [id]);
      const run = { outboxId: newId(), attempt: 1, closed: false };
      await expect(app.get(ShippingWorker).fulfil({ prescriptionId: id }, run)).rejects.toMatchObject({
        code: 'shipping.label-not-refunded',
      });
      await app.sql(`UPDATE prescriptions SET state = 'shipped' WHERE id = $1`, [id]);
    } finally {
      Reflect.deleteProperty(gateway, 'void');
    }
    expect((await post(`/api/prescriptions/${id}/cancel`, { reason: 'changed mind' })).status).toBe(200);
  });

  it('can be voided and replaced by staff, but not once the carrier has the parcel', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const first = (await app.shipments(id))[0]?.['id'] ?? '';
    const voided = await ask(`/api/shipments/${first}/void`, {
      method: 'POST',
      body: JSON.stringify({ replace: true }),
    });
    expect(await voided.json()).toMatchObject({ status: 'voided' });
    const second = await app.eventually(async () => (await app.shipments(id))[1]);
    expect(second['transaction_id']).not.toBe((await app.shipments(id))[0]?.['transaction_id']);
    await advance(second['tracking_number'] ?? '', 'TRANSIT', 'package_accepted');
    await app.reaches(id, 'in_transit');
    const late = await ask(`/api/shipments/${second['id'] ?? ''}/void`, { method: 'POST', body: '{}' });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ code: 'shipment.already-scanned' });
    const cancel = await ask(`/api/prescriptions/${id}/cancel`, {
      method: 'POST',
      body: JSON.stringify({ reason: 'too late' }),
    });
    expect(cancel.status).toBe(409);
  });
});

describe('reports of carriers', () => {
  it('are kept once, in any order, and never move the state back', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const number = await numberOf(id);
    await fault('shippo', 'duplicate_webhook', {}, 3);
    await advance(number, 'DELIVERED', 'delivered', '2025-01-03T10:00:00.000Z');
    await app.reaches(id, 'delivered');
    await advance(number, 'TRANSIT', 'package_accepted', '2025-01-01T10:00:00.000Z');
    await app.eventually(async () => ((await history(id)).some(({ action }) => action === 'scan') ? true : undefined));
    expect((await history(id)).filter(({ action }) => ['scan', 'deliver'].includes(action))).toEqual([
      { action: 'scan', moved: false },
      { action: 'deliver', moved: true },
    ]);
    const jobs = await app.sql(
      `SELECT o.subscriber FROM prescription_status_events e
       JOIN outbox_events o ON o.id = e.job_id AND o.aggregate_id = e.webhook_event_id
       WHERE e.prescription_id = $1 AND e.action IN ('scan', 'deliver')`,
      [id],
    );
    expect(jobs).toEqual([{ subscriber: 'webhooks.process' }, { subscriber: 'webhooks.process' }]);
    expect((await app.shipments(id))[0]).toMatchObject({ status: 'delivered' });
  });

  it.each(['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z'])(
    'of %s happened when they were heard',
    async (never) => {
      const id = await app.ready();
      await app.reaches(id, 'shipped');
      await advance(await numberOf(id), 'TRANSIT', 'package_accepted', never);
      await app.reaches(id, 'in_transit');
      const rows = await app.sql<{ minutes: number }>(
        `SELECT abs(extract(epoch FROM now() - e.occurred_at))::float / 60 AS minutes FROM tracking_events e
         WHERE e.prescription_id = $1 AND e.status = 'in_transit'
         UNION ALL SELECT abs(extract(epoch FROM now() - s.handed_over_at))::float / 60 FROM shipments s
         WHERE s.prescription_id = $1
         UNION ALL SELECT abs(extract(epoch FROM now() - h.occurred_at))::float / 60 FROM prescription_status_events h
         WHERE h.prescription_id = $1 AND h.action = 'scan'`,
        [id],
      );
      expect(rows).toHaveLength(3);
      for (const { minutes } of rows) expect(minutes).toBeLessThan(5);
    },
  );

  it('are refused with a wrong signature or token and leave nothing', async () => {
    const before = await app.sql('SELECT 1 FROM webhook_events');
    const body = JSON.stringify({ event: 'track_updated', data: {} });
    const headers = { 'content-type': 'application/json' };
    const wrongToken = await fetch(`${app.url}/api/webhooks/shippo?token=wrong`, { method: 'POST', headers, body });
    const none = await fetch(`${app.url}/api/webhooks/shippo`, { method: 'POST', headers, body });
    const wrongSignature = await fetch(
      `${app.url}/api/webhooks/shippo?token=${app.sandbox.secrets.SHIPPO_WEBHOOK_SECRET}`,
      {
        method: 'POST',
        headers: { ...headers, 'shippo-auth-signature': 't=1,v1=00' },
        body,
      },
    );
    const lifefile = await fetch(`${app.url}/api/webhooks/lifefile/prescription-status`, {
      method: 'POST',
      headers: { ...headers, 'x-lifefile-signature': '0'.repeat(64) },
      body,
    });
    expect([wrongToken.status, none.status, wrongSignature.status, lifefile.status]).toEqual([401, 401, 401, 401]);
    expect(await app.sql('SELECT 1 FROM webhook_events')).toHaveLength(before.length);
  });

  it('are asked for when their webhooks never come', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const number = await numberOf(id);
    await fault('shippo', 'drop_webhook', {}, 5);
    await advance(number, 'TRANSIT', 'package_accepted');
    await advance(number, 'DELIVERED', 'delivered');
    await app.sql(`UPDATE shipments SET next_poll_at = now() - interval '1 minute' WHERE prescription_id = $1`, [id]);
    await app.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, pollDueJob, { slot: 'test' }));
    await app.reaches(id, 'delivered');
    expect((await history(id)).filter(({ moved }) => moved).map(({ action }) => action)).toEqual([
      'settle',
      'ship',
      'scan',
      'deliver',
    ]);
    expect((await app.shipments(id))[0]).toMatchObject({ status: 'delivered', next_poll_at: null });
  });

  const due = (id: string, change: string, values: readonly unknown[] = []) =>
    app.sql(`UPDATE shipments SET next_poll_at = now() - interval '1 minute', ${change} WHERE prescription_id = $1`, [
      id,
      ...values,
    ]);
  const polled = async () => {
    const jobId = await app.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, pollDueJob, { slot: newId() }));
    await until(
      async () =>
        (await app.sql('SELECT 1 FROM outbox_events WHERE id = $1 AND done_at IS NULL', [jobId])).length === 0,
    );
  };
  const questionsOf = (id: string) =>
    app.sql(`SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2`, [id, pollJob.name]);
  /** Support tickets about its parcels. */
  const ticketsOf = (id: string) =>
    app.sql<{ type: string; reason: string; shipment: string }>(
      `SELECT t.ticket_type AS type, e.reason, e.details ->> 'shipmentId' AS shipment
       FROM ticket_events e JOIN healthcare_tickets t ON t.id = e.ticket_id
       WHERE e.code = 'ticket.created' AND e.details ->> 'prescriptionId' = $1`,
      [id],
    );
  const whyOf = async (id: string) =>
    (await (await ask(`/api/prescriptions/${id}/why`)).json()) as Record<string, unknown>;

  it.each([
    ['pre_transit', 61],
    ['failure', 31],
  ])('are not asked for for ever: a parcel that is %s after %i days is given up', async (status, days) => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    await due(id, `status = $2, shipped_at = now() - $3 * interval '1 day'`, [status, days]);
    await polled();
    expect((await app.shipments(id))[0]).toMatchObject({ next_poll_at: null });
    expect(await questionsOf(id)).toEqual([]);
  });

  it('become a ticket of operations when a parcel stays silent, once, and what is waited for then', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const [parcel] = await app.shipments(id);
    expect(await whyOf(id)).toMatchObject({ who: 'carrier', details: { nextPollAt: expect.any(String) as string } });
    await due(id, `shipped_at = now() - interval '61 days'`);
    await polled();
    const ticket = { type: 'support', reason: 'shipping.parcel-silent', shipment: parcel?.['id'] };
    expect(await ticketsOf(id)).toEqual([ticket]);
    expect(await whyOf(id)).toMatchObject({
      code: 'shipping.parcel-silent',
      who: 'ops',
      since: new Date(Number((await app.shipments(id))[0]?.['shipped_at']) + 60 * 86_400_000).toISOString(),
      details: { nextPollAt: null },
    });
    await advance(await numberOf(id), 'TRANSIT', 'package_accepted');
    await app.reaches(id, 'in_transit');
    expect((await app.shipments(id))[0]).toMatchObject({ next_poll_at: null });
    await polled();
    expect(await ticketsOf(id)).toEqual([ticket]);
    await advance(await numberOf(id), 'DELIVERED', 'delivered');
    await app.reaches(id, 'delivered');
  });

  it.each([
    ['it was reported lost', `status = 'failure'`, 'shipped'],
    ['its order has arrived as a whole', `status = 'pre_transit'`, 'delivered'],
    ['its order was cancelled', `status = 'in_transit'`, 'cancelled'],
  ])('become none when nobody waits for the parcel: %s', async (_why, change, state) => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    await app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [id, state]);
    await due(id, `${change}, shipped_at = now() - interval '61 days'`);
    await polled();
    expect((await app.shipments(id))[0]).toMatchObject({ next_poll_at: null });
    expect(await ticketsOf(id)).toEqual([]);
  });

  it('are awaited from the pharmacy while no carrier of its parcel is known, and from operations when it stays silent', async () => {
    const id = await app.beforeShipping({ kind: 'partner' });
    await app.sql(`UPDATE prescriptions SET state = 'shipped' WHERE id = $1`, [id]);
    const words = { code: 'shipping.first-scan', who: 'pharmacy' };
    expect(await whyOf(id)).toMatchObject(words);
    await app.db.tx(systemContext, async (tx) => {
      const prescription = await app.get(Prescriptions).get(tx, id);
      const parcel = { trackingNumber: `?-${newId()}`, carrier: undefined, at: new Date() };
      await app.get(ToldParcels).told(tx, prescription, parcel);
    });
    expect(await whyOf(id)).toMatchObject({ ...words, details: { carrier: null, nextPollAt: null } });
    await due(id, `carrier = NULL`);
    await polled();
    expect([await questionsOf(id), await ticketsOf(id)]).toEqual([[], []]);
    await due(id, `shipped_at = now() - interval '61 days'`);
    await polled();
    expect(await ticketsOf(id)).toMatchObject([{ reason: 'shipping.parcel-silent' }]);
    expect(await whyOf(id)).toMatchObject({ code: 'shipping.parcel-silent', who: 'ops' });
  });
});

describe('a parcel while Shippo is off', () => {
  it('is nobody’s but operations’, who hear of it when it stays silent', async () => {
    const off = await startShippingApp({ env: { SHIPPO_API_TOKEN: '' }, works: false });
    try {
      const id = await off.beforeShipping();
      await off.sql(`UPDATE prescriptions SET state = 'in_transit' WHERE id = $1`, [id]);
      await off.sql(
        `INSERT INTO shipments (id, prescription_id, organization_id, kind, carrier, tracking_number, status, next_poll_at, created_at)
         VALUES ($1, $2, $3, 'platform_label', 'usps', $4, 'in_transit', now(), now())`,
        [newId(), id, off.organizationId, `N-${id}`],
      );
      const why = async () => {
        const authorization = await off.key();
        const answer = await fetch(`${off.url}/api/prescriptions/${id}/why`, { headers: { authorization } });
        return answer.json();
      };
      expect(await why()).toMatchObject({ code: 'shipping.in-transit', who: 'ops', details: { nextPollAt: null } });
      await off.sql(`UPDATE shipments SET created_at = now() - interval '61 days'`);
      const run = () => ({ outboxId: newId(), attempt: 1, closed: false });
      await off.get(ShippingWorker).pollDue({ slot: 'now' }, run());
      await off.get(ShippingWorker).pollDue({ slot: 'now' }, run());
      expect(await off.sql(`SELECT 1 FROM ticket_events WHERE reason = 'shipping.parcel-silent'`)).toHaveLength(1);
      expect(await why()).toMatchObject({ code: 'shipping.parcel-silent', who: 'ops' });
    } finally {
      await off.stop();
    }
  });
});

describe('questions to a carrier that is away', () => {
  it('do not pile up: one per parcel waits', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const [parcel] = await app.sql<{ id: string }>(
      `UPDATE shipments SET next_poll_at = now() - interval '1 minute' WHERE prescription_id = $1 RETURNING id`,
      [id],
    );
    const jobId = await app.db.tx(systemContext, async (tx) => {
      const about = { aggregateId: id, dueAt: new Date(Date.now() + 86_400_000) };
      await app.get(Outbox).enqueue(tx, pollJob, { shipmentId: parcel?.id ?? '' }, about);
      return app.get(Outbox).enqueue(tx, pollDueJob, { slot: 'again' });
    });
    await until(async () => {
      const [job] = await app.sql<{ done: boolean }>(
        'SELECT done_at IS NOT NULL AS done FROM outbox_events WHERE id = $1',
        [jobId],
      );
      return job?.done === true;
    });
    const jobs = await app.sql(`SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'shipping.poll'`, [
      id,
    ]);
    expect(jobs).toHaveLength(1);
  });
});

describe('any order and repetition of the same reports', () => {
  const reports: readonly TrackingReport[] = (
    [
      ['in_transit', 1],
      ['out_for_delivery', 3],
      ['failure', 4],
      ['in_transit', 5],
      ['delivered', 6],
      ['returned', 6],
      ['returned', 7],
    ] as const
  ).map(([status, day], index) => ({
    status,
    occurredAt: new Date(Date.UTC(2025, 0, day)),
    estimatedDelivery: `2030-01-${String(10 + index)}`,
    dedupeKey: `${status}-${day}`,
  }));
  const pharmacyReports = (['acknowledge', 'start', 'make_ready', 'ship'] as const).map((action, index) => ({
    action,
    occurredAt: new Date(Date.UTC(2024, 11, 20 + index)),
  }));

  async function outcomeOf(picks: readonly number[]) {
    const id = await app.beforeShipping();
    await app.sql(`UPDATE prescriptions SET state = 'sent_to_pharmacy' WHERE id = $1`, [id]);
    await app.sql(
      `INSERT INTO shipments (id, prescription_id, organization_id, kind, carrier, tracking_number, status, shipped_at, created_at)
       VALUES (gen_random_uuid(), $1, $2, 'partner', 'ups', $3, 'pre_transit', now(), now())`,
      [id, app.organizationId, `N-${id}`],
    );
    for (const pick of picks) {
      await app.db.tx(systemContext, async (tx) => {
        const [shipment] = await app.get(ShipmentsStore).ofPrescription(tx, id);
        const carrier = reports[pick];
        if (carrier !== undefined && shipment !== undefined) {
          return app.get(Tracking).carrierReport(tx, shipment, carrier, { source: 'shippo', trigger: 'webhook' });
        }
        const pharmacy = pharmacyReports[pick - reports.length];
        if (pharmacy === undefined) return;
        await app.get(Prescriptions).report(tx, {
          id,
          ...pharmacy,
          actor: { kind: 'pharmacy' },
          trigger: 'webhook',
          sourceKey: `lifefile:${pharmacy.action}`,
        });
      });
    }
    const [prescription] = await app.sql('SELECT state, outcome_at, state_since FROM prescriptions WHERE id = $1', [
      id,
    ]);
    const events = await app.sql(
      `SELECT action, occurred_at, source_key FROM prescription_status_events WHERE prescription_id = $1
       ORDER BY occurred_at, source_key`,
      [id],
    );
    const [parcel] = await app.sql(
      'SELECT status, handed_over_at, delivered_at, estimated_delivery FROM shipments WHERE prescription_id = $1',
      [id],
    );
    return { prescription, events, parcel };
  }

  it('ends in the same state, the same history and the same parcel', async () => {
    const all = [...reports, ...pharmacyReports].map((_, index) => index);
    const expected = await outcomeOf(all);
    expect(expected.events).toHaveLength(all.length);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length, maxLength: 2 * all.length }),
        async (picks) => expect(await outcomeOf(picks)).toEqual(expected),
      ),
      { numRuns: 12 },
    );
  });
});

describe('a partner pharmacy', () => {
  const orderOf = async (id: string) =>
    (
      await app.sql<{ lifefile_order_id: string }>(
        'SELECT lifefile_order_id FROM partner_orders WHERE prescription_id = $1',
        [id],
      )
    )[0]?.lifefile_order_id ?? '';
  const tell = (orderId: string, status: string) =>
    app.sandbox.post(`/_sandbox/lifefile/orders/${orderId}/advance`, { status });

  /** The order as the pharmacy received it. */
  const atTheirs = async (id: string): Promise<unknown> => {
    return (await fetch(`${app.sandbox.url}/_sandbox/lifefile/orders/${await orderOf(id)}`)).json();
  };

  it('gets the order once and reports it to the door', async () => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    expect(await app.ledger('lifefile', 'order', id)).toHaveLength(1);
    const orderId = await orderOf(id);
    for (const [word, state] of [
      ['order_received', 'pharmacy_received'],
      ['order_processing', 'processing'],
      ['order_shipped', 'shipped'],
      ['order_out_for_delivery', 'out_for_delivery'],
      ['order_delivered', 'delivered'],
    ] as const) {
      await tell(orderId, word);
      await app.reaches(id, state);
    }
    const [parcel] = await app.shipments(id);
    expect(parcel).toMatchObject({ kind: 'partner', carrier: 'ups', status: 'delivered' });
    expect(parcel?.['estimated_delivery']).not.toBeNull();
  });

  it('fills what was lowered for the limit of the plan, not what was ordered', async () => {
    const id = await app.beforeShipping({ kind: 'partner' });
    await app.sql('UPDATE prescriptions SET quantity = 9, days_supply = 9 WHERE id = $1', [id]);
    await app.release(id);
    await app.reaches(id, 'sent_to_pharmacy');
    expect(await atTheirs(id)).toMatchObject({ order: { rxs: [{ quantity: 9, daysSupply: 9, drugForm: 'tablet' }] } });
    const shown = await (await ask(`/api/prescriptions/${id}`)).json();
    expect(shown).toMatchObject({
      quantity: 9,
      daysSupply: 9,
      current: { order: { medication: { quantity: 30, daysSupply: 30 } } },
    });
  });

  it('is told the prescriber as the order says, under the registration it was written with', async () => {
    const npi = '1234567893';
    await app.sql(`UPDATE providers SET dea = 'AA1234563', phone = '+17755550100' WHERE npi = $1`, [npi]);
    for (const dea of ['FD1388568', 'BD5836727', undefined]) {
      const prescriber = { npi, firstName: 'Dana', lastName: 'Married', ...(dea !== undefined && { dea }) };
      const id = await app.ready({ kind: 'partner', prescriber });
      await app.reaches(id, 'sent_to_pharmacy');
      const { order } = (await atTheirs(id)) as { order: { prescriber: object } };
      expect(order.prescriber).toEqual({ ...prescriber, phone: '(775) 555-0100' });
    }
  });

  it('bills by itself on the direct path: the order goes out when the pharmacy is chosen', async () => {
    const id = await app.ready({ kind: 'partner', path: 'direct' });
    await app.reaches(id, 'sent_to_pharmacy');
    const own = await app.ready({ path: 'direct' });
    await app.reaches(own, 'shipped');
    expect((await history(own)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['select_pharmacy', 'hand_to_pharmacy', 'ship']),
    );
  });

  it('goes to no pharmacy after the last day on which it may be filled, and operations hear why', async () => {
    const writtenDate = new Date(Date.now() - 200 * 86_400_000).toISOString().slice(0, 10);
    const id = await app.beforeShipping({ kind: 'partner', path: 'direct', schedule: 'IV', writtenDate });
    await app.release(id, 'direct');
    const reason = 'SELECT reason FROM dead_letters WHERE aggregate_id = $1';
    expect(await app.eventually(async () => (await app.sql(reason, [id]))[0])).toMatchObject({
      reason: 'shipping.order-expired',
    });
    const why = (await (await ask(`/api/prescriptions/${id}/why`)).json()) as { next: string };
    expect(why.next).toContain('Ask the doctor for a new order');
    expect(why.next).not.toContain('redrive');
    expect(await app.ledger('lifefile', 'order', id)).toEqual([]);
  });

  it('goes to no pharmacy before the day its prescriber dated it for', async () => {
    const id = await app.beforeShipping({ kind: 'partner', path: 'direct' });
    const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    await app.sql('UPDATE prescriptions SET earliest_fill_date = $2 WHERE id = $1', [id, day]);
    await app.release(id, 'direct');
    const job = await app.eventually(
      async () =>
        (
          await app.sql<{ due: Date }>(
            `SELECT due_at AS due FROM outbox_events
             WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL AND due_at > now() + interval '1 day'`,
            [id, fulfilJob.name],
          )
        )[0],
    );
    // 08:00 in Chicago
    expect(job.due.toISOString()).toMatch(new RegExp(`^${day}T1[34]:00`));
    expect(await app.ledger('lifefile', 'order', id)).toEqual([]);
  });

  it('hears of a cancel', async () => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    await ask(`/api/prescriptions/${id}/cancel`, { method: 'POST', body: JSON.stringify({ reason: 'changed mind' }) });
    await app.eventually(async () =>
      (await app.ledger('lifefile', 'cancellation', id)).length > 0 ? true : undefined,
    );
    await app.reaches(id, 'cancelled');
  });

  it('that has shipped before our cancel says so: an answer everybody sees, and no dead letter', async () => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    await tell(await orderOf(id), 'order_shipped');
    await app.reaches(id, 'shipped');
    // As if the report had been overtaken by the cancel.
    await app.sql(`UPDATE prescriptions SET state = 'processing' WHERE id = $1`, [id]);
    await ask(`/api/prescriptions/${id}/cancel`, { method: 'POST', body: JSON.stringify({ reason: 'changed mind' }) });
    const why = await app.eventually(async () => {
      const now = (await (await ask(`/api/prescriptions/${id}/why`)).json()) as { code: string; waitsFor: string };
      return now.code === 'cancellation.compensating' ? undefined : now;
    });
    expect(why).toMatchObject({ code: 'cancellation.already-shipped', who: 'ops' });
    expect(why.waitsFor).toContain('the pharmacy had already shipped');
    const { items } = (await (await ask(`/api/prescriptions/${id}/timeline`)).json()) as {
      items: { code: string; details: Record<string, unknown> }[];
    };
    expect(items.find(({ code }) => code === 'cancellation.pharmacy_order')?.details).toMatchObject({
      outcome: 'already-shipped',
      note: expect.stringContaining('had already shipped') as unknown,
    });
    const asked = await app.sql(
      `SELECT reason FROM ticket_events WHERE details->>'prescriptionId' = $1 AND code = 'ticket.created'`,
      [id],
    );
    expect(asked).toEqual([{ reason: 'cancellation.too-late' }]);
    expect(await app.sql('SELECT reason FROM dead_letters WHERE aggregate_id = $1', [id])).toEqual([]);
    expect(await app.ledger('lifefile', 'cancellation', id)).toEqual([]);
  });

  it('that could not fill the order is not asked to cancel it', async () => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    await tell(await orderOf(id), 'order_failed');
    await app.reaches(id, 'failed');
    const steps = await app.eventually(async () => {
      const rows = await app.sql<{ step: string; outcome: string }>(
        'SELECT step, outcome FROM cancellation_steps WHERE prescription_id = $1',
        [id],
      );
      return rows.some(({ step }) => step === 'pharmacy_order') ? rows : undefined;
    });
    expect(steps).toContainEqual({ step: 'pharmacy_order', outcome: 'ended-by-pharmacy' });
    expect(await app.sql('SELECT reason FROM dead_letters WHERE aggregate_id = $1', [id])).toEqual([]);
  });

  it.each([
    ['carrier', 'return', 'already-shipped'],
    ['carrier', 'fail', 'already-shipped'],
    ['pharmacy', 'return', 'ended-by-pharmacy'],
  ] as const)('is not asked to cancel what it has shipped when its %s says %s: %s', async (kind, action, outcome) => {
    const id = await app.ready({ kind: 'partner' });
    await app.reaches(id, 'sent_to_pharmacy');
    const said = (actor: 'pharmacy' | 'carrier', what: 'ship' | 'return' | 'fail') =>
      app.db.tx(systemContext, (tx) =>
        app.get(Prescriptions).report(tx, {
          id,
          action: what,
          actor: { kind: actor },
          trigger: 'webhook',
          occurredAt: new Date(),
          sourceKey: newId(),
        }),
      );
    await said('pharmacy', 'ship');
    await said(kind, action);
    expect(await app.get(PartnerHandOver).undo(id)).toBe(outcome);
    expect(await app.ledger('lifefile', 'cancellation', id)).toEqual([]);
  });

  it('is matched by its own numbers, and never guessed when they fit several', async () => {
    const ids = [
      await app.ready({ kind: 'partner' }),
      await app.ready({ kind: 'partner' }),
      await app.ready({ kind: 'partner' }),
    ];
    for (const id of ids) await app.reaches(id, 'sent_to_pharmacy');
    const [byFill = '', twin = '', otherTwin = ''] = ids;
    await app.sql(`UPDATE partner_orders SET lifefile_order_id = 'A', fill_id = '1' WHERE prescription_id = $1`, [
      byFill,
    ]);
    await app.sql(
      `UPDATE partner_orders SET lifefile_order_id = 'A', fill_id = '2', rx_number = '9' WHERE prescription_id IN ($1, $2)`,
      [twin, otherTwin],
    );
    const push = async (prescription: object) => {
      const body = JSON.stringify({
        eventType: 'prescription.status.update',
        timestamp: '2026-11-20T10:00:00Z',
        prescription,
        status: { current: 'order_received', previous: 'order_ready', changedAt: '2026-11-20T10:00:00' },
      });
      const signature = createHmac('sha256', app.sandbox.secrets.LIFEFILE_WEBHOOK_SECRET).update(body).digest('hex');
      const answer = await fetch(`${app.url}/api/webhooks/lifefile/prescription-status`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-lifefile-signature': signature },
        body,
      });
      const { eventId } = (await answer.json()) as { eventId: string };
      return app.eventually(async () => {
        const [row] = await app.sql<{ status: string; error_code: string | null }>(
          `SELECT status, error_code FROM webhook_events WHERE id = $1 AND status <> 'received'`,
          [eventId],
        );
        return row;
      });
    };
    expect(await push({ orderId: 'A', fillId: '1', rxNumber: '5' })).toEqual({ status: 'processed', error_code: null });
    await app.reaches(byFill, 'pharmacy_received');
    const [event] = await app.sql<{ occurred_at: Date }>(
      `SELECT occurred_at FROM prescription_status_events WHERE prescription_id = $1 AND action = 'acknowledge'`,
      [byFill],
    );
    expect(event?.occurred_at.toISOString()).toBe('2026-11-20T16:00:00.000Z');
    expect(await push({ orderId: 'A', rxNumber: '9' })).toEqual({ status: 'parked', error_code: 'shipping.ambiguous' });
    expect(await push({ orderId: 'B' })).toEqual({ status: 'parked', error_code: 'shipping.unknown-order' });
    await app.reaches(twin, 'sent_to_pharmacy');
  });

  it('may say what nobody documented: it is kept and parked, never lost', async () => {
    const bodies = ['[{"orderId":"1","status":"Shipping"}]', '<rx/>'];
    const known = {
      eventType: 'prescription.status.update',
      timestamp: '2026-11-20T10:00:00Z',
      prescription: { rxNumber: '1', orderId: 'nobody' },
      status: { current: 'order_lost_at_sea', previous: null, changedAt: '2026-11-20T10:00:00Z' },
    };
    for (const body of [...bodies, JSON.stringify(known)]) {
      const signature = createHmac('sha256', app.sandbox.secrets.LIFEFILE_WEBHOOK_SECRET)
        .update(body)
        .digest('hex')
        .toUpperCase();
      const answer = await fetch(`${app.url}/api/webhooks/lifefile/prescription-status`, {
        method: 'POST',
        headers: {
          'content-type': body.startsWith('<') ? 'application/xml' : 'application/json',
          'x-lifefile-signature': `sha256=${signature}`,
        },
        body,
      });
      expect(answer.status).toBe(200);
    }
    const codes = await app.eventually(async () => {
      const rows = await app.sql<{ error_code: string }>(
        `SELECT error_code FROM webhook_events WHERE source = 'lifefile' AND status = 'parked' AND error_code LIKE 'lifefile.%' ORDER BY error_code`,
      );
      return rows.length === 3 ? rows.map(({ error_code: code }) => code) : undefined;
    });
    expect(codes).toEqual(['lifefile.undocumented-body', 'lifefile.undocumented-body', 'lifefile.unknown-word']);
  });
});

describe('the tracking page', () => {
  it('shows steps, estimate and the carrier’s page, and nothing personal', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    const links = app.get(TrackingLinks);
    const url = await app.db.tx(systemContext, (tx) => links.urlFor(tx, id));
    expect(await app.db.tx(systemContext, (tx) => links.urlFor(tx, id))).toBe(url);
    expect(url).toMatch(/\/t\/[\w-]{43}$/);
    const page = await fetch(url);
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(html).toContain('Sunny Health');
    expect(html).toContain('Expected on');
    expect(html).toContain('https://tools.usps.com/go/TrackConfirmAction?tLabels=');
    expect(html).not.toMatch(/lisinopril|patience|example|elm st|reno|<script/i);
    const [stored] = await app.sql<{ token_hash: string }>(
      'SELECT token_hash FROM tracking_links WHERE prescription_id = $1',
      [id],
    );
    expect(url).not.toContain(stored?.token_hash ?? '?');
  });

  it('tells nothing of a word that came before the order was paid for', async () => {
    const id = await app.beforeShipping();
    const told = await app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).report(tx, {
        id,
        action: 'deliver',
        actor: { kind: 'pharmacy' },
        trigger: 'webhook',
        occurredAt: new Date(),
        sourceKey: 'careportals:early',
      }),
    );
    expect(told).toBe('kept');
    const page = await fetch(await app.db.tx(systemContext, (tx) => app.get(TrackingLinks).urlFor(tx, id)));
    expect(await page.text()).toContain('<h1>We have received your order</h1>');
  });

  it('says why the order waits, as the patient is told who signs in', async () => {
    const id = await app.beforeShipping({ kind: 'partner' });
    const url = await app.db.tx(systemContext, (tx) => app.get(TrackingLinks).urlFor(tx, id));
    const shown = async () => (await fetch(url)).text();
    await app.sql(`UPDATE prescriptions SET state = 'processing' WHERE id = $1`, [id]);
    expect(await shown()).toContain('<p>The pharmacy has it and works on it.');
    await app.sql(
      `INSERT INTO dead_letters (id, outbox_id, subscriber, queue, aggregate_id, organization_id, reason, attempts, created_at)
       VALUES ($1, $1, 'notifications.send_email', 'email', $2, $3, 'mail.refused', 1, now())`,
      [newId(), id, app.organizationId],
    );
    expect(await (await ask(`/api/prescriptions/${id}/why`)).json()).toMatchObject({ who: 'ops' });
    expect(await shown()).toContain('<p>The pharmacy has it and works on it.');
  });

  it('answers unknown and expired links with one friendly page', async () => {
    const id = await app.ready();
    const url = await app.db.tx(systemContext, (tx) => app.get(TrackingLinks).urlFor(tx, id));
    await app.sql(`UPDATE tracking_links SET expires_at = now() - interval '1 day' WHERE prescription_id = $1`, [id]);
    const expired = await fetch(url);
    const unknown = await fetch(`${app.url}/t/${'x'.repeat(43)}`);
    expect([expired.status, unknown.status]).toEqual([404, 404]);
    expect(await expired.text()).toBe(await unknown.text());
  });

  it('lets nobody try one link after the other, and keeps those who have one', async () => {
    const url = await app.ready().then((id) => app.db.tx(systemContext, (tx) => app.get(TrackingLinks).urlFor(tx, id)));
    const limit = { name: 'tracking-unknown', most: 300, windowMs: 300_000 };
    await app.get(RateLimits).reset(limit, '127.0.0.1');
    await app.get(RateLimits).lease(limit, '127.0.0.1', 299);
    const guess = () => fetch(`${app.url}/t/${'x'.repeat(43)}`);
    const answers = [await guess(), await guess(), await fetch(url)];
    await app.get(RateLimits).reset(limit, '127.0.0.1');
    expect(answers.map(({ status }) => status)).toEqual([404, 429, 200]);
    expect(answers[1]?.headers.get('content-type')).toContain('text/html');
    expect(Number(answers[1]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('why a prescription waits', () => {
  it('is answered in every state of shipping', async () => {
    const id = await app.ready();
    await app.reaches(id, 'shipped');
    expect(await (await ask(`/api/prescriptions/${id}/why`)).json()).toMatchObject({
      code: 'shipping.first-scan',
      who: 'carrier',
    });
  });

  it('shows the former patient nothing of an order that was corrected to another, who gets a link of their own', async () => {
    const [id, ofOther] = [await app.ready(), await app.ready()];
    const url = () => app.db.tx(systemContext, (tx) => app.get(TrackingLinks).urlFor(tx, id));
    const patientOf = async (prescription: string) =>
      (await app.sql<{ id: string }>('SELECT patient_id AS id FROM prescriptions WHERE id = $1', [prescription]))[0]
        ?.id;
    const correct = (patient = '') => app.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [id, patient]);
    const patient = await patientOf(id);
    const former = await url();
    await correct(await patientOf(ofOther));
    expect((await fetch(former)).status).toBe(404);
    const own = await url();
    expect([own === former, own === (await url()), (await fetch(own)).status]).toEqual([false, true, 200]);
    expect((await fetch(former)).status).toBe(404);
    await correct(patient);
    expect((await fetch(own)).status).toBe(404);
    expect((await fetch(await url())).status).toBe(200);
  });

  it('has a patient also when a process of before it knew one made the link', async () => {
    const id = await app.ready();
    await app.sql('DELETE FROM tracking_links WHERE prescription_id = $1', [id]);
    const [link] = await app.sql<{ named: boolean }>(
      `INSERT INTO tracking_links (id, prescription_id, organization_id, token_hash, token_sealed, expires_at, created_at)
       SELECT $2::uuid, p.id, p.organization_id, $2::text, '', now(), now() FROM prescriptions p WHERE p.id = $1
       ON CONFLICT (prescription_id) DO UPDATE SET expires_at = EXCLUDED.expires_at
       RETURNING patient_id = (SELECT patient_id FROM prescriptions WHERE id = $1) AS named`,
      [id, newId()],
    );
    expect(link?.named).toBe(true);
  });
});
