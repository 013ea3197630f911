import { createHmac } from 'node:crypto';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { ThreadsModule } from '../../src/modules/threads/index.js';
import { report } from '../support/prescription-rows.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { until } from '../support/until.js';

describe('an order that leaves', () => {
  let app: ShippingApp;

  beforeAll(async () => {
    app = await startShippingApp({ modules: [NotificationsModule, ThreadsModule] });
  });
  afterAll(() => app.stop());

  const atPharmacy = async () => {
    const id = await app.beforeShipping({ kind: 'partner' });
    await app.sql(`UPDATE prescriptions SET state = 'sent_to_pharmacy' WHERE id = $1`, [id]);
    await app.sql(
      `UPDATE healthcare_tickets k SET prescription_id = p.id, patient_id = p.patient_id FROM prescriptions p
       WHERE p.id = $1 AND k.id = p.ticket_id`,
      [id],
    );
    return id;
  };
  const push = async (id: string, word: string, minute: number, parcel: object = {}) => {
    const at = new Date(Date.now() - (60 - minute) * 60_000).toISOString();
    const body = JSON.stringify([{ referenceId: id, rxStatus: word, rxStatusDateTime: at, rxNumber: '1', ...parcel }]);
    const signature = createHmac('sha256', app.sandbox.secrets.LIFEFILE_WEBHOOK_SECRET).update(body).digest('hex');
    const answer = await fetch(`${app.url}/api/webhooks/lifefile/prescription-status`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-lifefile-signature': signature },
      body,
    });
    expect(answer.status).toBe(200);
  };
  /** Once every event of it was heard. */
  const told = async (id: string) => {
    await until(
      async () =>
        (
          await app.sql(
            `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND done_at IS NULL
             AND subscriber IN ('notifications.compose', 'threads.note', 'notifications.send_email')`,
            [id],
          )
        ).length === 0,
    );
    const letters = await app.sql<{ event: string; status: string }>(
      `SELECT event, status FROM notifications WHERE prescription_id = $1 AND channel = 'email' ORDER BY id`,
      [id],
    );
    const notes = await app.sql<{ code: string }>(
      `SELECT m.code FROM chat_messages m JOIN prescriptions p ON p.ticket_id = m.thread_id WHERE p.id = $1 ORDER BY m.seq`,
      [id],
    );
    return { letters, notes: notes.map(({ code }) => code) };
  };
  const shipped = { event: 'shipping_label_generated', status: 'sent' };

  it('is told of with its tracking link when the first word of its parcel is that the carrier has it', async () => {
    const id = await atPharmacy();
    const words = ['Rx Scheduled', 'Ready for Fulfillment', 'Fulfillment', 'Final Verification'];
    for (const [minute, word] of words.entries()) await push(id, word, minute);
    await app.reaches(id, 'processing');
    await push(id, 'Rx Shipping Pickup', 5, { trackingNumber: `1Z-${id}`, shipCarrier: 'UPS' });
    await app.reaches(id, 'in_transit');
    expect(await told(id)).toEqual({
      letters: [shipped],
      notes: ['prescription.received', 'prescription.processing', 'prescription.shipped'],
    });
    const mailbox = await fetch(`${app.sandbox.url}/_sandbox/mailbox?to=patient1@example.com`);
    expect(await mailbox.json()).toMatchObject([{ text: expect.stringMatching(/\/t\/[\w-]{43}/) as unknown }]);
  });

  it('is told of when it is ready, and as picked up when it was', async () => {
    const id = await atPharmacy();
    await report(app, id, 'make_ready');
    await app.reaches(id, 'ready_for_pickup');
    const ready = { event: 'ready_for_pickup', status: 'sent' };
    expect(await told(id)).toEqual({ letters: [ready], notes: ['prescription.ready'] });
    await report(app, id, 'deliver', new Date(), 'picked-up: by her daughter');
    await app.reaches(id, 'completed');
    expect(await told(id)).toEqual({
      letters: [ready, { event: 'picked_up', status: 'sent' }],
      notes: ['prescription.ready', 'prescription.delivered'],
    });
  });

  it.each([
    ['the scan comes first', ['scan', 'ship']],
    ['the scan comes after it was shipped', ['ship', 'scan']],
  ] as const)('is told of once when %s', async (_, actions) => {
    const id = await atPharmacy();
    for (const action of actions) await report(app, id, action);
    await app.reaches(id, 'in_transit');
    expect(await told(id)).toEqual({ letters: [shipped], notes: ['prescription.shipped'] });
    const heard = await app.sql(
      `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND event = 'shipping_label_generated' AND subscriber = 'threads.note'`,
      [id],
    );
    expect(heard).toHaveLength(1);
  });
});
