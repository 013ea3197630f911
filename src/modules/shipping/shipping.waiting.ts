import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Pharmacies } from '../directory/index.js';
import {
  expiredOrder,
  Waiting,
  type FailureAdvice,
  type Prescription,
  type PrescriptionState,
  type WaitingReason,
} from '../prescriptions/index.js';
import { awaitedParcels, openParcels, waitsForParcels } from './deliveries.policy.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import type { Shipment, ShipmentKind } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';
import { orderExpired, orderInDoubt, pharmacyToBeTold } from './shipping.errors.js';
import { givenUpAt } from './tracking.policy.js';

type Reason = Omit<WaitingReason, 'since' | 'details'>;

const atPharmacy = (code: string, waitsFor: string): Reason => ({
  code,
  waitsFor,
  who: 'pharmacy',
  next: 'The pharmacy reports each step; nothing to do. If it stays silent, speak to it.',
});
type Reporter = Pick<Reason, 'who' | 'next'>;

const carrierReports: Reporter = {
  who: 'carrier',
  next: 'The carrier reports each scan, and is asked when it stays silent.',
};
/** When the carrier is not asked: we do not know it, or Shippo is off. */
const othersReport: Readonly<Record<ShipmentKind, Reporter>> = {
  partner: {
    who: 'pharmacy',
    next: 'Nobody asks the carrier of this parcel: the pharmacy reports that it has arrived. If it stays silent, speak to it.',
  },
  platform_label: {
    who: 'ops',
    next: 'Shippo is off, so nobody asks the carrier: look its number up there, or set SHIPPO_API_TOKEN again.',
  },
};
const onTheWay = (code: string, waitsFor: string): Reason => ({ code, waitsFor, ...carrierReports });

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
  ready_for_pickup: {
    ...atPharmacy('shipping.ready', 'the pharmacy to ship it, or the patient to pick it up'),
    next: 'The pharmacy reports that it was shipped, or says that it was picked up: POST /api/tickets/:id/status with `closed`. If it stays silent, speak to it.',
  },
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

const otherParcel = onTheWay('shipping.other-parcel', 'the other parcel: not all of them have arrived yet');
const noSuchParcel =
  'If there is no such parcel: void a label of ours that was never used (POST /api/shipments/:id/void), or have the pharmacy report the whole order delivered, without a number.';

const silentParcel: Reason = {
  code: 'shipping.parcel-silent',
  waitsFor: 'a decision: what became of a parcel was not reported in time, and nobody asks about it any more',
  who: 'ops',
  next: 'Ask the carrier; then have carrier or pharmacy report it, or import the carrier’s word: POST /api/webhook-events/import. A label of ours that was never scanned can be replaced (POST /api/shipments/:id/void with `replace`), or its prescription cancelled.',
};

/** The reference is our own id of the prescription. */
const failures: Readonly<Record<string, (prescriptionId: string) => FailureAdvice>> = {
  [orderInDoubt]: (id) => ({
    waitsFor: 'somebody to ask the pharmacy whether it has the order: the answer to it was lost',
    next:
      `Ask the pharmacy whether it has order reference ${id}. If it has, and has pushed no status that names its orderId, import one: ` +
      `POST /api/webhook-events/import, source lifefile, body {"referenceId":"${id}","orderId":"…","rxStatus":"Rx Scheduled"}. ` +
      'Then redrive the dead letter. Without any status that says the pharmacy does not have the order, and places it again. ' +
      'After one without orderId, or with events of lifefile since then that failed, the redrive asks again: import the orderId, have those events handled. ' +
      `If the pharmacy says all the same that it does not have the order, cancel: POST /api/prescriptions/${id}/cancel, and have a new one sent.`,
  }),
  [orderExpired]: expiredOrder,
  [pharmacyToBeTold]: (id) => ({
    waitsFor: 'somebody to have the pharmacy cancel the order: it may have it, and takes no cancel from here',
    next: `Have the pharmacy cancel order reference ${id}, if it has it. Then redrive the dead letter, which says that it is done.`,
  }),
};

type OwnState = keyof typeof reasons;

/** Explains every state between payment and the door. */
@Injectable()
export class ShippingWaiting implements OnModuleInit {
  constructor(
    private readonly waiting: Waiting,
    private readonly shipments: ShipmentsStore,
    private readonly pharmacies: Pharmacies,
    private readonly carriers: LabelGateway,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const states = Object.keys(reasons) as OwnState[];
    this.waiting.register({ states, explain: (tx, prescription) => this.explain(tx, prescription) });
    for (const [reason, advise] of Object.entries(failures)) this.waiting.registerAdvice(reason, advise);
  }

  private async explain(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { id, state, stateSince, pharmacyId } = prescription;
    const parcels = await this.shipments.ofPrescription(tx, id);
    const events = await this.shipments.eventsOfPrescription(tx, id);
    const pharmacy = pharmacyId === null ? undefined : await this.pharmacies.find(tx, pharmacyId);
    const silent = waitsForParcels.has(state) ? openParcels(parcels).find((open) => this.isSilent(open)) : undefined;
    const awaited = waitsForParcels.has(state) ? awaitedParcels(parcels) : [];
    const parcel = silent ?? awaited.at(-1) ?? parcels.findLast(({ voidedAt }) => voidedAt === null);
    const isAsked = this.carriers.isOn && parcel !== undefined && parcel.carrier !== null;
    const last = events.at(-1);
    return {
      ...reasonOf(state as OwnState, {
        parcels,
        parcel,
        isSilent: silent !== undefined,
        isOther: awaited.length > 0,
        isAsked,
      }),
      since: silent === undefined ? stateSince : goneAt(silent),
      details: {
        pharmacyId,
        pharmacyKind: pharmacy?.kind ?? null,
        parcels: parcels.length,
        awaitedShipmentIds: awaited.map((shipment) => shipment.id),
        carrier: parcel?.carrier ?? null,
        shipmentStatus: parcel?.status ?? null,
        estimatedDelivery: parcel?.estimatedDelivery ?? null,
        lastEvent: last === undefined ? null : { status: last.status, substatus: last.substatus, at: last.occurredAt },
        nextPollAt: isAsked ? parcel.nextPollAt : null,
      },
    };
  }

  private isSilent(parcel: Shipment): boolean {
    return this.clock.now() > goneAt(parcel);
  }
}

interface Parcels {
  parcels: readonly Shipment[];
  /** The one that is spoken of. */
  parcel: Shipment | undefined;
  isSilent: boolean;
  isOther: boolean;
  isAsked: boolean;
}

function reasonOf(state: OwnState, { parcels, parcel, isSilent, isOther, isAsked }: Parcels): Reason {
  if (state === 'shipped' && allVoided(parcels)) return voidedLabel;
  if (isSilent) return silentParcel;
  if (!waitsForParcels.has(state)) return reasons[state];
  const reporter = isAsked ? carrierReports : othersReport[parcel?.kind ?? 'partner'];
  if (!isOther) return { ...reasons[state], ...reporter };
  return { ...otherParcel, ...reporter, next: `${reporter.next} ${noSuchParcel}` };
}

function goneAt({ status, shippedAt, createdAt }: Shipment): Date {
  return givenUpAt(status, shippedAt ?? createdAt);
}

function allVoided(parcels: readonly Shipment[]): boolean {
  return parcels.length > 0 && parcels.every(({ voidedAt }) => voidedAt !== null);
}
