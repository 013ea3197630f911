import { Injectable } from '@nestjs/common';
import { sha256 } from '../../platform/crypto/index.js';
import { unseen, type Tx } from '../../platform/db/index.js';
import { Effects, Refused } from '../../platform/effects/index.js';
import {
  LabelGateway,
  type BoughtLabel,
  type Quote,
  type QuoteRequest,
  type VoidedLabel,
} from './gateways/label-gateway.port.js';
import type { Shipment } from './shipment.entity.js';

export interface LabelOf {
  prescriptionId: string;
  organizationId: string;
  /** Which parcel of the prescription; a refused purchase counts, so that the next one starts from fresh prices. */
  attempt: number;
}

/** A quote, and when a person last corrected the address on file before it (ISO time): a later address has no price yet. */
export type AddressedQuote = Quote & { addressSetAt?: string };

const labelKind = 'shippo.label';

/**
 * Everything that costs at the carrier, each under a key of its own. The quote is an effect too, because its rate is the only
 * name by which Shippo finds a purchase whose answer was lost.
 */
@Injectable()
export class LabelEffects {
  constructor(
    private readonly effects: Effects,
    private readonly gateway: LabelGateway,
  ) {}

  /** The number of the label to be bought, or being bought, next. */
  async attempt(tx: Tx, prescriptionId: string): Promise<number> {
    const row = await tx.one<{ attempt: number }>(
      `SELECT 1
         + (SELECT count(*) FROM shipments WHERE prescription_id = ${unseen(1, 'uuid')} AND kind = 'platform_label')
         + (SELECT count(*) FROM effects
            WHERE aggregate_id = ${unseen(1, 'uuid')} AND kind = $2 AND state = 'refused') AS attempt`,
      [prescriptionId, labelKind],
    );
    return row?.attempt ?? 1;
  }

  /** The quote behind a label that may have been bought without our noticing. */
  async purchaseUnderWay(tx: Tx, label: LabelOf): Promise<Quote | undefined> {
    const row = await tx.one<{ quote: Quote }>(
      `SELECT quote.reply AS quote FROM effects purchase JOIN effects quote ON quote.key = $2
       WHERE purchase.key = $1 AND purchase.state <> 'refused' AND quote.state = 'confirmed'`,
      [labelKey(label), quoteKey(label)],
    );
    return row?.quote;
  }

  /** The first answer stays the price of this number. */
  quote(label: LabelOf, request: QuoteRequest, addressSetAt: Date | null): Promise<AddressedQuote> {
    return this.effects.once({
      ...about(label),
      key: quoteKey(label),
      kind: 'shippo.shipment',
      // Not of the address: a digest of an address can be guessed back.
      requestHash: sha256(`shipment ${label.prescriptionId} ${label.attempt}`),
      call: async () => ({
        ...(await this.gateway.quote(request)),
        ...(addressSetAt !== null && { addressSetAt: addressSetAt.toISOString() }),
      }),
    });
  }

  /** Buys, or finds what an earlier try bought: never a second label for one rate. */
  buy(label: LabelOf, { rateId }: Quote): Promise<BoughtLabel> {
    return this.purchase(label, rateId, () => this.gateway.buy({ rateId, reference: label.prescriptionId }));
  }

  /** Finds what an earlier try bought, and buys nothing. @returns undefined when nothing was bought */
  async settlePurchase(label: LabelOf, { rateId }: Quote): Promise<BoughtLabel | undefined> {
    try {
      return await this.purchase(label, rateId, () => Promise.reject(new Refused(abandoned, 'no longer wanted')));
    } catch (error) {
      if (error instanceof Refused && error.code === abandoned) return undefined;
      throw error;
    }
  }

  document(transactionId: string): Promise<Buffer> {
    return this.gateway.document(transactionId);
  }

  /** @throws Refused `shipping.void-refused` */
  void(shipment: Shipment, transactionId: string): Promise<VoidedLabel> {
    return this.effects.once({
      key: `void:${shipment.id}`,
      kind: 'shippo.void',
      requestHash: sha256(`void ${transactionId}`),
      aggregateId: shipment.prescriptionId,
      organizationId: shipment.organizationId,
      call: () => this.gateway.void(transactionId),
      lookup: () => this.gateway.findVoid(transactionId),
    });
  }

  private purchase(label: LabelOf, rateId: string, call: () => Promise<BoughtLabel>): Promise<BoughtLabel> {
    return this.effects.once({
      ...about(label),
      key: labelKey(label),
      kind: labelKind,
      requestHash: sha256(`label ${rateId}`),
      call,
      lookup: () => this.gateway.find(rateId),
    });
  }
}

const abandoned = 'shipping.purchase-abandoned';
const quoteKey = ({ prescriptionId, attempt }: LabelOf) => `shipment:${prescriptionId}:${attempt}`;
const labelKey = ({ prescriptionId, attempt }: LabelOf) => `label:${prescriptionId}:${attempt}`;
const about = ({ prescriptionId, organizationId }: LabelOf) => ({ aggregateId: prescriptionId, organizationId });
