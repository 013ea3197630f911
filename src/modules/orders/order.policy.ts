import { compact } from './wire/fields.js';
import type { OrderPart, TrackingNote } from './wire/parts.js';

/** One body about an order, with when it was said. */
export interface OrderSaying {
  part: OrderPart;
  saidAt: Date;
  digest: string;
}

/**
 * What several bodies about one order say together: of each field the latest word, and what only one body tells is kept. Of two
 * bodies of one moment the full one counts, then the digest decides: the order they arrived in never does. A number nobody says
 * is the other name of updates.
 */
export function mergedOrder(sayings: readonly OrderSaying[]): OrderPart {
  const inOrder = ordered(sayings);
  const tracking = inOrder.reduce((known, { part }) => ({ ...known, ...part.tracking }), {});
  const merged = inOrder.reduce<OrderPart>((known, { part }) => ({ ...known, ...compact(part) }), {});
  const number = merged.number ?? merged.otherName;
  return { ...merged, ...compact({ number }), ...(Object.keys(tracking).length > 0 && { tracking }) };
}

export type NamedParcel = TrackingNote & { number: string };

/** The parcels all bodies together name. What is said without a number is about the only one, if there is one only. */
export function parcelsOf(sayings: readonly OrderSaying[]): NamedParcel[] {
  const parcels = new Map<string, NamedParcel>();
  let unnamed: TrackingNote = {};
  for (const { part } of ordered(sayings)) {
    const { number, ...note } = part.tracking ?? {};
    if (number === undefined) unnamed = { ...unnamed, ...note };
    else parcels.set(number, { ...parcels.get(number), ...note, number });
  }
  const all = [...parcels.values()];
  return all.length === 1 ? all.map((parcel) => ({ ...unnamed, ...parcel })) : all;
}

function ordered(sayings: readonly OrderSaying[]): OrderSaying[] {
  return sayings.toSorted(
    (a, b) =>
      a.saidAt.getTime() - b.saidAt.getTime() ||
      fullness(a.part) - fullness(b.part) ||
      (a.digest < b.digest ? -1 : Number(a.digest > b.digest)),
  );
}

function fullness(part: OrderPart): number {
  return Object.keys(part).length;
}

export const findingCodes = [
  'order.total-differs',
  'order.lines-differ-from-base',
  'order.lines-differ-from-total',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Something that does not add up: noted, never a reason to refuse the order. */
export interface OrderFinding {
  code: FindingCode;
  expectedCents: number;
  givenCents: number;
}

/** CarePortals documents a total the credit is still in; of an order that was paid by credit it may have been taken off. */
export function findingsOf(order: OrderPart): OrderFinding[] {
  const { baseCents, discountCents = 0, creditCents = 0, totalCents, lineItems = [] } = order;
  const total = baseCents === undefined ? undefined : baseCents - discountCents;
  const listed = sumOf(lineItems.map(({ listPriceCents, quantity }) => times(listPriceCents, quantity)));
  const priced = sumOf(lineItems.map(({ priceCents, quantity }) => times(priceCents, quantity)));
  return [
    ...differing('order.total-differs', total, totalCents, creditCents),
    ...differing('order.lines-differ-from-base', listed, baseCents),
    ...differing('order.lines-differ-from-total', priced, totalCents, creditCents),
  ];
}

function differing(
  code: FindingCode,
  expected: number | undefined,
  given: number | undefined,
  creditCents = 0,
): OrderFinding[] {
  if (expected === undefined || given === undefined) return [];
  if (given === expected || given === expected - creditCents) return [];
  return [{ code, expectedCents: expected, givenCents: given }];
}

function times(cents: number | undefined, quantity: number): number | undefined {
  return cents === undefined ? undefined : cents * quantity;
}

/** @returns undefined when there is nothing to add, or an item names no amount */
function sumOf(amounts: readonly (number | undefined)[]): number | undefined {
  if (amounts.length === 0) return undefined;
  return amounts.reduce<number | undefined>(
    (sum, amount) => (sum === undefined || amount === undefined ? undefined : sum + amount),
    0,
  );
}
