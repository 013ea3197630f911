import type { z } from 'zod';
import { eventNames, type EventName } from './event-name.policy.js';
import { compact, firstOf } from './fields.js';
import type { Plain } from './keys.policy.js';
import type {
  Address,
  Contact,
  LineItem,
  News,
  OrderNames,
  OrderNews,
  OrderPart,
  PrescriptionNews,
  StatusEntry,
  SubscriptionNews,
} from './parts.js';

import { orderBody, prescriptionBody, subscriptionBody, type address, type lineItem, type person } from './schemas.js';

/** @returns undefined when the body is not of the event's form */
export function readNews(name: EventName, body: { [key: string]: Plain }): News | undefined {
  return readers[name](unwrapped(name, body));
}

const readers: Readonly<Record<EventName, (body: unknown) => News | undefined>> = {
  'order.created': (body) => orderNews(body, true),
  'order.status_updated': (body) => orderNews(body, false),
  'subscription.cancelled': (body) => subscriptionNews(body, 'cancelled'),
  'subscription.paused': (body) => subscriptionNews(body, 'paused'),
  'prescription.created': prescriptionNews,
};

/** The names of the order a body is about, or says it belongs to. What may be either name stands as both. */
export function orderNamesOf(news: News): OrderNames {
  if (news.kind === 'subscription') return {};
  if (news.kind === 'prescription') return news.order;
  const { part, orderId } = news;
  return compact({ externalId: part.externalId ?? orderId, number: part.number ?? orderId });
}

/** Where a body may say whose it is: beside the thing itself, or in it. */
export function organizationsIn(body: { [key: string]: Plain }): Plain[] {
  return [body, ...[...wrappers, ...eventNames.map(subjectOf)].map((name) => body[name])].flatMap((one) =>
    isObject(one) && one['organization'] !== undefined ? [one['organization']] : [],
  );
}

const wrappers = ['data', 'payload'];
const subjectOf = (name: EventName) => name.split('.')[0] ?? '';

function isObject(one: Plain | undefined): one is { [key: string]: Plain } {
  return typeof one === 'object' && one !== null && !Array.isArray(one);
}

/** Some senders put the thing itself under `data` or under its own name, beside the name of the event. */
function unwrapped(name: EventName, body: { [key: string]: Plain }): { [key: string]: Plain } {
  // A prescription's `order` says which order it belongs to and is no wrapper.
  return { ...body, ...[...wrappers, subjectOf(name)].map((wrapper) => body[wrapper]).find(isObject) };
}

function orderNews(body: unknown, creates: boolean): OrderNews | undefined {
  const parsed = orderBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const externalId = data._id;
  // A new order has no other number; who updates one may mean either of its names.
  const number = creates ? firstOf(data.id, data.orderId) : data.id;
  const orderId = creates ? undefined : data.orderId;
  if (firstOf(externalId, number, orderId) === undefined) return undefined;
  const statuses = statusesOf(data, creates);
  const told = partOf(data, creates);
  // A status update of which nothing was read said it in words we do not know.
  if (!creates && statuses.length === 0 && Object.keys(told).length === 0) return undefined;
  const { updatedAt, timestamp, changedAt, occurredAt } = data;
  const saidAt = firstOf(updatedAt, timestamp, changedAt, occurredAt, placementOf(data, creates));
  return {
    kind: 'order',
    creates,
    contact: contactOf(data.customer),
    statuses,
    findings: findingsOf(data, creates || statuses.length > 0 || told.tracking !== undefined),
    ...compact({ orderId, saidAt }),
    part: { ...compact({ externalId, number, otherName: otherNameOf(externalId, orderId) }), ...told },
  };
}

/** `createdAt` is when the order was placed, which dates the body of a new order and none that comes later. */
function placementOf({ createdAt }: OrderBody, creates: boolean): string | undefined {
  return creates ? createdAt : undefined;
}

/** What an update calls its order beside `_id`. */
function otherNameOf(externalId: string | undefined, orderId: string | undefined): string | undefined {
  return externalId === undefined || orderId === externalId ? undefined : orderId;
}

/** All but its names. */
function partOf(data: OrderBody, creates: boolean): OrderPart {
  const lineItems = data.lineItems?.map(lineItemOf);
  return compact({
    source: data.source,
    coupon: data.coupon,
    currency: data.currency?.toUpperCase(),
    baseCents: data.baseAmount,
    discountCents: data.discountAmount,
    creditCents: data.creditUsedAmount,
    totalCents: data.totalAmount,
    reductionType: data.reductionType ?? unanimous(lineItems),
    placedAt: placementOf(data, creates),
    lineItems,
    shipping: addressOf(data.shippingAddress),
    billing: addressOf(data.billingAddress),
    tracking: trackingOf(data),
  });
}

function subscriptionNews(body: unknown, word: SubscriptionNews['word']): SubscriptionNews | undefined {
  const parsed = subscriptionBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const externalId = firstOf(data.subscriptionId, data._id, data.id);
  const contact = contactOf(data.customer);
  if (externalId === undefined && Object.keys(contact).length === 0) return undefined;
  const happened = { cancelled: firstOf(data.cancelledAt, data.canceledAt), paused: data.pausedAt }[word];
  return {
    kind: 'subscription',
    word,
    contact,
    ...compact({
      externalId,
      product: firstOf(data.productName, data.product, data.name),
      source: data.source,
      coupon: data.coupon,
      reason: firstOf(data.reason, data.cancelReason, data.cancellationReason, data.pauseReason),
      totalCents: data.totalAmount,
      startedAt: data.createdAt,
      saidAt: firstOf(happened, data.updatedAt, data.timestamp),
    }),
  };
}

