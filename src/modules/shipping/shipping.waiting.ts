import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Pharmacies } from '../directory/index.js';
import { Waiting, type Prescription, type PrescriptionState, type WaitingReason } from '../prescriptions/index.js';
import { awaitedParcels } from './deliveries.policy.js';
import type { Shipment } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';

type Reason = Omit<WaitingReason, 'since' | 'details'>;

const atPharmacy = (code: string, waitsFor: string): Reason => ({
  code,
  waitsFor,
  who: 'pharmacy',
  next: 'The pharmacy reports each step; nothing to do. If it stays silent, speak to it.',
});
const onTheWay = (code: string, waitsFor: string): Reason => ({
  code,
  waitsFor,
  who: 'carrier',
  next: 'The carrier reports each scan, and is asked when it stays silent.',
});

const reasons = {
  paid: {
    code: 'shipping.preparing',
    waitsFor: 'the label, or the order at the partner pharmacy',
    who: 'platform',
    next: 'It is bought or placed within seconds; nothing to do.',
  },
  sent_to_pharmacy: atPharmacy('shipping.at-pharmacy', 'the pharmacy to acknowledge the order'),
  pharmacy_received: atPharmacy('shipping.pharmacy-received', 'the pharmacy to start'),
  processing: atPharmacy('shipping.processing', 'the pharmacy to fill it'),
  ready_for_pickup: atPharmacy('shipping.ready', 'the pharmacy to ship it, or the patient to pick it up'),
  shipped: onTheWay('shipping.first-scan', 'the carrier to take the parcel'),
  in_transit: onTheWay('shipping.in-transit', 'the parcel to reach the patient’s town'),
  out_for_delivery: onTheWay('shipping.out-for-delivery', 'the parcel to be handed over'),
  delivered: {
    code: 'shipping.delivered',
    waitsFor: 'the closing steps: last message and audit entry',
    who: 'platform',
    next: 'It is completed within seconds; nothing to do.',
  },
} as const satisfies Readonly<Partial<Record<PrescriptionState, Reason>>>;

const voidedLabel: Reason = {
  code: 'shipping.label-voided',
  waitsFor: 'a new label: the one that was bought is voided',
  who: 'ops',
  next: 'Cancel the prescription, or buy a new label: POST /api/shipments/:id/void with `replace`.',
};

const otherParcel: Reason = {
  ...onTheWay('shipping.other-parcel', 'the other parcel: not all of them have arrived yet'),
  next: 'The carrier reports each scan, and is asked when it stays silent. If there is no such parcel: void a label of ours that was never used (POST /api/shipments/:id/void), or have the pharmacy report the whole order delivered, without a number.',
};

type OwnState = keyof typeof reasons;

const onItsWay: ReadonlySet<PrescriptionState> = new Set(['shipped', 'in_transit', 'out_for_delivery']);

/** Explains every state between payment and the door. */
@Injectable()
export class ShippingWaiting implements OnModuleInit {
  constructor(
    private readonly waiting: Waiting,
    private readonly shipments: ShipmentsStore,
    private readonly pharmacies: Pharmacies,
  ) {}

  onModuleInit(): void {
    const states = Object.keys(reasons) as OwnState[];
    this.waiting.register({ states, explain: (tx, prescription) => this.explain(tx, prescription) });
  }

  private async explain(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { id, state, stateSince, pharmacyId } = prescription;
    const parcels = await this.shipments.ofPrescription(tx, id);
    const events = await this.shipments.eventsOfPrescription(tx, id);
    const pharmacy = pharmacyId === null ? undefined : await this.pharmacies.find(tx, pharmacyId);
    const awaited = onItsWay.has(state) ? awaitedParcels(parcels) : [];
    const parcel = awaited.at(-1) ?? parcels.findLast(({ voidedAt }) => voidedAt === null);
    const last = events.at(-1);
    const usual = awaited.length > 0 ? otherParcel : reasons[state as OwnState];
    const reason = state === 'shipped' && allVoided(parcels) ? voidedLabel : usual;
    return {
      ...reason,
      since: stateSince,
      details: {
        pharmacyId,
        pharmacyKind: pharmacy?.kind ?? null,
        parcels: parcels.length,
        awaitedShipmentIds: awaited.map((shipment) => shipment.id),
        carrier: parcel?.carrier ?? null,
        shipmentStatus: parcel?.status ?? null,
        estimatedDelivery: parcel?.estimatedDelivery ?? null,
        lastEvent: last === undefined ? null : { status: last.status, substatus: last.substatus, at: last.occurredAt },
        nextPollAt: parcel?.nextPollAt ?? null,
      },
    };
  }
}

function allVoided(parcels: readonly Shipment[]): boolean {
  return parcels.length > 0 && parcels.every(({ voidedAt }) => voidedAt !== null);
}
