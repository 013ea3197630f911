import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, Refused } from '../../platform/effects/index.js';
import { Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { isValidDea, normalizedPhone, Providers, type Provider } from '../directory/index.js';
import {
  isUndelivered,
  Prescriptions,
  systemActor,
  type Prescription,
  type PrescriptionOrder,
} from '../prescriptions/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import {
  orderGone,
  PharmacyOrderGateway,
  type PharmacyOrder,
  type PlacedOrder,
} from './gateways/pharmacy-order.port.js';
import { LostOrders, orderKey, type Doubt } from './lost-orders.js';
import type { PartnerOrder } from './partner-order.entity.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import { orderInDoubt, pharmacyToBeTold } from './shipping.errors.js';
import { destinationOf, ShippingSubjects, type ShippingSubject } from './shipping-subjects.js';
import { TrackingLinks } from './tracking-links.js';

type UndoneOrder = 'cancelled-at-pharmacy' | 'ended-by-pharmacy' | 'already-shipped' | 'nothing-to-do';

const abandoned = 'shipping.order-abandoned';

/** Orders at partner pharmacies: placed once, cancelled there when the prescription is cancelled here. */
@Injectable()
export class PartnerHandOver {
  constructor(
    private readonly db: Database,
    private readonly effects: Effects,
    private readonly gateway: PharmacyOrderGateway,
    private readonly prescriptions: Prescriptions,
    private readonly subjects: ShippingSubjects,
    private readonly providers: Providers,
    private readonly orders: PartnerOrdersStore,
    private readonly lost: LostOrders,
    private readonly links: TrackingLinks,
    private readonly inbox: WebhookInbox,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Places the order and hands over. When the prescription was cancelled meanwhile the order is cancelled too.
   * @throws Unrecoverable `shipping.not-licensed`, `shipping.address-missing`: ops must mend something; `shipping.order-in-doubt`:
   *   ops must ask the pharmacy
   */
  async handOver(prescriptionId: string, run: JobRun): Promise<void> {
    const { subject, prescriber } = await this.db.tx(systemContext, async (tx) => {
      await this.lost.believeAbsent(tx, prescriptionId);
      const read = await this.subjects.read(tx, prescriptionId);
      return { subject: read, prescriber: await this.prescriberOf(tx, read.prescription) };
    });
    const request = orderOf(subject, prescriber, this.clock.now());
    const placed = await this.place(subject.prescription, orderInDoubt, () => this.gateway.place(request));
    const handedOver = await this.db.tx(systemContext, (tx) => this.book(tx, subject, placed, run));
    if (!handedOver) await this.undo(prescriptionId);
  }

  /**
   * Cancels at the pharmacy, also an order whose answer was lost. That it has shipped already is an answer. Runs again safely.
   * @throws Unrecoverable `shipping.pharmacy-to-be-told`: ops must have it cancelled, if it is there
   */
  async undo(prescriptionId: string): Promise<UndoneOrder> {
    const known = await this.db.tx(systemContext, (tx) => this.knownEnd(tx, prescriptionId));
    if (known !== undefined) return known;
    await this.settleOrder(prescriptionId);
    const { orders, word } = await this.db.tx(systemContext, async (tx) => ({
      orders: await this.orders.ofPrescription(tx, prescriptionId),
      word: await this.orders.redriven(tx, prescriptionId, pharmacyToBeTold),
    }));
    if (orders.length === 0) return 'nothing-to-do';
    let gone = false;
    for (const order of orders) {
      if (order.cancelledAt !== null) continue;
      const isToldByPerson = word !== undefined && word.redrivenAt > order.sentAt;
      if (!isToldByPerson && !(await this.cancel(order))) gone = true;
      else await this.db.tx(systemContext, (tx) => this.orders.setCancelled(tx, order.id));
    }
    return gone ? 'already-shipped' : 'cancelled-at-pharmacy';
  }

  /** What became of the order, as far as others reported it; undefined when its pharmacy has to be asked. */
  private async knownEnd(tx: Tx, prescriptionId: string): Promise<UndoneOrder | undefined> {
    const isPlaced = (await this.orders.ofPrescription(tx, prescriptionId)).length > 0;
    if (!isPlaced && !(await this.isAskedFor(tx, prescriptionId))) return 'nothing-to-do';
    // Who told us need not be told.
    if (await this.orders.endedThere(tx, prescriptionId)) return 'ended-by-pharmacy';
    const { state } = await this.prescriptions.get(tx, prescriptionId);
    // Nobody wants it stopped: the carrier failed, or brings it back.
    const isLost = state !== 'cancelled' && (await this.orders.hasLeft(tx, prescriptionId));
    return isLost ? 'already-shipped' : undefined;
  }

  /** Whether there may be an order: one that was refused is none. */
  private async isAskedFor(tx: Tx, prescriptionId: string): Promise<boolean> {
    const key = orderKey(prescriptionId);
    return (await tx.one(`SELECT 1 FROM effects WHERE key = $1 AND state <> 'refused'`, [key])) !== undefined;
  }

  private place(prescription: Prescription, doubt: Doubt, call: () => Promise<PlacedOrder>): Promise<PlacedOrder> {
    const { id, organizationId } = prescription;
    return this.effects.once({
      key: orderKey(id),
      kind: 'lifefile.order',
      requestHash: sha256(`pharmacy-order ${id}`),
      aggregateId: id,
      organizationId,
      call,
      lookup: (earlier) => this.lost.find(id, earlier, doubt),
    });
  }

  /** @returns false when the prescription was cancelled while the order was placed */
  private async book(tx: Tx, subject: ShippingSubject, placed: PlacedOrder, run: JobRun): Promise<boolean> {
    const { id, state, organizationId } = await this.prescriptions.lock(tx, subject.prescription.id);
    await this.orders.add(tx, { prescriptionId: id, organizationId, pharmacyId: subject.pharmacy.id }, placed);
    if (isUndelivered(state)) return false;
    await this.links.urlFor(tx, id);
    const move = { id, action: 'hand_to_pharmacy', actor: systemActor, trigger: 'worker', run } as const;
    if ((await this.prescriptions.move(tx, move)) === undefined) await this.outbox.close(tx, run);
    // The pharmacy may have been faster than we were.
    const foreign = [{ foreignRxNumber: id }, { foreignRxNumber: String(subject.prescription.rxNumber) }];
    const ours = [{ prescriptionId: id }, { referenceId: id }, { orderId: placed.id }, ...foreign];
    await this.inbox.release(tx, 'lifefile', ...ours);
    return true;
  }

  private async settleOrder(prescriptionId: string): Promise<void> {
    const subject = await this.db.tx(systemContext, async (tx) => {
      await this.lost.believeEnded(tx, prescriptionId);
      return (await this.isAskedFor(tx, prescriptionId)) ? this.subjects.read(tx, prescriptionId) : undefined;
    });
    if (subject === undefined) return;
    const { prescription, pharmacy } = subject;
    const about = { prescriptionId, organizationId: prescription.organizationId, pharmacyId: pharmacy.id };
    try {
      const unwanted = new Refused(abandoned, 'no longer wanted');
      const placed = await this.place(prescription, pharmacyToBeTold, () => Promise.reject(unwanted));
      await this.db.tx(systemContext, (tx) => this.orders.add(tx, about, placed));
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== abandoned) throw error;
    }
  }

