/** A prescription written at CarePortals, as far as it decides where it belongs. */
export interface WrittenPrescription {
  id: string;
  externalId: string;
  customerId: string | null;
  orderReference: string | null;
  drugName: string | null;
  writtenAt: Date;
}

export interface PlacedOrder {
  id: string;
  externalId: string | null;
  number: string | null;
  customerId: string | null;
  placedAt: Date;
  /** When CarePortals said it was delivered, cancelled or refunded; null while it is open there. */
  endedAt: Date | null;
}

/**
 * The order a written prescription belongs to: the one it names, else the customer's newest that was open when it was written,
 * else the first one opened after. Times decide, not what we heard first. @returns order id
 */
export function orderFor(written: WrittenPrescription, orders: readonly PlacedOrder[]): string | null {
  const { orderReference, customerId, writtenAt } = written;
  if (orderReference !== null) {
    const [meant, ...others] = orders.filter(
      ({ externalId, number }) => externalId === orderReference || number === orderReference,
    );
    return meant !== undefined && others.length === 0 ? meant.id : null;
  }
  if (customerId === null) return null;
  const open = orders
    .filter((order) => order.customerId === customerId && (order.endedAt === null || order.endedAt > writtenAt))
    .toSorted((a, b) => a.placedAt.getTime() - b.placedAt.getTime() || compare(a.externalId, b.externalId));
  const before = open.findLast(({ placedAt }) => placedAt <= writtenAt);
  return (before ?? open[0])?.id ?? null;
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
 * Which of ours is which of theirs: by number, then by drug in the order of time, then the only two that are left. A function of
 * both sets. @returns written id → ours
 */
export function pairsOf(
  written: readonly WrittenPrescription[],
  own: readonly OwnPrescription[],
): ReadonlyMap<string, string> {
  const theirs = written.toSorted(
    (a, b) => a.writtenAt.getTime() - b.writtenAt.getTime() || compare(a.externalId, b.externalId),
  );
  const ours = own.toSorted((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime() || compare(a.id, b.id));
  const pairs = new Map<string, string>();
  const taken = new Set<string>();
  const pair = (fits: (one: WrittenPrescription, other: OwnPrescription) => boolean) => {
    for (const one of theirs.filter(({ id }) => !pairs.has(id))) {
      const other = ours.find(
        (candidate) => !taken.has(candidate.id) && isNear(one, candidate) && fits(one, candidate),
      );
      if (other === undefined) continue;
      pairs.set(one.id, other.id);
      taken.add(other.id);
    }
  };
  pair(({ externalId }, { prescriberOrderNumber }) => externalId === prescriberOrderNumber);
  pair(({ drugName }, { drugDescription }) => drugsAgree(drugName, drugDescription));
  const left = [theirs.filter(({ id }) => !pairs.has(id)).length, ours.filter(({ id }) => !taken.has(id)).length];
  if (left.every((count) => count === 1)) pair(() => true);
  return pairs;
}

function isNear({ writtenAt }: WrittenPrescription, { receivedAt }: OwnPrescription): boolean {
  const days = (receivedAt.getTime() - writtenAt.getTime()) / dayMs;
  return days >= -mostDaysBefore && days <= mostDaysAfter;
}

/** "Semaglutide 2.5 mg/mL" and "SEMAGLUTIDE injection" start with one ingredient; strengths are written in too many ways. */
function drugsAgree(one: string | null, other: string | null): boolean {
  const [first, second] = [ingredientOf(one), ingredientOf(other)];
  return first !== undefined && first === second;
}

function ingredientOf(name: string | null): string | undefined {
  return /[a-z]{3,}/.exec((name ?? '').toLowerCase())?.[0];
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''));
}
