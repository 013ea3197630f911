import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import {
  orderFor,
  pairsOf,
  type OwnPrescription,
  type PlacedOrder,
  type PlacedPrescription,
  type WrittenPrescription,
} from './placement.policy.js';
import { OrderFollowing } from './order-following.js';
import { orderPatientSql } from './order-patient.sql.js';
import { OrdersStore } from './orders.store.js';
import { SubscriptionsStore } from './subscriptions.store.js';

/** Whom and what a change may concern. */
export interface LinkScope {
  organizationId: string;
  customerIds: readonly string[];
  /** Orders that changed, and names by which written prescriptions may know them. */
  orderIds: readonly string[];
  references: readonly string[];
  /** Of ours, that changed: what was taken for them may be somebody else's now. */
  prescriptionIds: readonly string[];
  /** The job that tells anew. */
  jobId: string | undefined;
}

interface Written extends WrittenPrescription {
  organizationId: string;
  orderId: string | null;
  prescriptionId: string | null;
}

/**
 * Which order a written prescription belongs to, which of ours it is, and what follows for subscriptions and orders. Told anew
 * after every change, from all there is: what was heard first decides nothing.
 */
@Injectable()
export class OrderLinks {
  constructor(
    private readonly orders: OrdersStore,
    private readonly subscriptions: SubscriptionsStore,
    private readonly following: OrderFollowing,
  ) {}

  async tellAnew(tx: Tx, scope: LinkScope): Promise<void> {
    const written = await writtenIn(tx, scope);
    const orders = await ordersIn(tx, scope, written);
    const changed = new Set(scope.orderIds);
    for (const one of written) {
      for (const orderId of await this.place(tx, one, orderFor(one, orders))) changed.add(orderId);
    }
    const endedAt = new Map(orders.map((order) => [order.id, order.endedAt]));
    const placed = written.map((one) => ({ ...one, endedAt: endedAt.get(one.orderId ?? '') ?? null }));
    for (const orderId of await this.pair(tx, placed)) changed.add(orderId);
    await this.subscriptions.refreshOf(tx, scope.customerIds);
    for (const orderId of [...changed].toSorted()) await this.following.follow(tx, orderId, scope.jobId);
  }

  /** @returns the orders it came from and went to */
  private async place(tx: Tx, one: Written, orderId: string | null): Promise<string[]> {
    const sourceKey = `prescription:${one.externalId}`;
    if (one.orderId !== orderId) {
      await tx.send('UPDATE external_prescriptions SET order_id = $2 WHERE id = $1', [one.id, orderId]);
    }
    await tx.send(
      'DELETE FROM order_events WHERE organization_id = $1 AND source_key = $2 AND order_id IS DISTINCT FROM $3',
      [one.organizationId, sourceKey, orderId],
    );
    if (orderId === null) return one.orderId === null ? [] : [one.orderId];
    await this.orders.addEvents(tx, { id: orderId, organizationId: one.organizationId }, [
      { kind: 'prescription', word: null, sourceKey, occurredAt: one.writtenAt },
    ]);
    const moved = one.orderId === orderId ? [] : [one.orderId, orderId];
    one.orderId = orderId;
    return moved.filter((id) => id !== null);
  }

  /** @returns orders whose prescriptions are others now */
  private async pair(tx: Tx, written: readonly (Written & PlacedPrescription)[]): Promise<string[]> {
    const changed: string[] = [];
    for (const patientId of new Set(written.map((one) => one.patientId))) {
      const theirs = written.filter((one) => one.patientId === patientId);
      const pairs = patientId === null ? new Map<string, string>() : pairsOf(theirs, await ownOf(tx, patientId));
      for (const one of theirs) {
        const prescriptionId = pairs.get(one.id) ?? null;
        if (prescriptionId === one.prescriptionId) continue;
        await tx.send('UPDATE external_prescriptions SET prescription_id = $2 WHERE id = $1', [one.id, prescriptionId]);
        if (one.orderId !== null) changed.push(one.orderId);
      }
    }
    return changed;
  }
}

/**
 * What the change concerns, and all else that was written for the same patients: of theirs and ours the one decides what is left
 * for the other, so part of them would be paired otherwise than all.
 */
function writtenIn(tx: Tx, scope: LinkScope): Promise<Written[]> {
  const { organizationId, customerIds, references, orderIds, prescriptionIds } = scope;
  return tx.query<Written>(
    `WITH concerned AS (
       SELECT e.id, e.contact_id, e.prescription_id FROM external_prescriptions e
       LEFT JOIN customer_contacts c ON c.id = e.contact_id
       WHERE e.organization_id = $1 AND (c.customer_id = ANY ($2::uuid[]) OR e.order_reference = ANY ($3::text[])
         OR e.order_id = ANY ($4::uuid[]) OR e.prescription_id = ANY ($5::uuid[]))
     ), patients(id) AS (
       SELECT patient_id FROM customer_contacts WHERE customer_id = ANY ($2::uuid[])
       UNION SELECT c.patient_id FROM concerned JOIN customer_contacts c ON c.id = concerned.contact_id
       -- Somebody else of this patient's may be what a concerned one was taken for.
       UNION SELECT p.patient_id FROM concerned JOIN prescriptions p ON p.id = concerned.prescription_id
     )
     SELECT e.id, e.organization_id AS "organizationId", e.external_id AS "externalId", c.customer_id AS "customerId",
       e.order_reference AS "orderReference", e.drug_name AS "drugName", e.written_at AS "writtenAt",
       e.order_id AS "orderId", e.prescription_id AS "prescriptionId", c.patient_id AS "patientId"
     FROM external_prescriptions e LEFT JOIN customer_contacts c ON c.id = e.contact_id
     WHERE e.organization_id = $1 AND (e.id IN (SELECT id FROM concerned) OR c.patient_id IN (SELECT id FROM patients))
     ORDER BY e.written_at, e.external_id`,
    [organizationId, customerIds, references, orderIds, prescriptionIds],
  );
}

function ordersIn(tx: Tx, { organizationId }: LinkScope, written: readonly Written[]): Promise<PlacedOrder[]> {
  return tx.query<PlacedOrder>(
    `SELECT o.id, o.external_id AS "externalId", o.number, c.customer_id AS "customerId", o.placed_at AS "placedAt",
       ${orderPatientSql('o', 'c')} AS "patientId",
       (SELECT min(e.occurred_at) FROM order_events e WHERE e.order_id = o.id AND e.kind = 'status'
          AND e.word IN ('delivered', 'cancelled', 'refunded')) AS "endedAt"
     FROM orders o LEFT JOIN customer_contacts c ON c.id = o.contact_id
     WHERE o.organization_id = $1 AND (c.customer_id = ANY ($2::uuid[]) OR o.external_id = ANY ($3::text[]) OR o.number = ANY ($3::text[]))`,
    [
      organizationId,
      written.flatMap(({ customerId }) => (customerId === null ? [] : [customerId])),
      written.flatMap(({ orderReference }) => (orderReference === null ? [] : [orderReference])),
    ],
  );
}

function ownOf(tx: Tx, patientId: string): Promise<OwnPrescription[]> {
  return tx.query<OwnPrescription>(
    `SELECT id, drug_description AS "drugDescription", prescriber_order_number AS "prescriberOrderNumber",
       received_at AS "receivedAt"
     FROM prescriptions WHERE patient_id = $1`,
    [patientId],
  );
}
