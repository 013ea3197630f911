import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { beforePaid, type Prescription } from '../prescriptions/index.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import { carrierOf } from './parcel.policy.js';
import { ShipmentsStore } from './shipments.store.js';
import { followJob } from './shipping.jobs.js';

export interface ToldParcel {
  trackingNumber: string;
  /** In the teller's words. */
  carrier?: string | undefined;
  estimatedDelivery?: string | undefined;
  at: Date;
}

/** Parcels somebody else sends and tells us of: kept, and followed at the carrier as ours are. */
@Injectable()
export class ToldParcels {
  constructor(
    private readonly shipments: ShipmentsStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly carriers: LabelGateway,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TRACKING_POLL_MINUTES'>,
  ) {}

  /** A parcel that is known, ours included, stays as it is. Of a prescription nobody has paid for there can be none. */
  async told(tx: Tx, prescription: Prescription, parcel: ToldParcel): Promise<void> {
    const { id: prescriptionId, organizationId, pharmacyId, state } = prescription;
    if (beforePaid.includes(state)) return;
    const carrier = carrierOf(parcel.carrier) ?? null;
    const pollMs = this.config.TRACKING_POLL_MINUTES * 60_000;
    const { id: shipmentId, added } = await this.shipments.add(tx, {
      prescriptionId,
      organizationId,
      pharmacyId,
      kind: 'partner',
      carrier,
      trackingNumber: parcel.trackingNumber,
      estimatedDelivery: parcel.estimatedDelivery,
      shippedAt: parcel.at,
      nextPollAt: carrier === null ? null : new Date(this.clock.now().getTime() + pollMs),
    });
    if (!added || carrier === null || !this.carriers.isOn) return;
    await this.outbox.enqueue(tx, followJob, { shipmentId }, { aggregateId: prescriptionId, organizationId });
  }
}
