import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import {
  admitted,
  isBelievable,
  parkedFor,
  WebhookSources,
  type Arrival,
  type ReceivedWebhook,
  type WebhookVerdict,
} from '../webhooks/index.js';
import { LabelGateway, type TrackingNews } from './gateways/label-gateway.port.js';
import { isSameCarrier } from './parcel.policy.js';
import { ShipmentsStore } from './shipments.store.js';
import { meantBy } from './tracking.policy.js';
import { Tracking } from './tracking.service.js';

export const shippoSource = 'shippo';

export function shippoArrival(gateway: LabelGateway, raw: Buffer, headers: Arrival['headers']): Arrival {
  const news = gateway.read(raw);
  return {
    dedupeKey: dedupeKeyOf(news) ?? sha256(raw),
    eventType: news?.eventType ?? 'unreadable',
    raw,
    headers,
  };
}

/** Of one number of another carrier it is another parcel's event: neither may pass for the other's repeat. */
function dedupeKeyOf(news: TrackingNews | undefined): string | undefined {
  const track = news?.track;
  return track?.report === undefined ? undefined : `${track.report.dedupeKey}+${track.carrier}`;
}

/** What Shippo pushes about parcels. */
@Injectable()
export class ShippoUpdates implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly sources: WebhookSources,
    private readonly gateway: LabelGateway,
    private readonly shipments: ShipmentsStore,
    private readonly tracking: Tracking,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      source: shippoSource,
      handle: (event) => this.handle(event),
      read: (raw, headers) => [shippoArrival(this.gateway, raw, headers)],
    });
  }

  private async handle(event: ReceivedWebhook): Promise<WebhookVerdict> {
    const news = this.gateway.read(event.raw);
    if (news === undefined) return { outcome: 'parked', code: 'shippo.unreadable' };
    const { track } = news;
    if (track === undefined) return { outcome: 'ignored' };
    return await this.db.tx(systemContext, (tx) => this.apply(tx, event, track));
  }

  private async apply(
    tx: Tx,
    event: ReceivedWebhook,
    { carrier, trackingNumber, report, word }: NonNullable<TrackingNews['track']>,
  ): Promise<WebhookVerdict> {
    const numbered = await this.shipments.byTrackingNumber(tx, trackingNumber);
    // Numbers are a carrier's own; another one may well use the same. A pharmacy's parcel may have none we know.
    const parcels = numbered.filter(
      (parcel) => admitted(parcel, event) && (parcel.carrier === null || isSameCarrier(parcel.carrier, carrier)),
    );
    const [first] = parcels;
    if (first === undefined)
      return parkedFor('shipping.unknown-parcel', { trackingNumber, carrier }, event, this.clock.now());
    const related = { trackingNumber, shipmentIds: parcels.map(({ id }) => id) };
    // Carriers use numbers again after a while; whose parcel this is, is for people to say.
    if (parcels.some(({ organizationId }) => organizationId !== first.organizationId)) {
      return { outcome: 'parked', code: 'shipping.ambiguous', related };
    }
    const { organizationId } = first;
    if (report === undefined) {
      return { outcome: 'parked', code: 'shippo.unknown-word', organizationId, related: { ...related, word } };
    }
    const believed = isBelievable(report.occurredAt, event.receivedAt);
    const meant = meantBy(believed ? report.occurredAt : event.receivedAt, parcels);
    for (const parcel of meant) {
      await this.tracking.carrierReport(tx, parcel, report, {
        source: 'shippo',
        trigger: 'webhook',
        heardAt: event.receivedAt,
        webhookEventId: event.id,
        jobId: event.jobId,
      });
    }
    const findings = believed ? {} : { findings: ['shippo.time-unbelievable'] };
    const shipmentIds = meant.map(({ id }) => id);
    return { outcome: 'processed', organizationId, related: { ...related, shipmentIds, ...findings } };
  }
}
