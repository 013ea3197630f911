import { DateTime } from 'luxon';
import { isBelievable } from '../webhooks/index.js';
import { carrierOf, plainNumber } from './parcel.policy.js';

/** Longer than any number or word of a pharmacy's. */
const longestText = 200;

/** Not a form anybody documented. */
class Undocumented extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Numbers count as text, nothing and blanks as absent. Written out, not a schema: the door reads every push before it answers,
 * and a schema took ten times as long.
 */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const text = typeof value === 'number' ? String(value) : value;
  // U+0000 is the one character PostgreSQL cannot keep.
  if (typeof text !== 'string' || text.length > longestText || text.includes('\0')) throw new Undocumented();
  const trimmed = text.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** Status words compare trimmed and case-insensitive. */
function wordOf(value: unknown): string | undefined {
  return textOf(value)?.toLowerCase();
}

/** An empty element of XML is an empty text. */
function partOf(value: unknown): Fields | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (!isFields(value)) throw new Undocumented();
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new Undocumented();
  return value;
}

/** Of webhook events. */
export const lifefileSource = 'lifefile';

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
  if (!isFields(object)) return undefined;
  try {
    const record = withPlainNames(object);
    return Object.hasOwn(record, 'rxStatus') ? readItem(record) : readDocumented(record);
  } catch (error) {
    if (error instanceof Undocumented) return undefined;
    throw error;
  }
}

/** The documented status push. Unknown members are let in and left alone: vendors add some. */
function readDocumented(record: Fields): PharmacyUpdate {
  const prescription = needed(partOf(record['prescription']));
  const status = needed(partOf(record['status']));
  const tracking = partOf(record['tracking']) ?? {};
  return {
    eventType: needed(textOf(record['eventType'])),
    word: needed(wordOf(status['current'])),
    previous: wordOf(status['previous']),
    changedAt: textOf(status['changedAt']) ?? textOf(record['timestamp']),
    names: namesOf(record, prescription),
    practiceId: textOf(record['practiceId']),
    tracking: trackingOf(
      tracking['trackingNumber'],
      [tracking['carrier'], tracking['service']],
      tracking['estimatedDelivery'],
    ),
  };
}

/** One item of the array push, which real integrations receive. */
function readItem(record: Fields): PharmacyUpdate {
  const { shipCarrier, carrier, deliveryService, service } = record;
  return {
    eventType: statusEventType,
    word: needed(wordOf(record['rxStatus'])),
    previous: undefined,
    changedAt: textOf(record['rxStatusDateTime']),
    names: namesOf(record, record),
    practiceId: textOf(record['practiceId']),
    // The carrier field may name a label broker (EASYPOST); the service then says who drives.
    tracking: trackingOf(record['trackingNumber'], [shipCarrier, carrier, deliveryService, service]),
  };
}

/** `OrderReferenceId` is `orderReferenceId`: XML and JSON of the same pharmacy differ in the first letter. */
function withPlainNames(record: Fields): Fields {
  const names = Object.keys(record);
  if (!names.some(isCapital)) return record;
  const plain = names.map((name) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, record[name]] as const);
  return Object.fromEntries(plain.reverse());
}

function isCapital(name: string): boolean {
  const code = name.charCodeAt(0);
  return code >= 65 && code <= 90;
}

function namesOf(outer: Fields, inner: Fields): UpdateNames {
  return {
    referenceId: textOf(outer['referenceId']) ?? textOf(outer['orderReferenceId']),
    foreignRxNumber: textOf(inner['foreignRxNumber']),
    orderId: textOf(inner['orderId']),
    fillId: textOf(inner['fillId']),
    rxNumber: textOf(inner['rxNumber']),
  };
}

/** One fill may travel in several parcels, named in one field. */
function trackingOf(
  written: unknown,
  carrierWords: readonly unknown[],
  estimatedDelivery?: unknown,
): PharmacyUpdate['tracking'] {
  const words = carrierWords.map(textOf);
  const promised = textOf(estimatedDelivery);
  const parts = (textOf(written) ?? '').split(/[,;|]/).map((part) => plainNumber(part).slice(0, 64));
  const numbers = parts.filter((part) => part !== '');
  if (numbers.length === 0) return undefined;
  return { numbers, carrier: carrierOf(...words), estimatedDelivery: dateOf(promised) };
}

/**
 * Lifefile names no event id: order, fill, prescription, word and time are the event; without them the body itself.
 * The parcels belong to it: a second parcel of the same second is another event, not a repeat. Where the pharmacy
 * names neither fill nor prescription of its own, ours tell two prescriptions of one order apart.
 */
export function lifefileDedupeKey(update: PharmacyUpdate | undefined): string | undefined {
  if (update === undefined) return undefined;
  const { word: said, changedAt, tracking } = update;
  const { orderId, fillId, rxNumber, foreignRxNumber, referenceId } = update.names;
  if (changedAt === undefined || (orderId === undefined && rxNumber === undefined)) return undefined;
  const ours = fillId === undefined && rxNumber === undefined ? [foreignRxNumber, referenceId] : [];
  const named = ours.filter((name) => name !== undefined);
  const parts = [orderId, fillId, rxNumber, said, changedAt, ...named, ...(tracking?.numbers ?? [])];
  return parts.map((part) => part ?? '').join('+');
}

/** A time without offset is meant in the pharmacy's zone. @returns undefined when it is no time */
export function timeOf(written: string | undefined, zone: string): Date | undefined {
  if (written === undefined) return undefined;
  const iso = DateTime.fromISO(written, { zone });
  const read = iso.isValid ? iso : DateTime.fromSQL(written, { zone });
  return read.isValid ? read.toJSDate() : undefined;
}

/** A report is late by weeks, not by years. */
const mostBehindMs = 3 * 366 * 86_400_000;

/** Whether a pharmacy can mean a time. */
export function isRecent(time: Date, receivedAt: Date): boolean {
  return isBelievable(time, receivedAt) && receivedAt.getTime() - time.getTime() <= mostBehindMs;
}

const [firstYear, lastYear] = [2000, 2100];

function dateOf(written: string | undefined): string | undefined {
  const date = DateTime.fromISO(written ?? '', { setZone: true });
  return date.isValid && date.year >= firstYear && date.year <= lastYear ? date.toISODate() : undefined;
}
