import type { PrescriptionState } from '../prescriptions/index.js';
import type { ShipmentStatus, TrackingStatus } from './tracking.policy.js';

/** Where a prescription goes on with a report of its parcels. */
export const waitsForParcels: ReadonlySet<PrescriptionState> = new Set(['shipped', 'in_transit', 'out_for_delivery']);

export interface ParcelOutcomes {
  id: string;
  status: ShipmentStatus;
  events: readonly { status: TrackingStatus; occurredAt: Date }[];
}

/**
 * Whether a parcel's delivery is its prescription's, too: with the last of its parcels the patient has all of it. Parcels that
 * failed, went back or were voided are not waited for. Further reports never take a delivery's meaning away, so their order does
 * not matter.
 */
export function completesDelivery(
  { shipmentId, occurredAt }: { shipmentId: string; occurredAt: Date },
  parcels: readonly ParcelOutcomes[],
): boolean {
  return parcels.every((parcel) => parcel.id === shipmentId || !isAwaitedAt(parcel, occurredAt));
}

const lost: ReadonlySet<TrackingStatus> = new Set(['failure', 'returned']);

function isAwaitedAt({ status, events }: ParcelOutcomes, at: Date): boolean {
  if (status === 'voided' || events.some((event) => lost.has(event.status))) return false;
  return !events.some((event) => event.status === 'delivered' && event.occurredAt <= at);
}

const ended: ReadonlySet<ShipmentStatus> = new Set(['delivered', 'failure', 'returned', 'voided']);

/** What is still on its way, or never left. */
export function openParcels<P extends { status: ShipmentStatus }>(parcels: readonly P[]): P[] {
  return parcels.filter(({ status }) => !ended.has(status));
}

/** What is still on its way after a parcel has arrived. */
export function awaitedParcels<P extends { status: ShipmentStatus }>(parcels: readonly P[]): P[] {
  return parcels.some(({ status }) => status === 'delivered') ? openParcels(parcels) : [];
}
