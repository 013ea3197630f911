import Stripe from 'stripe';
import { startTestSandbox, testSecrets, type TestSandbox } from '../sandbox.fixture.js';

describe('a disputed payment', () => {
  let sandbox: TestSandbox;
  let stripe: Stripe;

  beforeAll(async () => {
    sandbox = await startTestSandbox();
    const { hostname, port } = new URL(sandbox.url);
    stripe = new Stripe('sk_test_sandbox', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 });
  });
  afterAll(() => sandbox.stop());

  const session = () =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'http://127.0.0.1:9/paid',
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 2550, product_data: { name: 'Your order' } } },
      ],
    });
  const paid = async (): Promise<{ id: string; intentId: string }> => {
    const { id } = await session();
    await sandbox.post(`/_sandbox/stripe/sessions/${id}/pay`);
    const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(id);
    return { id, intentId: typeof intent === 'string' ? intent : '' };
  };
  const dispute = (id: string, input?: object) => sandbox.post(`/_sandbox/stripe/sessions/${id}/dispute`, input);
  const opened = async (id: string, input?: object) => (await dispute(id, input)).body as Stripe.Dispute;
  const close = (id: string, status: string) => sandbox.post(`/_sandbox/stripe/disputes/${id}/close`, { status });
  /** The signed events about it, in the order they were sent. */
  const told = async (id: string, last: string): Promise<[string, string][]> => {
    await sandbox.receiver.next(({ body }) => body.includes(id) && body.includes(`"type":"${last}"`));
    const events = sandbox.receiver.received
      .filter(({ body }) => body.includes(id))
      .map(({ body, headers }) =>
        stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), testSecrets.stripe),
      );
    return events.map(({ type, data }) => [type, (data.object as Stripe.Dispute).status] as [string, string]).sort();
  };

  it.each([
    ['won', [['charge.dispute.funds_reinstated', 'won']]],
    ['lost', []],
  ])('takes the money at once, and tells so; when it is %s, as Stripe does', async (outcome, more) => {
    const { id, intentId } = await paid();
    const { id: disputeId } = await opened(id);
    expect(await stripe.disputes.retrieve(disputeId)).toMatchObject({
      amount: 2550,
      currency: 'usd',
      payment_intent: intentId,
      reason: 'product_not_received',
      status: 'needs_response',
    });
    await expect(stripe.refunds.create({ payment_intent: intentId })).rejects.toMatchObject({
      code: 'charge_disputed',
    });
    await close(disputeId, outcome);
    expect(
      await told(disputeId, more.length > 0 ? 'charge.dispute.funds_reinstated' : 'charge.dispute.closed'),
    ).toEqual([
      ['charge.dispute.closed', outcome],
      ['charge.dispute.created', 'needs_response'],
      ...more,
      ['charge.dispute.funds_withdrawn', 'needs_response'],
    ]);
    expect((await close(disputeId, 'won')).status).toBe(400);
    expect((await stripe.disputes.list()).data[0]?.id).toBe(disputeId);
    expect(await sandbox.get('/_sandbox/ledger?vendor=stripe&kind=dispute')).toContainEqual(
      expect.objectContaining({ id: disputeId, digest: { amountCents: 2550, reference: intentId } }),
    );
  });

  it('that is only asked about keeps its money and can be refunded', async () => {
    const { id, intentId } = await paid();
    const { id: disputeId } = await opened(id, { status: 'warning_needs_response', reason: 'general', amount: 500 });
    expect(await stripe.refunds.create({ payment_intent: intentId, amount: 100 })).toMatchObject({ amount: 100 });
    await close(disputeId, 'lost');
    expect(await told(disputeId, 'charge.dispute.closed')).toEqual([
      ['charge.dispute.closed', 'warning_closed'],
      ['charge.dispute.created', 'warning_needs_response'],
    ]);
  });

  it('was paid, is disputed once at a time, and for no more than was paid', async () => {
    expect((await dispute((await session()).id)).status).toBe(400);
    const { id } = await paid();
    expect((await dispute(id, { amount: 2551 })).status).toBe(400);
    expect((await dispute(id, { status: 'won' })).status).toBe(400);
    expect((await dispute(id)).status).toBe(200);
    expect((await dispute(id)).status).toBe(400);
    expect((await close('du_unknown', 'won')).status).toBe(404);
  });
});
