import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Prescriptions, type Trigger } from '../prescriptions/index.js';
import { isBelievable } from '../webhooks/index.js';
import type { Shipment } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';
import { actionOf, nextPollAt, standingOf, type TrackingReport, type TrackingSource } from './tracking.policy.js';

export interface ReportedBy {
  source: TrackingSource;
  trigger: Trigger;
  /** When it was heard, if not just now: stands for a time that cannot be meant. */
  heardAt?: Date;
  webhookEventId?: string;
}

/** Keeps what is said of parcels, and passes on what it means for their prescriptions. */
@Injectable()
export class Tracking {
  constructor(
    private readonly prescriptions: Prescriptions,
    private readonly shipments: ShipmentsStore,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TRACKING_POLL_MINUTES'>,
  ) {}

  /** A carrier's report: of the parcel, and by it of the prescription. Late, repeated and reordered ones end in the same rows. */
  async carrierReport(tx: Tx, shipment: Shipment, told: TrackingReport, by: ReportedBy): Promise<void> {
    const { heardAt = this.clock.now() } = by;
    const report = isBelievable(told.occurredAt, heardAt) ? told : { ...told, occurredAt: heardAt };
    // The prescription first, as every other writer does.
    await Promise.all([
      this.prescriptions.lock(tx, shipment.prescriptionId),
      this.parcelReport(tx, shipment, report, by.source),
    ]);
    const action = actionOf[report.status];
    if (action === undefined) return;
    await this.prescriptions.report(tx, {
      id: shipment.prescriptionId,
      action,
      actor: { kind: 'carrier', ...(shipment.carrier !== null && { id: shipment.carrier }) },
      trigger: by.trigger,
      occurredAt: report.occurredAt,
      sourceKey: `shippo:${report.dedupeKey}`,
      ...(report.substatus !== undefined && { reason: report.substatus }),
      ...(by.webhookEventId !== undefined && { webhookEventId: by.webhookEventId }),
    });
  }

  /** What is said of the parcel alone. */
  async parcelReport(tx: Tx, shipment: Shipment, report: TrackingReport, source: TrackingSource): Promise<void> {
    if (await this.shipments.addEvent(tx, shipment, report, source)) await this.settle(tx, shipment.id);
  }

  /** Reads a parcel's standing from its events anew. */
  async settle(tx: Tx, shipmentId: string): Promise<void> {
    const [shipment, events] = await Promise.all([
      this.shipments.get(tx, shipmentId),
      this.shipments.eventsOfShipment(tx, shipmentId),
    ]);
    if (shipment === undefined) return;
    const standing = standingOf(events, shipment.voidedAt !== null);
    const next = nextPollAt(standing, {
      shippedAt: shipment.shippedAt ?? shipment.createdAt,
      now: this.clock.now(),
      everyMinutes: this.config.TRACKING_POLL_MINUTES,
    });
    await this.shipments.setStanding(tx, shipmentId, standing, next);
  }
}
