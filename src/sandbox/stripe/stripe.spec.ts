import Stripe from 'stripe';
import { eventually, startTestSandbox, testSecrets, type TestSandbox } from '../sandbox.fixture.js';

let sandbox: TestSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  const { hostname, port } = new URL(sandbox.url);
  stripe = new Stripe('sk_test_sandbox', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    timeout: 2000,
    telemetry: false,
  });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.post('/_sandbox/reset');
  sandbox.receiver.received.length = 0;
});

const order: Stripe.Checkout.SessionCreateParams = {
  mode: 'payment',
  client_reference_id: 'rx-1',
  success_url: 'http://127.0.0.1:9/paid?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://127.0.0.1:9/back',
  metadata: { prescription_id: 'rx-1' },
  payment_intent_data: { metadata: { prescription_id: 'rx-1' } },
  line_items: [
    { quantity: 1, price_data: { currency: 'usd', unit_amount: 2550, product_data: { name: 'Your order' } } },
  ],
};

async function payOnPage(url: string, card = '4242424242424242'): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams({ card }), redirect: 'manual' });
}

const url = (session: Stripe.Checkout.Session): string => session.url ?? '';
const intentId = (session: Stripe.Checkout.Session): string =>
  typeof session.payment_intent === 'string' ? session.payment_intent : '';

async function webhook(type: string): Promise<Stripe.Event> {
  const hook = await sandbox.receiver.next(({ body }) => body.includes(`"type":"${type}"`));
  return stripe.webhooks.constructEvent(hook.body, String(hook.headers['stripe-signature']), testSecrets.stripe);
}

describe('checkout', () => {
  it('keeps amount, currency, our id and metadata of the session it made', async () => {
    const session = await stripe.checkout.sessions.create(order);
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items'] });
    expect(read).toMatchObject({
      amount_total: 2550,
      currency: 'usd',
      client_reference_id: 'rx-1',
      metadata: { prescription_id: 'rx-1' },
      status: 'open',
      payment_status: 'unpaid',
    });
    expect(read.line_items?.data[0]?.description).toBe('Your order');
  });

  it('offers what the dashboard has on, or of that what a session allows', async () => {
    const offered = async (ways: object) =>
      (await stripe.checkout.sessions.create({ ...order, ...ways })).payment_method_types;
    expect(await offered({})).toContain('us_bank_account');
    expect(await offered({ allowed_payment_method_types: ['card', 'klarna'] })).toEqual(['card']);
    const refused = { statusCode: 400, type: 'StripeInvalidRequestError' };
    await expect(offered({ allowed_payment_method_types: ['klarna'] })).rejects.toMatchObject(refused);
    await expect(offered({ payment_method_types: ['card'] })).rejects.toMatchObject(refused);
  });

  it('shows a page without scripts, takes the money, goes back, and signs both events', async () => {
    const session = await stripe.checkout.sessions.create(order);
    const html = await (await fetch(url(session))).text();
    expect(html).toContain('$25.50');
    expect(html).not.toContain('<script');
    const paid = await payOnPage(url(session));
    expect([paid.status, paid.headers.get('location')]).toEqual([303, `http://127.0.0.1:9/paid?session=${session.id}`]);
    const completed = await webhook('checkout.session.completed');
    expect(completed.data.object).toMatchObject({ id: session.id, payment_status: 'paid', amount_total: 2550 });
    expect((await webhook('payment_intent.succeeded')).data.object).toMatchObject({
      metadata: { prescription_id: 'rx-1' },
    });
    const again = await payOnPage(url(session));
    expect(again.status).toBe(409);
    expect(await sandbox.get('/_sandbox/ledger?kind=charge')).toHaveLength(1);
  });

  it('lets a declined card be followed by a good one', async () => {
    const session = await stripe.checkout.sessions.create(order);
    const declined = await payOnPage(url(session), '4000000000000002');
    expect(declined.status).toBe(402);
    expect(await declined.text()).toContain('Your card was declined.');
    await webhook('payment_intent.payment_failed');
    expect((await payOnPage(url(session))).status).toBe(303);
    expect(await sandbox.get('/_sandbox/ledger?kind=charge')).toHaveLength(1);
  });

  it('expires on request, tells so, and refuses to be paid', async () => {
    const session = await stripe.checkout.sessions.create(order);
    expect((await sandbox.post(`/_sandbox/stripe/sessions/${session.id}/expire`)).status).toBe(200);
    await webhook('checkout.session.expired');
    expect((await payOnPage(url(session))).status).toBe(409);
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({ statusCode: 400 });
  });

  it('finds sessions by payment intent and by time', async () => {
    const session = await stripe.checkout.sessions.create(order);
    await stripe.checkout.sessions.create({ ...order, client_reference_id: 'rx-2' });
    await payOnPage(url(session));
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] });
    expect(read.payment_intent).toMatchObject({ status: 'succeeded', latest_charge: { paid: true } });
    const paid = await stripe.checkout.sessions.retrieve(session.id);
    const byIntent = await stripe.checkout.sessions.list({ payment_intent: intentId(paid) });
    expect(byIntent.data.map((one) => one.id)).toEqual([session.id]);
    const recent = await stripe.checkout.sessions.list({ created: { gte: session.created }, limit: 1 });
    expect([recent.data.length, recent.has_more]).toEqual([1, true]);
    expect((await stripe.checkout.sessions.list({ created: { lt: session.created } })).data).toEqual([]);
  });

  it('opens a session from a payment link', async () => {
    const link = await stripe.paymentLinks.create({ line_items: [{ price: (await price()).id, quantity: 2 }] });
    const opened = await fetch(link.url, { redirect: 'manual' });
    const page = await fetch(new URL(opened.headers.get('location') ?? '', sandbox.url));
    expect(await page.text()).toContain('$10.00');
  });
});

