import { createHmac } from 'node:crypto';
import { dice } from '../../../../test/support/dice.js';
import { verifyTwilioSignature } from '../gateways/twilio-signature.js';
import { verifyHexHmac } from './hex-hmac.js';
import { verifyStandardWebhook } from './standard-webhook.js';
import { verifyTimestampedHmac } from './timestamped-hmac.js';

const each = 25_000;
const secrets = ['the-current-secret-of-this-source', 'the-secret-that-is-being-retired'];
const [secret = ''] = secrets;
const now = new Date('2026-11-20T15:42:33Z');
const seconds = String(now.getTime() / 1_000);
const body = Buffer.from(
  '{"eventType":"prescription.status.update","prescription":{"orderId":"7771349652"},"status":{"current":"order_shipped"}}',
);
const { below, oneOf } = dice(20_261_120);

/** One byte of the body changed, added or left out. */
function otherBytes(raw: Buffer): Buffer {
  const at = below(raw.length);
  const [before, after] = [raw.subarray(0, at), raw.subarray(at + 1)];
  const changed = Buffer.from([(raw[at] ?? 0) ^ (1 + below(255))]);
  const added = Buffer.from([below(256)]);
  return oneOf([
    Buffer.concat([before, changed, after]),
    Buffer.concat([raw.subarray(0, at), added, raw.subarray(at), Buffer.from(' ')]),
    Buffer.concat([before, after, Buffer.from('\n')]),
    Buffer.concat([raw, added]),
  ]);
}

/** One character replaced by another of the alphabet that means something else. */
function otherText(text: string, alphabet: string): string {
  const at = below(text.length);
  const others = alphabet.split('').filter((one) => one !== text.charAt(at));
  return `${text.slice(0, at)}${oneOf(others)}${text.slice(at + 1)}`;
}

const hex = '0123456789abcdef';
const digits = '0123456789';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

interface Forgery {
  raw: Buffer;
  time: string;
  signature: string;
}

/** Body, time or signature of a message that was signed rightly; the other two stay. */
function forged(signature: string, alphabet: string): Forgery {
  const right = { raw: body, time: seconds, signature };
  return oneOf([
    () => ({ ...right, raw: otherBytes(body) }),
    () => ({ ...right, time: otherText(seconds, digits) }),
    () => ({ ...right, signature: otherText(signature, alphabet) }),
  ])();
}

const twilioUrl = 'https://pharmonico.example/api/webhooks/twilio/status';
const twilioForm = { MessageSid: 'SM2f1c0d9e8b7a6f5e4d3c2b1a09f8e7d6', MessageStatus: 'delivered', To: '+12025550143' };
const twilioSigned = Object.entries(twilioForm)
  .sort(([left], [right]) => (left < right ? -1 : 1))
  .reduce((text, [name, value]) => text + name + value, twilioUrl);

const schemes: Record<string, { right: () => string; verify: (forgery: Forgery) => string; alphabet: string }> = {
  'the hex signature of Lifefile': {
    // It signs no time of its own; one is part of the body.
    right: () => createHmac('sha256', secret).update(body).digest('hex'),
    alphabet: hex,
    verify: ({ raw, time, signature }) =>
      verifyHexHmac({
        header: signature,
        body: time === seconds ? raw : Buffer.concat([raw, Buffer.from(time)]),
        secrets,
      }),
  },
  'the timed signature of Stripe and Shippo': {
    right: () => createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex'),
    alphabet: hex,
    verify: ({ raw, time, signature }) =>
      verifyTimestampedHmac({ header: `t=${time},v1=${signature}`, body: raw, secrets, now }),
  },
  'the standard signature': {
    right: () =>
      createHmac('sha256', Buffer.from(secret, 'base64'))
        .update(`msg_1.${seconds}.`)
        .update(body)
        .digest('base64')
        .slice(0, 43),
    alphabet: base64,
    verify: ({ raw, time, signature }) =>
      verifyStandardWebhook({ id: 'msg_1', timestamp: time, signature: `v1,${signature}=`, body: raw, secrets, now }),
  },
  'the signature of Twilio': {
    right: () => createHmac('sha1', secret).update(twilioSigned).digest('base64').slice(0, 27),
    alphabet: base64,
    verify: ({ raw, time, signature }) =>
      verifyTwilioSignature({
        header: `${signature}=`,
        url: time === seconds ? twilioUrl : `${twilioUrl}?t=${time}`,
        params: raw === body ? twilioForm : { ...twilioForm, To: raw.toString('latin1') },
        authTokens: secrets,
      }),
  },
};

describe.each(Object.entries(schemes))('%s', (_, { right, verify, alphabet }) => {
  it('opens for what was signed, and for none of 25,000 changes of body, time or signature', () => {
    const signature = right();
    expect(verify({ raw: body, time: seconds, signature })).toBe('valid');
    const opened = Array.from({ length: each }, () => forged(signature, alphabet)).filter(
      (one) => verify(one) === 'valid',
    );
    expect(opened).toEqual([]);
  });
});
