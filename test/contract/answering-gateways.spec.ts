import type { INestApplicationContext } from '@nestjs/common';
import { answerAtOnce } from '../../bench/instant-gateways.js';
import { ClaimSwitch } from '../../src/modules/adjudication/gateways/claim-switch.port.js';
import { HttpClaimSwitch } from '../../src/modules/adjudication/gateways/http-claim-switch.js';
import { MailGateway } from '../../src/modules/notifications/gateways/mail.port.js';
import { SmsGateway } from '../../src/modules/notifications/gateways/sms.port.js';
import { SmtpGateway } from '../../src/modules/notifications/gateways/smtp.gateway.js';
import { TwilioGateway } from '../../src/modules/notifications/gateways/twilio.gateway.js';
import { isSmsStatus } from '../../src/modules/notifications/sms-status.policy.js';
import { PaymentGateway } from '../../src/modules/payments/gateways/payment-gateway.port.js';
import { StripeGateway } from '../../src/modules/payments/gateways/stripe.gateway.js';
import { LabelGateway } from '../../src/modules/shipping/gateways/label-gateway.port.js';
import { ShippoGateway } from '../../src/modules/shipping/gateways/shippo.gateway.js';
import { parcelFor } from '../../src/modules/shipping/parcel.policy.js';
import { newId } from '../../src/platform/ids/index.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { aClaim } from './claims.js';

let sandbox: TestSandbox;
let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder('answering');
  sandbox = await startTestSandbox({ folder: folder.path });
});
afterAll(async () => {
  await sandbox.stop();
  await folder.remove();
});

type Gateways = Map<unknown, object>;

function atTheSandbox(): Gateways {
  const { url, smtpUrl } = sandbox;
  return new Map<unknown, object>([
    [ClaimSwitch, new HttpClaimSwitch({ CLAIM_SWITCH_URL: url, CLAIM_SWITCH_API_KEY: 'key' })],
    [
      PaymentGateway,
      new StripeGateway({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_API_BASE: url, STRIPE_WEBHOOK_SECRET: undefined }),
    ],
    [
      LabelGateway,
      new ShippoGateway({
        SHIPPO_API_TOKEN: 'shippo_test_1',
        SHIPPO_API_BASE: `${url}/shippo`,
        SHIPPO_WEBHOOK_SECRET: undefined,
      }),
    ],
    [
      MailGateway,
      new SmtpGateway({ SMTP_URL: smtpUrl, SENDGRID_API_KEY: undefined, MAIL_FROM: 'P <noreply@pharmonico.example>' }),
    ],
    [
      SmsGateway,
      new TwilioGateway({
        TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
        TWILIO_AUTH_TOKEN: 'token',
        TWILIO_PHONE_NUMBER: '+15005550006',
        TWILIO_API_BASE: `${url}/twilio`,
        PUBLIC_URL: undefined,
      }),
    ],
  ]);
}

function ofTheBench(): Gateways {
  const gateways = atTheSandbox();
  answerAtOnce({ get: (port: unknown) => gateways.get(port) } as unknown as INestApplicationContext);
  return gateways;
}

/** What a prescription meets that goes through without trouble: the bench measures it with vendors that answer at once. */
describe.each([
  ['of the vendors', atTheSandbox],
  ['of the bench', ofTheBench],
])('the gateways %s', (_name, all) => {
  const of = <T>(port: abstract new (...args: never[]) => T): T => all().get(port) as T;

  it('answer a claim with amounts that balance, and each claim with a number of its own', async () => {
    const claimSwitch = of(ClaimSwitch);
    const one = await claimSwitch.submit(aClaim({ id: newId(), rxNumber: '2000001' }));
    const other = await claimSwitch.submit(aClaim({ id: newId(), rxNumber: '2000002' }));
    expect(one).toMatchObject({ status: 'P', rejectCodes: [], messages: [], durAlerts: [] });
    expect(one.authorizationNumber).not.toBe(other.authorizationNumber);
    const { patientPayCents = 0, planPayCents = 0 } = one.amounts ?? {};
    expect(patientPayCents + planPayCents).toBe(aClaim().pricing.grossAmountDueCents);
  });

  it('open a page to pay on, and show it as it was opened', async () => {
    const payments = of(PaymentGateway);
    const request = {
      paymentId: newId(),
      prescriptionId: newId(),
      amountCents: 1500,
      currency: 'USD',
      description: 'Your order',
      successUrl: 'https://pharmonico.example/t/payment/done',
      cancelUrl: 'https://pharmonico.example/t/payment/cancelled',
      expiresAt: new Date(Date.now() + 3_600_000),
    } as const;
    const checkout = await payments.openCheckout(request, newId());
    const { paymentId, prescriptionId, amountCents, currency } = request;
    expect(checkout).toMatchObject({
      ...{ paymentId, prescriptionId, amountCents, currency },
      ...{ status: 'open', paid: false, paymentIntentId: null },
      url: expect.stringMatching(/^http/) as string,
    });
    expect(await payments.checkout(checkout.sessionId)).toEqual(checkout);
    await expect(payments.checkout('cs_test_of_nobody')).rejects.toThrow();
  });

  it('sell a label for what was quoted, with a number of its own, and print it', async () => {
    const labels = of(LabelGateway);
    const address = { name: 'Pharmacy', line1: '1 Main St', city: 'Austin', state: 'TX', zip: '78701' };
    const quote = () =>
      labels.quote({
        reference: 'rx-1',
        from: { ...address, phone: '+15125550199', email: 'no-reply@pharmacy.example' },
        to: { ...address, name: 'Pat Example' },
        parcel: parcelFor('tablet'),
        serviceLevel: 'standard',
        adultSignature: false,
      });
    const [first, second] = [await quote(), await quote()];
    expect(first).toMatchObject({ carrier: 'usps', currency: 'USD', amountCents: expect.any(Number) as number });
    expect(first.rateId).not.toBe(second.rateId);
    const bought = await labels.buy({ rateId: first.rateId, reference: 'rx-1' });
    const other = await labels.buy({ rateId: second.rateId, reference: 'rx-2' });
    expect(bought.rateId).toBe(first.rateId);
    expect(bought.id).not.toBe(other.id);
    expect(bought.trackingNumber).toMatch(/^\w{10,}$/);
    expect(bought.trackingNumber).not.toBe(other.trackingNumber);
    expect((await labels.document(bought.id)).subarray(0, 5).toString()).toBe('%PDF-');
    await labels.follow('usps', bought.trackingNumber);
  });

  it('take a mail under the id it was given, and texts under ids of their own', async () => {
    const mail = {
      messageId: 'notice-1@pharmonico.example',
      to: 'pat@example.com',
      subject: 'S',
      text: 'T',
      html: 'H',
    };
    expect(await of(MailGateway).send(mail)).toEqual({ id: mail.messageId });
    const texts = of(SmsGateway);
    const sms = { to: '+12025550101', body: 'On its way.' };
    const [one, other] = [await texts.send(sms), await texts.send(sms)];
    expect(one.id).toMatch(/^SM\w+$/);
    expect(one.id).not.toBe(other.id);
    expect([one.status, other.status].every(isSmsStatus)).toBe(true);
  });
});
