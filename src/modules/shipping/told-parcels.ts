import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { beforePaid, type Prescription } from '../prescriptions/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import { carrierOf, plainNumber } from './parcel.policy.js';
import { ShipmentsStore } from './shipments.store.js';
import { followJob } from './shipping.jobs.js';
import { shippoSource } from './shippo-updates.js';

export interface ToldParcel {
  trackingNumber: string;
  /** Carrier's token. */
  carrier: string | undefined;
  estimatedDelivery?: string | undefined;
  at: Date;
}

/** Parcels somebody else sends and tells us of: kept, and followed at the carrier as ours are. */
@Injectable()
export class ToldParcels {
  constructor(
    private readonly shipments: ShipmentsStore,
    private readonly inbox: WebhookInbox,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly carriers: LabelGateway,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TRACKING_POLL_MINUTES'>,
  ) {}

  /**
   * What the patient's shop tells, in its own words for the carrier. Of a prescription nobody has paid for there can be no
   * parcel.
   */
  async told(tx: Tx, prescription: Prescription, parcel: ToldParcel): Promise<void> {
    const trackingNumber = plainNumber(parcel.trackingNumber);
    if (trackingNumber === '' || beforePaid.includes(prescription.state)) return;
    const said = { ...parcel, trackingNumber, carrier: carrierOf(parcel.carrier) };
    const { id, added } = await this.keep(tx, prescription, said);
    if (!added) await this.complete(tx, prescription, id, said);
  }

  /** A parcel that is known, ours included, stays as it is; `complete` adds to it. */
  async keep(tx: Tx, prescription: Prescription, parcel: ToldParcel): Promise<{ id: string; added: boolean }> {
    const { id: prescriptionId, organizationId, pharmacyId } = prescription;
    const { trackingNumber, estimatedDelivery, at } = parcel;
    const carrier = parcel.carrier ?? null;
    const { id, added } = await this.shipments.add(tx, {
      prescriptionId,
      organizationId,
      pharmacyId,
      kind: 'partner',
      carrier,
      trackingNumber,
      estimatedDelivery,
      shippedAt: at,
      nextPollAt: this.nextPollAt(),
    });
    if (!added) return { id, added };
    // The carrier's own word of this parcel may have come first.
    await this.inbox.release(tx, shippoSource, { trackingNumber });
    if (carrier !== null) await this.follow(tx, prescription, id);
    return { id, added };
  }

  /** What another word says of a parcel that is known; from the first that names the carrier on it is followed there. */
  async complete(tx: Tx, prescription: Prescription, shipmentId: string, parcel: ToldParcel): Promise<void> {
    const carrier = parcel.carrier ?? null;
    const { namesCarrier } = await this.shipments.complete(tx, shipmentId, {
      carrier,
      shippedAt: parcel.at,
      estimatedDelivery: parcel.estimatedDelivery ?? null,
      everyMinutes: this.config.TRACKING_POLL_MINUTES,
    });
    if (namesCarrier) await this.follow(tx, prescription, shipmentId);
  }

  /** Also without a carrier to ask: of a parcel that stays silent operations are told. */
  private nextPollAt(): Date {
    return new Date(this.clock.now().getTime() + this.config.TRACKING_POLL_MINUTES * 60_000);
  }

  private async follow(tx: Tx, { id, organizationId }: Prescription, shipmentId: string): Promise<void> {
    if (!this.carriers.isOn) return;
    await this.outbox.enqueue(tx, followJob, { shipmentId }, { aggregateId: id, organizationId });
  }
}