function prescriptionNews(body: unknown): PrescriptionNews | undefined {
  const parsed = prescriptionBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const order = typeof data.order === 'string' ? { _id: data.order, id: undefined } : data.order;
  return {
    kind: 'prescription',
    contact: contactOf(data.customer),
    order: compact({ externalId: firstOf(order?._id, data.orderId), number: firstOf(order?.id, data.orderId) }),
    ...compact({
      externalId: firstOf(data.prescriptionId, data._id, data.id),
      drugName: firstOf(data.drugName, data.medicationName, data.medication),
      quantity: data.quantity,
      status: data.status,
      saidAt: firstOf(data.prescribedAt, data.createdAt, data.updatedAt, data.timestamp),
    }),
  };
}

function contactOf(customer: z.output<typeof person> | null | undefined): Contact {
  const { _id, id, email, phone, firstName, lastName } = customer ?? {};
  return compact({ externalId: _id ?? id, email, phone, firstName, lastName });
}

function addressOf(given: z.output<typeof address> | null | undefined): Address | undefined {
  if (given === null || given === undefined) return undefined;
  const name = [given.firstName, given.lastName].filter((part) => part !== undefined).join(' ');
  return compact({
    name: name === '' ? undefined : name,
    line1: given.address1,
    line2: given.address2,
    city: given.city,
    state: given.provinceCode ?? given.state,
    zip: given.postalCode ?? given.zip,
    country: given.countryCode ?? given.country,
    phone: given.phone,
  });
}

function lineItemOf({ discount, ...item }: z.output<typeof lineItem>): LineItem {
  return {
    quantity: item.quantity ?? 1,
    isSubscription: item.isSubscription ?? false,
    ...compact({
      productId: item.productId ?? item.id,
      sku: item.sku,
      name: item.name,
      drugName: item.drugName,
      listPriceCents: item.listPrice,
      priceCents: item.price,
      discountCents: discount?.amount,
      reductionHundredths: discount?.reductionAmount,
      reductionType: discount?.reductionType,
      discountReference: discount?.referenceId ?? discount?.name,
    }),
  };
}

function unanimous(items: readonly LineItem[] | undefined): LineItem['reductionType'] {
  const types = new Set((items ?? []).flatMap(({ reductionType: type }) => (type === undefined ? [] : [type])));
  const [only] = types;
  return types.size === 1 ? only : undefined;
}

type OrderBody = z.output<typeof orderBody>;

function trackingOf({ tracking: given, trackingNumber, carrier, trackingCompany, trackingUrl }: OrderBody) {
  const note = compact({
    number: firstOf(given?.trackingNumber, given?.number, trackingNumber),
    carrier: firstOf(given?.carrier, given?.trackingCompany, carrier, trackingCompany),
    url: firstOf(given?.trackingUrl, given?.url, trackingUrl),
    estimatedDelivery: given?.estimatedDelivery,
  });
  return Object.keys(note).length === 0 ? undefined : note;
}

/** The history, and what it stands at now unless the history says that already. */
function statusesOf(body: OrderBody, creates: boolean): StatusEntry[] {
  const history = (body.statusHistory ?? []).flatMap((entry) => {
    const word = wordOf(entry);
    return word === undefined ? [] : [{ word, ...compact({ at: timeOf(entry) }) }];
  });
  const now = wordOf(body);
  if (now === undefined || history.some(({ word }) => word.toLowerCase() === now.toLowerCase())) return history;
  const { statusUpdatedAt, changedAt, occurredAt, statusDate, updatedAt, timestamp } = body;
  const placedAt = placementOf(body, creates);
  const at = firstOf(statusUpdatedAt, changedAt, occurredAt, statusDate, updatedAt, timestamp, placedAt);
  return [...history, { word: now, ...compact({ at }) }];
}

type HistoryEntry = NonNullable<OrderBody['statusHistory']>[number];

/** Where both are said, `status` is what it was. */
function wordOf({ newStatus, status }: Pick<HistoryEntry, 'newStatus' | 'status'>): string | undefined {
  return newStatus ?? status;
}

function timeOf(entry: HistoryEntry): string | undefined {
  const { at, date, timestamp, changedAt, occurredAt, statusDate, createdAt, updatedAt } = entry;
  return firstOf(at, date, timestamp, changedAt, occurredAt, statusDate, createdAt, updatedAt);
}

/** An entry without a time of its own is dated by the body, so of several each body dates them anew. */
function findingsOf({ statusHistory }: OrderBody, saysWhere: boolean): string[] {
  const history = statusHistory ?? [];
  const isUnread = !saysWhere || history.some((entry) => wordOf(entry) === undefined);
  const isUndated = history.length > 1 && history.some((entry) => timeOf(entry) === undefined);
  return [
    ...(isUnread ? ['careportals.status-unread'] : []),
    ...(isUndated ? ['careportals.status-time-missing'] : []),
  ];
}
