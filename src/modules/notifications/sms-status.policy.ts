import type { NotificationStatus } from './notification.words.js';

/** Twilio's words for an outgoing message. Reports come in any order: the higher rank wins, an end is an end. */
const ranks = {
  accepted: 0,
  scheduled: 0,
  queued: 1,
  sending: 2,
  sent: 3,
  delivered: 4,
  undelivered: 4,
  failed: 4,
  canceled: 4,
} as const;
export type SmsStatus = keyof typeof ranks;

const endings: Readonly<Partial<Record<SmsStatus, NotificationStatus>>> = {
  delivered: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

export function isSmsStatus(word: string): word is SmsStatus {
  return Object.hasOwn(ranks, word);
}

export function rankOf(status: SmsStatus): number {
  return ranks[status];
}

/**
 * A message that is pending and known to the vendor is to be sent again: what is reported is about its former sending.
 * @returns the new status of our message, or undefined when the report changes nothing
 */
export function statusAfter(current: NotificationStatus, report: SmsStatus): NotificationStatus | undefined {
  if (current !== 'sent') return undefined;
  return endings[report];
}

/** Codes of Twilio that say something about the number, not about this message. */
export const numberFindings: Readonly<Record<number, { code: string; category: 'all' | 'unreachable' }>> = {
  21610: { code: 'sms.opted-out', category: 'all' },
  21211: { code: 'sms.unreachable', category: 'unreachable' },
  21214: { code: 'sms.unreachable', category: 'unreachable' },
  21217: { code: 'sms.unreachable', category: 'unreachable' },
  21614: { code: 'sms.unreachable', category: 'unreachable' },
  30006: { code: 'sms.unreachable', category: 'unreachable' },
};
