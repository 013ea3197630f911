import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { pageOf } from '../../platform/http/index.js';
import { Outbox, redrive } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { maskedAddress } from './address.policy.js';
import type { Notification } from './notification.entity.js';
import type { SuppressionReason } from './notification.words.js';
import { fail } from './notifications.errors.js';
import { sendJobs } from './notifications.jobs.js';
import { aggregateOf, NotificationsStore, type NotificationFilter } from './notifications.store.js';
import { freshForMsOf } from './ticket-notices.policy.js';

export interface ShownNotification {
  notification: Notification;
  to: string | null;
  attempts: number;
}

export interface NotificationPage {
  items: ShownNotification[];
  nextCursor: string | null;
}

/** Reasons that can pass; an address does when it is corrected. Consent is not among them: only the person gives it back, by START. */
const passingReasons: ReadonlySet<SuppressionReason> = new Set([
  'vendor_off',
  'capped',
  'expired',
  'unreachable',
  'reminders_suppressed',
  'no_address',
  'not_e164',
]);

/** What was sent to patients, operations and pharmacies, for staff. */
@Injectable()
export class Notifications {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly store: NotificationsStore,
  ) {}

  list(principal: Principal, filter: Omit<NotificationFilter, 'organizationId'>): Promise<NotificationPage> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { organizationId } = principal;
      const found = await this.store.list(tx, { ...filter, organizationId, limit: filter.limit + 1 });
      const { items, nextCursor } = pageOf(found, filter.limit);
      const entityIds = items.map(({ id }) => id);
      await this.audit.record(tx, { action: 'search', entity: 'notification', entityIds });
      return { items: await this.shown(tx, items), nextCursor };
    });
  }

  /**
   * Sends a message again that did not arrive. A dead letter gets its attempts back; what the vendor has taken is found again
   * and not sent twice. @throws notification.not-found, notification.not-retryable
   */
  retry(principal: Principal, id: string): Promise<ShownNotification> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const notification = await this.store.lock(tx, id);
      if (notification === undefined || !isSeenBy(tx.context, notification)) throw fail('notification.not-found');
      await this.sendAgain(tx, notification, principal.id);
      await this.audit.record(tx, { action: 'write', entity: 'notification', entityIds: [id], reason: 'retry' });
      const [shown] = await this.shown(tx, [(await this.store.find(tx, id)) ?? notification]);
      if (shown === undefined) throw fail('notification.not-found');
      return shown;
    });
  }

  private async sendAgain(tx: Tx, notification: Notification, by: string): Promise<void> {
    const { id, status, event, channel, organizationId } = notification;
    if (status === 'pending') {
      const letter = {
        aggregateId: aggregateOf(notification),
        subscriber: sendJobs[channel].name,
        about: ['notificationId', id],
      } as const;
      if (!(await redrive(tx, letter, by, this.clock.now())))
        throw fail('notification.not-retryable', { meta: { notificationStatus: status } });
      this.outbox.announce(tx);
      return;
    }
    if (!isRetryable(notification)) throw fail('notification.not-retryable', { meta: { notificationStatus: status } });
    const now = this.clock.now();
    await this.store.reopen(tx, notification, new Date(now.getTime() + freshForMsOf(event)));
    await this.outbox.enqueue(
      tx,
      sendJobs[channel],
      { notificationId: id },
      { aggregateId: aggregateOf(notification), organizationId },
    );
  }

  private async shown(tx: Tx, notifications: readonly Notification[]): Promise<ShownNotification[]> {
    const attempts = await this.store.attemptsOf(
      tx,
      notifications.map(({ id }) => id),
    );
    return notifications.map((notification) => {
      const address = this.store.addressOf(notification);
      const to = address === undefined ? null : maskedAddress(notification.channel, address);
      return { notification, to, attempts: attempts.get(notification.id) ?? 0 };
    });
  }
}

/** Those that may leave no address behind; where it goes once one is on file is looked up when it is sent. */
const addressReasons: ReadonlySet<SuppressionReason | null> = new Set([
  'no_address',
  'not_e164',
  'unreachable',
] as const);

function isRetryable({ status, suppressedReason, failureCode, ...letter }: Notification): boolean {
  const { bodySealed, toSealed, patientId } = letter;
  const hasWay = toSealed !== null || (patientId !== null && addressReasons.has(suppressedReason));
  if (bodySealed === null || !hasWay || failureCode === 'sms.opted-out') return false;
  if (status === 'failed') return true;
  return status === 'suppressed' && suppressedReason !== null && passingReasons.has(suppressedReason);
}
