import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { PrescriptionState } from '../prescriptions/index.js';
import { Shipment, type ShipmentKind } from './shipment.entity.js';
import { TrackingEvent } from './tracking-event.entity.js';
import { pollJob } from './shipping.jobs.js';
import {
  daysAsked,
  nextPollAt,
  type ParcelStanding,
  type TrackingReport,
  type TrackingSource,
} from './tracking.policy.js';

export interface NewShipment {
  prescriptionId: string;
  organizationId: string;
  pharmacyId: string | null;
  kind: ShipmentKind;
  carrier: string | null;
  trackingNumber: string;
  serviceLevel?: string | undefined;
  labelKey?: string | undefined;
  rateId?: string | undefined;
  transactionId?: string | undefined;
  costCents?: number | undefined;
  currency?: string | undefined;
  signatureRequired?: boolean | undefined;
  estimatedDelivery?: string | undefined;
  purchasedAt?: Date | undefined;
  shippedAt: Date;
  nextPollAt: Date | null;
}

/** A parcel to ask the carrier about. */
export type DueParcel = Pick<Shipment, 'id' | 'prescriptionId' | 'organizationId'>;

/** One nobody is asked about any more, and where its prescription stands. */
export type GivenUpParcel = DueParcel & Pick<Shipment, 'status'> & { state: PrescriptionState };

@Injectable()
export class ShipmentsStore {
  constructor(private readonly clock: Clock) {}

  /** A parcel that is known stays as it is. @returns its id, and whether it is new */
  async add(tx: Tx, shipment: NewShipment): Promise<{ id: string; added: boolean }> {
    const [row] = await tx.query<{ id: string }>(
      `INSERT INTO shipments (id, prescription_id, organization_id, pharmacy_id, kind, carrier, service_level, tracking_number,
         status, label_key, rate_id, transaction_id, cost_cents, currency, signature_required, estimated_delivery, purchased_at,
         shipped_at, next_poll_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pre_transit', $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
       ON CONFLICT DO NOTHING RETURNING id`,
      [
        newId(),
        shipment.prescriptionId,
        shipment.organizationId,
        shipment.pharmacyId,
        shipment.kind,
        shipment.carrier,
        shipment.serviceLevel ?? null,
        shipment.trackingNumber,
        shipment.labelKey ?? null,
        shipment.rateId ?? null,
        shipment.transactionId ?? null,
        shipment.costCents ?? null,
        shipment.currency ?? null,
        shipment.signatureRequired ?? false,
        shipment.estimatedDelivery ?? null,
        shipment.purchasedAt ?? null,
        shipment.shippedAt,
        shipment.nextPollAt,
        this.clock.now(),
      ],
    );
    if (row !== undefined) return { id: row.id, added: true };
    const known = await tx.one<{ id: string }>(
      'SELECT id FROM shipments WHERE prescription_id = $1 AND tracking_number = $2',
      [shipment.prescriptionId, shipment.trackingNumber],
    );
    if (known === undefined) throw new Error('a label is booked on another prescription');
    return { id: known.id, added: false };
  }

  /**
   * What another word says of a pharmacy's own parcel: it left at the earliest time named, and whoever names the carrier may; the
   * carrier is asked from then on.
   */
  async complete(
    tx: Tx,
    id: string,
    said: { carrier: string | null; shippedAt: Date; estimatedDelivery: string | null; everyMinutes: number },
  ): Promise<{ namesCarrier: boolean }> {
    const before = await tx.one<Pick<Shipment, 'carrier' | 'status'> & { shippedAt: Date }>(
      `SELECT carrier, status, least(shipped_at, $2) AS "shippedAt" FROM shipments
       WHERE id = $1 AND kind = 'partner' FOR NO KEY UPDATE`,
      [id, said.shippedAt],
    );
    if (before === undefined) return { namesCarrier: false };
    const namesCarrier = before.carrier === null && said.carrier !== null;
    const { shippedAt } = before;
    const next = namesCarrier
      ? nextPollAt(before, { shippedAt, now: this.clock.now(), everyMinutes: said.everyMinutes })
      : undefined;
    await tx.send(
      `UPDATE shipments SET carrier = coalesce(carrier, $2), shipped_at = least(shipped_at, $3),
         estimated_delivery = coalesce(estimated_delivery, $4), next_poll_at = coalesce(next_poll_at, $5)
       WHERE id = $1 AND (shipped_at > $3 OR (carrier IS NULL AND $2::text IS NOT NULL)
         OR (estimated_delivery IS NULL AND $4::date IS NOT NULL))`,
      [id, said.carrier, said.shippedAt, said.estimatedDelivery, next ?? null],
    );
    return { namesCarrier };
  }

