import { randomBytes } from 'node:crypto';
import { itWithFixtures, jsonFixture } from '../../../test/conformance/fixtures.js';
import { signedByStandard } from '../../../test/support/standard-webhooks.js';
import { messageIdOf, secretOf, signatureHeaders } from './signature.policy.js';

describe('the signature of an outgoing webhook', () => {
  const sentAt = new Date('2026-11-20T14:15:22.900Z');
  const body = '{"type":"delivered","data":{"name":"Ünïcode ✓"}}';

  itWithFixtures('is the one of the published vector', () => {
    const vector = jsonFixture('webhooks/svix_standard_webhooks_vector.json') as Record<
      'secret' | 'id' | 'timestamp' | 'body' | 'signature',
      string
    >;
    const headers = signatureHeaders({
      id: vector.id,
      sentAt: new Date(Number(vector.timestamp) * 1000),
      body: vector.body,
      secrets: [vector.secret],
    });
    expect(headers).toEqual({
      'webhook-id': vector.id,
      'webhook-timestamp': vector.timestamp,
      'webhook-signature': vector.signature,
    });
  });

  it('is accepted by another implementation, with each of two secrets', async () => {
    const secrets = [secretOf(randomBytes(32)), secretOf(randomBytes(32))];
    const headers = signatureHeaders({ id: 'msg_1', sentAt, body, secrets });
    expect(headers['webhook-timestamp']).toBe('1795184122');
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of secrets) expect(await signedByStandard({ headers, body }, secret)).toBe(true);
    expect(await signedByStandard({ headers, body }, secretOf(randomBytes(32)))).toBe(false);
    expect(await signedByStandard({ headers, body: `${body} ` }, secrets[0] ?? '')).toBe(false);
  });

  it('is over an id made of the event alone, so that every try has the same', () => {
    expect(messageIdOf('019a6f51-7c1a-7e55-9d4b-0b7c3f1e4f30')).toBe('msg_019a6f517c1a7e559d4b0b7c3f1e4f30');
  });

  it('is made with a secret of the length the specification asks for', () => {
    expect(secretOf(randomBytes(32))).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});
