import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { TimelineSources, type TimelineEntry } from '../prescriptions/index.js';
import type { Notification } from './notification.entity.js';
import { NotificationsStore } from './notifications.store.js';

/** Who was told what and when; never where or in which words. */
@Injectable()
export class NotificationsTimeline implements OnModuleInit {
  constructor(
    private readonly sources: TimelineSources,
    private readonly notifications: NotificationsStore,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      name: 'notifications',
      audience: 'parties',
      entries: async (tx: Tx, prescriptionId: string) =>
        (await this.notifications.ofPrescription(tx, prescriptionId)).flatMap(entriesOf),
      ofTicket: async (tx: Tx, ticketId: string) =>
        (await this.notifications.ofTicket(tx, ticketId)).flatMap(entriesOf),
    });
  }
}

/** One entry per milestone the message has reached. */
function entriesOf(one: Notification): TimelineEntry[] {
  const milestones: [string, Date | null][] = [
    [one.status === 'suppressed' ? 'suppressed' : 'composed', one.createdAt],
    ['sent', one.sentAt],
    ['delivered', one.deliveredAt],
  ];
  return milestones.flatMap(([milestone, at]) => (at === null ? [] : [entry(one, milestone, at)]));
}

function entry(one: Notification, milestone: string, at: Date): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'notification',
    code: `notification.${milestone}`,
    actor: { kind: 'system', id: null },
    cause: { trigger: 'worker', reason: one.suppressedReason ?? one.failureCode },
    details: {
      notificationId: one.id,
      event: one.event,
      recipient: one.recipientKind,
      channel: one.channel,
      template: one.template,
      templateVersion: one.templateVersion,
      status: one.status,
    },
  };
}
