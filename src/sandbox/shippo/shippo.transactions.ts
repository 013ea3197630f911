import type { z } from 'zod';
import { digits, hex } from '../core/ids.js';
import type { World } from '../core/world.js';
import { ShippoRefusal } from './shippo.errors.js';
import type { labelTypes, transactionInput, TrackStatus } from './shippo.params.js';
import type { Rate } from './shippo.rates.js';
import { stamps, type Notice, type Shipment, type Shipments } from './shippo.shipments.js';
import type { Tracks } from './shippo.tracks.js';

export interface Transaction {
  object_id: string;
  object_owner: string;
  object_created: string;
  object_updated: string;
  object_state: 'VALID';
  status: 'QUEUED' | 'SUCCESS' | 'ERROR' | 'REFUNDED' | 'REFUNDPENDING';
  rate: string;
  parcel?: string;
  label_file_type: (typeof labelTypes)[number];
  label_url?: string;
  tracking_number?: string;
  tracking_status?: TrackStatus;
  tracking_url_provider?: string;
  eta?: string;
  metadata: string;
  messages: Notice[];
  test: true;
}

export interface Refund {
  object_id: string;
  object_owner: string;
  object_created: string;
  object_updated: string;
  status: 'QUEUED' | 'PENDING' | 'SUCCESS' | 'ERROR';
  transaction: string;
  test: true;
}

/** Real time: an asynchronous purchase is ready, and a void is granted, this long after it was asked for. */
const SETTLE_MS = 150;

const trackingUrl: Record<string, string> = {
  USPS: 'https://tools.usps.com/go/TrackConfirmAction_input?origTrackNum=',
  UPS: 'https://www.ups.com/track?tracknum=',
};

/** Labels bought and given back. Shippo has no idempotency: a second purchase of a rate is a second label. */
export class Transactions {
  readonly all = new Map<string, Transaction>();
  readonly refunds = new Map<string, Refund>();

  constructor(
    private readonly world: World,
    private readonly shipments: Shipments,
    private readonly tracks: Tracks,
  ) {}

  reset(): void {
    this.all.clear();
    this.refunds.clear();
  }

  buy(input: z.infer<typeof transactionInput>): Transaction {
    const rate = this.rateOf(input);
    const shipment = this.shipments.shipment(rate.shipment);
    const transaction: Transaction = {
      ...stamps(),
      object_state: 'VALID',
      status: 'QUEUED',
      rate: rate.object_id,
      ...(shipment.parcels[0] && { parcel: shipment.parcels[0].object_id }),
      label_file_type: input.label_file_type,
      metadata: input.metadata ?? '',
      messages: [],
    };
    this.all.set(transaction.object_id, transaction);
    const problems = senderProblems(rate, shipment);
    if (problems.length > 0) {
      const refuse = (): void => this.update(transaction.object_id, { status: 'ERROR', messages: problems });
      if (input.async) this.world.scheduler.afterReal(SETTLE_MS, refuse);
      else refuse();
      return transaction;
    }
    this.world.ledger.record({
      vendor: 'shippo',
      kind: 'label',
      key: rate.object_id,
      id: transaction.object_id,
      digest: {
        reference: input.metadata ?? (shipment.metadata === '' ? shipment.object_id : shipment.metadata),
        amount: rate.amount,
      },
    });
    if (input.async) this.world.scheduler.afterReal(SETTLE_MS, () => this.print(transaction, rate, shipment));
    else this.print(transaction, rate, shipment);
    return transaction;
  }

  find(id: string): Transaction {
    const transaction = this.all.get(id);
    if (!transaction) throw new ShippoRefusal(404, `Transaction with id ${id} not found.`);
    return this.fresh(transaction);
  }

  /** Newest first. */
  list(filter: { rate?: string | undefined; status?: string | undefined }): Transaction[] {
    return [...this.all.values()]
      .reverse()
      .filter((one) => filter.rate === undefined || one.rate === filter.rate)
      .filter((one) => filter.status === undefined || one.status === filter.status)
      .map((one) => this.fresh(one));
  }