function price(): Promise<Stripe.Price> {
  return stripe.prices.create({ currency: 'usd', unit_amount: 500, product_data: { name: 'Your order' } });
}

describe('idempotency', () => {
  it('replays the stored answer for the same key and parameters', async () => {
    const first = await stripe.checkout.sessions.create(order, { idempotencyKey: 'k1' });
    const second = await stripe.checkout.sessions.create(order, { idempotencyKey: 'k1' });
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await sandbox.get('/_sandbox/ledger/summary')).toMatchObject([
      {
        kind: 'checkout_session',
        effects: 1,
        replays: 1,
        keys: [{ key: 'k1', effects: 1, replays: 1, ids: [first.id] }],
      },
    ]);
  });

  it('refuses the same key with other parameters', async () => {
    await stripe.checkout.sessions.create(order, { idempotencyKey: 'k2' });
    const other = { ...order, client_reference_id: 'rx-9' };
    await expect(stripe.checkout.sessions.create(other, { idempotencyKey: 'k2' })).rejects.toMatchObject({
      statusCode: 400,
      type: 'StripeIdempotencyError',
    });
  });

  it('replays a 500 that came after the effect, while the effect can be found by listing', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: '500_after' });
    await expect(stripe.checkout.sessions.create(order, { idempotencyKey: 'k3' })).rejects.toMatchObject({
      statusCode: 500,
    });
    await expect(stripe.checkout.sessions.create(order, { idempotencyKey: 'k3' })).rejects.toMatchObject({
      statusCode: 500,
    });
    expect((await stripe.checkout.sessions.list()).data).toHaveLength(1);
  });

  it('forgets a 500 that came before the effect', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: '500_before', match: { method: 'POST' } });
    await expect(stripe.checkout.sessions.create(order, { idempotencyKey: 'k4' })).rejects.toMatchObject({
      statusCode: 500,
    });
    await expect(stripe.checkout.sessions.create(order, { idempotencyKey: 'k4' })).resolves.toMatchObject({
      status: 'open',
    });
  });

  it('answers the retry of a request that hung with what was done', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: 'hang' });
    const options = { idempotencyKey: 'k5' };
    await expect(stripe.checkout.sessions.create(order, { ...options, timeout: 1_000 })).rejects.toMatchObject({
      type: 'StripeConnectionError',
    });
    const retried = await stripe.checkout.sessions.create(order, options);
    expect(retried.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await stripe.checkout.sessions.list()).data).toHaveLength(1);
  });

  it('answers the SDK own retry after a reset with what was done', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: 'reset' });
    const session = await stripe.checkout.sessions.create(order, { idempotencyKey: 'k6', maxNetworkRetries: 1 });
    expect(session.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await stripe.checkout.sessions.list()).data).toHaveLength(1);
  });

  it('says 429 once and the SDK gets through by itself', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: '429' });
    await expect(stripe.balance.retrieve({}, { maxNetworkRetries: 0 })).rejects.toMatchObject({ statusCode: 429 });
    await expect(stripe.balance.retrieve()).resolves.toMatchObject({ object: 'balance' });
  });
});

