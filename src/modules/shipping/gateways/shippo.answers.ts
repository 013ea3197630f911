import { z } from 'zod';
import { Refused } from '../../../platform/effects/index.js';
import { plainNumber } from '../parcel.policy.js';
import { shippoDedupeKey, statusOfShippoWords, unscanned, type TrackingReport } from '../tracking.policy.js';
import type { BoughtLabel, TrackingNews } from './label-gateway.port.js';
import { ShippoUnanswered } from './shippo.errors.js';

/**
 * Shippo's answers with as little taken for granted as possible, in the spelling of the wire: the SDK's own schemas refuse a
 * whole answer because of one unknown word, also after the money was spent.
 */
const text = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
const time = z.union([z.date(), z.string()]).nullish().transform(dateOf);

const transaction = z.object({
  object_id: text,
  status: text,
  rate: z.union([z.string(), z.looseObject({ object_id: z.string() })]).nullish(),
  tracking_number: text,
  tracking_status: z.unknown().optional(),
  label_url: text,
  eta: time,
  messages: z.array(z.looseObject({ code: text, text })).nullish(),
});
export type RawTransaction = z.output<typeof transaction>;

export function rawTransaction(answer: unknown): RawTransaction {
  const parsed = transaction.safeParse(wireSpelling(answer));
  if (!parsed.success) throw new ShippoUnanswered('shippo.label-unreadable');
  return parsed.data;
}

export function rawTransactions(answer: unknown): RawTransaction[] {
  const page = z.looseObject({ results: z.array(z.unknown()).nullish() }).safeParse(answer);
  if (!page.success) throw new ShippoUnanswered('shippo.label-unreadable');
  return (page.data.results ?? []).map(rawTransaction);
}

/** The carrier did not answer Shippo: nothing was bought, and later it may. */
const transient = /timeout|unavailable|try_again|temporar/i;
/** Nothing is wrong with the parcel: who sends it lacks an email or a phone. */
const senderProblem = /sender_info_missing|address_from\.(?:email|phone)/i;
export const underWay: ReadonlySet<string> = new Set(['QUEUED', 'WAITING']);
export const voidStates: ReadonlySet<string> = new Set(['REFUNDED', 'REFUNDPENDING']);

/**
 * @throws Refused when the carrier refused to print; `shippo.pending` while it is printing; `shippo.label-unreadable` when
 * only a look-up can tell
 */
export function boughtLabelOf(raw: RawTransaction, rateId: string): BoughtLabel {
  const { object_id: id, status, tracking_number: number } = raw;
  if (status === 'ERROR') {
    throw refusalOf(raw.messages ?? []);
  }
  if (status !== undefined && underWay.has(status)) throw new ShippoUnanswered('shippo.pending');
  if (id === undefined || number === undefined) throw new ShippoUnanswered('shippo.label-unreadable');
  return {
    id,
    rateId,
    trackingNumber: plainNumber(number),
    estimatedDelivery: raw.eta?.toISOString().slice(0, 10) ?? null,
  };
}

function refusalOf(messages: readonly { code?: string | undefined; text?: string | undefined }[]): Error {
  if (messages.some(({ code }) => transient.test(code ?? ''))) return new ShippoUnanswered('shippo.unanswered');
  return messages.some(({ code, text }) => senderProblem.test(`${code ?? ''} ${text ?? ''}`))
    ? new Refused('shipping.sender-incomplete', 'the carrier wants an email and a phone of the pharmacy')
    : new Refused('shipping.label-refused', 'the carrier refused to print the label');
}

/** Whether the carrier has seen the parcel of a label. */
export function isScanned({ tracking_status: word }: RawTransaction): boolean {
  const status = typeof word === 'string' ? statusOfShippoWords(word, undefined) : undefined;
  return status !== undefined && !unscanned.has(status);
}

const trackingStatus = z.object({
  status: z.string(),
  substatus: z
    .union([z.string(), z.looseObject({ code: text })])
    .nullish()
    .transform((value) => (typeof value === 'string' ? value : value?.code)),
  status_date: time,
  object_created: time,
  location: z.looseObject({ city: text, state: text }).nullish(),
});
type RawStatus = z.output<typeof trackingStatus>;

const track = z.object({
  carrier: z.string(),
  tracking_number: z.string(),
  eta: time,
  tracking_status: trackingStatus.nullish(),
  tracking_history: z.array(trackingStatus).nullish(),
});
const news = z.looseObject({ event: z.string().max(100), data: z.unknown() });

/** A webhook's body. @returns undefined when it is not what Shippo documents */
export function trackingNewsOf(raw: Buffer): TrackingNews | undefined {
  let body: unknown;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = news.safeParse(body);
  if (!parsed.success) return undefined;
  const { event: eventType, data } = parsed.data;
  if (eventType !== 'track_updated') return { eventType };
  const about = track.safeParse(data);
  if (!about.success || !about.data.tracking_status) return undefined;
  const { carrier, tracking_number: number, tracking_status: status, eta } = about.data;
  return {
    eventType,
    track: {
      carrier: carrier.toLowerCase(),
      trackingNumber: plainNumber(number),
      report: reportOf(number, status, eta),
      word: wordOf(status),
    },
  };
}

/** The whole history; today's estimate goes with the newest entry. */
export function reportsOfTrack(answer: unknown): TrackingReport[] {
  const parsed = track.safeParse(wireSpelling(answer));
  if (!parsed.success) throw new ShippoUnanswered('shippo.unanswered');
  const { tracking_number: number, tracking_history: history, tracking_status: current, eta } = parsed.data;
  const entries = [...(history ?? []), ...(current ? [current] : [])];
  const reports = entries.flatMap((entry) => reportOf(number, entry, undefined) ?? []);
  const unique = [...new Map(reports.map((report) => [report.dedupeKey, report])).values()].toSorted(
    (left, right) => left.occurredAt.getTime() - right.occurredAt.getTime(),
  );
  const newest = unique.at(-1);
  if (newest === undefined || eta === undefined) return unique;
  return [...unique.slice(0, -1), { ...newest, estimatedDelivery: eta.toISOString().slice(0, 10) }];
}

function reportOf(number: string, entry: RawStatus, eta: Date | undefined): TrackingReport | undefined {
  const status = statusOfShippoWords(entry.status, entry.substatus);
  const occurredAt = entry.status_date ?? entry.object_created;
  if (status === undefined || occurredAt === undefined) return undefined;
  return {
    status,
    substatus: entry.substatus,
    occurredAt,
    city: entry.location?.city,
    state: entry.location?.state,
    estimatedDelivery: eta?.toISOString().slice(0, 10),
    dedupeKey: shippoDedupeKey(number, entry.status, entry.substatus, occurredAt),
  };
}

const wordOf = ({ status, substatus }: RawStatus) => `${status} ${substatus ?? ''}`.trim().slice(0, 100);

function dateOf(value: Date | string | null | undefined): Date | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The SDK's camelCase back to the wire's snake_case; what is so already stays. */
function wireSpelling(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wireSpelling);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      wireSpelling(member),
    ]),
  );
}
