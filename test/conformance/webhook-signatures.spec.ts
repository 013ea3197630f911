import { StripeGateway } from '../../src/modules/payments/gateways/stripe.gateway.js';
import {
  verifyHexHmac,
  verifySharedSecret,
  verifyTimestampedHmac,
  verifyTwilioSignature,
} from '../../src/modules/webhooks/index.js';
import { hmacSha256 } from '../../src/platform/crypto/index.js';
import { describeWithFixtures, fixture, jsonFixture } from './fixtures.js';

interface StripeVectors {
  secret: string;
  payload: string;
  cases: { name: string; header: string; now: number; valid: boolean }[];
  raw_hmac_vectors_from_repo: { secret: string; cases: { payload: string; hex: string }[] };
}
interface TwilioVectors {
  authToken: string;
  form: { name: string; url: string; params: Record<string, string | string[]>; signature: string; valid: boolean }[];
  json: { name: string; url: string; body: string; signature: string; valid: boolean }[];
}

const gateway = (secrets: string) =>
  new StripeGateway({ STRIPE_SECRET_KEY: undefined, STRIPE_API_BASE: undefined, STRIPE_WEBHOOK_SECRET: secrets });

describeWithFixtures('Stripe signatures', () => {
  const {
    secret,
    payload,
    cases,
    raw_hmac_vectors_from_repo: raw,
  } = jsonFixture('stripe/signature_vectors.json') as StripeVectors;
  const body = Buffer.from(payload);

  it.each(cases)("$name: the SDK's check and the one for Shippo agree with the vector", ({ header, now, valid }) => {
    const at = new Date(now * 1000);
    expect(gateway(secret).verify(body, header, at) === 'valid').toBe(valid);
    expect(verifyTimestampedHmac({ header, body, secrets: [secret], now: at }) === 'valid').toBe(valid);
  });

  it('accepts the older and the newer secret of a rotation, and no third', () => {
    const [{ header, now } = { header: '', now: 0 }] = cases;
    const at = new Date(now * 1000);
    expect(gateway(`whsec_new, ${secret}`).verify(body, header, at)).toBe('valid');
    expect(gateway(`${secret},whsec_old`).verify(body, header, at)).toBe('valid');
    expect(gateway('whsec_new,whsec_old').verify(body, header, at)).toBe('mismatch');
  });

  it('refuses one changed byte, however the body reads', () => {
    const [{ header, now } = { header: '', now: 0 }] = cases;
    const changed = Buffer.from(payload.replace('evt_test_webhook', 'evt_test_webhooK'));
    expect(gateway(secret).verify(changed, header, new Date(now * 1000))).toBe('mismatch');
    expect(verifyTimestampedHmac({ header, body: changed, secrets: [secret], now: new Date(now * 1000) })).toBe(
      'mismatch',
    );
  });

  it.each(raw.cases)('hex digests match byte for byte', ({ payload: text, hex }) => {
    const signed = { body: Buffer.from(text), secrets: ['another', raw.secret] };
    expect(verifyHexHmac({ ...signed, header: hex })).toBe('valid');
    expect(verifyHexHmac({ ...signed, header: `sha256=${hex.toUpperCase()}` })).toBe('valid');
    expect(verifyHexHmac({ ...signed, secrets: ['another'], header: hex })).toBe('mismatch');
  });
});

describeWithFixtures('Shippo signatures', () => {
  const body = fixture('shippo/webhook_track_updated_docs_example.json');
  const signedAt = 1_763_647_522;
  const header = `t=${signedAt},v1=${hmacSha256('shippo-secret', Buffer.concat([Buffer.from(`${signedAt}.`), body]))}`;
  const at = (seconds: number) => new Date(seconds * 1000);

  it('accepts the documented push within five minutes and refuses it a second later', () => {
    const check = (now: Date) => verifyTimestampedHmac({ header, body, secrets: ['new', 'shippo-secret'], now });
    expect(check(at(signedAt + 300))).toBe('valid');
    expect(check(at(signedAt + 301))).toBe('expired');
    expect(check(at(signedAt - 301))).toBe('expired');
  });

  it('accepts a second v1 beside a wrong one, as during a rotation at the sender', () => {
    const both = header.replace(',v1=', `,v1=${'0'.repeat(64)},v1=`);
    expect(verifyTimestampedHmac({ header: both, body, secrets: ['shippo-secret'], now: at(signedAt) })).toBe('valid');
  });
});

describeWithFixtures('Twilio signatures', () => {
  const { authToken, form, json } = jsonFixture('twilio/signature_vectors.json') as TwilioVectors;

  it.each(form)('form: $name', ({ url, params, signature, valid }) => {
    expect(verifyTwilioSignature({ header: signature, url, params, authTokens: [authToken] }) === 'valid').toBe(valid);
    expect(verifyTwilioSignature({ header: signature, url, params, authTokens: ['new', authToken] }) === 'valid').toBe(
      valid,
    );
    expect(verifyTwilioSignature({ header: signature, url, params, authTokens: ['wrong'] })).toBe('mismatch');
  });

  it.each(json)('JSON: $name', ({ url, body, signature, valid }) => {
    const signed = { header: signature, url, authTokens: [authToken] };
    expect(verifyTwilioSignature({ ...signed, body: Buffer.from(body) }) === 'valid').toBe(valid);
    expect(verifyTwilioSignature({ ...signed, body: Buffer.from(`${body} `) })).toBe('mismatch');
  });

  it('refuses another path of the same host', () => {
    const [{ url, params, signature } = { url: '', params: {}, signature: '' }] = form;
    const elsewhere = url.replace('/myapp.php', '/other.php');
    expect(verifyTwilioSignature({ header: signature, url: elsewhere, params, authTokens: [authToken] })).toBe(
      'mismatch',
    );
  });
});

describe('what is not a signature', () => {
  const body = Buffer.from('{}');
  it.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['deadbeef', 'malformed'],
    [`sha1=${'0'.repeat(64)}`, 'malformed'],
    ['0'.repeat(64), 'mismatch'],
  ])('hex header %s is %s', (header, verdict) => {
    expect(verifyHexHmac({ header, body, secrets: ['secret'] })).toBe(verdict);
  });

  it('nothing is valid while no secret is configured', () => {
    expect(verifyHexHmac({ header: hmacSha256('', body), body, secrets: [] })).toBe('unconfigured');
    expect(verifySharedSecret('', [])).toBe('unconfigured');
    expect(verifyTimestampedHmac({ header: 't=1,v1=00', body, secrets: [], now: new Date(1000) })).toBe('unconfigured');
  });

  it('a token in the address is compared with every active secret', () => {
    expect(verifySharedSecret('old', ['new', 'old'])).toBe('valid');
    expect(verifySharedSecret('older', ['new', 'old'])).toBe('mismatch');
    expect(verifySharedSecret(undefined, ['new'])).toBe('missing');
  });
});
