import { jest } from '@jest/globals';
import Stripe from 'stripe';
import {
  Compensations,
  Prescriptions,
  StepWaits,
  systemActor,
  Waiting,
} from '../../src/modules/prescriptions/index.js';
import { Payments } from '../../src/modules/payments/index.js';
import { PaymentGateway } from '../../src/modules/payments/gateways/payment-gateway.port.js';
import { PaymentLinks } from '../../src/modules/payments/payment-links.service.js';
import { PaymentsReconciler } from '../../src/modules/payments/payments.reconciler.js';
import { PaymentsStore } from '../../src/modules/payments/payments.store.js';
import { Refunds } from '../../src/modules/payments/refunds.service.js';
import { RefundsStore } from '../../src/modules/payments/refunds.store.js';
import { Settlement } from '../../src/modules/payments/settlement.service.js';
import { Unanswered } from '../../src/platform/effects/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startPaymentsApp, type PaymentsApp } from '../support/payments-app.js';

interface PaymentRow {
  [column: string]: unknown;
  id: string;
  status: string;
  attempt: number;
  session_id: string;
  origin: string;
  finding: string | null;
}

interface Told {
  kind: string;
  code: string;
}

describe('payments', () => {
  let app: PaymentsApp;
  let ops: string;

  beforeAll(async () => {
    app = await startPaymentsApp();
    ops = await app.key();
  });
  afterAll(async () => {
    await app.stop();
  });
  afterEach(async () => {
    await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
  });

  const pay = (payment: PaymentRow) =>
    app.sandbox.post(`/_sandbox/stripe/sessions/${payment.session_id}/pay`, { card: '4242424242424242' });
  const fault = (kind: string, match: object, times = 1) =>
    app.sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind, match, times });
  const ledger = async (kind: string, reference?: string) =>
    (await app.sandbox.effects('stripe', kind)).filter(
      ({ digest }) => reference === undefined || digest.reference === reference,
    );
  const payments = (id: string) =>
    app.sql<PaymentRow>('SELECT * FROM payments WHERE prescription_id = $1 ORDER BY attempt', [id]);
  const call = (method: 'GET' | 'POST', path: string, body?: object, authorization = ops) =>
    fetch(`${app.url}/api${path}`, {
      method,
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const awaiting = async (owedCents = 1500): Promise<{ id: string; payment: PaymentRow }> => {
    const id = await app.adjudicated(owedCents);
    await app.reaches(id, 'awaiting_payment');
    const [payment] = await payments(id);
    if (payment === undefined) throw new Error('no payment');
    return { id, payment };
  };
  const event = (type: string, object: object, id = `evt_${newId()}`) =>
    JSON.stringify({ id, object: 'event', type, data: { object } });
  const push = (body: string, options: { secret?: string; path?: string } = {}) =>
    fetch(`${app.url}${options.path ?? '/api/webhooks/stripe'}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': Stripe.webhooks.generateTestHeaderString({
          payload: body,
          secret: options.secret ?? app.stripeSecret,
        }),
      },
      body,
    });
  const session = (id: string, payment: PaymentRow, changes: object = {}) => ({
    id: payment.session_id,
    object: 'checkout.session',
    status: 'complete',
    payment_status: 'paid',
    amount_total: 1500,
    currency: 'usd',
    client_reference_id: payment.id,
    metadata: { prescription_id: id, payment_id: payment.id },
    payment_intent: `pi_${payment.id}`,
    ...changes,
  });
  const history = (id: string, action: string) =>
    app.sql<{ actor_kind: string; trigger: string; webhook_event_id: string | null; job_id: string | null }>(
      'SELECT actor_kind, trigger, webhook_event_id, job_id, reason FROM prescription_status_events WHERE prescription_id = $1 AND action = $2',
      [id, action],
    );
  const reconcile = async (outboxId = newId()) => {
    await app.get(PaymentsReconciler).run({ outboxId, attempt: 1, closed: false });
    return outboxId;
  };

  it('makes one link and settles when the payer paid on it', async () => {
    const { id, payment } = await awaiting();
    const shown = (await (await call('GET', `/prescriptions/${id}/payment`)).json()) as Record<string, unknown>;
    expect(shown).toMatchObject({ status: 'open', amountCents: 1500, currency: 'USD', attempt: 1 });
    expect(String(shown['url'])).toContain('/checkout/cs_test_');
    await pay(payment);
    await app.reaches(id, 'paid');
    const [settled] = await history(id, 'settle');
    expect(settled).toMatchObject({ actor_kind: 'payer', trigger: 'webhook' });
    expect(settled?.webhook_event_id).not.toBeNull();
    const jobs = await app.sql('SELECT subscriber, aggregate_id FROM outbox_events WHERE id = $1', [settled?.job_id]);
    expect(jobs).toEqual([{ subscriber: 'webhooks.process', aggregate_id: settled?.webhook_event_id }]);
    expect(await (await call('GET', `/prescriptions/${id}/payment`)).json()).toMatchObject({
      status: 'paid',
      url: null,
    });
  });

  it('is what the patient is told to do, also when a message about it failed for good', async () => {
    const { id } = await awaiting();
    const patientId = newId();
    await app.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [id, patientId]);
    await app.sql(
      `INSERT INTO dead_letters (id, outbox_id, subscriber, queue, aggregate_id, organization_id, reason, attempts, created_at)
       VALUES ($1, $2, 'notifications.send_sms', 'messages', $3, $4, 'twilio.21211', 1, now())`,
      [newId(), newId(), id, app.organizationId],
    );
    const why = async (authorization: string) =>
      (await call('GET', `/prescriptions/${id}/why`, undefined, authorization)).json();
    expect(await why(ops)).toMatchObject({ code: 'prescription.dead-letter', details: { reason: 'twilio.21211' } });
    const told = await why(await app.user('patient', { patientId }));
    expect(told).toMatchObject({ code: 'payment.awaited', who: 'patient' });
    expect(JSON.stringify(told)).not.toMatch(/twilio|send_sms|openFailures/);
  });

  it('leaves the page open that the patient was sent when two runs of one job meet', async () => {
    const { id, payment } = await awaiting();
    await app.sql(`UPDATE payments SET status = 'created', session_id = NULL, url_sealed = NULL WHERE id = $1`, [
      payment.id,
    ]);
    await app.sql(`UPDATE prescriptions SET state = 'adjudicated' WHERE id = $1`, [id]);
    const request = () => app.get(PaymentLinks).request(id, { outboxId: newId(), attempt: 1, closed: false });
    await Promise.all([request(), request()]);
    expect(await payments(id)).toMatchObject([{ status: 'open', session_id: payment.session_id }]);
    await pay(payment);
    await app.reaches(id, 'paid');
  });

  it('keeps the address of the page out of every table but its sealed column', async () => {
    const { payment } = await awaiting();
    const [effect] = await app.sql<{ reply: unknown }>(`SELECT reply FROM effects WHERE provider_id = $1`, [
      payment.session_id,
    ]);
    expect(effect?.reply).toEqual({ id: payment.session_id });
    expect(JSON.stringify(payment)).not.toContain('/checkout/');
  });

  it('settles at once when nothing is owed, with an invoice of zero', async () => {
    const id = await app.adjudicated(0);
    await app.reaches(id, 'paid');
    expect(await history(id, 'settle')).toMatchObject([{ actor_kind: 'system', reason: 'zero_owed' }]);
    expect(await payments(id)).toEqual([]);
    expect(await (await call('GET', `/prescriptions/${id}/payment`)).json()).toMatchObject({
      status: 'paid',
      amountCents: 0,
    });
  });

  it('waives what is too little for the provider to take, and asks for the least it takes', async () => {
    const [below, least] = [await app.adjudicated(49), await app.adjudicated(50)];
    await app.reaches(below, 'paid');
    expect(await history(below, 'settle')).toMatchObject([{ actor_kind: 'system', reason: 'below_minimum' }]);
    expect(await payments(below)).toEqual([]);
    expect(await (await call('GET', `/prescriptions/${below}/payment`)).json()).toMatchObject({
      status: 'paid',
      amountCents: 0,
    });
    await app.reaches(least, 'awaiting_payment');
    expect(await (await call('GET', `/prescriptions/${least}/payment`)).json()).toMatchObject({ amountCents: 50 });
  });

  it('numbers invoices of an organization without a gap, also when they are made at once', async () => {
    const own = await app.organization();
    const ids = await Promise.all(Array.from({ length: 12 }, () => app.adjudicated(700, own)));
    await Promise.all(ids.map((id) => app.reaches(id, 'awaiting_payment')));
    const rows = await app.sql<{ number: string }>(
      'SELECT number FROM invoices WHERE organization_id = $1 ORDER BY number',
      [own],
    );
    expect(rows.map((row) => row.number)).toEqual(
      Array.from({ length: 12 }, (_, index) => `INV-${String(index + 1).padStart(6, '0')}`),
    );
  });

  it('settles once when the webhook comes twice, and says the second is a duplicate', async () => {
    const { id, payment } = await awaiting();
    const body = event('checkout.session.completed', session(id, payment));
    const answers = await Promise.all([push(body), push(body), push(body, { path: '/webhook/stripe' })]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    const told = (await Promise.all(answers.map((answer) => answer.json()))) as {
      eventId: string;
      duplicate: boolean;
    }[];
    expect(new Set(told.map((answer) => answer.eventId)).size).toBe(1);
    expect(told.filter((answer) => answer.duplicate)).toHaveLength(2);
    await app.reaches(id, 'paid');
    // The same news under another event id changes nothing either.
    await push(event('checkout.session.async_payment_succeeded', session(id, payment)));
    expect(await history(id, 'settle')).toHaveLength(1);
  });

  it.each([
    ['amount', { amount_total: 1499 }, 'payment.amount-mismatch'],
    ['currency', { currency: 'eur' }, 'payment.currency-mismatch'],
    ['prescription', { metadata: { prescription_id: newId() } }, 'payment.prescription-mismatch'],
  ])('parks a payment of another %s and never settles on it', async (_, changes, code) => {
    const { id, payment } = await awaiting();
    const { eventId } = (await (
      await push(event('checkout.session.completed', session(id, payment, changes)))
    ).json()) as {
      eventId: string;
    };
    const shown = await app.eventually(async () => {
      const row = (await (await call('GET', `/webhook-events/${eventId}`)).json()) as { status: string; code: string };
      return row.status === 'parked' ? row : undefined;
    });
    expect(shown).toMatchObject({ code, related: { prescriptionId: id, findings: [code] } });
    expect(await app.state(id)).toBe('awaiting_payment');
    const reason = () =>
      app.get(Database).tx(systemContext, async (tx) => {
        const prescription = await app.get(Prescriptions).get(tx, id);
        return app.get(Waiting).of('awaiting_payment')?.explain(tx, prescription);
      });
    const mismatch = { code: 'payment.mismatch', who: 'ops', details: { finding: code } };
    expect(await reason()).toMatchObject(mismatch);
    // Whoever may have paid is asked to pay neither on this page nor on one in its place.
    expect(await (await call('GET', `/prescriptions/${id}/payment`)).json()).toMatchObject({ url: null });
    await push(
      event('checkout.session.expired', session(id, payment, { status: 'expired', payment_status: 'unpaid' })),
    );
    await app.eventually(async () => ((await payments(id))[0]?.status === 'expired' ? true : undefined));
    expect(await payments(id)).toHaveLength(1);
    expect(await reason()).toMatchObject(mismatch);
  });

  it('asks operations once about money that does not fit when its order is cancelled', async () => {
    const { id, payment } = await awaiting();
    await push(event('checkout.session.completed', session(id, payment, { amount_total: 1499 })));
    await app.eventually(async () => ((await payments(id))[0]?.finding === null ? undefined : true));
    const cancel = { id, action: 'cancel', actor: systemActor, trigger: 'user' } as const;
    await app.db.tx(systemContext, (tx) => app.get(Prescriptions).move(tx, cancel));
    for (let times = 0; times < 2; times += 1) {
      for (const step of app.get(Compensations).inOrder()) expect(await step.run(id)).toBe('money-looked-into');
    }
    const tickets = () =>
      app.sql<{ details: object }>(
        `SELECT details FROM ticket_events WHERE reason = 'payment.amount-mismatch' AND details->>'paymentId' = $1`,
        [payment.id],
      );
    const [ticket] = await app.eventually(async () => ((await tickets()).length > 0 ? tickets() : undefined));
    expect(ticket?.details).toMatchObject({ prescriptionId: id, sessionId: payment.session_id });
    expect(await tickets()).toHaveLength(1);
  });

  it('refuses a wrong signature with 400 and keeps nothing', async () => {
    const { id, payment } = await awaiting();
    const eventId = `evt_${newId()}`;
    const answer = await push(event('checkout.session.completed', session(id, payment), eventId), {
      secret: 'whsec_of_somebody_else',
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'webhook.stripe-signature-invalid' });
    expect(await app.sql('SELECT 1 FROM webhook_events WHERE dedupe_key = $1', [eventId])).toEqual([]);
    expect(await app.state(id)).toBe('awaiting_payment');
  });

  it('parks money for a session nobody here made', async () => {
    const stranger = { id: newId(), session_id: `cs_${newId()}` } as PaymentRow;
    const { eventId } = (await (
      await push(event('checkout.session.completed', session(newId(), stranger)))
    ).json()) as { eventId: string };
    await app.eventually(async () => {
      const [row] = await app.sql<{ status: string; error_code: string }>(
        'SELECT status, error_code FROM webhook_events WHERE id = $1',
        [eventId],
      );
      return row?.status === 'parked' && row.error_code === 'payment.unknown' ? row : undefined;
    });
  });

  it('replaces an expired link, and asks ops after three that nobody used', async () => {
    const { id, payment } = await awaiting();
    let current = payment;
    for (const attempt of [2, 3, 4]) {
      await app.sandbox.post(`/_sandbox/stripe/sessions/${current.session_id}/expire`);
      current = await app.eventually(async () =>
        (await payments(id)).find((row) => row.attempt === attempt && row.status === 'open'),
      );
      expect(current.origin).toBe('renewal');
      const told = (await (await call('GET', `/prescriptions/${id}/timeline`)).json()) as { items: Told[] };
      expect(told.items.filter(({ code }) => code === 'payment.link-ended').length).toBeGreaterThan(0);
    }
    await app.sandbox.post(`/_sandbox/stripe/sessions/${current.session_id}/expire`);
    const reason = await app.eventually(async () => {
      const found = await app.get(Database).tx(systemContext, async (tx) =>
        app
          .get(Waiting)
          .of('awaiting_payment')
          ?.explain(tx, await app.get(Prescriptions).get(tx, id)),
      );
      return found?.who === 'ops' ? found : undefined;
    });
    expect(reason.code).toBe('payment.links-exhausted');
    expect(await payments(id)).toHaveLength(4);
    const links = await app.sql(
      `SELECT 1 FROM outbox_events WHERE event IN ('payment_link_created', 'payment_link_renewed') AND aggregate_id = $1`,
      [id],
    );
    expect(links.length).toBeGreaterThanOrEqual(4);
  });

  describe('whose page the provider knows no more', () => {
    const unknown = (payment: PaymentRow, expiresAt: Date) =>
      app.sql('UPDATE payments SET session_id = $2, expires_at = $3, checked_at = $4 WHERE id = $1', [
        payment.id,
        `cs_test_${newId()}`,
        expiresAt,
        new Date(0),
      ]);
    const hour = 3_600_000;

    it('are taken for unpaid once their time has passed: another link follows', async () => {
      const { id, payment } = await awaiting();
      await unknown(payment, new Date(Date.now() - hour));
      await reconcile();
      await app.eventually(async () => (await payments(id)).find((row) => row.attempt === 2 && row.status === 'open'));
      expect((await payments(id))[0]).toMatchObject({ status: 'expired', finding: null });
    });

    it('keep no cancel from its end, unless they may still be paid', async () => {
      const { id, payment } = await awaiting();
      const link = app
        .get(Compensations)
        .inOrder()
        .find(({ step }) => step === 'payment_link');
      await unknown(payment, new Date(Date.now() + hour));
      await expect(link?.run(id)).rejects.toMatchObject({ code: 'stripe.resource_missing' });
      await unknown(payment, new Date(Date.now() - hour));
      expect(await link?.run(id)).toBe('expired');
      expect(await payments(id)).toMatchObject([{ status: 'expired' }]);
    });
  });

  it('gives out a new link on request, closes the old one and settles on the new one', async () => {
    const { id, payment } = await awaiting();
    const answers = await Promise.all([
      call('POST', `/prescriptions/${id}/payment-link`),
      call('POST', `/prescriptions/${id}/payment-link`),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([202, 202]);
    const current = await app.eventually(async () =>
      (await payments(id)).find((row) => row.attempt === 2 && row.status === 'open'),
    );
    const all = await payments(id);
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({ id: payment.id, status: 'expired' });
    const link = await app
      .get(Database)
      .tx(systemContext, async (tx) => app.get(Payments).currentLink(tx, await app.get(Prescriptions).get(tx, id)));
    expect(link).toMatchObject({ amountCents: 1500, currency: 'USD' });
    expect(link?.url).toContain(current.session_id);
    await pay(current);
    await app.reaches(id, 'paid');
  });

  it('opens the link that took the place of one nobody could make in time, also when the first try fails', async () => {
    const { id, payment } = await awaiting();
    await app.sql(
      `UPDATE payments SET status = 'created', session_id = NULL, url_sealed = NULL, expires_at = $2 WHERE id = $1`,
      [payment.id, new Date(Date.now() + 600_000)],
    );
    const away = jest
      .spyOn(app.get(PaymentGateway), 'openCheckout')
      .mockRejectedValueOnce(new Unanswered('stripe.unanswered', 'away', true));
    await app.db.tx(systemContext, async (tx) =>
      app.get(Settlement).enqueueLink(tx, await app.get(PaymentsStore).get(tx, payment.id)),
    );
    const opened = () => payments(id).then((rows) => rows.map(({ status }) => status).join(' ') === 'expired open');
    await app.eventually(async () => ((await opened()) ? true : undefined));
    expect(away).toHaveBeenCalledTimes(2);
    away.mockRestore();
  });

  it('shows the payment that settled the invoice, not the newer link beside it', async () => {
    const { id, payment } = await awaiting();
    await fault('drop_webhook', { event: 'checkout.session.completed' });
    await fault('drop_webhook', { event: 'payment_intent.succeeded' });
    await pay(payment);
    await call('POST', `/prescriptions/${id}/payment-link`);
    await app.reaches(id, 'paid');
    expect(await payments(id)).toMatchObject([{ status: 'paid' }, {}]);
    const shown = async () => (await call('GET', `/prescriptions/${id}/payment`)).json();
    expect(await shown()).toMatchObject({ status: 'paid', attempt: 1, url: null });
    const [{ invoice_id: invoiceId } = { invoice_id: '' }] = await app.sql<{ invoice_id: string }>(
      'SELECT invoice_id FROM payments WHERE id = $1',
      [payment.id],
    );
    await call('POST', `/invoices/${invoiceId}/refunds`, { reason: 'asked' });
    await app.eventually(async () => ((await payments(id))[0]?.status === 'refunded' ? true : undefined));
    expect(await shown()).toMatchObject({ status: 'refunded', attempt: 1, refundedCents: 1500 });
  });

  it('settles what no webhook told, and says it was reconciliation', async () => {
    const { id, payment } = await awaiting();
    await fault('drop_webhook', { event: 'checkout.session.completed' });
    await fault('drop_webhook', { event: 'payment_intent.succeeded' });
    await pay(payment);
    await app.sql(`UPDATE payments SET checked_at = now() - interval '1 hour' WHERE id = $1`, [payment.id]);
    const jobId = await reconcile();
    expect(await app.state(id)).toBe('paid');
    expect(await history(id, 'settle')).toMatchObject([{ actor_kind: 'payer', trigger: 'reconciler', job_id: jobId }]);
  });

  it('asks again at once about an old link when the question got no answer', async () => {
    const { id, payment } = await awaiting();
    await fault('drop_webhook', { event: 'checkout.session.completed' });
    await fault('drop_webhook', { event: 'payment_intent.succeeded' });
    await pay(payment);
    await app.sql(
      `UPDATE payments SET created_at = now() - interval '8 days', checked_at = now() - interval '3 days' WHERE id = $1`,
      [payment.id],
    );
    await fault('500_before', { method: 'GET', path: '/v1/checkout/sessions' }, 10);
    await expect(reconcile()).rejects.toThrow();
    expect(await app.state(id)).not.toBe('paid');
    await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    await reconcile();
    expect(await app.state(id)).toBe('paid');
  });

  it('gives back what was paid after the cancel, once', async () => {
    const { id, payment } = await awaiting();
    await app
      .get(Database)
      .tx(systemContext, (tx) =>
        app
          .get(Prescriptions)
          .move(tx, { id, action: 'cancel', actor: systemActor, trigger: 'user', facts: { outcomeAt: 'infinity' } }),
      );
    await pay(payment);
    await app.eventually(async () => {
      const [row] = await payments(id);
      return row?.status === 'refunded' ? row : undefined;
    });
    for (const step of app.get(Compensations).inOrder()) await step.run(id);
    const refunds = await app.sql<{ status: string; reason: string }>(
      'SELECT status, reason FROM refunds WHERE prescription_id = $1',
      [id],
    );
    expect(refunds).toEqual([{ status: 'succeeded', reason: 'prescription_cancelled' }]);
    expect(await app.state(id)).toBe('cancelled');
  });

  it.each(['500_before', 'reset', '429'])(
    'holds up no other step of an undoing while the answer is %s',
    async (kind) => {
      const { id } = await awaiting();
      await fault(kind, { path: '/v1/checkout/sessions' }, 5);
      const link = app
        .get(Compensations)
        .inOrder()
        .find(({ step }) => step === 'payment_link');
      await expect(link?.run(id)).rejects.toBeInstanceOf(StepWaits);
    },
  );

  it('takes a paid prescription apart: closes links, refunds once, however often the saga runs', async () => {
    const { id, payment } = await awaiting();
    await pay(payment);
    await app.reaches(id, 'paid');
    const before = (await ledger('refund')).length;
    await fault('500_after', { path: '/v1/refunds' });
    const run = async () => {
      const told: string[] = [];
      for (const step of app.get(Compensations).inOrder()) told.push(`${step.step} ${await step.run(id)}`);
      return told;
    };
    await run().catch(() => undefined);
    const told = await app.eventually(() => run().catch(() => undefined));
    expect(told[0]).toBe('payment_link nothing-to-do');
    await run();
    expect((await ledger('refund')).length - before).toBe(1);
    const [invoice] = await app.sql<{ status: string }>('SELECT status FROM invoices WHERE prescription_id = $1', [id]);
    expect(invoice?.status).toBe('refunded');
  });

  it('gives the money of a failed prescription back, and says why', async () => {
    const { id, payment } = await awaiting();
    await pay(payment);
    await app.reaches(id, 'paid');
    await app.sql(`UPDATE prescriptions SET state = 'failed' WHERE id = $1`, [id]);
    const refund = app
      .get(Compensations)
      .inOrder()
      .find(({ step }) => step === 'refund');
    expect([await refund?.run(id), await refund?.run(id)]).toContain('refunded');
    const refunds = await app.sql('SELECT status, reason FROM refunds WHERE prescription_id = $1', [id]);
    expect(refunds).toEqual([{ status: 'succeeded', reason: 'prescription_undelivered' }]);
  });

  it.each(['500_after', 'reset', '500_before', '429'])('makes one page when the answer is %s', async (kind) => {
    const before = (await ledger('checkout_session')).length;
    await fault(kind, { method: 'POST', path: '/v1/checkout/sessions' });
    const { id } = await awaiting();
    expect((await ledger('checkout_session')).length - before).toBe(1);
    expect(await payments(id)).toHaveLength(1);
  });

  it('refunds a part, then the rest, and never more than was paid', async () => {
    const { id, payment } = await awaiting();
    await pay(payment);
    await app.reaches(id, 'paid');
    const { invoiceId } = (await (await call('GET', `/prescriptions/${id}/payment`)).json()) as { invoiceId: string };
    expect(
      (await call('POST', `/invoices/${invoiceId}/refunds`, { amountCents: 500, reason: 'price correction' })).status,
    ).toBe(202);
    const invoice = (status: string) =>
      app.eventually(async () => {
        const shown = (await (await call('GET', `/invoices/${invoiceId}`)).json()) as {
          status: string;
          refunds: unknown[];
        };
        return shown.status === status ? shown : undefined;
      });
    await invoice('partially_refunded');
    const tooMuch = await call('POST', `/invoices/${invoiceId}/refunds`, { amountCents: 1001, reason: 'too much' });
    expect([tooMuch.status, await tooMuch.json()]).toMatchObject([
      422,
      { code: 'refund.too-large', refundableCents: 1000 },
    ]);
    expect((await call('POST', `/invoices/${invoiceId}/refunds`, { reason: 'the rest' })).status).toBe(202);
    expect((await invoice('refunded')).refunds).toHaveLength(2);
    const [asked] = await app.sql<{ by: string }>(
      'SELECT DISTINCT requested_by AS by FROM refunds WHERE prescription_id = $1',
      [id],
    );
    const told = (await (await call('GET', `/prescriptions/${id}/timeline`)).json()) as { items: Told[] };
    const byMoney = told.items.filter(({ kind }) => kind === 'payment');
    const given = [
      { code: 'payment.refund-begun', actor: { kind: 'user', id: asked?.by } },
      { code: 'payment.refunded', actor: { kind: 'system' } },
    ];
    expect(byMoney).toMatchObject([
      { code: 'payment.link-made', actor: { kind: 'system' }, details: { attempt: 1, origin: 'request' } },
      { code: 'payment.paid', actor: { kind: 'patient' } },
      ...given,
      ...given,
    ]);
    expect(JSON.stringify(byMoney)).not.toContain('http');
  });

  it('gives a part back once for one Idempotency-Key, also when its stored answer was lost', async () => {
    const { id, payment } = await awaiting();
    await pay(payment);
    await app.reaches(id, 'paid');
    const { invoiceId } = (await (await call('GET', `/prescriptions/${id}/payment`)).json()) as { invoiceId: string };
    const before = (await ledger('refund')).length;
    const key = newId();
    const ask = async (body: object) => {
      const headers = { authorization: ops, 'content-type': 'application/json', 'idempotency-key': key };
      const address = `${app.url}/api/invoices/${invoiceId}/refunds`;
      const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
      await app.sql('DELETE FROM idempotency_keys');
      return [answer.status, await answer.json()] as [number, { id: string }];
    };
    const asked = { amountCents: 500, reason: 'price correction' };
    const [[, first], second] = [await ask(asked), await ask(asked)];
    expect(second).toMatchObject([202, { id: first.id }]);
    expect(await ask({ ...asked, amountCents: 400 })).toMatchObject([422, { code: 'idempotency.key-reused' }]);
    await app.eventually(async () => {
      const rows = await app.sql<{ status: string }>('SELECT status FROM refunds WHERE payment_id = $1', [payment.id]);
      return rows.every(({ status }) => status === 'succeeded') ? rows : undefined;
    });
    expect(await app.sql('SELECT id FROM refunds WHERE payment_id = $1', [payment.id])).toEqual([{ id: first.id }]);
    expect((await ledger('refund')).length - before).toBe(1);
  });

  it('writes down who asked for a link, a refund or a void', async () => {
    const { id, payment } = await awaiting();
    const { id: paidId, payment: paid } = await awaiting();
    await pay(paid);
    await app.reaches(paidId, 'paid');
    const invoiceOf = async (of: string) =>
      ((await (await call('GET', `/prescriptions/${of}/payment`)).json()) as { invoiceId: string }).invoiceId;
    const [invoiceId, paidInvoiceId] = [await invoiceOf(id), await invoiceOf(paidId)];
    await call('POST', `/prescriptions/${id}/payment-link`);
    await call('POST', `/invoices/${invoiceId}/void`);
    await call('POST', `/invoices/${paidInvoiceId}/refunds`, { amountCents: 100, reason: 'asked' });
    await call('POST', `/invoices/${newId()}/void`);
    const written = await app.sql(
      `SELECT entity, reason, actor_kind, outcome, entity_ids[1] AS about FROM audit_entries
       WHERE action = 'write' AND entity IN ('invoice', 'payment') AND entity_ids && $1::uuid[] ORDER BY id`,
      [[invoiceId, paidInvoiceId, payment.id]],
    );
    const by = { actor_kind: 'api-key', outcome: 'success' };
    expect(written).toEqual([
      { entity: 'payment', reason: 'link', about: invoiceId, ...by },
      { entity: 'invoice', reason: 'void', about: invoiceId, ...by },
      { entity: 'invoice', reason: 'refund', about: paidInvoiceId, ...by },
    ]);
  });

  it('adds up refunds that are confirmed at the same moment', async () => {
    const store = app.get(RefundsStore);
    const statuses = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const { id, payment } = await awaiting();
        await pay(payment);
        await app.reaches(id, 'paid');
        const parts = [500, 1000].map((amountCents) => ({ amountCents, providerId: `re_${newId()}` }));
        await app.db.tx(systemContext, async (tx) => {
          const paid = await app.get(PaymentsStore).get(tx, payment.id);
          for (const { amountCents, providerId } of parts) {
            const provider = { id: providerId, status: 'pending' as const };
            await store.add(tx, paid, { kind: 'requested', amountCents, reason: 'asked', now: new Date(), provider });
          }
        });
        const about = { currency: 'USD', paymentId: payment.id, paymentIntentId: null, refundId: null };
        await Promise.all(
          parts.map((part) => app.get(Refunds).confirm({ ...about, ...part, status: 'succeeded' as const })),
        );
        const [row] = await app.sql<{ payment: string; invoice: string }>(
          `SELECT p.status AS payment, i.status AS invoice FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE p.id = $1`,
          [payment.id],
        );
        return row;
      }),
    );
    expect(statuses).toEqual(statuses.map(() => ({ payment: 'refunded', invoice: 'refunded' })));
  });

  it('voids an unpaid invoice, closes its link and makes no new one by itself', async () => {
    const { id, payment } = await awaiting();
    const { invoiceId } = (await (await call('GET', `/prescriptions/${id}/payment`)).json()) as { invoiceId: string };
    expect((await call('POST', `/invoices/${invoiceId}/void`)).status).toBe(200);
    await app.eventually(async () => ((await payments(id))[0]?.status === 'expired' ? true : undefined));
    expect((await pay(payment)).status).toBe(400);
    expect(await payments(id)).toHaveLength(1);
  });

  it('makes another bill and link when the first bill is voided while its link is being made', async () => {
    const gateway = app.get(PaymentGateway);
    const open = gateway.openCheckout.bind(gateway);
    gateway.openCheckout = async (request, key) => {
      gateway.openCheckout = open;
      const checkout = await open(request, key);
      const [made] = await app.sql<{ invoice_id: string }>('SELECT invoice_id FROM payments WHERE id = $1', [
        request.paymentId,
      ]);
      expect((await call('POST', `/invoices/${made?.invoice_id ?? ''}/void`)).status).toBe(200);
      await app.eventually(async () =>
        (await payments(request.prescriptionId))[0]?.status === 'expired' ? true : undefined,
      );
      return checkout;
    };
    const id = await app.adjudicated(1500);
    await app.reaches(id, 'awaiting_payment');
    expect(await payments(id)).toMatchObject([{ status: 'expired' }, { status: 'open' }]);
    const bills = await app.sql('SELECT status FROM invoices WHERE prescription_id = $1 ORDER BY id', [id]);
    expect(bills).toEqual([{ status: 'void' }, { status: 'open' }]);
  });

  it('shows nothing to another organization', async () => {
    const { id } = await awaiting();
    const stranger = await app.key({ organizationId: await app.organization() });
    expect((await call('GET', `/prescriptions/${id}/payment`, undefined, stranger)).status).toBe(404);
    expect((await call('POST', `/prescriptions/${id}/payment-link`, undefined, stranger)).status).toBe(404);
    const list = (await (await call('GET', '/invoices', undefined, stranger)).json()) as { items: unknown[] };
    expect(list.items).toEqual([]);
  });
});
