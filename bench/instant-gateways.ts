import type { INestApplicationContext } from '@nestjs/common';
import { ClaimSwitch } from '../src/modules/adjudication/gateways/claim-switch.port.js';
import { MailGateway } from '../src/modules/notifications/gateways/mail.port.js';
import { SmsGateway } from '../src/modules/notifications/gateways/sms.port.js';
import { PaymentGateway, type Checkout } from '../src/modules/payments/gateways/payment-gateway.port.js';
import { LabelGateway } from '../src/modules/shipping/gateways/label-gateway.port.js';

/** Credentials that switch every vendor on; nothing is ever sent there. */
export const instantSettings = {
  STRIPE_SECRET_KEY: 'sk_test_instant',
  STRIPE_WEBHOOK_SECRET: 'whsec_instant',
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000000',
  TWILIO_AUTH_TOKEN: 'instant',
  TWILIO_PHONE_NUMBER: '+15005550006',
  SMTP_URL: 'smtp://127.0.0.1:1',
  SHIPPO_API_TOKEN: 'shippo_test_instant',
  SHIPPO_WEBHOOK_SECRET: 'instant',
  CLAIM_SWITCH_URL: 'http://127.0.0.1:1',
  CLAIM_SWITCH_API_KEY: 'instant',
};

const label = Buffer.from('%PDF-1.4 a label');

/** Vendors that answer at once: what is left is our own time. Everything around the gateways stays as it is. */
export function answerAtOnce(app: INestApplicationContext): void {
  const checkouts = new Map<string, Checkout>();
  let serial = 0;
  const next = (prefix: string) => `${prefix}${(serial += 1).toString().padStart(10, '0')}${process.pid}`;
  replace(app, ClaimSwitch, {
    submit: async ({ claimId, pricing }) => ({
      status: 'P',
      authorizationNumber: claimId.slice(-12),
      rejectCodes: [],
      messages: [],
      amounts: {
        patientPayCents: 1_000,
        planPayCents: Math.max(0, pricing.grossAmountDueCents - 1_000),
        deductibleCents: 0,
        copayCents: 1_000,
        coinsuranceCents: 0,
      },
      durAlerts: [],
    }),
  });
  replace(app, PaymentGateway, {
    openCheckout: async ({ paymentId, prescriptionId, amountCents, currency }) => {
      const sessionId = next('cs_test_');
      const checkout: Checkout = {
        sessionId,
        url: `https://checkout.example/${sessionId}`,
        status: 'open',
        paid: false,
        amountCents,
        currency,
        paymentId,
        prescriptionId,
        paymentIntentId: null,
      };
      checkouts.set(sessionId, checkout);
      return checkout;
    },
    checkout: async (sessionId) => {
      const known = checkouts.get(sessionId);
      if (known === undefined) throw new Error('no such checkout');
      return known;
    },
  });
  replace(app, LabelGateway, {
    quote: async () => ({
      id: next('shp_'),
      rateId: next('rate_'),
      carrier: 'usps',
      service: 'usps_priority',
      amountCents: 800,
      currency: 'USD',
      estimatedDays: 3,
    }),
    buy: async ({ rateId }) => ({ id: next('txn_'), rateId, trackingNumber: next('92'), estimatedDelivery: null }),
    document: async () => label,
    follow: async () => undefined,
  });
  replace(app, MailGateway, { send: async ({ messageId }) => ({ id: messageId }) });
  replace(app, SmsGateway, { send: async () => ({ id: next('SM'), status: 'queued' }) });
}

/** On the instance all others were given: a vendor's methods one by one, typed as the port has them. */
function replace<T extends object>(
  app: INestApplicationContext,
  port: abstract new (...args: never[]) => T,
  methods: Partial<T>,
): void {
  Object.assign(app.get<T>(port, { strict: false }), methods);
}
