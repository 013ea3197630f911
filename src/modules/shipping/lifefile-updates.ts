import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Pharmacies, type Pharmacy } from '../directory/index.js';
import {
  beforePaid,
  Prescriptions,
  type FulfilmentAction,
  type Prescription,
  type PrescriptionState,
} from '../prescriptions/index.js';
import { parkedFor, WebhookSources, type Bound, type ReceivedWebhook, type WebhookVerdict } from '../webhooks/index.js';
import { lifefileArrivals, readLifefilePart } from './lifefile-body.js';
import { meaningOf } from './lifefile-words.js';
import {
  isRecent,
  lifefileDedupeKey,
  lifefileSource,
  statusEventType,
  timeOf,
  type PharmacyUpdate,
} from './lifefile.policy.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import type { Shipment } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';
import { ToldParcels } from './told-parcels.js';
import type { TrackingStatus } from './tracking.policy.js';
import { sourceKeyOf, Tracking } from './tracking.service.js';

/** The word that should have come before, by our state: another one is a finding, not an obstacle. */
const wordOfState: Readonly<Partial<Record<PrescriptionState, string>>> = {
  pharmacy_received: 'order_received',
  processing: 'order_processing',
  ready_for_pickup: 'order_ready',
  shipped: 'order_shipped',
  out_for_delivery: 'order_out_for_delivery',
  delivered: 'order_delivered',
};

/** Before these the pharmacy cannot know of the order; its word waits for our hand-over. */
const notYetHandedOver: ReadonlySet<PrescriptionState> = new Set(beforePaid);

/** A pharmacy that has refills fills again by itself once the fill that was ordered is done; how that ends leaves this one alone. */
const done: ReadonlySet<PrescriptionState> = new Set(['delivered', 'completed']);
const endings: ReadonlySet<FulfilmentAction> = new Set(['cancel', 'fail', 'return']);

interface Understood {
  update: PharmacyUpdate;
  action: FulfilmentAction;
  parcel: TrackingStatus | undefined;
}

interface Report extends Understood {
  occurredAt: Date;
  pharmacy: Pharmacy | undefined;
}

