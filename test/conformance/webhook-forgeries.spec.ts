import { createHmac } from 'node:crypto';
import { StripeGateway } from '../../src/modules/payments/gateways/stripe.gateway.js';
import { verifyHexHmac, verifyTimestampedHmac, verifyTwilioSignature } from '../../src/modules/webhooks/index.js';
import { forger, type SignedMessage } from '../support/forgery.js';

const each = 25_000;
const secrets = ['the-current-secret-of-this-source', 'the-secret-that-is-being-retired'];
const [secret = ''] = secrets;
const now = new Date('2026-11-20T15:42:33Z');
const time = String(now.getTime() / 1_000);
const raw = Buffer.from(
  '{"eventType":"prescription.status.update","prescription":{"orderId":"7771349652"},"status":{"current":"order_shipped"}}',
);

const twilioUrl = 'https://pharmonico.example/api/webhooks/twilio/status';
const twilioForm = { MessageSid: 'SM2f1c0d9e8b7a6f5e4d3c2b1a09f8e7d6', MessageStatus: 'delivered', To: '+12025550143' };
const twilioSigned = Object.entries(twilioForm)
  .sort(([left], [right]) => (left < right ? -1 : 1))
  .reduce((text, [name, value]) => text + name + value, twilioUrl);

const timed = { raw, time, signature: createHmac('sha256', secret).update(`${time}.`).update(raw).digest('hex') };
const timedHeader = ({ time: at, signature }: SignedMessage) => `t=${at ?? ''},v1=${signature}`;
const stripe = new StripeGateway({
  STRIPE_SECRET_KEY: undefined,
  STRIPE_API_BASE: undefined,
  STRIPE_WEBHOOK_SECRET: secrets.join(),
});

interface Scheme {
  right: SignedMessage;
  verify(message: SignedMessage): string;
}

/** The doors with a signature; that of CarePortals, which has several sources, is drawn in careportals.spec.ts. */
const schemes: Readonly<Record<string, Scheme>> = {
  Lifefile: {
    right: { raw, signature: createHmac('sha256', secret).update(raw).digest('hex') },
    verify: ({ raw: body, signature }) => verifyHexHmac({ header: signature, body, secrets }),
  },
  Stripe: {
    right: timed,
    verify: (message) => stripe.verify(message.raw, timedHeader(message), now),
  },
  Shippo: {
    right: timed,
    verify: (message) => verifyTimestampedHmac({ header: timedHeader(message), body: message.raw, secrets, now }),
  },
  Twilio: {
    right: { raw, signature: createHmac('sha1', secret).update(twilioSigned).digest('base64') },
    verify: ({ raw: body, signature }) =>
      verifyTwilioSignature({
        header: signature,
        url: twilioUrl,
        // It signs fields and not bytes.
        params: body === raw ? twilioForm : { ...twilioForm, To: body.toString('latin1') },
        authTokens: secrets,
      }),
  },
};

describe.each(Object.entries(schemes))('the signature of %s', (_, { right, verify }) => {
  it('opens for what was signed, and for none of 25,000 changes of body, time or signature', () => {
    const forged = forger(20_261_120);
    expect(verify(right)).toBe('valid');
    const opened = Array.from({ length: each }, () => forged(right)).filter((one) => verify(one) === 'valid');
    expect(opened).toEqual([]);
  });
});
