import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Tickets } from '../tickets/index.js';
import { waitsForParcels } from './deliveries.policy.js';
import { ShipmentsStore, type GivenUpParcel } from './shipments.store.js';

/** Parcels whose end nobody has reported in time: the carrier is asked no more, and operations are. */
@Injectable()
export class SilentParcels {
  constructor(
    private readonly shipments: ShipmentsStore,
    private readonly tickets: Tickets,
  ) {}

  /** Also those nobody was asked about: without a carrier we know, or while Shippo is off. */
  async giveUp(tx: Tx, most: number): Promise<void> {
    for (const parcel of await this.shipments.giveUp(tx, most)) {
      if (isMissed(parcel)) await this.tellOperations(tx, parcel);
    }
  }

  private async tellOperations(tx: Tx, { id: shipmentId, prescriptionId, organizationId }: GivenUpParcel) {
    const details = { prescriptionId, shipmentId };
    await this.tickets.openSupport(tx, { organizationId, reason: 'shipping.parcel-silent', details });
  }
}

/** A failure was reported and is undone; of an order that ended otherwise nobody waits for the parcel. */
function isMissed({ status, state }: GivenUpParcel): boolean {
  return status !== 'failure' && waitsForParcels.has(state);
}
