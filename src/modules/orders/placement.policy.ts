import { agreementOf } from './drug-agreement.policy.js';

/** A prescription written at CarePortals, as far as it decides where it belongs. */
export interface WrittenPrescription {
  id: string;
  externalId: string;
  customerId: string | null;
  /** Whom of the customer it is for, where that is told: a customer may be several people. */
  patientId: string | null;
  orderReference: string | null;
  drugName: string | null;
  writtenAt: Date;
}

export interface PlacedOrder {
  id: string;
  externalId: string | null;
  number: string | null;
  customerId: string | null;
  patientId: string | null;
  placedAt: Date;
  /** When CarePortals said it was delivered, cancelled or refunded; null while it is open there. */
  endedAt: Date | null;
}

/**
 * The order a written prescription belongs to: the one it names, else the customer's newest that was open when it was written,
 * else the first one opened after. Times decide, not what we heard first. @returns order id
 */
export function orderFor(written: WrittenPrescription, orders: readonly PlacedOrder[]): string | null {
  const { orderReference, customerId, patientId, writtenAt } = written;
  if (orderReference !== null) {
    const [meant, ...others] = orders.filter(
      ({ externalId, number }) => externalId === orderReference || number === orderReference,
    );
    return meant !== undefined && others.length === 0 ? meant.id : null;
  }
  if (customerId === null) return null;
  const open = orders
    .filter((order) => order.customerId === customerId && order.patientId === patientId)
    .filter(({ endedAt }) => endedAt === null || endedAt > writtenAt)
    .toSorted((a, b) => a.placedAt.getTime() - b.placedAt.getTime() || compare(a.externalId, b.externalId));
  const before = open.findLast(({ placedAt }) => placedAt <= writtenAt);
  return (before ?? open[0])?.id ?? null;
}

/** A written prescription where it belongs. */
export interface PlacedPrescription extends WrittenPrescription {
  /** When its order was over at CarePortals; null while that is open, or not known. */
  endedAt: Date | null;
}

/** One of ours that names the customer's patient. */
export interface OwnPrescription {
  id: string;
  drugDescription: string | null;
  prescriberOrderNumber: string | null;
  receivedAt: Date;
}

const dayMs = 86_400_000;
/** A prescription reaches us within days; older ones of the same patient and drug are former fills. */
const mostDaysBefore = 7;
const mostDaysAfter = 60;

/**
 * Which of ours is which of theirs: by number, then by drug, then the only two that are left and may be one drug; of several that
 * fit, those nearest in time: of two orders of one drug the former may have been filled elsewhere, or cancelled. What reached us
 * after an order was over is not of that order, unless it says so itself: the old order's end would end it too. A function of
 * both sets.
 * @returns written id → ours
 */
export function pairsOf(
  written: readonly PlacedPrescription[],
  own: readonly OwnPrescription[],
): ReadonlyMap<string, string> {
  const couples = written.flatMap((one) => own.map((other) => ({ one, other })));
  const possible = couples.filter((couple) => isNear(couple) && (isNamed(couple) || isInTime(couple)));
  const nearestFirst = possible.toSorted(
    (a, b) =>
      apartMs(a) - apartMs(b) ||
      a.one.writtenAt.getTime() - b.one.writtenAt.getTime() ||
      compare(a.one.externalId, b.one.externalId) ||
      compare(a.other.id, b.other.id),
  );
  const pairs = new Map<string, string>();
  const taken = new Set<string>();
  const pair = (fits: (couple: Couple) => boolean) => {
    for (const couple of nearestFirst) {
      const { one, other } = couple;
      if (pairs.has(one.id) || taken.has(other.id) || !fits(couple)) continue;
      pairs.set(one.id, other.id);
      taken.add(other.id);
    }
  };
  pair(isNamed);
  pair(({ one, other }) => agreementOf(one.drugName, other.drugDescription) === 'same');
  const left = [written.filter(({ id }) => !pairs.has(id)).length, own.filter(({ id }) => !taken.has(id)).length];
  if (left.every((count) => count === 1)) {
    pair(({ one, other }) => agreementOf(one.drugName, other.drugDescription) !== 'different');
  }
  return pairs;
}

interface Couple {
  one: PlacedPrescription;
  other: OwnPrescription;
}

function isNamed({ one, other }: Couple): boolean {
  return one.externalId === other.prescriberOrderNumber;
}

function isInTime({ one, other }: Couple): boolean {
  return one.endedAt === null || one.endedAt > other.receivedAt;
}

function isNear({ one, other }: Couple): boolean {
  const days = (other.receivedAt.getTime() - one.writtenAt.getTime()) / dayMs;
  return days >= -mostDaysBefore && days <= mostDaysAfter;
}

function apartMs({ one, other }: Couple): number {
  return Math.abs(other.receivedAt.getTime() - one.writtenAt.getTime());
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''));
}