/** What partner pharmacies push through Lifefile. */
@Injectable()
export class LifefileUpdates implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly sources: WebhookSources,
    private readonly prescriptions: Prescriptions,
    private readonly pharmacies: Pharmacies,
    private readonly orders: PartnerOrdersStore,
    private readonly shipments: ShipmentsStore,
    private readonly parcels: ToldParcels,
    private readonly tracking: Tracking,
    @Inject(CONFIG) private readonly config: Pick<Config, 'LIFEFILE_ORGANIZATION'>,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      source: lifefileSource,
      handle: (event) => this.handle(event),
      read: (raw, headers) => lifefileArrivals(raw, headers),
    });
  }

  private async handle(event: ReceivedWebhook): Promise<WebhookVerdict> {
    const update = readLifefilePart(event.raw);
    if (update === undefined) return { outcome: 'parked', code: 'lifefile.undocumented-body' };
    if (update.eventType !== statusEventType) return this.notUnderstood('lifefile.unknown-event', update, event);
    const meaning = meaningOf(update.word);
    if (meaning === undefined) return this.notUnderstood('lifefile.unknown-word', update, event);
    const understood = { update, action: meaning.action, parcel: meaning.parcel };
    return await this.db.tx(systemContext, (tx) => this.apply(tx, event, understood));
  }

  /** Whose it is can be told all the same, so that nobody else sees it. */
  private notUnderstood(
    code: string,
    { names, word }: PharmacyUpdate,
    event: ReceivedWebhook,
  ): Promise<WebhookVerdict> {
    return this.db.tx(systemContext, async (tx) => {
      const [id, ...others] = await this.orders.matching(tx, names, this.organizationsOf(event));
      const known = id === undefined || others.length > 0 ? undefined : await this.prescriptions.get(tx, id);
      const related = { ...names, word, ...(known && { prescriptionId: known.id }) };
      return { outcome: 'parked', code, related, ...(known && { organizationId: known.organizationId }) };
    });
  }

  /** Whose prescriptions an event may be about; of none given, everybody's. */
  private organizationsOf({ within }: Bound): string[] {
    return [this.config.LIFEFILE_ORGANIZATION, within].filter((id) => id !== undefined);
  }

  private async apply(tx: Tx, event: ReceivedWebhook, understood: Understood): Promise<WebhookVerdict> {
    const { names } = understood.update;
    const park = (code: string, related: object, organizationId?: string): WebhookVerdict => ({
      ...parkedFor(code, { ...names, ...related }, event, this.clock.now()),
      ...(organizationId !== undefined && { organizationId }),
    });
    const [prescriptionId, ...others] = await this.orders.matching(tx, names, this.organizationsOf(event));
    if (prescriptionId === undefined) return park('shipping.unknown-order', {});
    if (others.length > 0) {
      return { outcome: 'parked', code: 'shipping.ambiguous', related: { ...names, hits: others.length + 1 } };
    }
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    const { organizationId, pharmacyId, state } = prescription;
    if (notYetHandedOver.has(state)) return park('shipping.not-handed-over', { prescriptionId }, organizationId);
    if (await this.orders.isElsewhere(tx, { prescriptionId, pharmacyId, orderId: names.orderId })) {
      return park('shipping.other-pharmacy', { prescriptionId }, organizationId);
    }
    const isEnding = endings.has(understood.action);
    if (isEnding && done.has(state) && (await this.orders.isOtherFill(tx, prescriptionId, names))) {
      return { outcome: 'parked', code: 'shipping.other-fill', related: { ...names, prescriptionId }, organizationId };
    }
    const pharmacy = pharmacyId === null ? undefined : await this.pharmacies.find(tx, pharmacyId);
    const written = timeOf(understood.update.changedAt, pharmacy?.timeZone ?? 'UTC');
    const believed = written !== undefined && isRecent(written, event.receivedAt);
    const occurredAt = believed ? written : event.receivedAt;
    const shipmentIds = await this.report(tx, event, prescription, { ...understood, occurredAt, pharmacy });
    const findings = findingsOf(understood.update, prescription, pharmacy, believed);
    const found = findings.length > 0 ? { findings } : {};
    const related = { ...names, prescriptionId, ...(shipmentIds.length > 0 && { shipmentIds }), ...found };
    return { outcome: 'processed', organizationId, related };
  }

  /** @returns the parcels the update speaks of */
  private async report(
    tx: Tx,
    event: ReceivedWebhook,
    prescription: Prescription,
    { update, action, parcel, occurredAt, pharmacy }: Report,
  ): Promise<string[]> {
    // As at the door; an event that was imported as well has two rows.
    const dedupeKey = lifefileDedupeKey(update) ?? sha256(event.raw);
    const report = {
      id: prescription.id,
      action,
      actor: { kind: 'pharmacy', ...(pharmacy !== undefined && { id: pharmacy.id }) },
      trigger: 'webhook',
      occurredAt,
      sourceKey: sourceKeyOf(lifefileSource, dedupeKey),
      reason: update.word,
      webhookEventId: event.id,
      jobId: event.jobId,
    } as const;
    const isOfParcels = parcel !== undefined && update.tracking !== undefined;
    // Without a number it is a word about the whole order.
    if (!isOfParcels) await this.prescriptions.report(tx, report);
    const shipments = await this.parcelsOf(tx, prescription, update, occurredAt);
    const estimatedDelivery = update.tracking?.estimatedDelivery;
    if (parcel === undefined) return shipments.map(({ id }) => id);
    const said = { status: parcel, occurredAt, estimatedDelivery, dedupeKey };
    for (const shipment of shipments) await this.tracking.parcelReport(tx, shipment, said, 'lifefile');
    if (isOfParcels) await this.tracking.passOn(tx, report);
    return shipments.map(({ id }) => id);
  }

  /** The parcels an update names, made when they are new; without a number the only one there is. */
  private async parcelsOf(
    tx: Tx,
    prescription: Prescription,
    { tracking }: PharmacyUpdate,
    occurredAt: Date,
  ): Promise<Shipment[]> {
    if (tracking === undefined) {
      const parcels = await this.shipments.ofPrescription(tx, prescription.id);
      const theirs = parcels.filter(({ kind }) => kind === 'partner');
      return theirs.length === 1 ? theirs : [];
    }
    const { carrier } = tracking;
    const found: Shipment[] = [];
    for (const trackingNumber of tracking.numbers) {
      const parcel = { trackingNumber, carrier, at: occurredAt };
      const { id, added } = await this.parcels.keep(tx, prescription, parcel);
      if (!added) await this.parcels.complete(tx, prescription, id, parcel);
      const shipment = await this.shipments.get(tx, id);
      if (shipment !== undefined) found.push(shipment);
    }
    return found;
  }
}

/** What does not fit and does not hinder: codes for operations. */
function findingsOf(
  { previous, practiceId }: PharmacyUpdate,
  { state }: Prescription,
  pharmacy: Pharmacy | undefined,
  believed: boolean,
): string[] {
  const expected = wordOfState[state];
  const ours = pharmacy?.lifefilePracticeId ?? undefined;
  return [
    ...(previous !== undefined && expected !== undefined && previous !== expected ? ['lifefile.previous-differs'] : []),
    ...(practiceId !== undefined && ours !== undefined && practiceId !== ours ? ['lifefile.practice-differs'] : []),
    ...(believed ? [] : ['lifefile.time-unbelievable']),
  ];
}