describe('amounts', () => {
  it('below 50 cents are refused, but nothing at all is taken', async () => {
    const price = (cents: number) => ({
      quantity: 1,
      price_data: { currency: 'usd', unit_amount: cents, product_data: { name: 'Your order' } },
    });
    const session = (cents: number) =>
      stripe.checkout.sessions.create({ mode: 'payment', line_items: [price(cents)], success_url: 'https://x.test/' });
    await expect(session(49)).rejects.toMatchObject({ statusCode: 400, code: 'amount_too_small' });
    await expect(stripe.paymentIntents.create({ amount: 49, currency: 'usd' })).rejects.toMatchObject({
      code: 'amount_too_small',
      param: 'amount',
    });
    expect((await session(50)).amount_total).toBe(50);
    expect((await session(0)).payment_status).toBe('no_payment_required');
  });
});

describe('refunds and intents', () => {
  it('refunds in parts, never more than was paid, and tells so', async () => {
    const session = await stripe.checkout.sessions.create(order);
    await payOnPage(url(session));
    const paid = await stripe.checkout.sessions.retrieve(session.id);
    await stripe.refunds.create({ payment_intent: intentId(paid), amount: 550 });
    await expect(stripe.refunds.create({ payment_intent: intentId(paid), amount: 2001 })).rejects.toMatchObject({
      statusCode: 400,
    });
    const rest = await stripe.refunds.create({ payment_intent: intentId(paid) });
    expect(rest).toMatchObject({ amount: 2000, status: 'succeeded' });
    await expect(stripe.refunds.create({ payment_intent: intentId(paid) })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    });
    await webhook('refund.updated');
    expect((await webhook('charge.refunded')).data.object).toMatchObject({ amount_refunded: 550, refunded: false });
    expect((await stripe.refunds.list({ payment_intent: intentId(paid) })).data).toHaveLength(2);
  });

  it('creates, confirms, declines and cancels payment intents', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 100, currency: 'usd' });
    await expect(
      stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_chargeDeclined' }),
    ).rejects.toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect(await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })).toMatchObject({
      status: 'succeeded',
    });
    await expect(stripe.paymentIntents.cancel(intent.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    const other = await stripe.paymentIntents.create({ amount: 100, currency: 'usd' });
    expect(await stripe.paymentIntents.cancel(other.id)).toMatchObject({ status: 'canceled' });
    expect((await stripe.paymentIntents.list()).data).toHaveLength(2);
    const events = await stripe.events.list({ type: 'payment_intent.canceled' });
    expect(events.data).toHaveLength(1);
  });

  it('names the parameter that is wrong, and refuses without a key', async () => {
    await expect(stripe.paymentIntents.create({ amount: -1, currency: 'usd' })).rejects.toMatchObject({
      param: 'amount',
    });
    await expect(stripe.checkout.sessions.retrieve('cs_unknown')).rejects.toMatchObject({ code: 'resource_missing' });
    expect((await fetch(`${sandbox.url}/v1/events`)).status).toBe(401);
  });
});

describe('webhooks', () => {
  it('sends a drop only to the event list, so that a payment can be found without its webhook', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: 'drop_webhook', times: 100 });
    const session = await stripe.checkout.sessions.create(order);
    await payOnPage(url(session));
    const events = await stripe.events.list({ types: ['checkout.session.completed'] });
    expect(events.data).toHaveLength(1);
    expect(sandbox.receiver.received).toEqual([]);
  });

  it('forges the signature once, then retries with the right one', async () => {
    const match = { event: 'checkout.session.expired' };
    await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: 'wrong_signature', match });
    sandbox.receiver.answers.push(400);
    const session = await stripe.checkout.sessions.create(order);
    await stripe.checkout.sessions.expire(session.id);
    const hooks = await eventually(() =>
      sandbox.receiver.received.length >= 2 ? sandbox.receiver.received : undefined,
    );
    const verdicts = hooks.map(({ body, headers }) => {
      try {
        return stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), testSecrets.stripe).type;
      } catch (error) {
        return error instanceof Stripe.errors.StripeSignatureVerificationError ? 'refused' : String(error);
      }
    });
    expect(verdicts).toEqual(['refused', 'checkout.session.expired']);
  });

  it('sends one twice, and lets one be overtaken', async () => {
    await sandbox.post('/_sandbox/faults', {
      vendor: 'stripe',
      kind: 'duplicate_webhook',
      match: { event: 'completed' },
    });
    await sandbox.post('/_sandbox/faults', {
      vendor: 'stripe',
      kind: 'reorder_webhooks',
      match: { event: 'payment_intent.succeeded' },
    });
    const session = await stripe.checkout.sessions.create(order);
    await payOnPage(url(session));
    await webhook('payment_intent.succeeded');
    const types = sandbox.receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types.filter((type) => type === 'checkout.session.completed')).toHaveLength(2);
    expect(types.indexOf('payment_intent.succeeded')).toBeGreaterThan(types.indexOf('checkout.session.completed'));
  });
});
