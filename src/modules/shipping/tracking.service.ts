import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { outcomeOf, Prescriptions, type Actor, type Report, type Trigger } from '../prescriptions/index.js';
import { isBelievable } from '../webhooks/index.js';
import type { Shipment } from './shipment.entity.js';
import { completesDelivery } from './deliveries.policy.js';
import { ShipmentsStore, type DueParcel } from './shipments.store.js';
import type { TrackingEvent } from './tracking-event.entity.js';
import {
  actionOf,
  nextPollAt,
  standingOf,
  triggerOf,
  type TrackingReport,
  type TrackingSource,
} from './tracking.policy.js';

export interface ReportedBy {
  source: TrackingSource;
  trigger: Trigger;
  /** When it was heard, if not just now: stands for a time that cannot be meant. */
  heardAt?: Date;
  webhookEventId?: string;
  /** The job that heard it. */
  jobId?: string | undefined;
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
    await this.passOn(tx, {
      id: shipment.prescriptionId,
      action,
      actor: actorOf(shipment, by.source),
      trigger: by.trigger,
      occurredAt: report.occurredAt,
      sourceKey: sourceKeyOf(by.source, report.dedupeKey),
      ...(report.substatus !== undefined && { reason: report.substatus }),
      ...(by.webhookEventId !== undefined && { webhookEventId: by.webhookEventId }),
      jobId: by.jobId,
    });
  }

  /** What was said of a parcel, and is kept there, told to its prescription. A delivery of one of several waits for the others. */
  async passOn(tx: Tx, report: Report): Promise<void> {
    if (report.action !== 'deliver') await this.prescriptions.report(tx, report);
    if (outcomeOf[report.action] !== undefined) await this.passOnDeliveries(tx, report.id, report);
  }

  /**
   * Tells the prescription of the deliveries that have become its own; those it knows are told in vain.
   * @param said the report among them that is being handled, with all that is known of it
   */
  async passOnDeliveries(tx: Tx, prescriptionId: string, said?: Report): Promise<void> {
    const [shipments, events] = await Promise.all([
      this.shipments.ofPrescription(tx, prescriptionId),
      this.shipments.eventsOfPrescription(tx, prescriptionId),
    ]);
    const parcels = shipments.map((shipment) => ({
      shipment,
      id: shipment.id,
      status: shipment.status,
      events: events.filter(({ shipmentId }) => shipmentId === shipment.id),
    }));
    for (const { shipment, events: told } of parcels) {
      for (const event of told) {
        if (event.status !== 'delivered' || !completesDelivery(event, parcels)) continue;
        const report = { ...deliveryOf(shipment, event), jobId: said?.jobId };
        await this.prescriptions.report(tx, report.sourceKey === said?.sourceKey ? said : report);
      }
    }
  }

  /** What is said of the parcel alone. */
  async parcelReport(tx: Tx, shipment: Shipment, report: TrackingReport, source: TrackingSource): Promise<void> {
    if (await this.shipments.addEvent(tx, shipment, report, source)) await this.settle(tx, shipment.id);
  }

  /** Parcels to be asked about now. */
  takeDue(tx: Tx, most: number): Promise<DueParcel[]> {
    return this.shipments.takeDue(tx, this.config.TRACKING_POLL_MINUTES, most);
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

/** As the parcel's own rows tell it. */
function deliveryOf(shipment: Shipment, { source, occurredAt, dedupeKey, substatus }: TrackingEvent): Report {
  return {
    id: shipment.prescriptionId,
    action: 'deliver',
    actor: actorOf(shipment, source),
    trigger: triggerOf[source],
    occurredAt,
    sourceKey: sourceKeyOf(source, dedupeKey),
    ...(substatus !== null && { reason: substatus }),
  };
}

function actorOf({ carrier, pharmacyId }: Shipment, source: TrackingSource): Actor {
  const [kind, id] = source === 'lifefile' ? (['pharmacy', pharmacyId] as const) : (['carrier', carrier] as const);
  return { kind, ...(id !== null && { id }) };
}

/** A poll finds what a webhook would have told: the same report. */
export function sourceKeyOf(source: TrackingSource, dedupeKey: string): string {
  return `${source === 'lifefile' ? 'lifefile' : 'shippo'}:${dedupeKey}`;
}
