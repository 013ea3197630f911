import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { FileStorage } from '../../platform/storage/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import { LabelVoids } from './label-voids.js';
import { fail } from './shipping.errors.js';
import type { Shipment } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';
import type { TrackingEvent } from './tracking-event.entity.js';
import { unscanned } from './tracking.policy.js';

export interface ShownParcel {
  shipment: Shipment;
  events: TrackingEvent[];
}

/** What people see of parcels and may do with them. */
@Injectable()
export class Shipping {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly shipments: ShipmentsStore,
    private readonly voids: LabelVoids,
    private readonly files: FileStorage,
    private readonly audit: Audit,
  ) {}

  /** All parcels, the voided too, oldest first. @throws prescription.not-found */
  parcels(principal: Principal, prescriptionId: string): Promise<ShownParcel[]> {
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.prescriptions.get(tx, prescriptionId);
      const shipments = await this.shipments.ofPrescription(tx, prescriptionId);
      const events = await this.shipments.eventsOfPrescription(tx, prescriptionId);
      const entityIds = [prescriptionId, ...shipments.map(({ id }) => id)];
      await this.audit.record(tx, { action: 'read', entity: 'shipment', entityIds });
      return shipments.map((shipment) => ({
        shipment,
        events: events.filter(({ shipmentId }) => shipmentId === shipment.id),
      }));
    });
  }

  /** The PDF. @throws shipment.not-found, shipment.label-missing */
  async label(principal: Principal, shipmentId: string): Promise<Buffer> {
    const key = await this.db.tx(contextOf(principal), async (tx) => {
      const shipment = await this.seen(tx, shipmentId);
      if (shipment.labelKey === null) throw fail('shipment.label-missing');
      const entityIds = [shipmentId, shipment.prescriptionId];
      await this.audit.record(tx, { action: 'export', entity: 'label', entityIds });
      return shipment.labelKey;
    });
    return await this.files.get(key);
  }

  /**
   * Gives a label back; a repeat is harmless. With `replace` a new one is bought.
   * @throws shipment.not-found, shipment.not-voidable, shipment.already-scanned, shipment.not-refunded; service.unavailable
   *   when the carrier is silent, and the void then goes on by itself
   */
  async void(principal: Principal, shipmentId: string, replace: boolean): Promise<ShownParcel> {
    await this.voids.request(principal, await this.voidable(principal, shipmentId), replace);
    return await this.db.tx(contextOf(principal), async (tx) => {
      const voided = await this.seen(tx, shipmentId);
      return { shipment: voided, events: await this.shipments.eventsOfShipment(tx, shipmentId) };
    });
  }

  /** @throws shipment.not-found */
  private async seen(tx: Tx, shipmentId: string): Promise<Shipment> {
    const shipment = await this.shipments.get(tx, shipmentId);
    const isSeen = shipment !== undefined && (await this.prescriptions.isSeen(tx, shipment.prescriptionId));
    if (!isSeen) throw fail('shipment.not-found');
    return shipment;
  }

  private voidable(principal: Principal, shipmentId: string): Promise<Shipment> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const shipment = await this.seen(tx, shipmentId);
      if (shipment.kind !== 'platform_label') throw fail('shipment.not-voidable');
      if (!unscanned.has(shipment.status)) throw fail('shipment.already-scanned');
      return shipment;
    });
  }
}