  refund(transactionId: string): Refund {
    const transaction = this.find(transactionId);
    if (transaction.status !== 'SUCCESS')
      throw new ShippoRefusal(400, `A label that is ${transaction.status} cannot be refunded.`);
    if (transaction.tracking_status !== 'PRE_TRANSIT' && transaction.tracking_status !== 'UNKNOWN') {
      throw new ShippoRefusal(400, 'A label that the carrier has scanned cannot be refunded.');
    }
    const refund: Refund = { ...stamps(), status: 'QUEUED', transaction: transactionId };
    this.refunds.set(refund.object_id, refund);
    this.update(transactionId, { status: 'REFUNDPENDING' });
    if (transaction.tracking_number) this.tracks.forget(transaction.tracking_number);
    this.world.ledger.record({
      vendor: 'shippo',
      kind: 'refund',
      key: transactionId,
      id: refund.object_id,
      digest: { reference: transaction.metadata },
    });
    this.world.scheduler.afterReal(SETTLE_MS, () => {
      refund.status = 'SUCCESS';
      this.update(transactionId, { status: 'REFUNDED' });
    });
    return refund;
  }

  private rateOf(input: z.infer<typeof transactionInput>): Rate {
    if ('rate' in input) {
      const rate = this.shipments.rates.get(input.rate);
      if (!rate) throw new ShippoRefusal(400, `Rate with supplied object_id ${input.rate} not found.`);
      return rate;
    }
    const shipment = this.shipments.createShipment(input.shipment);
    const rate = shipment.rates.find((one) => one.servicelevel.token === input.servicelevel_token);
    if (!rate) throw new ShippoRefusal(400, `No rate for service level ${input.servicelevel_token}.`);
    return rate;
  }

  private print(transaction: Transaction, rate: Rate, shipment: Shipment): void {
    const trackingNumber = newTrackingNumber(rate.provider);
    const extension = transaction.label_file_type.startsWith('PNG') ? 'png' : 'pdf';
    const eta = new Date(Date.now() + rate.estimated_days * 86_400_000).toISOString();
    this.update(transaction.object_id, {
      status: 'SUCCESS',
      tracking_number: trackingNumber,
      tracking_status: 'UNKNOWN',
      tracking_url_provider: `${trackingUrl[rate.provider] ?? ''}${trackingNumber}`,
      label_url: `${this.world.settings.url}/shippo/labels/${transaction.object_id}.${extension}`,
      eta,
    });
    this.tracks.follow({
      carrier: rate.provider.toLowerCase(),
      number: trackingNumber,
      metadata: transaction.metadata,
      days: rate.estimated_days,
      eta,
      from: shipment.address_from,
      to: shipment.address_to,
      servicelevel: rate.servicelevel,
      transaction: transaction.object_id,
    });
  }

  private update(id: string, change: Partial<Transaction>): void {
    const transaction = this.all.get(id);
    if (transaction) Object.assign(transaction, change, { object_updated: new Date().toISOString() });
  }

  private fresh(transaction: Transaction): Transaction {
    const status = transaction.tracking_number ? this.tracks.statusOf(transaction.tracking_number) : undefined;
    return status ? { ...transaction, tracking_status: status } : transaction;
  }
}

/** Rates need neither; the label does, and only its purchase says so. */
function senderProblems({ provider }: Rate, { address_from: { email, phone } }: Shipment): Notice[] {
  if (provider !== 'USPS' || (email && phone)) return [];
  const text = 'Seller email and phone number required for USPS.';
  return [{ source: 'USPS', code: 'sender_info_missing', text }];
}

function newTrackingNumber(provider: string): string {
  if (provider === 'UPS') return `1Z${hex(6).toUpperCase()}03${digits(8)}`;
  const body = `9400${digits(17)}`;
  return body + String(checkDigit(body));
}

/** USPS Intelligent Mail package barcode: modulo 10, weights 3 and 1 from the right. */
function checkDigit(body: string): number {
  const sum = Array.from(body)
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}
