import type { OrderCoverage, PrescriptionPath, PrescriptionState } from '../prescriptions/index.js';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Links stand in mailboxes and texts that others may come to read, so none works for long, and none can be guessed at without end. */
export const linkLifeMs = 72 * hourMs;
export const sessionLifeMs = 30 * minuteMs;
export const codeLifeMs = 10 * minuteMs;
export const mostTries = 5;

/** A consent is asked for again after a year, or when its text changes. */
export const consentLifeMs = 365 * 24 * hourMs;

export interface CoverageTimes {
  activeFrom: Date;
  endedAt: Date | null;
}

export function isActive(coverage: CoverageTimes, now: Date): boolean {
  return coverage.activeFrom <= now && (coverage.endedAt === null || coverage.endedAt > now);
}

export interface GivenConsent {
  textVersion: string;
  acceptedAt: Date;
}

export function isValidConsent(consent: GivenConsent, currentVersion: string, now: Date): boolean {
  return consent.textVersion === currentVersion && now.getTime() - consent.acceptedAt.getTime() <= consentLifeMs;
}

export const needNames = ['identity', 'coverage', 'consent'] as const;
export type Need = (typeof needNames)[number];

/** The cash path asks nobody for a card. */
export function needsOf(path: PrescriptionPath): readonly Need[] {
  return path === 'cash' ? ['identity', 'consent'] : needNames;
}

export type Beginning = 'leave' | 'skip' | 'send-link' | 'wait-for-ops';

/** What becomes of a validated prescription. The direct path has no enrollment: the pharmacy bills by itself. */
export function beginningOf(facts: {
  path: PrescriptionPath;
  hasCoverage: boolean;
  hasConsent: boolean;
  autoEnrollment: boolean;
}): Beginning {
  if (facts.path === 'direct') return 'leave';
  if (facts.hasConsent && (facts.hasCoverage || facts.path === 'cash')) return 'skip';
  return facts.autoEnrollment ? 'send-link' : 'wait-for-ops';
}

export interface LinkTimes {
  expiresAt: Date;
  revokedAt: Date | null;
  usedAt: Date | null;
  lockedAt: Date | null;
}

export const linkStates = ['open', 'used', 'locked', 'revoked', 'expired', 'withdrawn'] as const;
export type LinkState = (typeof linkStates)[number];

/** The enrollment is over; a link made since asks the patient to check the card that no pharmacy takes, or no payer knows. */
export const cardCheckStates: ReadonlySet<PrescriptionState> = new Set(['routing_issue', 'adjudication_issue']);

/** States in which the patient is asked for something on a link, so that a new one only replaces the one before. */
export const askingStates: ReadonlySet<PrescriptionState> = new Set(['awaiting_enrollment', ...cardCheckStates]);

/**
 * What the link's holder is told. An order that was cancelled, or is another patient's now, ends its link at once. A link that
 * was revoked has a newer one only while something is asked on it.
 */
export function linkStateFor(
  link: LinkTimes & { patientId: string },
  prescription: { state: PrescriptionState; patientId: string | null },
  now: Date,
): LinkState {
  const withdrawn = prescription.state === 'cancelled' || prescription.patientId !== link.patientId;
  if (withdrawn && link.usedAt === null) return 'withdrawn';
  const state = linkStateOf(link, now);
  return state === 'revoked' && !askingStates.has(prescription.state) ? 'used' : state;
}

export function linkStateOf(link: LinkTimes, now: Date): Exclude<LinkState, 'withdrawn'> {
  if (link.usedAt !== null) return 'used';
  if (link.lockedAt !== null) return 'locked';
  if (link.revokedAt !== null) return 'revoked';
  return link.expiresAt > now ? 'open' : 'expired';
}

/** What an insurance card says, as claims need it. */
export interface CardDetails {
  bin: string;
  pcn?: string;
  groupId?: string;
  cardholderId: string;
  personCode?: string;
  relationship: '1' | '2' | '3' | '4';
  payerName?: string;
}

/** The patient's answer to "who pays", and to whether that is government coverage; undefined: not said. */
export type CoverageChoice =
  | { kind: 'insurance'; card: CardDetails; government?: boolean }
  | { kind: 'cash' }
  | { kind: 'on_file'; government?: boolean };

const sixDigits = /^\d{6}$/;

/** What is on the card and nothing else of where it was noted, when it would do for a claim. */
export function cardOf(coverage: OrderCoverage | undefined): CardDetails | undefined {
  const { bin, pcn, groupId, cardholderId, personCode, relationship = '1', payerName } = coverage ?? {};
  if (bin === undefined || !sixDigits.test(bin) || cardholderId === undefined || cardholderId === '') return undefined;
  return {
    bin,
    cardholderId,
    relationship,
    ...(pcn !== undefined && { pcn }),
    ...(groupId !== undefined && { groupId }),
    ...(personCode !== undefined && { personCode }),
    ...(payerName !== undefined && { payerName }),
  };
}

/** The form does not ask for the payer's name, which may be all that tells what the plan is: it goes with its card. */
export function withPayerName(card: CardDetails, known: CardDetails | undefined): CardDetails {
  const isSame = known !== undefined && known.bin === card.bin && known.cardholderId === card.cardholderId;
  return isSame && known.payerName !== undefined ? { payerName: known.payerName, ...card } : card;
}

/** Part D processor control numbers begin with MEDD by convention of the processors; names speak for themselves. */
const governmentPcn = /^MEDD/i;
const governmentPayer = /\b(medicare|medicaid|medi-?cal|tricare|champva|veterans affairs|indian health)\b/i;

/** The patient's word counts, and what the card betrays: a coupon beside government coverage would be a kickback. */
export function isGovernment(card: Pick<CardDetails, 'pcn' | 'payerName'>, declared: boolean): boolean {
  return declared || governmentPcn.test(card.pcn ?? '') || governmentPayer.test(card.payerName ?? '');
}

/** A patient's word on whether a plan is governmental. */
export interface GovernmentWord {
  government?: boolean;
  /** The one-time code has shown the patient the "yes" on file. */
  hasSeenYes?: boolean;
}

/**
 * Whether a plan counts as governmental that did, or did not, before. A "yes" is taken back only by a "no" of who has seen it: a
 * careless second answer would bill a coupon beside Medicaid, a mistaken "yes" costs no more than the coupon.
 */
export function staysGovernment(
  card: Pick<CardDetails, 'pcn' | 'payerName'>,
  { government, hasSeenYes = false }: GovernmentWord,
  before: boolean,
): boolean {
  const isTakenBack = government === false && hasSeenYes;
  return isGovernment(card, government === true || (before && !isTakenBack));
}

/** `•••• 6789`; short numbers show nothing. */
export function maskedCardholderId(cardholderId: string): string {
  return cardholderId.length > 6 ? `•••• ${cardholderId.slice(-4)}` : '••••';
}
