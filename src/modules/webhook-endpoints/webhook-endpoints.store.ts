import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { everyEvent, Outbox } from '../../platform/outbox/index.js';
import { rotationMs } from './delivery.policy.js';
import { WebhookEndpoint, type DisabledReason } from './webhook-endpoint.entity.js';
import { hearJob } from './webhook-endpoints.jobs.js';

export interface NewEndpoint {
  id: string;
  organizationId: string;
  url: string;
  description: string | null;
  events: readonly string[] | null;
  secretSealed: Buffer;
  askedAs: string | undefined;
  createdBy: string;
}

/** Undefined: stays as it is. */
export type EndpointChange = {
  [K in 'url' | 'description' | 'events']?: NewEndpoint[K] | undefined;
};

const changeable: Readonly<Record<keyof EndpointChange, string>> = {
  url: 'url',
  description: 'description',
  events: 'events',
};

@Injectable()
export class WebhookEndpointsStore {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /** Those that are not deleted, oldest first. */
  list(tx: Tx, organizationId: string): Promise<WebhookEndpoint[]> {
    return tx.manager
      .createQueryBuilder(WebhookEndpoint, 'e')
      .where('e.organizationId = :organizationId AND e.deletedAt IS NULL', { organizationId })
      .orderBy('e.id')
      .getMany();
  }

  find(tx: Tx, id: string, options: { lock?: boolean } = {}): Promise<WebhookEndpoint | undefined> {
    return tx.row(WebhookEndpoint, { id }, options);
  }

  findAsked(tx: Tx, askedAs: string): Promise<WebhookEndpoint | undefined> {
    return tx.row(WebhookEndpoint, { askedAs });
  }

  async add(tx: Tx, endpoint: NewEndpoint): Promise<void> {
    await tx.send(
      `INSERT INTO webhook_endpoints (id, organization_id, url, description, events, secret_sealed, asked_as, created_by,
         created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
      [
        endpoint.id,
        endpoint.organizationId,
        endpoint.url,
        endpoint.description,
        endpoint.events,
        endpoint.secretSealed,
        endpoint.askedAs ?? null,
        endpoint.createdBy,
        this.clock.now(),
      ],
    );
  }

  async change(tx: Tx, id: string, change: EndpointChange): Promise<void> {
    const given = (Object.keys(changeable) as (keyof EndpointChange)[]).filter((key) => change[key] !== undefined);
    const sets = given.map((key, index) => `${changeable[key]} = $${index + 3}`);
    await tx.send(`UPDATE webhook_endpoints SET ${['updated_at = $2', ...sets].join(', ')} WHERE id = $1`, [
      id,
      this.clock.now(),
      ...given.map((key) => change[key] ?? null),
    ]);
  }

  async rotate(tx: Tx, id: string, secret: { sealed: Buffer; previous: Buffer | null }): Promise<Date> {
    const now = this.clock.now();
    const previousValidUntil = new Date(now.getTime() + rotationMs);
    await tx.send(
      `UPDATE webhook_endpoints SET secret_sealed = $2, previous_secret_sealed = $3, previous_valid_until = $4, updated_at = $5
       WHERE id = $1`,
      [id, secret.sealed, secret.previous, previousValidUntil, now],
    );
    return previousValidUntil;
  }

  /** Its secrets go with it; what it was told stays for as long as every delivery does. */
  async remove(tx: Tx, id: string): Promise<void> {
    await tx.send(
      `UPDATE webhook_endpoints SET deleted_at = $2, updated_at = $2, secret_sealed = NULL, previous_secret_sealed = NULL,
         previous_valid_until = NULL, asked_as = NULL
       WHERE id = $1 AND deleted_at IS NULL`,
      [id, this.clock.now()],
    );
  }

  async enable(tx: Tx, id: string): Promise<void> {
    await tx.send(
      `UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, updated_at = $2
       WHERE id = $1`,
      [id, this.clock.now()],
    );
  }

  /** @returns false when that is known already */
  async disable(tx: Tx, id: string, reason: DisabledReason): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE webhook_endpoints SET disabled_at = $2, disabled_reason = $3, updated_at = $2
       WHERE id = $1 AND disabled_at IS NULL AND deleted_at IS NULL RETURNING id`,
      [id, this.clock.now(), reason],
    );
    return rows.length === 1;
  }

  async noteSuccess(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL', [
      id,
    ]);
  }

  /** @returns since when nothing has succeeded */
  async noteFailure(tx: Tx, id: string): Promise<Date> {
    const now = this.clock.now();
    const row = await tx.one<{ since: Date }>(
      `UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, $2) WHERE id = $1
       RETURNING failing_since AS since`,
      [id, now],
    );
    return row?.since ?? now;
  }

  /** Until the transaction ends nobody else changes which endpoints the organization has. */
  async lockOrganization(tx: Tx, organizationId: string): Promise<void> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`webhook-endpoints ${organizationId}`]);
  }

  /** From the commit on the organization is listened to for just what its endpoints want, disabled ones too: theirs is held. */
  async listen(tx: Tx, organizationId: string): Promise<void> {
    await this.lockOrganization(tx, organizationId);
    const wanted = (await this.list(tx, organizationId)).flatMap(({ events }) => events ?? [everyEvent]);
    await this.outbox.listen(tx, hearJob, organizationId, [...new Set(wanted)]);
  }
}
