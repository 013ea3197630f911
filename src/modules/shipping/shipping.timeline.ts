import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { TimelineSources, type TimelineEntry } from '../prescriptions/index.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import type { Shipment } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';
import type { TrackingEvent } from './tracking-event.entity.js';
import { triggerOf } from './tracking.policy.js';

/** Labels, orders at partner pharmacies and every report of a parcel, also those that moved nothing. */
@Injectable()
export class ShippingTimeline implements OnModuleInit {
  constructor(
    private readonly sources: TimelineSources,
    private readonly shipments: ShipmentsStore,
    private readonly orders: PartnerOrdersStore,
  ) {}

  onModuleInit(): void {
    this.sources.register({ name: 'shipping', audience: 'parties', entries: (tx, id) => this.entries(tx, id) });
  }

  private async entries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
    const orders = await this.orders.ofPrescription(tx, prescriptionId);
    const parcels = await this.shipments.ofPrescription(tx, prescriptionId);
    const events = await this.shipments.eventsOfPrescription(tx, prescriptionId);
    return [
      ...orders.map(({ pharmacyId, lifefileOrderId, sentAt }) =>
        ours('shipping.order-placed', sentAt, { pharmacyId, orderId: lifefileOrderId }),
      ),
      ...parcels.flatMap(labelEntries),
      ...events.map(eventEntry),
    ];
  }
}

function labelEntries({ id, purchasedAt, voidedAt, carrier, serviceLevel, trackingNumber }: Shipment): TimelineEntry[] {
  const details = { shipmentId: id, carrier, serviceLevel, trackingNumber };
  return [
    ...(purchasedAt === null ? [] : [ours('shipping.label-bought', purchasedAt, details)]),
    ...(voidedAt === null ? [] : [ours('shipping.label-voided', voidedAt, details)]),
  ];
}

function eventEntry(event: TrackingEvent): TimelineEntry {
  const { shipmentId, source, status, substatus, city, state } = event;
  return {
    at: event.occurredAt,
    recordedAt: event.recordedAt,
    kind: 'tracking',
    code: `tracking.${status}`,
    actor: { kind: source === 'lifefile' ? 'pharmacy' : 'carrier', id: null },
    cause: { trigger: triggerOf[source] },
    details: { shipmentId, substatus, city, state },
  };
}

function ours(code: string, at: Date, details: Readonly<Record<string, unknown>>): TimelineEntry {
  const [actor, cause] = [{ kind: 'system', id: null }, { trigger: 'worker' }];
  return { at, recordedAt: at, kind: 'shipping', code, actor, cause, details };
}
