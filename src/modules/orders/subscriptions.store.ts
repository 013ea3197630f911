import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { orderPatientSql } from './order-patient.sql.js';
import { compact } from './wire/fields.js';
import { resumptionOf, stopOf, type Stop } from './subscription.policy.js';
import type { SubscriptionNews } from './wire/parts.js';

export interface SubscriptionSaid {
  organizationId: string;
  contactId: string | undefined;
  webhookEventId: string;
  occurredAt: Date;
}

/** Subscriptions that were stopped at CarePortals, and whether that still stands. */
@Injectable()
export class SubscriptionsStore {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /** @returns its id */
  async stopped(tx: Tx, said: SubscriptionSaid, news: SubscriptionNews, externalId: string): Promise<string> {
    const { word, product, source, coupon, reason, totalCents, startedAt } = news;
    const facts = compact({ product, source, coupon, reason, totalCents, startedAt });
    const id = await this.find(tx, said, externalId, word);
    // The same stop told anew with its customer is news: that customer is to be left in peace.
    const content = JSON.stringify([word, said.occurredAt.toISOString(), facts, news.contact]);
    await tx.send(
      `INSERT INTO subscription_events (id, organization_id, subscription_id, contact_id, digest, word, facts, webhook_event_id,
         occurred_at, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ON CONSTRAINT subscription_events_once DO NOTHING`,
      [
        newId(),
        said.organizationId,
        id,
        said.contactId ?? null,
        this.keyring.blindIndex('subscription_events', content),
        word,
        JSON.stringify(facts),
        said.webhookEventId,
        said.occurredAt,
        this.clock.now(),
      ],
    );
    await this.refresh(tx, id);
    return id;
  }

  async resumeByOps(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE subscriptions SET ops_resumed_at = $2 WHERE id = $1', [id, this.clock.now()]);
    await this.refresh(tx, id);
  }

  /** After a customer's orders or contacts have changed. */
  async refreshOf(tx: Tx, customerIds: readonly string[]): Promise<void> {
    const rows = await tx.query<{ id: string }>(
      `SELECT s.id FROM subscriptions s JOIN customer_contacts c ON c.id = s.contact_id
       WHERE c.customer_id = ANY ($1) ORDER BY s.id`,
      [customerIds],
    );
    for (const { id } of rows) await this.refresh(tx, id);
  }

  /** Whether a subscription was stopped and not resumed by somebody who is this patient. */
  async suppressesReminders(tx: Tx, patientId: string): Promise<boolean> {
    const row = await tx.one<{ suppressed: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM customer_contacts c JOIN subscriptions s ON s.contact_id = c.id
         WHERE c.patient_id = $1 AND s.reminders_suppressed) AS suppressed`,
      [patientId],
    );
    return row?.suppressed ?? false;
  }

  private async find(tx: Tx, said: SubscriptionSaid, externalId: string, word: string): Promise<string> {
    const row = await tx.one<{ id: string }>(
      `INSERT INTO subscriptions (id, organization_id, external_id, status, status_at, reminders_suppressed, created_at)
       VALUES ($1, $2, $3, $4, $5, true, $6)
       ON CONFLICT ON CONSTRAINT subscriptions_external DO UPDATE SET external_id = excluded.external_id RETURNING id`,
      [newId(), said.organizationId, externalId, word, said.occurredAt, this.clock.now()],
    );
    if (row === undefined) throw new Error('a subscription vanished');
    return row.id;
  }

  /** Writes the subscription anew from its events, and whether a person or a later order has resumed it. */
  private async refresh(tx: Tx, id: string): Promise<void> {
    const stops = await tx.query<Stop>(
      `SELECT word, occurred_at AS at, digest, contact_id AS "contactId", facts FROM subscription_events
       WHERE subscription_id = $1`,
      [id],
    );
    const stop = stopOf(stops);
    if (stop === undefined) return;
    const later = await tx.one<{ opsAt: Date | null; orderAt: Date | null }>(
      `SELECT s.ops_resumed_at AS "opsAt", (
         SELECT min(o.placed_at) FROM orders o JOIN customer_contacts theirs ON theirs.id = o.contact_id
         JOIN customer_contacts mine ON mine.customer_id = theirs.customer_id
         WHERE mine.id = $2 AND o.placed_at > $3
           AND mine.patient_id IS NOT DISTINCT FROM ${orderPatientSql('o', 'theirs')}) AS "orderAt"
       FROM subscriptions s WHERE s.id = $1`,
      [id, stop.contactId, stop.at],
    );
    const resumption = resumptionOf(stop.at, { ops: later?.opsAt ?? null, order: later?.orderAt ?? null });
    const { facts } = stop;
    await tx.send(
      `UPDATE subscriptions SET contact_id = $2, status = $3, status_at = $4, product = $5, source = $6, coupon = $7, reason = $8,
         total_cents = $9, started_at = $10, reminders_suppressed = $11, resumed_at = $12, resumed_by = $13
       WHERE id = $1`,
      [
        id,
        stop.contactId,
        stop.word,
        stop.at,
        facts.product ?? null,
        facts.source ?? null,
        facts.coupon ?? null,
        facts.reason ?? null,
        facts.totalCents ?? null,
        facts.startedAt === undefined ? null : new Date(facts.startedAt),
        resumption === undefined,
        resumption?.at ?? null,
        resumption?.by ?? null,
      ],
    );
  }
}
