/** Stripe's words, in the order a dispute goes through them. The `warning_…` ones are questions: no money has moved. */
export const disputeStatuses = [
  'warning_needs_response',
  'warning_under_review',
  'needs_response',
  'under_review',
  'warning_closed',
  'prevented',
  'won',
  'lost',
] as const;
export type DisputeStatus = (typeof disputeStatuses)[number];

const closed: ReadonlySet<DisputeStatus> = new Set(['warning_closed', 'prevented', 'won', 'lost']);
const withMoney: ReadonlySet<DisputeStatus> = new Set(['needs_response', 'under_review', 'lost']);

export interface DisputeReport {
  status: DisputeStatus;
  /** When the provider said so, to the second. */
  reportedAt: Date;
}

export function isDisputeStatus(word: string): word is DisputeStatus {
  return (disputeStatuses as readonly string[]).includes(word);
}

export function isClosed(status: DisputeStatus): boolean {
  return closed.has(status);
}

/** The money is with the cardholder's bank, so it cannot be given back a second time. */
export function holdsMoney(status: DisputeStatus): boolean {
  return withMoney.has(status);
}

/**
 * Whether a report stands instead of the one before. A closed dispute is not opened by a late report, and of two reports the
 * later counts; at the same second the word further along. That is a total order: reports in any order, also repeated, end the same.
 */
export function supersedes(told: DisputeReport, known: DisputeReport): boolean {
  const steps = [
    Number(isClosed(told.status)) - Number(isClosed(known.status)),
    told.reportedAt.getTime() - known.reportedAt.getTime(),
    disputeStatuses.indexOf(told.status) - disputeStatuses.indexOf(known.status),
  ];
  return (steps.find((step) => step !== 0) ?? 0) > 0;
}
