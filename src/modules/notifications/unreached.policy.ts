import type { PrescriptionState } from '../prescriptions/index.js';
import type { Channel, MessageEvent, NotificationStatus, SuppressionReason } from './notification.words.js';

interface LinkRule {
  events: readonly MessageEvent[];
  /** Makes and sends another link. */
  again: string;
}

const enrollmentAgain = 'POST /api/prescriptions/:id/enrollment';

/** Where the prescription stands still until the patient follows a link that was sent. */
export const linkRules: Readonly<Partial<Record<PrescriptionState, LinkRule>>> = {
  awaiting_enrollment: { events: ['enrollment_started', 'enrollment_link_renewed'], again: enrollmentAgain },
  routing_issue: { events: ['card_check_link_created'], again: enrollmentAgain },
  adjudication_issue: { events: ['card_check_link_created', 'enrollment_link_renewed'], again: enrollmentAgain },
  awaiting_payment: {
    events: ['payment_link_created', 'payment_link_renewed'],
    again: 'POST /api/prescriptions/:id/payment-link',
  },
};

export interface LinkMessage {
  event: string;
  channel: Channel;
  status: NotificationStatus;
  suppressedReason: SuppressionReason | null;
  failureCode: string | null;
  createdAt: Date;
}

/** The others say that the message was late or not needed, not that nobody is there. */
const nobodyThere: ReadonlySet<SuppressionReason> = new Set(['no_address', 'not_e164', 'unreachable', 'opted_out']);

/**
 * Why the newest link of a state reached nobody, by channel; undefined while some channel carried it, or may yet.
 * @param messages oldest first
 */
export function unreachedBy(
  rule: LinkRule,
  messages: readonly LinkMessage[],
  since: Date,
): Partial<Record<Channel, string>> | undefined {
  const links = messages.filter(
    ({ event, createdAt }) => (rule.events as readonly string[]).includes(event) && createdAt >= since,
  );
  const newest = new Map(links.map((message) => [message.channel, message]));
  const reasons = [...newest].map(([channel, message]) => [channel, reasonOf(message)] as const);
  if (reasons.length === 0 || reasons.some(([, reason]) => reason === undefined)) return undefined;
  return Object.fromEntries(reasons);
}

function reasonOf({ status, suppressedReason, failureCode }: LinkMessage): string | undefined {
  if (status === 'failed') return failureCode ?? 'failed';
  const isGone = status === 'suppressed' && suppressedReason !== null && nobodyThere.has(suppressedReason);
  return isGone ? suppressedReason : undefined;
}
