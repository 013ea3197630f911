import { DateTime } from 'luxon';
import { z } from 'zod';
import type { FulfilmentAction } from '../prescriptions/index.js';
import type { TrackingStatus } from './tracking.policy.js';

const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    const trimmed = value === null || value === undefined ? '' : String(value).trim();
    return trimmed === '' ? undefined : trimmed;
  });

/** The documented status push. Unknown members are let in and left alone: vendors add some. */
const documentedBody = z.object({
  eventType: z.string().max(100),
  timestamp: text,
  referenceId: text,
  orderReferenceId: text,
  OrderReferenceId: text,
  prescription: z.object({ rxNumber: text, orderId: text, fillId: text, foreignRxNumber: text }),
  status: z.object({ current: z.string().min(1).max(100), previous: text, changedAt: text }),
  tracking: z.object({ trackingNumber: text, carrier: text, estimatedDelivery: text, service: text }).nullish(),
});

export const statusEventType = 'prescription.status.update';

export interface PharmacyUpdate {
  eventType: string;
  word: string;
  previous: string | undefined;
  /** As written: with an offset, or in the pharmacy's zone. */
  changedAt: string | undefined;
  names: UpdateNames;
  tracking: { number: string; carrier: string | undefined; estimatedDelivery: string | undefined } | undefined;
}

/** By what the pharmacy calls the prescription. */
export interface UpdateNames {
  referenceId?: string | undefined;
  foreignRxNumber?: string | undefined;
  orderId?: string | undefined;
  fillId?: string | undefined;
  rxNumber?: string | undefined;
}

/** @returns undefined when this is not the documented object: an array, XML, something else */
export function readPharmacyUpdate(raw: Buffer): PharmacyUpdate | undefined {
  let body: unknown;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = documentedBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { eventType, timestamp, prescription, status, tracking, ...references } = parsed.data;
  const number = tracking?.trackingNumber;
  return {
    eventType,
    word: wordOf(status.current),
    previous: status.previous === undefined ? undefined : wordOf(status.previous),
    changedAt: status.changedAt ?? timestamp,
    names: {
      referenceId: references.referenceId ?? references.orderReferenceId ?? references.OrderReferenceId,
      foreignRxNumber: prescription.foreignRxNumber,
      orderId: prescription.orderId,
      fillId: prescription.fillId,
      rxNumber: prescription.rxNumber,
    },
    tracking:
      number === undefined
        ? undefined
        : {
            number: number.slice(0, 64),
            carrier: tracking?.carrier,
            estimatedDelivery: dateOf(tracking?.estimatedDelivery),
          },
  };
}

/** Status words compare trimmed and case-insensitive. */
const wordOf = (word: string) => word.trim().toLowerCase();

interface WordMeaning {
  action: FulfilmentAction;
  /** What it says of the parcel, when there is one. */
  parcel?: TrackingStatus;
}

/** Lifefile's words of the documented body (product.md, Words as data). */
const meanings: Readonly<Record<string, WordMeaning>> = {
  order_received: { action: 'acknowledge' },
  order_processing: { action: 'start' },
  order_ready: { action: 'make_ready' },
  order_shipped: { action: 'ship', parcel: 'pre_transit' },
  order_out_for_delivery: { action: 'scan_out_for_delivery', parcel: 'out_for_delivery' },
  order_delivered: { action: 'deliver', parcel: 'delivered' },
  order_cancelled: { action: 'cancel' },
  order_failed: { action: 'fail' },
};

export function meaningOf(word: string): WordMeaning | undefined {
  return Object.hasOwn(meanings, word) ? meanings[word] : undefined;
}

/**
 * Lifefile names no event id: order, fill, prescription, word and time are the event; without them the body itself
 * (standards 2.10).
 */
export function lifefileDedupeKey(update: PharmacyUpdate | undefined): string | undefined {
  if (update === undefined) return undefined;
  const { names, word, changedAt } = update;
  if (changedAt === undefined || (names.orderId === undefined && names.rxNumber === undefined)) return undefined;
  return [names.orderId, names.fillId, names.rxNumber, word, changedAt].map((part) => part ?? '').join('+');
}

/** A time without offset is meant in the pharmacy's zone. @returns undefined when it is no time */
export function timeOf(written: string | undefined, zone: string): Date | undefined {
  if (written === undefined) return undefined;
  const iso = DateTime.fromISO(written, { zone });
  const read = iso.isValid ? iso : DateTime.fromSQL(written, { zone });
  return read.isValid ? read.toJSDate() : undefined;
}

function dateOf(written: string | undefined): string | undefined {
  const date = DateTime.fromISO(written ?? '', { setZone: true });
  return date.isValid ? date.toISODate() : undefined;
}
