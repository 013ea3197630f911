import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Prescriptions, systemActor, type PrescriptionState } from '../prescriptions/index.js';
import { ToldParcels } from '../shipping/index.js';
import type { NamedParcel } from './order.policy.js';
import { OrdersStore, type NewOrderEvent } from './orders.store.js';
import { actionOfWord, endingWords, wordOfState, type OrderWord } from './wire/words.policy.js';

interface FollowedOrder {
  id: string;
  organizationId: string;
  placedAt: Date;
}

interface Said {
  word: OrderWord;
  sourceKey: string;
  webhookEventId: string | null;
  at: Date;
}

/** What there is to tell a prescription of its order. */
interface Told {
  order: FollowedOrder;
  said: readonly Said[];
  parcels: readonly NamedParcel[];
  /** The job that tells it. */
  jobId: string | undefined;
}

/**
 * Order and prescription follow each other: what CarePortals says is reported to our prescription, the moves of our prescription
 * become events of the order. Neither runs in a circle, because only CarePortals' own words are reported, and nothing is told
 * to CarePortals, which has no interface for it.
 */
@Injectable()
export class OrderFollowing {
  constructor(
    private readonly orders: OrdersStore,
    private readonly prescriptions: Prescriptions,
    private readonly parcels: ToldParcels,
  ) {}

  async follow(tx: Tx, orderId: string, jobId: string | undefined): Promise<void> {
    const order = await orderOf(tx, orderId);
    if (order === undefined) return;
    const linked = await linkedTo(tx, orderId);
    const said = await saidOf(tx, orderId);
    const parcels = linked.length === 0 ? [] : await this.orders.parcels(tx, orderId);
    for (const prescriptionId of linked) await this.tell(tx, { order, said, parcels, jobId }, prescriptionId);
    const moves: NewOrderEvent[] = [];
    for (const prescriptionId of linked) moves.push(...(await movesOf(tx, prescriptionId)));
    // Also what is true no more of a prescription that is: a refund a bank sent back.
    await tx.send(`DELETE FROM order_events WHERE order_id = $1 AND kind = 'move' AND source_key <> ALL ($2::text[])`, [
      orderId,
      moves.map(({ sourceKey }) => sourceKey),
    ]);
    await this.orders.addEvents(tx, order, moves);
    await this.orders.settle(tx, orderId);
  }

  /** What happened to the parcel, or ended the order. Our own gates stand: before payment such a word is history only. */
  private async tell(tx: Tx, { order, said, parcels, jobId }: Told, prescriptionId: string): Promise<void> {
    for (const { word, sourceKey, webhookEventId, at } of said) {
      const action = actionOfWord[word];
      if (action === undefined) continue;
      await this.prescriptions.report(tx, {
        id: prescriptionId,
        action,
        actor: systemActor,
        trigger: 'webhook',
        occurredAt: at,
        // Without our id of the order, which ends when two orders turn out to be one.
        sourceKey: `careportals:${sourceKey}`,
        reason: `careportals.order-${word}`,
        ...(webhookEventId !== null && { webhookEventId }),
        jobId,
      });
    }
    if (parcels.length === 0) return;
    const prescription = await this.prescriptions.get(tx, prescriptionId);
    const at = said.findLast(({ word }) => word === 'shipped')?.at ?? order.placedAt;
    for (const { number, carrier, estimatedDelivery } of parcels) {
      await this.parcels.told(tx, prescription, { trackingNumber: number, carrier, estimatedDelivery, at });
    }
  }
}

function orderOf(tx: Tx, orderId: string): Promise<FollowedOrder | undefined> {
  return tx.one<FollowedOrder>(
    `SELECT id, organization_id AS "organizationId", placed_at AS "placedAt" FROM orders WHERE id = $1`,
    [orderId],
  );
}

async function linkedTo(tx: Tx, orderId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT DISTINCT prescription_id AS id FROM external_prescriptions
     WHERE order_id = $1 AND prescription_id IS NOT NULL ORDER BY 1`,
    [orderId],
  );
  return rows.map(({ id }) => id);
}

function saidOf(tx: Tx, orderId: string): Promise<Said[]> {
  return tx.query<Said>(
    `SELECT word, source_key AS "sourceKey", webhook_event_id AS "webhookEventId", occurred_at AS at
     FROM order_events WHERE order_id = $1 AND kind = 'status' ORDER BY occurred_at, source_key`,
    [orderId],
  );
}

/**
 * Moves that CarePortals' own word made are not told back. A word is reached when its first state is; an ending counts from its
 * last time. Money given back in full ends the order too.
 */
async function movesOf(tx: Tx, prescriptionId: string): Promise<NewOrderEvent[]> {
  const reached = await tx.query<{ state: PrescriptionState; first: Date; last: Date }>(
    `SELECT to_state AS state, min(occurred_at) AS first, max(occurred_at) AS last FROM prescription_status_events
     WHERE prescription_id = $1 AND moved AND coalesce(source_key, '') NOT LIKE 'careportals:%'
     GROUP BY to_state`,
    [prescriptionId],
  );
  const refund = await tx.one<{ at: Date | null }>(
    `SELECT max(r.confirmed_at) AS at FROM refunds r JOIN invoices i ON i.id = r.invoice_id
     WHERE i.prescription_id = $1 AND i.status = 'refunded' AND r.status = 'succeeded'`,
    [prescriptionId],
  );
  const times = new Map<OrderWord, Date>();
  for (const { state, first, last } of reached) {
    const word = wordOfState[state];
    const [known, at] = [times.get(word), endingWords.has(word) ? last : first];
    if (known === undefined || (endingWords.has(word) ? at > known : at < known)) times.set(word, at);
  }
  if (refund?.at instanceof Date) times.set('refunded', refund.at);
  return [...times].map(([word, occurredAt]) => ({
    kind: 'move',
    word,
    prescriptionId,
    sourceKey: `move:${prescriptionId}:${word}`,
    occurredAt,
  }));
}
