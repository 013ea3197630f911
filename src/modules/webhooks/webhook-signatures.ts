import { Injectable } from '@nestjs/common';
import { DomainError } from '../../platform/errors/index.js';
import { RateLimits, type RateLimit } from '../../platform/http/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import type { SignatureVerdict } from './verification/index.js';
import { SourceAllowances } from './source-allowances.service.js';
import { fail } from './webhooks.errors.js';

/** Of one address and source; whoever signs rightly is counted apart from these. */
const refusals: RateLimit = { name: 'webhook-refused', most: 30, windowMs: 60_000 };

/** Of vendors that say themselves what the answer is. */
const ownCodes: Readonly<Record<string, 'webhook.stripe-signature-invalid' | undefined>> = {
  stripe: 'webhook.stripe-signature-invalid',
};

/** Turns what a check found into an answer, and counts what was refused. */
@Injectable()
export class WebhookSignatures {
  private readonly countRefused: (labels: { source: string; verdict: string }) => void;

  constructor(
    private readonly rateLimits: RateLimits,
    private readonly allowances: SourceAllowances,
    metrics: Metrics,
  ) {
    this.countRefused = metrics.counter(
      'pharmonico_webhooks_refused_total',
      'Webhooks that were refused, by the reason',
      ['source', 'verdict'],
    );
  }

  /**
   * @param address of the connection
   * @throws webhook.signature-invalid or the source's own code, and request.too-many for who keeps trying
   * @throws request.too-many when the source has sent all it may this minute
   */
  async demand(source: string, verdict: SignatureVerdict, address: string): Promise<void> {
    if (verdict === 'valid') {
      await this.allowances.take(source).catch((error: unknown) => this.refuse(source, error));
      return;
    }
    this.countRefused({ source, verdict });
    await this.rateLimits.consume(refusals, `${source} ${address}`);
    throw fail(ownCodes[source] ?? 'webhook.signature-invalid');
  }

  /** Reads the body of a sender that was believed. @throws what reading it throws, which is counted */
  read<T>(source: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      return this.refuse(source, error);
    }
  }

  /** Of what is refused nothing is kept but this count. @throws what it was given */
  private refuse(source: string, error: unknown): never {
    this.countRefused({ source, verdict: error instanceof DomainError ? error.code : 'unexpected' });
    throw error;
  }
}
