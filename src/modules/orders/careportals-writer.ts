import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Customers } from './customers.service.js';
import { writePrescription } from './external-prescriptions.store.js';
import { OrderLinks } from './order-links.js';
import { OrdersStore, type NewOrderEvent } from './orders.store.js';
import { SubscriptionsStore } from './subscriptions.store.js';
import { orderNamesOf } from './wire/bodies.js';
import { compact } from './wire/fields.js';
import type { News, OrderNames, OrderNews, OrderPart, PrescriptionNews, SubscriptionNews } from './wire/parts.js';
import { orderWordOf } from './wire/words.policy.js';

export interface Origin {
  organizationId: string;
  webhookEventId: string;
  /** The job that writes it. */
  jobId: string | undefined;
  receivedAt: Date;
}

export interface Written {
  outcome: 'written' | 'unknown-order' | 'ambiguous';
  /** Ids: ours, and CarePortals' names of the thing. */
  related: Readonly<Record<string, string>>;
}

/** Writes what one event says, and tells anew what depends on it. */
@Injectable()
export class CarePortalsWriter {
  constructor(
    private readonly customers: Customers,
    private readonly orders: OrdersStore,
    private readonly subscriptions: SubscriptionsStore,
    private readonly links: OrderLinks,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async write(tx: Tx, news: News, origin: Origin): Promise<Written> {
    const saidAt = news.saidAt === undefined ? origin.receivedAt : new Date(news.saidAt);
    switch (news.kind) {
      case 'order':
        return this.order(tx, news, origin, saidAt);
      case 'subscription':
        return this.subscription(tx, news, origin, saidAt);
      case 'prescription':
        return this.prescription(tx, news, origin, saidAt);
    }
  }

  private async order(tx: Tx, news: OrderNews, origin: Origin, saidAt: Date): Promise<Written> {
    const { contact } = news;
    const { organizationId, webhookEventId } = origin;
    const related = namesOf(orderNamesOf(news));
    const found = await this.orderOf(tx, news, organizationId, saidAt);
    if (typeof found === 'string') return { outcome: found, related };
    const orderId = found.id;
    const noted = await this.customers.noted(tx, organizationId, contact, saidAt);
    const about = { orderId, organizationId, webhookEventId, contactId: noted?.contactId };
    await this.orders.report(tx, about, { contact, part: found.part }, saidAt);
    await this.orders.addEvents(tx, { id: orderId, organizationId }, eventsOf(news, webhookEventId, saidAt));
    await this.orders.refresh(tx, orderId);
    const customerIds = [...(noted?.customerIds ?? []), ...(await this.orders.customersOf(tx, orderId))];
    await this.links.tellAnew(tx, {
      organizationId,
      orderIds: [orderId],
      customerIds,
      references: Object.values(related),
      prescriptionIds: [],
      jobId: origin.jobId,
    });
    return { outcome: 'written', related: { ...related, orderRecordId: orderId } };
  }

  /** The order both names mean, made when it is new, and what is said of it. */
  private async orderOf(
    tx: Tx,
    { part, orderId, creates }: OrderNews,
    organizationId: string,
    saidAt: Date,
  ): Promise<{ id: string; part: OrderPart } | 'ambiguous' | 'unknown-order'> {
    const { externalId } = part;
    const found = await this.orders.named(tx, organizationId, part, orderId);
    const [byId] = found.filter((order) => externalId !== undefined && order.externalId === externalId);
    const others = found.filter((order) => order !== byId);
    // A number is CarePortals' to give twice; then only `_id` tells two orders apart.
    const nameless = others.filter((order) => externalId === undefined || order.externalId === null);
    if (byId !== undefined) {
      const [other] = nameless;
      if (other !== undefined && byId.number === null) await this.orders.absorb(tx, byId.id, other.id);
      return { id: byId.id, part };
    }
    const [only, ...more] = nameless;
    if (more.length > 0) return 'ambiguous';
    if (only !== undefined) return { id: only.id, part };
    // The names beside `orderId` are then those of the update itself.
    const [named] = others.filter((order) => orderId !== undefined && order.externalId === orderId);
    if (named !== undefined) return { id: named.id, part: compact({ ...part, ...noNames }) };
    if (!creates) return 'unknown-order';
    return { id: await this.orders.insert(tx, organizationId, part, saidAt), part };
  }

  private async subscription(tx: Tx, news: SubscriptionNews, origin: Origin, saidAt: Date): Promise<Written> {
    const { organizationId, webhookEventId } = origin;
    const noted = await this.customers.noted(tx, organizationId, news.contact, saidAt);
    const externalId = news.externalId ?? this.keyring.blindIndex('subscriptions', JSON.stringify(news.contact));
    const said = { organizationId, webhookEventId, contactId: noted?.contactId, occurredAt: saidAt };
    const subscriptionId = await this.subscriptions.stopped(tx, said, news, externalId);
    await this.links.tellAnew(tx, {
      organizationId,
      orderIds: [],
      customerIds: noted?.customerIds ?? [],
      references: [],
      prescriptionIds: [],
      jobId: origin.jobId,
    });
    return { outcome: 'written', related: { ...namesOf(news), subscriptionId } };
  }

  private async prescription(tx: Tx, news: PrescriptionNews, origin: Origin, saidAt: Date): Promise<Written> {
    const { organizationId, webhookEventId } = origin;
    const noted = await this.customers.noted(tx, organizationId, news.contact, saidAt);
    const digestOf = (content: unknown) => this.keyring.blindIndex('external_prescriptions', JSON.stringify(content));
    const reference = news.order.externalId ?? news.order.number ?? null;
    const known = await writePrescription(tx, {
      organizationId,
      webhookEventId,
      externalId: news.externalId ?? digestOf(news),
      contactId: noted?.contactId ?? null,
      orderReference: reference,
      drugName: news.drugName ?? null,
      quantity: news.quantity ?? null,
      status: news.status ?? null,
      digest: digestOf([news, saidAt.toISOString()]),
      writtenAt: saidAt,
      now: this.clock.now(),
    });
    await this.links.tellAnew(tx, {
      organizationId,
      orderIds: [],
      customerIds: [...(noted?.customerIds ?? []), ...known.customerIds],
      references: known.orderReference === null ? [] : [known.orderReference],
      prescriptionIds: [],
      jobId: origin.jobId,
    });
    const orderNamed = reference === null ? {} : { orderReference: reference };
    return { outcome: 'written', related: { ...namesOf(news), ...orderNamed, externalPrescriptionId: known.id } };
  }
}

const noNames = { externalId: undefined, number: undefined, otherName: undefined };

function namesOf({ externalId, number }: OrderNames): Record<string, string> {
  return {
    ...(externalId !== undefined && { externalId }),
    ...(number !== undefined && { number }),
  };
}

/** Each entry of a history at its own time. A new order of which nothing else is said is pending. */
function eventsOf({ statuses, creates, part }: OrderNews, webhookEventId: string, saidAt: Date): NewOrderEvent[] {
  const placedAt = part.placedAt ?? saidAt.toISOString();
  const told = creates && statuses.length === 0 ? [{ word: 'pending', at: placedAt }] : statuses;
  return told.flatMap(({ word, at }) => {
    const known = orderWordOf(word);
    if (known === undefined) return [];
    const occurredAt = at === undefined ? saidAt : new Date(at);
    const sourceKey = `status:${known}:${occurredAt.toISOString()}`;
    return [{ kind: 'status' as const, word: known, sourceKey, webhookEventId, occurredAt }];
  });
}
