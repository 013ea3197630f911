import { DateTime } from 'luxon';
import { linkEnd } from '../../src/modules/payments/link-life.policy.js';
import { Payments } from '../../src/modules/payments/payments.service.js';
import { PaymentLinks } from '../../src/modules/payments/payment-links.service.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from '../support/looker.js';
import { insertPharmacy } from '../support/pharmacy.js';
import { startPaymentsApp, type PaymentsApp } from '../support/payments-app.js';

describe('the payment for what can no longer be filled (21 CFR 1306.22(a))', () => {
  let app: PaymentsApp;
  let ops: string;
  let pharmacyId: string;
  beforeAll(async () => {
    app = await startPaymentsApp();
    ops = await app.key();
    pharmacyId = await insertPharmacy(app.sql, app.organizationId);
  });
  afterAll(() => app.stop());

  const late = 'payment.order-expired';
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const awaiting = async (): Promise<string> => {
    const id = await app.adjudicated(1500);
    await app.reaches(id, 'awaiting_payment');
    return id;
  };
  /** As if it had been written then, and waited since. */
  const written = async (id: string, writtenDate: string, medication: { latestFillDate?: string } = {}) => {
    const order = { writtenDate, patient: {}, prescriber: {}, medication };
    await insertRow(app.sql, 'prescription_versions', {
      prescription_id: id,
      version: 1,
      organization_id: app.organizationId,
      order_sealed: app.get(Prescriptions).sealOrder(id, order),
      created_at: new Date(),
    });
    await app.sql('UPDATE prescriptions SET pharmacy_id = $2 WHERE id = $1', [id, pharmacyId]);
  };
  const call = async (method: 'GET' | 'POST', path: string, authorization = ops) => {
    const answer = await fetch(`${app.url}/api/prescriptions/${path}`, { method, headers: { authorization } });
    return { status: answer.status, body: await answer.json() };
  };
  const links = (id: string) =>
    app.sql<{ status: string; session_id: string }>(
      'SELECT status, session_id FROM payments WHERE prescription_id = $1 ORDER BY attempt',
      [id],
    );
  const letters = (id: string) =>
    app.sql<{ reason: string; redriven_at: Date | null }>(
      'SELECT reason, redriven_at FROM dead_letters WHERE aggregate_id = $1',
      [id],
    );

  it('gets no further link by hand', async () => {
    const id = await awaiting();
    await written(id, daysAgo(400));
    expect(await call('POST', `${id}/payment-link`)).toMatchObject({ status: 409, body: { code: late } });
    expect(await links(id)).toMatchObject([{ status: 'open' }]);
  });

  it('is not asked for on the link that is open, either', async () => {
    const id = await awaiting();
    const asked = () =>
      app.get(Database).tx(systemContext, async (tx) => {
        const prescription = await app.get(Prescriptions).get(tx, id);
        return [
          await app.get(Payments).currentLink(tx, prescription),
          ((await call('GET', `${id}/payment`)).body as { url: string | null }).url,
        ];
      });
    expect(await asked()).toEqual([expect.objectContaining({ amountCents: 1500 }), expect.any(String)]);
    await written(id, daysAgo(400));
    expect(await asked()).toEqual([undefined, null]);
  });

  it('gets one while there is time', async () => {
    const id = await awaiting();
    await written(id, daysAgo(300));
    expect(await call('POST', `${id}/payment-link`)).toMatchObject({ status: 202 });
    expect(await call('GET', `${id}/why`)).not.toMatchObject({ body: { code: late } });
  });

  it('gets a page that is over with the last day', async () => {
    const id = await awaiting();
    const zone = 'America/New_York';
    const today = DateTime.now().setZone(zone);
    await written(id, daysAgo(30), { latestFillDate: today.toFormat('yyyy-MM-dd') });
    await app.sql('UPDATE pharmacies SET time_zone = $2 WHERE id = $1', [pharmacyId, zone]);
    expect(await call('POST', `${id}/payment-link`)).toMatchObject({ status: 202 });
    const [page] = await app.sql<{ created_at: Date; expires_at: Date }>(
      'SELECT created_at, expires_at FROM payments WHERE prescription_id = $1 ORDER BY attempt DESC LIMIT 1',
      [id],
    );
    const midnight = today.startOf('day').plus({ days: 1 }).toJSDate();
    expect(page?.expires_at).toEqual(linkEnd(page?.created_at ?? new Date(), midnight));
  });

  it('is named by why, to the patient too', async () => {
    const id = await awaiting();
    await written(id, daysAgo(400));
    const patientId = newId();
    await app.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [id, patientId]);
    for (const who of [ops, await app.user('patient', { patientId })]) {
      expect(await call('GET', `${id}/why`, who)).toMatchObject({ status: 200, body: { code: late, who: 'ops' } });
    }
  });

  it('gets no first link, also by a job that is redriven', async () => {
    const id = await awaiting();
    await written(id, daysAgo(400));
    await app.sql('DELETE FROM payments WHERE prescription_id = $1', [id]);
    await app.sql(`UPDATE prescriptions SET state = 'adjudicated' WHERE id = $1`, [id]);
    const asked = app.get(PaymentLinks).request(id, { outboxId: newId(), attempt: 1, closed: false });
    await expect(asked).rejects.toMatchObject({ code: late });
    expect(await links(id)).toEqual([]);
  });

  it('gets no next link when the last one ran out; who is to act reads what to do', async () => {
    const id = await awaiting();
    await written(id, daysAgo(400));
    const [open] = await links(id);
    await app.sandbox.post(`/_sandbox/stripe/sessions/${open?.session_id}/expire`);
    await app.eventually(async () => ((await letters(id)).length > 0 ? true : undefined));
    expect(await letters(id)).toMatchObject([{ reason: late, redriven_at: null }]);
    expect((await links(id)).map(({ status }) => status)).toEqual(['expired', 'created']);
    expect(await call('GET', `${id}/why`)).toMatchObject({
      body: {
        code: 'prescription.dead-letter',
        next: `Ask the doctor for a new order, then cancel this one: POST /api/prescriptions/${id}/cancel.`,
        details: { reason: late },
      },
    });
  });

  it('leaves no letter open that asks for its end, once it has ended', async () => {
    const id = await awaiting();
    const letter = (reason: string) =>
      insertRow(app.sql, 'dead_letters', {
        id: newId(),
        outbox_id: newId(),
        subscriber: 'payments.any',
        queue: 'stripe',
        aggregate_id: id,
        organization_id: app.organizationId,
        reason,
        attempts: 1,
        created_at: new Date(),
      });
    for (const reason of [late, 'vendor.refused']) await letter(reason);
    const cancel = { id, action: 'cancel', actor: systemActor, trigger: 'user' } as const;
    await app.db.tx(systemContext, (tx) => app.get(Prescriptions).move(tx, cancel));
    expect((await letters(id)).filter(({ redriven_at }) => redriven_at === null)).toMatchObject([
      { reason: 'vendor.refused' },
    ]);
    const { body } = await call('GET', `${id}/timeline`);
    expect(JSON.stringify(body)).not.toContain('"redrive"');
  });
});