  async get(tx: Tx, id: string): Promise<Shipment | undefined> {
    return await tx.row(Shipment, { id });
  }

  /** Oldest first. */
  ofPrescription(tx: Tx, prescriptionId: string): Promise<Shipment[]> {
    return tx.rows(Shipment, { prescriptionId }, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** One parcel may carry several prescriptions, so one number may be several rows. */
  byTrackingNumber(tx: Tx, trackingNumber: string): Promise<Shipment[]> {
    return tx.rows(Shipment, { trackingNumber }, { order: { id: 'ASC' } });
  }

  eventsOfPrescription(tx: Tx, prescriptionId: string): Promise<TrackingEvent[]> {
    return tx.rows(TrackingEvent, { prescriptionId }, { order: { occurredAt: 'ASC', id: 'ASC' } });
  }

  eventsOfShipment(tx: Tx, shipmentId: string): Promise<TrackingEvent[]> {
    return tx.rows(TrackingEvent, { shipmentId }, { order: { occurredAt: 'ASC', id: 'ASC' } });
  }

  /** @returns false when the report was there already */
  async addEvent(tx: Tx, shipment: Shipment, report: TrackingReport, source: TrackingSource): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO tracking_events (id, shipment_id, prescription_id, organization_id, source, status, substatus, city, state,
         estimated_delivery, occurred_at, recorded_at, dedupe_key)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       ON CONFLICT (shipment_id, dedupe_key) DO NOTHING RETURNING id`,
      [
        newId(),
        shipment.id,
        shipment.prescriptionId,
        shipment.organizationId,
        source,
        report.status,
        report.substatus ?? null,
        report.city ?? null,
        report.state ?? null,
        report.estimatedDelivery ?? null,
        report.occurredAt,
        this.clock.now(),
        report.dedupeKey,
      ],
    );
    return rows.length === 1;
  }

  /** @param nextPollAt undefined leaves the time as it is in the row: who gives the parcel up may be setting it just now */
  async setStanding(tx: Tx, id: string, standing: ParcelStanding, nextPollAt: Date | null | undefined): Promise<void> {
    const { status, handedOverAt, deliveredAt, estimatedDelivery } = standing;
    await tx.send(
      `UPDATE shipments SET status = $2, handed_over_at = $3, delivered_at = $4,
         estimated_delivery = coalesce($5, estimated_delivery), next_poll_at = CASE WHEN $7 THEN $6 ELSE next_poll_at END
       WHERE id = $1`,
      [id, status, handedOverAt, deliveredAt, estimatedDelivery, nextPollAt ?? null, nextPollAt !== undefined],
    );
  }

  async setVoided(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE shipments SET voided_at = coalesce(voided_at, $2) WHERE id = $1', [id, this.clock.now()]);
  }

  /**
   * Parcels nobody has heard of for too long, with their next time already set: a crash asks again one interval later. While a
   * question is still open, because the carrier is away, there is no second one.
   */
  takeDue(tx: Tx, everyMinutes: number, most: number): Promise<DueParcel[]> {
    const now = this.clock.now();
    return tx.query(
      `UPDATE shipments s SET next_poll_at = $2 FROM (
         SELECT id FROM shipments parcel WHERE next_poll_at <= $1 AND carrier IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM outbox_events o
           WHERE o.aggregate_id = parcel.prescription_id AND o.subscriber = $4 AND o.done_at IS NULL)
         ORDER BY next_poll_at LIMIT $3 FOR UPDATE SKIP LOCKED
       ) due WHERE s.id = due.id
       RETURNING s.id, s.prescription_id AS "prescriptionId", s.organization_id AS "organizationId"`,
      [now, new Date(now.getTime() + everyMinutes * 60_000), most, pollJob.name],
    );
  }

  /** Those whose time is over (tracking.policy), each once. */
  giveUp(tx: Tx, most: number): Promise<GivenUpParcel[]> {
    return tx.query(
      `UPDATE shipments s SET next_poll_at = NULL FROM (
         SELECT id FROM shipments WHERE next_poll_at <= $1 AND coalesce(shipped_at, created_at) <
           $1::timestamptz - CASE status WHEN 'failure' THEN $2::integer ELSE $3::integer END * interval '1 day'
         ORDER BY next_poll_at LIMIT $4 FOR UPDATE SKIP LOCKED
       ) over, prescriptions p WHERE s.id = over.id AND p.id = s.prescription_id
       RETURNING s.id, s.prescription_id AS "prescriptionId", s.organization_id AS "organizationId", s.status, p.state`,
      [this.clock.now(), daysAsked('failure'), daysAsked('in_transit'), most],
    );
  }

  async setPolled(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE shipments SET last_polled_at = $2 WHERE id = $1', [id, this.clock.now()]);
  }
}
