import type { CheckoutRequest } from '../../src/modules/payments/gateways/payment-gateway.port.js';
import { StripeGateway } from '../../src/modules/payments/gateways/stripe.gateway.js';
import { newId } from '../../src/platform/ids/index.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

/** What the port promises, kept by the Stripe adapter through Stripe's own SDK against the sandbox. */
describe('payment gateway', () => {
  let sandbox: TestSandbox;
  let gateway: StripeGateway;
  let folder: TestFolder;

  beforeAll(async () => {
    folder = await testFolder('stripe');
    sandbox = await startTestSandbox({ folder: folder.path });
    gateway = new StripeGateway({
      STRIPE_SECRET_KEY: 'sk_test_contract',
      STRIPE_API_BASE: sandbox.url,
      STRIPE_WEBHOOK_SECRET: undefined,
    });
  });
  afterAll(async () => {
    await sandbox.stop();
    await folder.remove();
  });
  afterEach(async () => {
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
  });

  const aRequest = (changes: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
    paymentId: newId(),
    prescriptionId: newId(),
    amountCents: 1500,
    currency: 'USD',
    description: 'Your order',
    successUrl: 'https://pharmonico.example/t/payment/done',
    cancelUrl: 'https://pharmonico.example/t/payment/cancelled',
    expiresAt: new Date(Date.now() + 3_600_000),
    ...changes,
  });
  const post = (where: string, body: object = {}) =>
    fetch(`${sandbox.url}${where}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const fault = (kind: string, times = 1) => post('/_sandbox/faults', { vendor: 'stripe', kind, times });
  const paid = async () => {
    const { sessionId } = await gateway.openCheckout(aRequest(), newId());
    await post(`/_sandbox/stripe/sessions/${sessionId}/pay`, { card: '4242424242424242' });
    return gateway.checkout(sessionId);
  };

  it('opens a page with our ids, the amount and the currency on it', async () => {
    const request = aRequest();
    const checkout = await gateway.openCheckout(request, newId());
    expect(checkout).toMatchObject({
      status: 'open',
      paid: false,
      amountCents: 1500,
      currency: 'USD',
      paymentId: request.paymentId,
      prescriptionId: request.prescriptionId,
    });
    expect(checkout.url).toMatch(/^http/);
  });

  it('takes cards alone, whatever else the account has on: a bank debit leaves a complete page unpaid for days', async () => {
    const { sessionId } = await gateway.openCheckout(aRequest(), newId());
    const headers = { authorization: 'Bearer sk_test_contract' };
    const session = await fetch(`${sandbox.url}/v1/checkout/sessions/${sessionId}`, { headers });
    expect(await session.json()).toMatchObject({ payment_method_types: ['card'] });
  });

  it('answers the same key with the same page, and another request under it with a refusal', async () => {
    const [request, key] = [aRequest(), newId()];
    const first = await gateway.openCheckout(request, key);
    expect((await gateway.openCheckout(request, key)).sessionId).toBe(first.sessionId);
    await expect(gateway.openCheckout({ ...request, amountCents: 1 }, key)).rejects.toMatchObject({
      name: 'Unrecoverable',
    });
  });

  it('finds a page whose answer was lost, and nothing where none was made', async () => {
    const request = aRequest();
    const since = new Date(Date.now() - 60_000);
    expect(await gateway.findCheckout(request.paymentId, since)).toBeUndefined();
    await fault('500_after');
    await expect(gateway.openCheckout(request, newId())).rejects.toMatchObject({ code: 'stripe.unanswered' });
    expect(await gateway.findCheckout(request.paymentId, since)).toMatchObject({ paymentId: request.paymentId });
  });

  it('closes a page, and of one that was paid says so', async () => {
    const open = await gateway.openCheckout(aRequest(), newId());
    expect(await gateway.expireCheckout(open.sessionId)).toMatchObject({ status: 'expired', url: null });
    expect(await gateway.expireCheckout(open.sessionId)).toMatchObject({ status: 'expired' });
    const { sessionId } = await paid();
    expect(await gateway.expireCheckout(sessionId)).toMatchObject({ status: 'complete', paid: true });
  });

  it('gives money back once per key and finds it again', async () => {
    const { paymentIntentId } = await paid();
    const request = { refundId: newId(), paymentIntentId: paymentIntentId ?? '', amountCents: 500 };
    const first = await gateway.refund(request, `refund:${request.refundId}`);
    expect(first).toMatchObject({ status: 'succeeded', amountCents: 500, refundId: request.refundId });
    expect((await gateway.refund(request, `refund:${request.refundId}`)).providerId).toBe(first.providerId);
    expect(await gateway.findRefund(request)).toMatchObject({ providerId: first.providerId });
    expect(await gateway.refundState(first.providerId)).toMatchObject({ refundId: request.refundId });
    await expect(gateway.refund({ ...request, amountCents: 1001 }, newId())).rejects.toMatchObject({
      name: 'Unrecoverable',
    });
  });

  it('asks to come back later when there were too many requests', async () => {
    await fault('429', 2);
    await expect(gateway.checkout('cs_test_any')).rejects.toMatchObject({ name: 'TryLater', code: 'stripe.429' });
  });

  it('is off without a key, and says so as a refusal', async () => {
    const off = new StripeGateway({
      STRIPE_SECRET_KEY: undefined,
      STRIPE_API_BASE: undefined,
      STRIPE_WEBHOOK_SECRET: undefined,
    });
    await expect(off.checkout('cs_test_any')).rejects.toMatchObject({ name: 'Unrecoverable', code: 'vendor.off' });
    expect(off.verify(Buffer.from('{}'), 't=1,v1=0', new Date())).toBe('unconfigured');
  });
});
