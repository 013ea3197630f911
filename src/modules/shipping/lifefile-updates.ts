import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Pharmacies } from '../directory/index.js';
import {
  beforePaid,
  Prescriptions,
  type FulfilmentAction,
  type Prescription,
  type PrescriptionState,
} from '../prescriptions/index.js';
import { WebhookSources, type ReceivedWebhook, type WebhookVerdict } from '../webhooks/index.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import {
  lifefileDedupeKey,
  meaningOf,
  readPharmacyUpdate,
  statusEventType,
  timeOf,
  type PharmacyUpdate,
} from './lifefile.policy.js';
import { parkedFor } from './parking.js';
import { carrierOf } from './parcel.policy.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import type { Shipment } from './shipment.entity.js';
import { followJob } from './shipping.jobs.js';
import { ShipmentsStore } from './shipments.store.js';
import type { TrackingStatus } from './tracking.policy.js';
import { Tracking } from './tracking.service.js';

export const lifefileSource = 'lifefile';

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

interface Understood {
  update: PharmacyUpdate;
  action: FulfilmentAction;
  parcel: TrackingStatus | undefined;
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
    private readonly tracking: Tracking,
    private readonly outbox: Outbox,
    private readonly carriers: LabelGateway,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TRACKING_POLL_MINUTES'>,
  ) {}

  onModuleInit(): void {
    this.sources.register({ source: lifefileSource, handle: (event) => this.handle(event) });
  }

  private async handle(event: ReceivedWebhook): Promise<WebhookVerdict> {
    const update = readPharmacyUpdate(event.raw);
    if (update === undefined) return { outcome: 'parked', code: 'lifefile.undocumented-body' };
    if (update.eventType !== statusEventType) return { outcome: 'parked', code: 'lifefile.unknown-event' };
    const meaning = meaningOf(update.word);
    if (meaning === undefined) {
      return { outcome: 'parked', code: 'lifefile.unknown-word', related: { ...update.names, word: update.word } };
    }
    const understood = { update, action: meaning.action, parcel: meaning.parcel };
    return await this.db.tx(systemContext, (tx) => this.apply(tx, event, understood));
  }

  private async apply(tx: Tx, event: ReceivedWebhook, understood: Understood): Promise<WebhookVerdict> {
    const { update } = understood;
    const [prescriptionId, ...others] = await this.orders.matching(tx, update.names);
    if (prescriptionId === undefined)
      return parkedFor('shipping.unknown-order', { ...update.names }, event, this.clock.now());
    if (others.length > 0) {
      return { outcome: 'parked', code: 'shipping.ambiguous', related: { ...update.names, hits: others.length + 1 } };
    }
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    const { organizationId, state } = prescription;
    if (notYetHandedOver.has(state)) {
      const parked = parkedFor(
        'shipping.not-handed-over',
        { ...update.names, prescriptionId },
        event,
        this.clock.now(),
      );
      return { ...parked, organizationId };
    }
    await this.report(tx, event, prescription, understood);
    const expected = wordOfState[state];
    const differs = update.previous !== undefined && expected !== undefined && update.previous !== expected;
    const finding = differs ? { finding: 'lifefile.previous-differs', previous: update.previous, state } : {};
    return { outcome: 'processed', organizationId, related: { ...update.names, prescriptionId, ...finding } };
  }

  private async report(
    tx: Tx,
    event: ReceivedWebhook,
    prescription: Prescription,
    { update, action, parcel }: Understood,
  ): Promise<void> {
    const pharmacy =
      prescription.pharmacyId === null ? undefined : await this.pharmacies.find(tx, prescription.pharmacyId);
    const occurredAt = timeOf(update.changedAt, pharmacy?.timeZone ?? 'UTC') ?? event.receivedAt;
    const dedupeKey = lifefileDedupeKey(update) ?? event.id;
    await this.prescriptions.report(tx, {
      id: prescription.id,
      action,
      actor: { kind: 'pharmacy', ...(pharmacy !== undefined && { id: pharmacy.id }) },
      trigger: 'webhook',
      occurredAt,
      sourceKey: `lifefile:${dedupeKey}`,
      reason: update.word,
      webhookEventId: event.id,
    });
    const shipment = await this.parcelOf(tx, prescription, update, occurredAt);
    if (shipment === undefined || parcel === undefined) return;
    const estimatedDelivery = update.tracking?.estimatedDelivery;
    await this.tracking.parcelReport(
      tx,
      shipment,
      { status: parcel, occurredAt, estimatedDelivery, dedupeKey },
      'lifefile',
    );
  }

  /** The parcel an update speaks of: by its number, made when it is new; without a number the only one there is. */
  private async parcelOf(
    tx: Tx,
    prescription: Prescription,
    { tracking }: PharmacyUpdate,
    occurredAt: Date,
  ): Promise<Shipment | undefined> {
    if (tracking === undefined) {
      const parcels = await this.shipments.ofPrescription(tx, prescription.id);
      const theirs = parcels.filter(({ kind }) => kind === 'partner');
      return theirs.length === 1 ? theirs[0] : undefined;
    }
    const carrier = carrierOf(tracking.carrier) ?? null;
    const { id: prescriptionId, organizationId, pharmacyId } = prescription;
    const { id, added } = await this.shipments.add(tx, {
      prescriptionId,
      organizationId,
      pharmacyId,
      kind: 'partner',
      carrier,
      trackingNumber: tracking.number,
      estimatedDelivery: tracking.estimatedDelivery,
      shippedAt: occurredAt,
      nextPollAt:
        carrier === null ? null : new Date(this.clock.now().getTime() + this.config.TRACKING_POLL_MINUTES * 60_000),
    });
    if (added && carrier !== null && this.carriers.isOn) {
      await this.outbox.enqueue(tx, followJob, { shipmentId: id }, { aggregateId: prescriptionId, organizationId });
    }
    return this.shipments.get(tx, id);
  }
}