  /** @returns false when the pharmacy had already shipped */
  private async cancel(order: PartnerOrder): Promise<boolean> {
    try {
      await this.effects.once({
        key: `cancel-order:${order.id}`,
        kind: 'lifefile.cancel',
        requestHash: sha256(`cancel ${order.lifefileOrderId}`),
        aggregateId: order.prescriptionId,
        organizationId: order.organizationId,
        call: () => this.gateway.cancel(order.lifefileOrderId),
      });
    } catch (error) {
      if (error instanceof Refused && error.code === orderGone) return false;
      throw error;
    }
    return true;
  }

  private async prescriberOf(tx: Tx, { providerId }: Prescription): Promise<Provider> {
    const provider = providerId === null ? undefined : await this.providers.find(tx, providerId);
    if (provider === undefined) throw new Unrecoverable('shipping.no-prescriber', 'no prescriber was matched');
    return provider;
  }
}

function orderOf(subject: ShippingSubject, prescriber: Provider, sentAt: Date): PharmacyOrder {
  const { prescription, pharmacy, patient, order, form, schedule } = subject;
  const { firstName, lastName, birthDate, gender, email } = patient;
  const { quantity, daysSupply } = prescription;
  return {
    referenceId: prescription.id,
    rxNumber: prescription.rxNumber,
    practiceId: pharmacy.lifefilePracticeId,
    timeZone: pharmacy.timeZone,
    sentAt,
    serviceLevel: prescription.serviceLevel,
    adultSignature: schedule !== null,
    payer: prescription.path === 'direct' ? 'patient' : 'practice',
    order,
    form,
    fill: { quantity: quantity === null ? null : Number(quantity), daysSupply },
    recipient: { firstName, lastName, birthDate, gender, email },
    address: destinationOf(subject),
    prescriber: writerOf(order.prescriber, prescriber),
  };
}

/** As the order says and validation judged; the directory knows the person, not under which registration this was written. */
function writerOf(said: PrescriptionOrder['prescriber'], onFile: Provider): PharmacyOrder['prescriber'] {
  return {
    npi: said.npi ?? onFile.npi,
    dea: said.dea !== undefined && isValidDea(said.dea) ? said.dea : null,
    firstName: said.firstName ?? onFile.firstName,
    lastName: said.lastName ?? onFile.lastName,
    phone: normalizedPhone(said.phone) ?? onFile.phone,
  };
}
