import type { Role } from '../auth/index.js';
import type { PrescriptionOrder } from './order/index.js';

/** Who gets what is ordered, and had no part in correcting it. */
const receivers: ReadonlySet<Role> = new Set(['patient', 'pharmacy']);

/** An earlier version may name somebody else, so who receives an order sees the one that holds. */
export function versionsSeenBy<V extends { version: number }>(
  role: Role,
  versions: readonly V[],
  current: number,
): V[] {
  return versions.filter(({ version }) => version === current || !receivers.has(role));
}

interface OrderedAt {
  order: PrescriptionOrder;
  createdAt: Date;
}

/** @param versions oldest first. @returns since when the order has named the drug and the patient it names now */
export function fillSince(versions: readonly OrderedAt[]): Date | undefined {
  const current = versions.at(-1)?.order;
  if (current === undefined) return undefined;
  const lastOther = versions.findLastIndex(({ order }) => !isSameFill(order, current));
  return versions[lastOther + 1]?.createdAt;
}

/** Of one version and another; what anybody said of a fill is said of no other. */
export function isSameFill({ medication, patient }: PrescriptionOrder, other: PrescriptionOrder): boolean {
  const names = ['externalId', 'firstName', 'lastName', 'birthDate'] as const;
  return medication.ndc === other.medication.ndc && names.every((name) => patient[name] === other.patient[name]);
}
