import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, type EarlierTry } from '../../platform/effects/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import { PharmacyOrderGateway, type PlacedOrder } from './gateways/pharmacy-order.port.js';
import { lifefileSource } from './lifefile.policy.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import { orderInDoubt, pharmacyToBeTold } from './shipping.errors.js';

/** Why a person is asked: redriving the dead letter of that reason is the answer. */
export type Doubt = typeof orderInDoubt | typeof pharmacyToBeTold;

export const orderKey = (prescriptionId: string) => `pharmacy-order:${prescriptionId}`;

/**
 * Orders whose answer was lost. A pharmacy's system that can be asked for our reference is asked. Any other takes a repeat for
 * a second order, so it is not repeated: the pharmacy's own pushes tell of the order, or a person does.
 */
@Injectable()
export class LostOrders {
  constructor(
    private readonly db: Database,
    private readonly effects: Effects,
    private readonly gateway: PharmacyOrderGateway,
    private readonly orders: PartnerOrdersStore,
    private readonly inbox: WebhookInbox,
  ) {}

  /**
   * What an earlier try brought about; undefined when it brought about nothing.
   * @throws Unrecoverable the doubt's code when nobody can tell
   */
  async find(prescriptionId: string, earlier: EarlierTry, doubt: Doubt): Promise<PlacedOrder | undefined> {
    if (this.gateway.hasLookup) return this.gateway.find(prescriptionId);
    const told = await this.db.tx(systemContext, (tx) => this.toldOf(tx, prescriptionId));
    if (told !== undefined || earlier === 'refused') return told;
    throw new Unrecoverable(doubt, 'nobody can tell whether the pharmacy has the order');
  }

  /** Takes a person's word, given by the redrive, that there is no order, or none that still counts; the pharmacy's own word is above it. */
  async believe(tx: Tx, prescriptionId: string, doubt: Doubt): Promise<void> {
    if (this.gateway.hasLookup) return;
    const saidAt = await this.orders.redrivenAt(tx, prescriptionId, doubt);
    if (saidAt === undefined || (await this.toldOf(tx, prescriptionId)) !== undefined) return;
    await this.effects.deny(tx, orderKey(prescriptionId), saidAt);
  }

  /** The order a push spoke of, whether it could be acted upon or not. */
  private async toldOf(tx: Tx, prescriptionId: string): Promise<PlacedOrder | undefined> {
    const events = await this.inbox.told(tx, lifefileSource, { prescriptionId });
    return events.flatMap(({ orderId, fillId, rxNumber }) =>
      typeof orderId === 'string' ? [{ id: orderId, fillId: textOr(fillId), rxNumber: textOr(rxNumber) }] : [],
    )[0];
  }
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
