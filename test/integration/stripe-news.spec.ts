import { jest } from '@jest/globals';
import Stripe from 'stripe';
import { PaymentGateway } from '../../src/modules/payments/gateways/payment-gateway.port.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { Compensations } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { Refused } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startPaymentsApp, type PaymentsApp } from '../support/payments-app.js';

interface Order {
  id: string;
  paymentId: string;
  sessionId: string;
  intentId: string;
}

interface Shown {
  status: string;
  code: string | null;
  related: Record<string, unknown>;
}

const second = 1_763_647_522;

describe('what Stripe tells', () => {
  let app: PaymentsApp;
  let ops: string;

  beforeAll(async () => {
    app = await startPaymentsApp();
    ops = await app.key();
  });
  afterAll(async () => {
    await app.stop();
  });

  const push = async (type: string, object: object, created = second): Promise<string> => {
    const body = JSON.stringify({ id: `evt_${newId()}`, object: 'event', type, created, data: { object } });
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: app.stripeSecret });
    const answer = await fetch(`${app.url}/api/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body,
    });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { eventId: string }).eventId;
  };
  const event = async (id: string): Promise<Shown | undefined> => {
    const [row] = await app.sql<{ status: string; error_code: string | null; related: Record<string, unknown> }>(
      'SELECT status, error_code, related FROM webhook_events WHERE id = $1',
      [id],
    );
    return row && { status: row.status, code: row.error_code, related: row.related };
  };
  const ended = (id: string) =>
    app.eventually(async () => {
      const shown = await event(id);
      return shown === undefined || shown.status === 'received' ? undefined : shown;
    });
  /** Pushes and waits for what became of it. */
  const told = async (type: string, object: object, created?: number) => ended(await push(type, object, created));
  /** As if five seconds had gone by: what fits nothing is parked then. */
  const parks = async (id: string): Promise<Shown> => {
    await app.sql(`UPDATE webhook_events SET received_at = received_at - interval '10 seconds' WHERE id = $1`, [id]);
    return ended(id);
  };

  const unpaid = async (owedCents = 1500): Promise<Order> => {
    const id = await app.adjudicated(owedCents);
    await app.reaches(id, 'awaiting_payment');
    const [payment] = await app.sql<{ id: string; session_id: string }>(
      'SELECT id, session_id FROM payments WHERE prescription_id = $1',
      [id],
    );
    if (payment === undefined) throw new Error('no payment');
    return { id, paymentId: payment.id, sessionId: payment.session_id, intentId: `pi_${payment.id}` };
  };
  const completed = ({ id, paymentId, sessionId, intentId }: Order) => ({
    id: sessionId,
    object: 'checkout.session',
    status: 'complete',
    payment_status: 'paid',
    amount_total: 1500,
    currency: 'usd',
    client_reference_id: paymentId,
    metadata: { prescription_id: id, payment_id: paymentId },
    payment_intent: intentId,
  });
  const paid = async (): Promise<Order> => {
    const order = await unpaid();
    await told('checkout.session.completed', completed(order));
    await app.reaches(order.id, 'paid');
    return order;
  };
  /** Paid on the sandbox's page, so that it can give the money back. */
  const paidAtProvider = async (): Promise<Order> => {
    const order = await unpaid();
    await app.sandbox.post(`/_sandbox/stripe/sessions/${order.sessionId}/pay`);
    await app.reaches(order.id, 'paid');
    const [row] = await app.sql<{ intent: string }>('SELECT payment_intent_id AS intent FROM payments WHERE id = $1', [
      order.paymentId,
    ]);
    return { ...order, intentId: row?.intent ?? '' };
  };
  const intent = ({ id, paymentId, intentId }: Order, changes: object = {}) => ({
    id: intentId,
    object: 'payment_intent',
    amount: 1500,
    amount_received: 1500,
    currency: 'usd',
    metadata: { prescription_id: id, payment_id: paymentId },
    ...changes,
  });
  const dispute = (intentId: string | null, status: string, changes: object = {}) => ({
    id: `du_${intentId ?? newId()}`,
    object: 'dispute',
    amount: 1500,
    currency: 'usd',
    status,
    reason: 'product_not_received',
    created: second,
    payment_intent: intentId,
    charge: 'ch_1',
    metadata: {},
    evidence_details: { due_by: second + 604_800 },
    ...changes,
  });
  const refund = (order: Order, changes: object = {}) => ({
    id: `re_${newId()}`,
    object: 'refund',
    amount: 500,
    currency: 'usd',
    status: 'succeeded',
    payment_intent: order.intentId,
    metadata: {},
    ...changes,
  });
  const settlements = async ({ id }: Order) =>
    (await app.sql(`SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND action = 'settle'`, [id]))
      .length;
  const disputes = ({ id }: Order) =>
    app.sql<{ id: string; status: string; amount_cents: number; reason: string }>(
      'SELECT id, status, amount_cents, reason FROM disputes WHERE prescription_id = $1',
      [id],
    );
  const events = async ({ id }: Order, name: string) =>
    (await app.sql('SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND event = $2', [id, name])).length;
  const refunds = ({ id }: Order) =>
    app.sql<{ id: string; status: string; amount_cents: number; provider_id: string }>(
      'SELECT id, status, amount_cents, provider_id FROM refunds WHERE prescription_id = $1 ORDER BY created_at, id',
      [id],
    );
  const supportTickets = async (refundId: string | undefined) =>
    (
      await app.sql(
        `SELECT 1 FROM ticket_events WHERE code = 'ticket.created' AND reason = 'refund.failed' AND details->>'refundId' = $1`,
        [refundId],
      )
    ).length;
  const read = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${app.url}/api/${path}`, { headers: { authorization: ops } })).json()) as T;
  /** What those the prescription belongs to read of why it stands where it does. */
  const toldToParties = async ({ id }: Order): Promise<string[]> => {
    const [own] = await app.sql<Record<string, string>>(
      `UPDATE prescriptions SET provider_id = coalesce(provider_id, $2), pharmacy_id = coalesce(pharmacy_id, $2),
         patient_id = coalesce(patient_id, $2) WHERE id = $1
       RETURNING provider_id AS "providerId", pharmacy_id AS "pharmacyId", patient_id AS "patientId"`,
      [id, newId()],
    );
    const answers = (['doctor', 'pharmacy', 'patient'] as const).map(async (role) => {
      const authorization = await app.user(role, own);
      const answer = await fetch(`${app.url}/api/prescriptions/${id}/why`, { headers: { authorization } });
      return `${answer.status} ${await answer.text()}`;
    });
    return Promise.all(answers);
  };
  const post = (path: string, body: object) =>
    fetch(`${app.url}/api/${path}`, {
      method: 'POST',
      headers: { authorization: ops, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const invoice = async ({ id }: Order) => {
    const { invoiceId } = await read<{ invoiceId: string }>(`prescriptions/${id}/payment`);
    return read<{ id: string; status: string; disputes: object[]; refunds: object[] }>(`invoices/${invoiceId}`);
  };
  const end = (id: string, action: 'cancel') =>
    app.db.tx(systemContext, (tx) =>
      app
        .get(Prescriptions)
        .move(tx, { id, action, actor: systemActor, trigger: 'user', facts: { outcomeAt: 'infinity' } }),
    );
  const refundRest = (id: string) =>
    app
      .get(Compensations)
      .inOrder()
      .find(({ step }) => step === 'refund')
      ?.run(id);

  describe('of a payment', () => {
    it('settles by the payment alone when its page is silent, and once when both speak', async () => {
      const order = await unpaid();
      const about = await told('payment_intent.succeeded', intent(order));
      expect(about).toMatchObject({ status: 'processed', related: { paymentId: order.paymentId } });
      await app.reaches(order.id, 'paid');
      await told('checkout.session.completed', completed(order));
      await told('payment_intent.succeeded', intent(order));
      expect(await settlements(order)).toBe(1);
    });

    it.each([
      ['amount', { amount_received: 1400 }, 'payment.amount-mismatch'],
      ['currency', { currency: 'eur' }, 'payment.currency-mismatch'],
    ])('settles on no other %s', async (_what, changes, code) => {
      const order = await unpaid();
      const shown = await told('payment_intent.succeeded', intent(order, changes));
      expect(shown).toMatchObject({ status: 'parked', code });
      expect(await app.state(order.id)).toBe('awaiting_payment');
    });

    it('parks what was paid to nothing of ours', async () => {
      const stranger = { id: newId(), paymentId: newId(), sessionId: 'cs_x', intentId: `pi_${newId()}` };
      const shown = await parks(await push('payment_intent.succeeded', intent(stranger)));
      expect(shown).toMatchObject({ status: 'parked', code: 'payment.unknown' });
    });

    it('leaves the page open after a declined card, and names the decline', async () => {
      const order = await unpaid();
      const declined = intent(order, { amount_received: 0, last_payment_error: { code: 'card_declined' } });
      expect(await told('payment_intent.payment_failed', declined)).toMatchObject({
        status: 'processed',
        code: 'payment.declined.card_declined',
      });
      await told('checkout.session.completed', completed(order));
      await app.reaches(order.id, 'paid');
    });
  });

  describe('of a refund', () => {
    it('takes one made in the dashboard for ours, once, whatever its events are called', async () => {
      const order = await paid();
      const made = refund(order);
      for (const type of ['refund.created', 'refund.updated', 'charge.refund.updated']) {
        expect(await told(type, made)).toMatchObject({ status: 'processed' });
      }
      const rows = await app.sql('SELECT kind, status, amount_cents FROM refunds WHERE prescription_id = $1', [
        order.id,
      ]);
      expect(rows).toEqual([{ kind: 'outside', status: 'succeeded', amount_cents: 500 }]);
      expect(await invoice(order)).toMatchObject({ status: 'partially_refunded' });
      expect(await told('refund.failed', { ...made, status: 'failed' })).toMatchObject({ status: 'processed' });
      expect(await invoice(order)).toMatchObject({ status: 'paid', refunds: [{ status: 'failed' }] });
      expect(await told('refund.updated', { ...made, status: 'pending' })).toMatchObject({ status: 'processed' });
      expect(await invoice(order)).toMatchObject({ refunds: [{ status: 'failed' }] });
    });

    it.each([
      ['larger than the payment', { amount: 1501 }, 'refund.amount-mismatch'],
      ['in another currency', { currency: 'eur' }, 'refund.currency-mismatch'],
      ['in an unknown word', { status: 'teleported' }, 'refund.unknown-word'],
    ])('parks one %s', async (_what, changes, code) => {
      const order = await paid();
      const shown = await told('refund.created', refund(order, changes));
      expect(shown).toMatchObject({ status: 'parked', code, related: { paymentId: order.paymentId } });
      expect(await invoice(order)).toMatchObject({ status: 'paid', refunds: [] });
    });

    it('parks one that names ours and another amount or payment', async () => {
      const order = await paid();
      const other = await paid();
      const made = refund(order);
      await told('refund.created', made);
      expect(await told('refund.updated', { ...made, amount: 400 })).toMatchObject({ code: 'refund.amount-mismatch' });
      expect(await told('refund.updated', { ...made, payment_intent: other.intentId })).toMatchObject({
        code: 'refund.payment-mismatch',
      });
      expect(
        await told('charge.refunded', { amount_refunded: 9_999, currency: 'usd', payment_intent: order.intentId }),
      ).toMatchObject({
        code: 'refund.amount-mismatch',
      });
    });

    it('of which only the sum was told is parked, and comes true with its own event', async () => {
      const order = await paid();
      const sum = { amount_refunded: 500, currency: 'usd', payment_intent: order.intentId };
      const eventId = await push('charge.refunded', sum);
      expect(await parks(eventId)).toMatchObject({
        status: 'parked',
        code: 'refund.unknown',
        related: { paymentId: order.paymentId, prescriptionId: order.id },
      });
      expect(await invoice(order)).toMatchObject({ status: 'paid', refunds: [] });
      await told('refund.created', refund(order));
      await app.eventually(async () => ((await event(eventId))?.status === 'processed' ? true : undefined));
      expect(await invoice(order)).toMatchObject({ status: 'partially_refunded' });
    });

    it('that fails although it was confirmed is for operations to see and to give back again', async () => {
      const order = await paidAtProvider();
      await end(order.id, 'cancel');
      expect(await refundRest(order.id)).toBe('refunded');
      await app.eventually(async () => ((await invoice(order)).status === 'refunded' ? true : undefined));
      const [sent] = await refunds(order);
      const failed = refund(order, { id: sent?.provider_id, amount: 1500, status: 'failed' });
      await told('refund.failed', failed);
      await told('refund.failed', failed);
      const { id: invoiceId } = await invoice(order);
      expect(await read(`prescriptions/${order.id}/why`)).toMatchObject({
        code: 'payment.refund-failed',
        who: 'ops',
        next: expect.stringContaining('POST /api/invoices/:id/refunds') as string,
        details: { invoiceId, leftCents: 1500 },
      });
      for (const state of ['failed', 'returned', 'cancelled']) {
        await app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [order.id, state]);
        for (const told of await toldToParties(order)) {
          expect(told).toMatch(/^200 .*"code":"payment.looked-into".*"who":"ops"/);
          expect(told).not.toMatch(/refund-failed|refundId|leftCents|could not be given back/);
        }
      }
      const { items } = await read<{ items: { kind: string; code: string }[] }>(`prescriptions/${order.id}/timeline`);
      expect(items.filter(({ kind }) => kind === 'payment').map(({ code }) => code)).toEqual([
        'payment.link-made',
        'payment.paid',
        'payment.refund-begun',
        'payment.refunded',
        'payment.refund-failed',
      ]);
      expect(await supportTickets(sent?.id)).toBe(1);

      const again = await post(`invoices/${invoiceId}/refunds`, { reason: 'another account' });
      expect(again.status).toBe(202);
      // The sandbox has given the money back already, so only Stripe's word tells that it arrived.
      const [, next] = await refunds(order);
      await told('refund.updated', refund(order, { amount: 1500, metadata: { refund_id: next?.id } }));
      expect(await invoice(order)).toMatchObject({ status: 'refunded' });
      expect(await read(`prescriptions/${order.id}/why`)).not.toMatchObject({ code: 'payment.refund-failed' });
    });

    it('that fails is tried anew by a saga that goes on after a crash', async () => {
      const order = await paidAtProvider();
      await end(order.id, 'cancel');
      await refundRest(order.id);
      const [sent] = await refunds(order);
      await told('refund.failed', refund(order, { id: sent?.provider_id, amount: 1500, status: 'failed' }));
      // Stripe, too, has the money again; the sandbox has not, so it refuses.
      expect(await refundRest(order.id)).toBe('refund-failed');
      expect((await refunds(order)).map(({ status }) => status)).toEqual(['failed', 'failed']);
    });

    it('that is refused outright is for operations to see, can be asked for again, and may come true all the same', async () => {
      const order = await paidAtProvider();
      await end(order.id, 'cancel');
      const refused = jest
        .spyOn(app.get(PaymentGateway), 'refund')
        .mockRejectedValue(new Refused('stripe.charge_disputed', 'Stripe refused the request'));
      expect(await refundRest(order.id)).toBe('refund-failed');
      const [first] = await refunds(order);
      expect(first).toMatchObject({ status: 'failed', provider_id: null });
      expect(await supportTickets(first?.id)).toBe(1);
      expect(await events(order, 'payment_refund_failed')).toBeGreaterThan(0);
      expect(await read(`prescriptions/${order.id}/why`)).toMatchObject({ code: 'payment.refund-failed', who: 'ops' });

      const { id: invoiceId } = await invoice(order);
      expect((await post(`invoices/${invoiceId}/refunds`, { reason: 'again' })).status).toBe(202);
      await app.eventually(async () => ((await refunds(order))[1]?.status === 'failed' ? true : undefined));
      expect(new Set(refused.mock.calls.map(([, key]) => key)).size).toBe(2);
      refused.mockRestore();

      await told('refund.updated', refund(order, { amount: 1500, metadata: { refund_id: first?.id } }));
      expect(await invoice(order)).toMatchObject({ status: 'refunded' });
    });

    it.each(['vendor.off', 'stripe.401', 'stripe.403'])(
      'that was refused with %s is still to be made',
      async (code) => {
        const order = await paidAtProvider();
        await end(order.id, 'cancel');
        const refused = jest.spyOn(app.get(PaymentGateway), 'refund').mockRejectedValue(new Refused(code, 'not us'));
        await expect(refundRest(order.id)).rejects.toMatchObject({ code });
        expect(await refunds(order)).toMatchObject([{ status: 'created' }]);
        refused.mockRestore();
      },
    );

    it('is told to its patient without what staff wrote, what failed and what a bank asks', async () => {
      const order = await paidAtProvider();
      const { id: invoiceId } = await invoice(order);
      const reason = 'called the clinic, rude';
      expect((await post(`invoices/${invoiceId}/refunds`, { amountCents: 500, reason })).status).toBe(202);
      await app.eventually(async () => ((await refunds(order))[0]?.status === 'succeeded' ? true : undefined));
      await told('refund.failed', refund(order, { amount: 200, status: 'failed' }));
      await told('charge.dispute.created', dispute(order.intentId, 'warning_needs_response'));
      expect(await invoice(order)).toMatchObject({ refunds: [{ reason }, { status: 'failed' }], disputes: [{}] });
      const patientId = newId();
      await app.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [order.id, patientId]);
      const authorization = await app.user('patient', { patientId });
      const answer = await fetch(`${app.url}/api/invoices/${invoiceId}`, { headers: { authorization } });
      expect(await answer.json()).toMatchObject({
        refunds: [{ amountCents: 500, status: 'succeeded', reason: null }],
        disputes: [],
      });
    });

    it('that was decided is made, also when the order was delivered after all before the provider answered', async () => {
      const order = await paidAtProvider();
      const said = (action: 'cancel' | 'deliver', at: Date) =>
        app.db.tx(systemContext, (tx) =>
          app.get(Prescriptions).report(tx, {
            ...{ id: order.id, action, actor: { kind: 'pharmacy' }, trigger: 'webhook' },
            ...{ occurredAt: at, sourceKey: newId() },
          }),
        );
      await said('cancel', new Date(Date.now() - 60_000));
      const match = { method: 'POST', path: '/refunds' };
      await app.sandbox.post('/_sandbox/faults', { vendor: 'stripe', match, kind: '500_before', times: 100 });
      await expect(refundRest(order.id)).rejects.toMatchObject({ cause: { code: 'stripe.unanswered' } });
      await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
      await said('deliver', new Date());
      expect(await app.state(order.id)).toBe('delivered');
      await app.sql(
        `UPDATE outbox_events SET due_at = now() WHERE aggregate_id = $1 AND subscriber = 'payments.refund' AND done_at IS NULL`,
        [order.id],
      );
      await app.eventually(async () => ((await refunds(order))[0]?.status === 'succeeded' ? true : undefined));
    });

    it('that overtakes its payment is parked and comes true when that is settled', async () => {
      const order = await unpaid();
      const eventId = await push('refund.created', refund(order));
      expect(await parks(eventId)).toMatchObject({ status: 'parked', code: 'refund.unknown' });
      await told('checkout.session.completed', completed(order));
      await app.eventually(async () => ((await event(eventId))?.status === 'processed' ? true : undefined));
      expect(await invoice(order)).toMatchObject({ status: 'partially_refunded' });
    });
  });

  describe('of a dispute', () => {
    it('is kept once and ends the same in whatever order its events come', async () => {
      const steps = [
        ['charge.dispute.created', 'needs_response', second],
        ['charge.dispute.funds_withdrawn', 'needs_response', second + 1],
        ['charge.dispute.updated', 'under_review', second + 86_400],
        ['charge.dispute.closed', 'won', second + 864_000],
        ['charge.dispute.funds_reinstated', 'won', second + 864_001],
      ] as const;
      const orders = [
        [0, 1, 2, 3, 4],
        [4, 3, 2, 1, 0],
        [2, 0, 3, 4, 1],
      ];
      for (const sequence of orders) {
        const order = await paid();
        for (const at of [...sequence, ...sequence]) {
          const [type, status, created] = steps[at] ?? steps[0];
          expect(await told(type, dispute(order.intentId, status), created)).toMatchObject({ status: 'processed' });
        }
        expect(await disputes(order)).toMatchObject([
          { status: 'won', amount_cents: 1500, reason: 'product_not_received' },
        ]);
        expect(await events(order, 'payment_disputed')).toBe(1);
        expect(await events(order, 'payment_dispute_closed')).toBe(1);
        expect(await invoice(order)).toMatchObject({
          status: 'paid',
          disputes: [{ status: 'won', evidenceDueAt: new Date((second + 604_800) * 1000).toISOString() }],
        });
      }
    });

    it('leaves nothing to refund while the bank has the money; what comes back is there for the undoing', async () => {
      const order = await paid();
      await told('charge.dispute.created', dispute(order.intentId, 'needs_response'));
      const { id: invoiceId } = await invoice(order);
      const refused = await post(`invoices/${invoiceId}/refunds`, { reason: 'asked' });
      expect([refused.status, await refused.json()]).toMatchObject([422, { refundableCents: 0 }]);
      await end(order.id, 'cancel');
      expect(await refundRest(order.id)).toBe('nothing-to-do');
      await told('charge.dispute.closed', dispute(order.intentId, 'won'), second + 864_000);
      expect(await refunds(order)).toEqual([]);
      await refundRest(order.id)?.catch(() => undefined);
      const rows = await app.sql('SELECT kind, amount_cents, reason FROM refunds WHERE prescription_id = $1', [
        order.id,
      ]);
      expect(rows).toEqual([{ kind: 'rest', amount_cents: 1500, reason: 'prescription_cancelled' }]);
    });

    it('of a part leaves the rest to refund, and the part when it comes back', async () => {
      const order = await paidAtProvider();
      const part = { amount: 600 };
      await told('charge.dispute.created', dispute(order.intentId, 'needs_response', part));
      await end(order.id, 'cancel');
      expect(await refundRest(order.id)).toBe('refunded');
      expect((await refunds(order)).map(({ amount_cents: cents }) => cents)).toEqual([900]);
      await told('charge.dispute.closed', dispute(order.intentId, 'won', part), second + 864_000);
      expect(await refundRest(order.id)).toBe('refunded');
      await app.eventually(async () => {
        const made = await refunds(order);
        return made.length === 2 && made.every(({ status }) => status === 'succeeded') ? true : undefined;
      });
      expect((await refunds(order)).map(({ amount_cents: cents }) => cents)).toEqual([900, 600]);
    });

    it('that is only a question takes no money', async () => {
      const order = await paid();
      await told('charge.dispute.created', dispute(order.intentId, 'warning_needs_response'));
      await end(order.id, 'cancel');
      await refundRest(order.id)?.catch(() => undefined);
      const rows = await app.sql('SELECT amount_cents FROM refunds WHERE prescription_id = $1', [order.id]);
      expect(rows).toEqual([{ amount_cents: 1500 }]);
    });

    it.each([
      ['of more than was paid', { amount: 1501 }, 'dispute.amount-mismatch'],
      ['in another currency', { currency: 'eur' }, 'dispute.currency-mismatch'],
      ['in an unknown word', { status: 'reopened' }, 'dispute.unknown-word'],
    ])('%s is parked', async (_what, changes, code) => {
      const order = await paid();
      expect(await told('charge.dispute.created', dispute(order.intentId, 'needs_response', changes))).toMatchObject({
        status: 'parked',
        code,
        related: { paymentId: order.paymentId },
      });
      expect(await disputes(order)).toEqual([]);
    });

    it('of nothing of ours is parked', async () => {
      const shown = await parks(await push('charge.dispute.created', dispute(`pi_${newId()}`, 'needs_response')));
      expect(shown).toMatchObject({ status: 'parked', code: 'dispute.unknown' });
    });
  });

  it('of an expired page closes its link once and makes the next', async () => {
    const order = await unpaid();
    const expired = { ...completed(order), status: 'expired', payment_status: 'unpaid' };
    await told('checkout.session.expired', expired);
    await told('checkout.session.expired', expired);
    const rows = await app.eventually(async () => {
      const found = await app.sql<{ status: string; attempt: number }>(
        'SELECT status, attempt FROM payments WHERE prescription_id = $1 ORDER BY attempt',
        [order.id],
      );
      return found.length === 2 && found[1]?.status === 'open' ? found : undefined;
    });
    expect(rows).toMatchObject([{ status: 'expired' }, { status: 'open' }]);
  });

  it('of a form nobody documented is kept for people at once', async () => {
    const order = await unpaid();
    for (const object of [{}, { ...completed(order), amount_total: '1500' }, { ...completed(order), metadata: [] }]) {
      expect(await told('checkout.session.completed', object)).toEqual({
        status: 'parked',
        code: 'stripe.undocumented-body',
        related: {},
      });
    }
    expect(await app.sql('SELECT 1 FROM payments WHERE id = $1 AND status = $2', [order.paymentId, 'paid'])).toEqual(
      [],
    );
  });

  it('names its payment by the metadata when the page has no reference', async () => {
    const order = await unpaid();
    const news = { ...completed(order), client_reference_id: null };
    expect(await told('checkout.session.completed', news)).toMatchObject({ status: 'processed', code: null });
  });
});
