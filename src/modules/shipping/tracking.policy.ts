import type { FulfilmentAction } from '../prescriptions/index.js';

/** What can be said of a parcel, in the order it travels. The last three are outcomes: of them the latest stands. */
export const trackingStatuses = [
  'unknown',
  'pre_transit',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'failure',
  'returned',
] as const;
export type TrackingStatus = (typeof trackingStatuses)[number];
export type ShipmentStatus = TrackingStatus | 'voided';
export type TrackingSource = 'shippo' | 'lifefile' | 'poll';

export const triggerOf: Readonly<Record<TrackingSource, 'webhook' | 'schedule'>> = {
  shippo: 'webhook',
  lifefile: 'webhook',
  poll: 'schedule',
};

/** One thing a carrier or pharmacy said of a parcel. Never more of a place than city and state. */
export interface TrackingReport {
  status: TrackingStatus;
  substatus?: string | undefined;
  occurredAt: Date;
  city?: string | undefined;
  state?: string | undefined;
  /** YYYY-MM-DD, the carrier's promise at that moment. */
  estimatedDelivery?: string | undefined;
  /** The same report has the same key, whichever way it came. */
  dedupeKey: string;
}

/** What a carrier's word does to the prescription. Nothing: the carrier does not have the parcel yet. */
export const actionOf: Readonly<Partial<Record<TrackingStatus, FulfilmentAction>>> = {
  in_transit: 'scan',
  out_for_delivery: 'scan_out_for_delivery',
  delivered: 'deliver',
  failure: 'fail',
  returned: 'return',
};

/** Shippo's statuses; `TRANSIT` has no status of its own for the last mile, it is a substatus. */
const statusOfShippo: Readonly<Record<string, TrackingStatus>> = {
  UNKNOWN: 'unknown',
  PRE_TRANSIT: 'pre_transit',
  TRANSIT: 'in_transit',
  DELIVERED: 'delivered',
  RETURNED: 'returned',
  FAILURE: 'failure',
};

/** @returns undefined for a word Shippo does not document */
export function statusOfShippoWords(status: string, substatus: string | undefined): TrackingStatus | undefined {
  if (status === 'TRANSIT' && substatus === 'out_for_delivery') return 'out_for_delivery';
  return Object.hasOwn(statusOfShippo, status) ? statusOfShippo[status] : undefined;
}

/** Shippo names no event id: number, status, substatus and time are the event. */
export function shippoDedupeKey(number: string, status: string, substatus: string | undefined, at: Date): string {
  return [number, status, substatus ?? '', at.toISOString()].join('+');
}

/** Nothing but these means that the carrier has touched the parcel. */
export const unscanned: ReadonlySet<ShipmentStatus> = new Set(['unknown', 'pre_transit', 'voided']);
/** The carrier brings it to the patient now. */
export const onTheWay: ReadonlySet<ShipmentStatus> = new Set(['in_transit', 'out_for_delivery']);
const outcomes: ReadonlySet<TrackingStatus> = new Set(['delivered', 'failure', 'returned']);
/** Nothing is left to ask. */
const settled: ReadonlySet<ShipmentStatus> = new Set(['delivered', 'returned', 'voided']);

export interface ParcelStanding {
  status: ShipmentStatus;
  handedOverAt: Date | null;
  deliveredAt: Date | null;
  /** Null: no report has named one. */
  estimatedDelivery: string | null;
}

type KnownReport = Pick<TrackingReport, 'status' | 'occurredAt' | 'dedupeKey'> & {
  estimatedDelivery?: string | null | undefined;
};

/**
 * Where a parcel stands after a set of reports: a function of the set, so neither order nor repetition matters. A voided label
 * is voided until a carrier scans it all the same.
 */
export function standingOf(reports: readonly KnownReport[], voided: boolean): ParcelStanding {
  const inOrder = reports.toSorted(byTime);
  const outcome = inOrder.findLast(({ status }) => outcomes.has(status));
  const furthest = inOrder.reduce<TrackingStatus>(
    (best, { status }) => (rank(status) > rank(best) ? status : best),
    'unknown',
  );
  const status = outcome?.status ?? (reports.length === 0 ? 'pre_transit' : furthest);
  return {
    status: voided && unscanned.has(status) ? 'voided' : status,
    handedOverAt: inOrder.find((report) => !unscanned.has(report.status))?.occurredAt ?? null,
    deliveredAt: outcome?.status === 'delivered' ? outcome.occurredAt : null,
    estimatedDelivery:
      inOrder.findLast(({ estimatedDelivery }) => typeof estimatedDelivery === 'string')?.estimatedDelivery ?? null,
  };
}

const rank = (status: TrackingStatus) => trackingStatuses.indexOf(status);

function byTime(left: KnownReport, right: KnownReport): number {
  return (
    left.occurredAt.getTime() - right.occurredAt.getTime() ||
    rank(left.status) - rank(right.status) ||
    (left.dedupeKey < right.dedupeKey ? -1 : Number(left.dedupeKey > right.dedupeKey))
  );
}

const dayMs = 86_400_000;

/** Carriers use a number again, but not within these days. */
const daysOfNumber = 60;

/** Of parcels with one number a report means the last ones that can have been on their way then. */
export function meantBy<T extends { shippedAt: Date | null; createdAt: Date }>(
  occurredAt: Date,
  parcels: readonly T[],
): T[] {
  const sentAt = ({ shippedAt, createdAt }: T) => (shippedAt ?? createdAt).getTime();
  const possible = parcels.filter((parcel) => sentAt(parcel) - occurredAt.getTime() <= daysOfNumber * dayMs);
  const meant = possible.length > 0 ? possible : parcels;
  const newest = Math.max(...meant.map(sentAt));
  return meant.filter((parcel) => newest - sentAt(parcel) <= daysOfNumber * dayMs);
}

/** Carriers forget numbers after some months; a parcel silent for so long is ops' to settle, not ours to ask about. */
const mostDaysPolled = 60;
/** A parcel reported lost or undeliverable may still arrive. */
const hopeDays = 30;

/** How long a parcel is asked about, counted from when it was sent. */
export const daysAsked = (status: ShipmentStatus): number => (status === 'failure' ? hopeDays : mostDaysPolled);

/** When a parcel is given up, unless its end is reported before. */
export function givenUpAt(status: ShipmentStatus, shippedAt: Date): Date {
  return new Date(shippedAt.getTime() + daysAsked(status) * dayMs);
}

/**
 * When to ask the carrier next. @returns null when there is nothing left to ask; undefined, and the time stays as it is, when the
 * parcel's own is over: it is given up once, and a word that comes later does not begin it anew
 */
export function nextPollAt(
  { status }: Pick<ParcelStanding, 'status'>,
  parcel: { shippedAt: Date; now: Date; everyMinutes: number },
): Date | null | undefined {
  if (settled.has(status)) return null;
  if (parcel.now > givenUpAt(status, parcel.shippedAt)) return undefined;
  return new Date(parcel.now.getTime() + parcel.everyMinutes * 60_000);
}
