import { Inject, Injectable } from '@nestjs/common';
import { rotatingSecrets, type Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { Refused } from '../../../platform/effects/index.js';
import { Unrecoverable } from '../../../platform/jobs/index.js';
import { verifySharedSecret, verifyTimestampedHmac, type SignatureVerdict } from '../../webhooks/index.js';
import { chooseRate, type OfferedRate } from '../parcel.policy.js';
import type { TrackingReport } from '../tracking.policy.js';
import { downloadLabel } from './label-download.js';
import {
  LabelGateway,
  notRefunded,
  voidRefused,
  type BoughtLabel,
  type PostalAddress,
  type Quote,
  type QuoteRequest,
  type TrackingNews,
  type VoidedLabel,
} from './label-gateway.port.js';
import {
  boughtLabelOf,
  isScanned,
  rawTransaction,
  rawTransactions,
  reportsOfTrack,
  trackingNewsOf,
  underWay,
  voidStates,
  type RawTransaction,
} from './shippo.answers.js';
import { shippoClient, type Shippo, type ShippoSettings } from './shippo.client.js';
import { ShippoUnanswered, unparsedBodyOf, vendorErrorOf } from './shippo.errors.js';

const timeoutMs = 20_000;
/** One purchase per rate is what should be there; a page holds every failed try beside it. */
const pageSize = 25;

/** Shippo through its own SDK. */
@Injectable()
export class ShippoGateway extends LabelGateway {
  private shippo: Shippo | undefined;
  private readonly webhookSecrets: readonly string[];

  constructor(@Inject(CONFIG) private readonly config: ShippoSettings & Pick<Config, 'SHIPPO_WEBHOOK_SECRET'>) {
    super();
    this.webhookSecrets = rotatingSecrets(config.SHIPPO_WEBHOOK_SECRET);
  }

  get isOn(): boolean {
    return this.config.SHIPPO_API_TOKEN !== undefined;
  }

  quote(request: QuoteRequest): Promise<Quote> {
    return this.ask(async (shippo) => {
      const checked = await shippo.addresses.create({ ...addressOf(request.to), validate: true });
      if (checked.validationResults?.isValid === false) throw addressRefused();
      const { lengthIn, widthIn, heightIn, weightOz } = request.parcel;
      const shipment = await shippo.shipments.create({
        addressFrom: addressOf(request.from),
        addressTo: addressOf(request.to),
        parcels: [
          {
            length: String(lengthIn),
            width: String(widthIn),
            height: String(heightIn),
            distanceUnit: 'in',
            weight: String(weightOz),
            massUnit: 'oz',
          },
        ],
        metadata: request.reference,
        async: false,
        ...(request.adultSignature && { extra: { signatureConfirmation: 'ADULT' } }),
      });
      const rates = shipment.rates.map((rate): OfferedRate => ({
        id: rate.objectId,
        carrier: rate.provider.toLowerCase().replaceAll(' ', '_'),
        service: rate.servicelevel.token ?? rate.servicelevel.name ?? '',
        amountCents: Math.round(Number(rate.amount) * 100),
        currency: rate.currency,
        estimatedDays: rate.estimatedDays,
      }));
      const chosen = chooseRate(rates, request.serviceLevel);
      if (chosen === undefined) throw noRate(shipment.messages);
      const { id: rateId, estimatedDays, ...rest } = chosen;
      return { id: shipment.objectId, rateId, ...rest, estimatedDays: estimatedDays ?? null };
    });
  }

  buy({ rateId, reference }: { rateId: string; reference: string }): Promise<BoughtLabel> {
    return this.ask(async (shippo) => {
      const request = { rate: rateId, labelFileType: 'PDF_4x6', metadata: reference, async: false } as const;
      return boughtLabelOf(rawTransaction(await unlessUnparsed(shippo.transactions.create(request))), rateId);
    });
  }

  find(rateId: string): Promise<BoughtLabel | undefined> {
    return this.ask(async (shippo) => {
      const answer = await unlessUnparsed(shippo.transactions.list({ rate: rateId, results: pageSize }));
      const bought = rawTransactions(answer).filter(({ status }) => status !== 'ERROR');
      const best = bought.find(({ status }) => !underWay.has(status ?? '')) ?? bought[0];
      return best === undefined ? undefined : boughtLabelOf(best, rateId);
    });
  }

  document(transactionId: string): Promise<Buffer> {
    return this.ask(async (shippo) => {
      const { label_url: url } = await transactionOf(shippo, transactionId);
      if (url === undefined) throw new ShippoUnanswered('shippo.pending');
      return downloadLabel(url, this.config.SHIPPO_API_BASE);
    });
  }

  void(transactionId: string): Promise<VoidedLabel> {
    return this.ask(async (shippo) => {
      try {
        const refund = await shippo.refunds.create({ transaction: transactionId, async: false });
        if (refund.status === 'ERROR') throw usedLabel();
        return { id: refund.objectId ?? transactionId, state: refund.status ?? 'QUEUED' };
      } catch (error) {
        const mapped = vendorErrorOf(error);
        if (!isBadRequest(mapped)) throw mapped;
        return unrefunded(await transactionOf(shippo, transactionId), transactionId);
      }
    });
  }

  findVoid(transactionId: string): Promise<VoidedLabel | undefined> {
    return this.ask(async (shippo) => voidOf(await transactionOf(shippo, transactionId), transactionId));
  }

  follow(carrier: string, trackingNumber: string): Promise<void> {
    return this.ask(async (shippo) => {
      await unlessUnparsed(shippo.trackingStatus.create({ carrier, trackingNumber }));
    });
  }

  track(carrier: string, trackingNumber: string): Promise<TrackingReport[]> {
    return this.ask(async (shippo) =>
      reportsOfTrack(await unlessUnparsed(shippo.trackingStatus.get(trackingNumber, carrier))),
    );
  }

  verify(webhook: {
    raw: Buffer;
    signature?: string | undefined;
    token?: string | undefined;
    now: Date;
  }): SignatureVerdict {
    const { raw: body, signature: header, token, now } = webhook;
    const secrets = this.webhookSecrets;
    const verdicts = [
      ...(header === undefined ? [] : [verifyTimestampedHmac({ header, body, secrets, now })]),
      ...(token === undefined ? [] : [verifySharedSecret(token, secrets)]),
    ];
    return verdicts.find((verdict) => verdict !== 'valid') ?? verdicts[0] ?? verifySharedSecret(undefined, secrets);
  }

  read(raw: Buffer): TrackingNews | undefined {
    return trackingNewsOf(raw);
  }

  private async ask<T>(question: (shippo: Shippo) => Promise<T>): Promise<T> {
    this.shippo ??= shippoClient(this.config, timeoutMs);
    if (this.shippo === undefined) throw new Unrecoverable('vendor.off', 'SHIPPO_API_TOKEN is not set');
    try {
      return await question(this.shippo);
    } catch (error) {
      throw vendorErrorOf(error);
    }
  }
}

async function transactionOf(shippo: Shippo, id: string): Promise<RawTransaction> {
  return rawTransaction(await unlessUnparsed(shippo.transactions.get(id)));
}

/**
 * One answer for every label that is not refunded now: what became of it, and of its parcel, tells them apart.
 * @returns the void of a label that was refunded before, by whomever
 */
function unrefunded(transaction: RawTransaction, id: string): VoidedLabel {
  const earlier = voidOf(transaction, id);
  if (earlier !== undefined) return earlier;
  throw isScanned(transaction) ? usedLabel() : new Refused(notRefunded, 'the label is not taken back');
}

function voidOf({ status }: RawTransaction, id: string): VoidedLabel | undefined {
  return status !== undefined && voidStates.has(status) ? { id, state: status } : undefined;
}

/** What was answered, also when the SDK's schema refuses it: the effect has happened all the same. */
async function unlessUnparsed(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    const body = unparsedBodyOf(error);
    if (body === undefined) throw error;
    return body;
  }
}

function addressOf(address: PostalAddress) {
  const { name, line1, line2, city, state, zip, phone, email } = address;
  return {
    name,
    street1: line1,
    ...(line2 !== undefined && { street2: line2 }),
    city,
    state,
    zip,
    country: 'US',
    ...(phone !== undefined && { phone }),
    ...(email !== undefined && { email }),
  };
}

const isBadRequest = (error: unknown) => error instanceof Refused && error.code === 'shippo.400';
const addressRefused = () => new Refused('shipping.address-refused', 'the carrier does not know this address');
const usedLabel = () => new Refused(voidRefused, 'the carrier has scanned the parcel');

function noRate(messages: readonly { code?: string | undefined }[]): Refused {
  const address = messages.some(({ code }) => /address/i.test(code ?? ''));
  return address ? addressRefused() : new Refused('shipping.no-rate', 'no carrier offers to take this parcel');
}
