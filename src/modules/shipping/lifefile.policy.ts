import { DateTime } from 'luxon';
import { z } from 'zod';
import { carrierOf } from './parcel.policy.js';

/** Longer than any number or word of a pharmacy's; a text PostgreSQL could not keep is none. */
const longestText = 200;

const text = z
  .union([z.string().max(longestText), z.number()])
  .nullish()
  .transform((value) => {
    const trimmed = value === null || value === undefined ? '' : String(value).trim();
    return trimmed === '' ? undefined : trimmed;
  })
  .refine((value) => value?.includes('\0') !== true);

const word = z.string().trim().min(1).max(100);
const references = { referenceId: text, orderReferenceId: text };
const numbers = { rxNumber: text, orderId: text, fillId: text, foreignRxNumber: text };

/** The documented status push. Unknown members are let in and left alone: vendors add some. */
const documentedBody = z.object({
  ...references,
  eventType: z.string().max(100),
  timestamp: text,
  practiceId: text,
  prescription: z.object(numbers),
  status: z.object({ current: word, previous: text, changedAt: text }),
  // An empty element of XML is an empty text.
  tracking: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.object({ trackingNumber: text, carrier: text, estimatedDelivery: text, service: text }).nullish(),
  ),
});

/** One item of the array push, which real integrations receive. */
const pushedItem = z.object({
  ...references,
  ...numbers,
  practiceId: text,
  rxStatus: word,
  rxStatusDateTime: text,
  trackingNumber: text,
  shipCarrier: text,
  carrier: text,
  deliveryService: text,
  service: text,
});

export const statusEventType = 'prescription.status.update';

export interface PharmacyUpdate {
  eventType: string;
  word: string;
  previous: string | undefined;
  /** As written: with an offset, or in the pharmacy's zone. */
  changedAt: string | undefined;
  names: UpdateNames;
  /** The account of ours the pharmacy books it on. */
  practiceId: string | undefined;
  tracking: { numbers: string[]; carrier: string | undefined; estimatedDelivery: string | undefined } | undefined;
}

/** By what the pharmacy calls the prescription. */
export interface UpdateNames {
  referenceId?: string | undefined;
  foreignRxNumber?: string | undefined;
  orderId?: string | undefined;
  fillId?: string | undefined;
  rxNumber?: string | undefined;
}

/** What one object of a body says. @returns undefined when it is neither the documented object nor an item of the array push */
export function readPharmacyUpdate(object: unknown): PharmacyUpdate | undefined {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
  const record = withPlainNames(object);
  return Object.hasOwn(record, 'rxStatus') ? readItem(record) : readDocumented(record);
}

function readDocumented(record: object): PharmacyUpdate | undefined {
  const parsed = documentedBody.safeParse(record);
  if (!parsed.success) return undefined;
  const { eventType, timestamp, prescription, status, tracking, practiceId } = parsed.data;
  return {
    eventType,
    word: wordOf(status.current),
    previous: status.previous === undefined ? undefined : wordOf(status.previous),
    changedAt: status.changedAt ?? timestamp,
    names: namesOf({ ...parsed.data, ...prescription }),
    practiceId,
    tracking: trackingOf(tracking?.trackingNumber, [tracking?.carrier, tracking?.service], tracking?.estimatedDelivery),
  };
}

function readItem(record: object): PharmacyUpdate | undefined {
  const parsed = pushedItem.safeParse(record);
  if (!parsed.success) return undefined;
  const { rxStatus, rxStatusDateTime, trackingNumber, shipCarrier, carrier, deliveryService, service } = parsed.data;
  return {
    eventType: statusEventType,
    word: wordOf(rxStatus),
    previous: undefined,
    changedAt: rxStatusDateTime,
    names: namesOf(parsed.data),
    practiceId: parsed.data.practiceId,
    // The carrier field may name a label broker (EASYPOST); the service then says who drives.
    tracking: trackingOf(trackingNumber, [shipCarrier, carrier, deliveryService, service]),
  };
}

/** `OrderReferenceId` is `orderReferenceId`: XML and JSON of the same pharmacy differ in the first letter. */
function withPlainNames(record: object): Record<string, unknown> {
  const entries = Object.entries(record as Record<string, unknown>);
  const plain = entries.map(([name, value]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, value] as const);
  return Object.fromEntries(plain.reverse());
}

type Named = UpdateNames & { orderReferenceId?: string | undefined };

function namesOf({ referenceId, orderReferenceId, foreignRxNumber, orderId, fillId, rxNumber }: Named): UpdateNames {
  return { referenceId: referenceId ?? orderReferenceId, foreignRxNumber, orderId, fillId, rxNumber };
}

/** One fill may travel in several parcels, named in one field. */
function trackingOf(
  written: string | undefined,
  carrierWords: readonly (string | undefined)[],
  estimatedDelivery?: string,
): PharmacyUpdate['tracking'] {
  const numbers = (written ?? '')
    .split(/[,;|]/)
    .flatMap((part) => (part.trim() === '' ? [] : [part.trim().slice(0, 64)]));
  if (numbers.length === 0) return undefined;
  return { numbers, carrier: carrierOf(...carrierWords), estimatedDelivery: dateOf(estimatedDelivery) };
}

/** Status words compare trimmed and case-insensitive. */
const wordOf = (written: string) => written.trim().toLowerCase();

/**
 * Lifefile names no event id: order, fill, prescription, word and time are the event; without them the body itself
 * (standards 2.10). The parcels belong to it: a second parcel of the same second is another event, not a repeat.
 */
export function lifefileDedupeKey(update: PharmacyUpdate | undefined): string | undefined {
  if (update === undefined) return undefined;
  const { names, word: said, changedAt, tracking } = update;
  if (changedAt === undefined || (names.orderId === undefined && names.rxNumber === undefined)) return undefined;
  const parts = [names.orderId, names.fillId, names.rxNumber, said, changedAt, ...(tracking?.numbers ?? [])];
  return parts.map((part) => part ?? '').join('+');
}

/** A time without offset is meant in the pharmacy's zone. @returns undefined when it is no time */
export function timeOf(written: string | undefined, zone: string): Date | undefined {
  if (written === undefined) return undefined;
  const iso = DateTime.fromISO(written, { zone });
  const read = iso.isValid ? iso : DateTime.fromSQL(written, { zone });
  return read.isValid ? read.toJSDate() : undefined;
}

const dayMs = 86_400_000;
/** A clock set to the wrong zone is half a day ahead at most. */
const mostAheadMs = dayMs;
/** A report is late by weeks, not by years. */
const mostBehindMs = 3 * 366 * dayMs;

/** Whether a time may be believed: one of the year 9999 would stand as the latest word for ever. */
export function isBelievable(time: Date, receivedAt: Date): boolean {
  const aheadMs = time.getTime() - receivedAt.getTime();
  return aheadMs <= mostAheadMs && aheadMs >= -mostBehindMs;
}

const [firstYear, lastYear] = [2000, 2100];

function dateOf(written: string | undefined): string | undefined {
  const date = DateTime.fromISO(written ?? '', { setZone: true });
  return date.isValid && date.year >= firstYear && date.year <= lastYear ? date.toISODate() : undefined;
}
