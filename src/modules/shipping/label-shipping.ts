import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Refused } from '../../platform/effects/index.js';
import { TryLater, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { FileStorage } from '../../platform/storage/index.js';
import type { OpenPatient } from '../directory/index.js';
import { isUndelivered, Prescriptions, systemActor, type Prescription } from '../prescriptions/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import { notRefunded, voidRefused, type BoughtLabel, type Quote } from './gateways/label-gateway.port.js';
import { LabelEffects, type AddressedQuote, type LabelOf } from './label-effects.js';
import { parcelFor } from './parcel.policy.js';
import type { Shipment } from './shipment.entity.js';
import { destinationOf, ShippingSubjects } from './shipping-subjects.js';
import { ShipmentsStore } from './shipments.store.js';
import { voidLabelJob } from './shipping.jobs.js';
import { TrackingLinks } from './tracking-links.js';
import { unscanned } from './tracking.policy.js';
import { Tracking } from './tracking.service.js';

/** Where labels lie in the file storage. */
export const labelFolder = 'labels';

const worstFirst = ['label-used', 'label-kept', 'voided'] as const;
type GivenBack = (typeof worstFirst)[number];

/** What the carrier says of this label for good; that it is away, or does not let us in, is no word on it. */
const refusals: Readonly<Record<string, GivenBack | undefined>> = {
  [voidRefused]: 'label-used',
  [notRefunded]: 'label-kept',
};

interface Purchase {
  label: LabelOf;
  quote: Quote;
  bought: BoughtLabel;
  /** Without it nobody prints the label. */
  labelKey?: string;
  pharmacyId: string | null;
  adultSignature: boolean;
}

/** Labels this platform buys: bought once, given back when the prescription is cancelled, failed or returned. */
@Injectable()
export class LabelShipping {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly subjects: ShippingSubjects,
    private readonly labels: LabelEffects,
    private readonly shipments: ShipmentsStore,
    private readonly tracking: Tracking,
    private readonly links: TrackingLinks,
    private readonly files: FileStorage,
    private readonly inbox: WebhookInbox,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TRACKING_POLL_MINUTES'>,
  ) {}

  /** The number of the label to be bought, or being bought, next. */
  nextAttempt(tx: Tx, prescriptionId: string): Promise<number> {
    return this.labels.attempt(tx, prescriptionId);
  }

  /**
   * Buys the label of that number and ships. When the prescription was cancelled meanwhile the label is given back, and
   * when the address was corrected after it was priced, the next number starts from the new one.
   * @throws Refused `shipping.address-refused`, `shipping.no-rate`, `shipping.label-refused`, `shipping.sender-incomplete`: ops must mend something
   * @throws Unrecoverable `shipping.not-licensed`, `shipping.address-missing`, `shipping.label-not-refunded`: the same
   */
  async ship(prescriptionId: string, attempt: number, run: JobRun): Promise<void> {
    const { subject, from } = await this.db.tx(systemContext, async (tx) => {
      const subject = await this.subjects.read(tx, prescriptionId);
      return { subject, from: await this.subjects.origin(tx, subject.pharmacy) };
    });
    const { prescription, pharmacy, patient, form } = subject;
    const adultSignature = subject.schedule !== null;
    const label = { prescriptionId, organizationId: prescription.organizationId, attempt };
    const request = {
      reference: prescriptionId,
      from,
      to: destinationOf(subject),
      parcel: parcelFor(form),
      serviceLevel: prescription.serviceLevel,
      adultSignature,
    };
    const quote = await this.labels.quote(label, request, patient.addressSetAt);
    // Prices take seconds: who cancelled meanwhile does not pay for a label first.
    const now = await this.db.tx(systemContext, (tx) => this.subjects.read(tx, prescriptionId));
    if (isUndelivered(now.prescription.state)) {
      await this.undoForJob(prescriptionId);
      return;
    }
    if (!isPricedFor(quote, now.patient)) {
      await this.abandon(prescription, label, quote, run);
      return;
    }
    const bought = await this.labels.buy(label, quote);
    const labelKey = await this.files.put(labelFolder, await this.labels.document(bought.id));
    const purchase = { label, quote, bought, labelKey, pharmacyId: pharmacy.id, adultSignature };
    const shipped = await this.db.tx(systemContext, (tx) => this.book(tx, purchase, run));
    if (!shipped) await this.undoForJob(prescriptionId);
  }

  /** Gives back every label the carrier has not scanned, also one whose purchase nobody saw the end of. Runs again safely. */
  async undo(prescriptionId: string): Promise<GivenBack | 'nothing-to-do'> {
    await this.settlePurchase(prescriptionId);
    const parcels = await this.db.tx(systemContext, (tx) => this.shipments.ofPrescription(tx, prescriptionId));
    const labels = parcels.filter(({ kind }) => kind === 'platform_label');
    const came = new Set<GivenBack>();
    for (const label of labels) came.add(label.voidedAt === null ? await this.giveBack(label) : 'voided');
    return worstFirst.find((outcome) => came.has(outcome)) ?? 'nothing-to-do';
  }

  /** As `undo`, where nobody reads what came of it. @throws Unrecoverable `shipping.label-not-refunded`: the parcel may still leave */
  async undoForJob(prescriptionId: string): Promise<void> {
    if ((await this.undo(prescriptionId)) !== 'label-kept') return;
    throw new Unrecoverable(notRefunded, 'the carrier does not take the label of a parcel back that nobody wants');
  }

  /** @returns `label-used` when the carrier has the parcel: a used label is paid for (it refunds unused ones only) */
  private async giveBack(label: Shipment): Promise<GivenBack> {
    if (!unscanned.has(label.status)) return 'label-used';
    try {
      await this.voidLabel(label);
      return 'voided';
    } catch (error) {
      const outcome = error instanceof Refused ? refusals[error.code] : undefined;
      if (outcome === undefined) throw error;
      return outcome;
    }
  }

  /** @throws Refused `shipping.void-refused` once the carrier has scanned the parcel, `shipping.label-not-refunded` */
  async voidLabel(shipment: Shipment): Promise<void> {
    if (shipment.transactionId === null || shipment.voidedAt !== null) return;
    await this.labels.void(shipment, shipment.transactionId);
    await this.db.tx(systemContext, async (tx) => {
      await this.prescriptions.lock(tx, shipment.prescriptionId);
      await this.shipments.setVoided(tx, shipment.id);
      await this.tracking.settle(tx, shipment.id);
      await this.tracking.passOnDeliveries(tx, shipment.prescriptionId);
    });
  }

  /** Whether a shipped prescription can still be cancelled: nothing has left the pharmacy, as far as we know. */
  async stillPossible(prescriptionId: string): Promise<boolean> {
    const parcels = await this.db.tx(systemContext, (tx) => this.shipments.ofPrescription(tx, prescriptionId));
    return (
      parcels.length > 0 && parcels.every(({ kind, status }) => kind === 'platform_label' && unscanned.has(status))
    );
  }

  /** A purchase whose answer was lost is looked up; what it bought is booked, so that it can be voided. */
  private async settlePurchase(prescriptionId: string): Promise<void> {
    const found = await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      const attempt = await this.labels.attempt(tx, prescriptionId);
      const label = { prescriptionId, organizationId: prescription.organizationId, attempt };
      const quote = await this.labels.purchaseUnderWay(tx, label);
      return quote === undefined ? undefined : { prescription, label, quote };
    });
    if (found === undefined) return;
    const purchase = await this.purchaseFound(found.prescription, found.label, found.quote);
    if (purchase !== undefined) await this.db.tx(systemContext, (tx) => this.addShipment(tx, purchase));
  }

  /**
   * The label of that number is not bought any more. One that was bought without our noticing is given back, and replaced, as
   * if a person had asked for it. @throws TryLater when there was none: the next number is due at once
   */
  private async abandon(prescription: Prescription, label: LabelOf, quote: Quote, run: JobRun): Promise<void> {
    const purchase = await this.purchaseFound(prescription, label, quote);
    if (purchase === undefined) throw new TryLater('shipping.address-corrected', 0);
    await this.db.tx(systemContext, async (tx) => {
      const shipmentId = await this.addShipment(tx, purchase);
      const { id: aggregateId, organizationId } = prescription;
      const payload = { shipmentId, wants: 'replacement', actorKind: 'system' } as const;
      await this.outbox.enqueue(tx, voidLabelJob, payload, { aggregateId, organizationId });
      await this.outbox.close(tx, run);
    });
  }

  /**
   * What an earlier try bought, to be given back: a void needs no PDF, so none is waited for.
   * @returns undefined when it bought nothing, and then nothing can be bought under that number
   */
  private async purchaseFound(prescription: Prescription, label: LabelOf, quote: Quote): Promise<Purchase | undefined> {
    const { pharmacyId } = prescription;
    const bought = await this.labels.settlePurchase(label, quote);
    if (bought === undefined) return undefined;
    const schedule = await this.db.tx(systemContext, (tx) => this.subjects.scheduleOf(tx, prescription));
    return { label, quote, bought, pharmacyId, adultSignature: schedule !== null };
  }

  /** @returns false when the prescription was cancelled while the label was bought */
  private async book(tx: Tx, purchase: Purchase, run: JobRun): Promise<boolean> {
    const prescription = await this.prescriptions.lock(tx, purchase.label.prescriptionId);
    const shipmentId = await this.addShipment(tx, purchase);
    if (isUndelivered(prescription.state)) return false;
    await this.links.urlFor(tx, prescription.id);
    if (!(await this.move(tx, prescription, shipmentId, run))) await this.outbox.close(tx, run);
    return true;
  }

  private async move(tx: Tx, { id, path, state }: Prescription, shipmentId: string, run: JobRun): Promise<boolean> {
    const move = { id, actor: systemActor, trigger: 'worker' as const };
    if (path === 'direct' && state === 'pharmacy_selected') {
      await this.prescriptions.move(tx, { ...move, action: 'hand_to_pharmacy', jobId: run.outboxId });
    }
    return (await this.prescriptions.move(tx, { ...move, action: 'ship', payload: { shipmentId }, run })) !== undefined;
  }

  private async addShipment(tx: Tx, purchase: Purchase): Promise<string> {
    const { label, quote, bought, labelKey, pharmacyId, adultSignature } = purchase;
    const now = this.clock.now();
    const { id } = await this.shipments.add(tx, {
      prescriptionId: label.prescriptionId,
      organizationId: label.organizationId,
      pharmacyId,
      kind: 'platform_label',
      carrier: quote.carrier,
      serviceLevel: quote.service,
      trackingNumber: bought.trackingNumber,
      labelKey,
      rateId: quote.rateId,
      transactionId: bought.id,
      costCents: quote.amountCents,
      currency: quote.currency,
      signatureRequired: adultSignature,
      estimatedDelivery: bought.estimatedDelivery ?? estimateFrom(now, quote.estimatedDays),
      purchasedAt: now,
      shippedAt: now,
      nextPollAt: new Date(now.getTime() + this.config.TRACKING_POLL_MINUTES * 60_000),
    });
    // The carrier may have been faster than we were.
    await this.inbox.release(tx, 'shippo', { trackingNumber: bought.trackingNumber });
    return id;
  }
}

function isPricedFor(quote: AddressedQuote, { addressSetAt }: Pick<OpenPatient, 'addressSetAt'>): boolean {
  return quote.addressSetAt === addressSetAt?.toISOString();
}

function estimateFrom(now: Date, days: number | null): string | undefined {
  return days === null ? undefined : new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
