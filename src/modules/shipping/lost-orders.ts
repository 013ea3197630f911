import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, type EarlierTry } from '../../platform/effects/index.js';
import { TryLater, Unrecoverable } from '../../platform/jobs/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import { PharmacyOrderGateway, type PlacedOrder } from './gateways/pharmacy-order.port.js';
import { lifefileSource } from './lifefile.policy.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import { orderInDoubt, pharmacyToBeTold } from './shipping.errors.js';

/** Why a person is asked: redriving the dead letter of that reason is the answer. */
export type Doubt = typeof orderInDoubt | typeof pharmacyToBeTold;

export const orderKey = (prescriptionId: string) => `pharmacy-order:${prescriptionId}`;

/** No two of our hosts differ by more. */
const clocksApartMs = 60_000;
const readAgainMs = 2_000;

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
    const { told, isHeardOf } = await this.db.tx(systemContext, async (tx) => ({
      told: await this.toldOf(tx, prescriptionId),
      isHeardOf: await this.isHeardOf(tx, prescriptionId),
    }));
    if (told !== undefined) return told;
    if (earlier === 'refused' && !isHeardOf) return undefined;
    throw new Unrecoverable(doubt, 'nobody can tell whether the pharmacy has the order');
  }

  /**
   * Takes a person's word, given by the redrive, that there is no order. It is good for the try they were asked about: its letter
   * is dated by the clock that dated the try, the redrive by another. Whatever the pharmacy said of the order is above it, and
   * what could not be read may be of this order.
   * @throws TryLater while what the pharmacies said until then is being read
   */
  async believeAbsent(tx: Tx, prescriptionId: string): Promise<void> {
    if (this.gateway.hasLookup) return;
    const key = orderKey(prescriptionId);
    const word = await this.orders.redriven(tx, prescriptionId, orderInDoubt);
    const effect = await tx.one<{ at: Date }>(
      `SELECT created_at AS at FROM effects WHERE key = $1 AND state = 'unknown'`,
      [key],
    );
    if (word === undefined || effect === undefined) return;
    const from = new Date(effect.at.getTime() - clocksApartMs);
    const to = new Date(word.redrivenAt.getTime() + clocksApartMs);
    const unread = await this.inbox.unread(tx, lifefileSource, { from, to });
    if (unread.has('received')) throw new TryLater('shipping.reports-unread', readAgainMs);
    if (unread.has('failed') || (await this.isHeardOf(tx, prescriptionId))) return;
    await this.effects.deny(tx, key, word.askedAt);
  }

  /** Takes a person's word, given by the redrive, that there is no order that still counts; an order the pharmacy named is above it. */
  async believeEnded(tx: Tx, prescriptionId: string): Promise<void> {
    if (this.gateway.hasLookup) return;
    const word = await this.orders.redriven(tx, prescriptionId, pharmacyToBeTold);
    if (word === undefined || (await this.toldOf(tx, prescriptionId)) !== undefined) return;
    await this.effects.deny(tx, orderKey(prescriptionId), word.redrivenAt);
  }

  /** Whether the pharmacy said anything of it, be it without the order's number: then it has the order. */
  async isHeardOf(tx: Tx, prescriptionId: string): Promise<boolean> {
    if (await this.orders.isReported(tx, prescriptionId)) return true;
    return (await this.inbox.told(tx, lifefileSource, { prescriptionId })).length > 0;
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
