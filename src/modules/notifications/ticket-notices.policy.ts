import { isAboutOrder, messageRules, type MessageRule } from './message-rules.policy.js';
import type { NotificationEvent, TicketEvent } from './notification.words.js';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Unsent after this long it would be stale: the ticket itself tells more by then. */
const noticesFreshForMs: Readonly<Record<TicketEvent, number>> = {
  message_posted: 3 * day,
  ticket_escalated: day,
  ticket_sent: 3 * day,
  support_requested: day,
};

export function freshForMsOf(event: NotificationEvent): number {
  return event in noticesFreshForMs
    ? noticesFreshForMs[event as TicketEvent]
    : messageRules[event as keyof typeof messageRules].freshForMs;
}

/** Nobody must act on a notice at night: the page it links to is open by day as well. */
export function urgencyOf(event: NotificationEvent): MessageRule['urgency'] {
  return isAboutOrder(event) ? messageRules[event].urgency : 'daytime';
}

/** Two notices of one thread are at least this far apart, however fast its readers read. */
export const gatherMs = 15 * minute;

/** Who did not follow a notice may have missed it: what is said a day later is told again. */
export const repeatedAfterMs = day;

/** The latest notice of a thread to one kind of readers. */
export interface FormerNotice {
  /** The first message it told of. */
  seq: number;
  at: Date;
  isPending: boolean;
  isSent: boolean;
  /** None of it could reach anybody. */
  isInVain: boolean;
}

export interface ThreadReader {
  /** How far one of them has read. */
  readSeq: number;
  former: FormerNotice | undefined;
}

/** News is told when no notice stands that its readers have not followed for less than a day, and none has just failed to reach them. */
export function needsNotice({ readSeq, former }: ThreadReader, now: Date): boolean {
  if (former === undefined) return true;
  const isUnread = former.seq > readSeq && now.getTime() < former.at.getTime() + repeatedAfterMs;
  const stands = former.isPending || (former.isSent && isUnread);
  const triedJustNow = former.isInVain && now.getTime() < former.at.getTime() + gatherMs;
  return !stands && !triedJustNow;
}

/** @param patienceMs how long a message may wait to be read by who is there anyway */
export function noticeDueAt(now: Date, former: FormerNotice | undefined, patienceMs: number): Date {
  const earliest = former === undefined ? 0 : former.at.getTime() + gatherMs;
  return new Date(Math.max(now.getTime() + patienceMs, earliest));
}
