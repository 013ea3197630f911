import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { Keyring } from '../../platform/crypto/index.js';
import { secretOf } from './signature.policy.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

export type SealedSecrets = Pick<
  WebhookEndpoint,
  'id' | 'secretSealed' | 'previousSecretSealed' | 'previousValidUntil'
>;

/** As long as the digest that is made with it (RFC 2104). */
const secretBytes = 32;

const place = (id: string, column: 'secret_sealed' | 'previous_secret_sealed') => ({
  table: 'webhook_endpoints',
  column,
  row: id,
});

/** The secrets integrators verify our signatures with: shown once, kept sealed. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly keyring: Keyring) {}

  make(endpointId: string): { secret: string; sealed: Buffer } {
    const secret = secretOf(randomBytes(secretBytes));
    return { secret, sealed: this.keyring.seal(place(endpointId, 'secret_sealed'), secret) };
  }

  /** The current secret as a former one: a sealed value opens in its own column only. */
  retire({ id, secretSealed }: SealedSecrets): Buffer | null {
    if (secretSealed === null) return null;
    const secret = this.keyring.openText(place(id, 'secret_sealed'), secretSealed);
    return this.keyring.seal(place(id, 'previous_secret_sealed'), secret);
  }

  /** Those to sign with now, the current one first. */
  active({ id, secretSealed, previousSecretSealed, previousValidUntil }: SealedSecrets, now: Date): string[] {
    const current = secretSealed === null ? [] : [this.keyring.openText(place(id, 'secret_sealed'), secretSealed)];
    if (previousSecretSealed === null || previousValidUntil === null || previousValidUntil <= now) return current;
    return [...current, this.keyring.openText(place(id, 'previous_secret_sealed'), previousSecretSealed)];
  }
}
