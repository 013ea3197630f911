import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { OrderDetailsStore } from './order-details.store.js';
import { findingsOf, mergedOrder, parcelsOf, type NamedParcel, type OrderSaying } from './order.policy.js';
import { standingOf, type StatusNews } from './order-standing.policy.js';
import type { OrderNames, OrderNews, OrderPart } from './wire/parts.js';
import type { OrderWord } from './wire/words.policy.js';

export interface KnownOrder {
  id: string;
  externalId: string | null;
  number: string | null;
}

export interface NewOrderEvent {
  kind: 'status' | 'move' | 'prescription';
  word: OrderWord | null;
  prescriptionId?: string;
  sourceKey: string;
  webhookEventId?: string;
  occurredAt: Date;
}

const partPlace = (id: string) => ({ table: 'order_reports', column: 'part_sealed', row: id });

/** Orders and everything that was said of them. */
@Injectable()
export class OrdersStore {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly details: OrderDetailsStore,
  ) {}

  /**
   * Orders that have one of the names; more than one is two orders that were told of by one name each.
   * @param either a name that may be the one or the other
   */
  named(tx: Tx, organizationId: string, { externalId, number }: OrderNames, either?: string): Promise<KnownOrder[]> {
    return tx.query<KnownOrder>(
      `SELECT id, external_id AS "externalId", number FROM orders
       WHERE organization_id = $1 AND (external_id IN ($2, $4) OR number IN ($3, $4)) ORDER BY id`,
      [organizationId, externalId ?? null, number ?? null, either ?? null],
    );
  }

  async insert(tx: Tx, organizationId: string, names: OrderNames, placedAt: Date): Promise<string> {
    const id = newId();
    await tx.send(
      `INSERT INTO orders (id, organization_id, external_id, number, status, status_at, placed_at, created_at)
       VALUES ($1, $2, $3, $4, 'pending', $5, $5, $6)`,
      [id, organizationId, names.externalId ?? null, names.number ?? null, placedAt, this.clock.now()],
    );
    return id;
  }

  /** Two orders turned out to be one: what was said of the second is said of the first. */
  async absorb(tx: Tx, orderId: string, goneId: string): Promise<void> {
    for (const [table, key] of [
      ['order_reports', 'digest'],
      ['order_events', 'source_key'],
    ]) {
      await tx.send(
        `DELETE FROM ${table} gone USING ${table} kept
         WHERE gone.order_id = $2 AND kept.order_id = $1 AND gone.${key} = kept.${key}`,
        [orderId, goneId],
      );
      await tx.send(`UPDATE ${table} SET order_id = $1 WHERE order_id = $2`, [orderId, goneId]);
    }
    await tx.send('UPDATE external_prescriptions SET order_id = NULL WHERE order_id = $1', [goneId]);
    await tx.send('DELETE FROM order_line_items WHERE order_id = $1', [goneId]);
    await tx.send('DELETE FROM order_addresses WHERE order_id = $1', [goneId]);
    await tx.send('DELETE FROM orders WHERE id = $1', [goneId]);
  }

  async report(
    tx: Tx,
    about: { orderId: string; organizationId: string; contactId: string | undefined; webhookEventId: string },
    { part, contact }: Pick<OrderNews, 'part' | 'contact'>,
    saidAt: Date,
  ): Promise<void> {
    const id = newId();
    const written = JSON.stringify(part);
    const content = JSON.stringify([part, contact, saidAt.toISOString()]);
    await tx.send(
      `INSERT INTO order_reports (id, organization_id, order_id, contact_id, digest, said_at, part_sealed, webhook_event_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT order_reports_once DO NOTHING`,
      [
        id,
        about.organizationId,
        about.orderId,
        about.contactId ?? null,
        this.keyring.blindIndex('order_reports', content),
        saidAt,
        this.keyring.seal(partPlace(id), written),
        about.webhookEventId,
      ],
    );
  }

  /** Whoever was named with it: a later report may name nobody. */
  async customersOf(tx: Tx, orderId: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT DISTINCT c.customer_id AS id FROM order_reports r JOIN customer_contacts c ON c.id = r.contact_id
       WHERE r.order_id = $1 AND c.customer_id IS NOT NULL`,
      [orderId],
    );
    return rows.map(({ id }) => id);
  }

  /** The same event has the same key and is kept once; of a move that is told again the time may be corrected. */
  async addEvents(tx: Tx, of: { id: string; organizationId: string }, events: readonly NewOrderEvent[]): Promise<void> {
    for (const event of events) {
      await tx.send(
        `INSERT INTO order_events (id, organization_id, order_id, kind, word, prescription_id, source_key, webhook_event_id,
           occurred_at, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT ON CONSTRAINT order_events_once DO UPDATE SET occurred_at = excluded.occurred_at
           WHERE order_events.kind <> 'status' AND order_events.occurred_at <> excluded.occurred_at`,
        [
          newId(),
          of.organizationId,
          of.id,
          event.kind,
          event.word,
          event.prescriptionId ?? null,
          event.sourceKey,
          event.webhookEventId ?? null,
          event.occurredAt,
          this.clock.now(),
        ],
      );
    }
  }

  /** Writes the order anew from all that was said of it. */
  async refresh(tx: Tx, orderId: string): Promise<void> {
    const sayings = await this.sayings(tx, orderId);
    const order = mergedOrder(sayings);
    const contactId = sayings.toSorted(bySaying).findLast((saying) => saying.contactId !== null)?.contactId ?? null;
    const { tracking = {} } = order;
    const first = sayings.map(({ saidAt }) => saidAt).toSorted((a, b) => a.getTime() - b.getTime())[0];
    await tx.send(
      `UPDATE orders SET external_id = coalesce($2, external_id), number = coalesce($3, number), contact_id = $4, source = $5,
         coupon = $6, currency = $7, base_cents = $8, discount_cents = $9, credit_cents = $10, total_cents = $11,
         reduction_type = $12, findings = $13, tracking_number = $14, carrier = $15, tracking_url = $16,
         estimated_delivery = $17, placed_at = $18
       WHERE id = $1`,
      [
        orderId,
        order.externalId ?? null,
        order.number ?? null,
        contactId,
        order.source ?? null,
        order.coupon ?? null,
        order.currency ?? 'USD',
        order.baseCents ?? null,
        order.discountCents ?? null,
        order.creditCents ?? null,
        order.totalCents ?? null,
        order.reductionType ?? null,
        JSON.stringify(findingsOf(order)),
        tracking.number ?? null,
        tracking.carrier ?? null,
        tracking.url ?? null,
        dateOf(tracking.estimatedDelivery),
        order.placedAt === undefined ? (first ?? this.clock.now()) : new Date(order.placedAt),
      ],
    );
    await this.details.write(tx, orderId, order);
  }

  /** The parcels all bodies together name; days as written. */
  async parcels(tx: Tx, orderId: string): Promise<NamedParcel[]> {
    return parcelsOf(await this.sayings(tx, orderId)).map(({ estimatedDelivery, ...parcel }) => {
      const day = dateOf(estimatedDelivery);
      return { ...parcel, ...(day !== null && { estimatedDelivery: day }) };
    });
  }

  /** Reads the order's standing from its events anew. */
  async settle(tx: Tx, orderId: string): Promise<void> {
    const news = await tx.query<StatusNews>(
      `SELECT prescription_id AS "prescriptionId", word, occurred_at AS at FROM order_events
       WHERE order_id = $1 AND word IS NOT NULL`,
      [orderId],
    );
    const standing = standingOf(news);
    if (standing === undefined) return;
    await tx.send(
      'UPDATE orders SET status = $2, status_at = $3 WHERE id = $1 AND (status, status_at) IS DISTINCT FROM ($2, $3)',
      [orderId, standing.word, standing.since],
    );
  }

  private async sayings(tx: Tx, orderId: string): Promise<(OrderSaying & { contactId: string | null })[]> {
    const rows = await tx.query<{ id: string; digest: string; saidAt: Date; contactId: string | null; sealed: Buffer }>(
      `SELECT id, digest, said_at AS "saidAt", contact_id AS "contactId", part_sealed AS sealed
       FROM order_reports WHERE order_id = $1`,
      [orderId],
    );
    return rows.map(({ sealed, ...saying }) => ({
      ...saying,
      part: JSON.parse(this.keyring.openText(partPlace(saying.id), sealed)) as OrderPart,
    }));
  }
}

function bySaying(a: OrderSaying, b: OrderSaying): number {
  return a.saidAt.getTime() - b.saidAt.getTime() || (a.digest < b.digest ? -1 : Number(a.digest > b.digest));
}

/** The day as written; what is no day of the calendar is left out. */
function dateOf(written: string | undefined): string | null {
  const [day = ''] = /^\d{4}-\d{2}-\d{2}/.exec(written ?? '') ?? [];
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(day) || day === '' ? null : day;
}
