import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { TryLater } from '../../platform/jobs/index.js';
import { admitted, WebhookSources, type Bound, type ReceivedWebhook, type WebhookVerdict } from '../webhooks/index.js';
import { InboundTextTaker } from './inbound-text-taker.service.js';
import type { Notification } from './notification.entity.js';
import { NotificationsStore } from './notifications.store.js';
import { OptOutsStore } from './opt-outs.store.js';
import { isSmsStatus, numberFindings, statusAfter, type SmsStatus } from './sms-status.policy.js';
import { happenedAt, twilioArrival } from './twilio-arrival.js';
import { inboundSource, statusSource } from './twilio-words.js';

/** Reports overtake the answer to the call that sent the message; after this long nobody's message is concerned. */
const overtakenMs = 60_000;
const overtakenWaitMs = 1_000;

const report = z.object({
  [happenedAt]: z.iso.datetime().optional(),
  MessageSid: z.string().min(1),
  MessageStatus: z.string(),
  ErrorCode: z.coerce.number().int().optional(),
});
const inbound = z.object({
  [happenedAt]: z.iso.datetime().optional(),
  From: z.string().min(1),
  Body: z.string().default(''),
});

/** What becomes of Twilio's reports and of what people answer. */
@Injectable()
export class TwilioSource implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly sources: WebhookSources,
    private readonly notifications: NotificationsStore,
    private readonly optOuts: OptOutsStore,
    private readonly texts: InboundTextTaker,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      source: statusSource,
      handle: (event) => this.onStatus(event),
      read: (raw, headers) => [twilioArrival(statusSource, fieldsOf(raw), raw, headers)],
    });
    this.sources.register({
      source: inboundSource,
      handle: (event) => this.onInbound(event),
      read: (raw, headers) => [twilioArrival(inboundSource, fieldsOf(raw), raw, headers)],
    });
  }

  private async onStatus(event: ReceivedWebhook): Promise<WebhookVerdict> {
    const { receivedAt } = event;
    const parsed = report.safeParse(fieldsOf(event.raw));
    if (!parsed.success) return { outcome: 'parked', code: 'twilio.unreadable' };
    const { MessageSid: messageSid, MessageStatus: status, ErrorCode: errorCode } = parsed.data;
    const at = timeOf(parsed.data, receivedAt);
    if (!isSmsStatus(status)) return this.unknownStatus(messageSid, status, event);
    const notification = await this.db.tx(systemContext, async (tx) => {
      // Locked, or a person could have it sent again between look and write.
      const found = admitted(await this.notifications.byProviderId(tx, messageSid, { lock: true }), event);
      if (found === undefined) return undefined;
      const finding = errorCode === undefined ? undefined : numberFindings[errorCode];
      await this.apply(tx, found, status, finding?.code ?? codeOf(status, errorCode));
      // The number it went to, whatever the report calls it.
      const to = this.notifications.addressOf(found);
      if (to === undefined) return found;
      if (finding !== undefined) await this.optOuts.add(tx, to, finding.category, finding.code, at);
      if (status === 'delivered') await this.optOuts.reached(tx, to, at);
      return found;
    });
    if (notification === undefined) return this.unknown(messageSid, receivedAt);
    return { outcome: 'processed', ...whose(notification), related: { ...about(notification), messageSid } };
  }

  /** Whose it is can be told all the same, so that nobody else sees it. */
  private async unknownStatus(messageSid: string, word: string, bound: Bound): Promise<WebhookVerdict> {
    const named = await this.db.tx(systemContext, (tx) => this.notifications.byProviderId(tx, messageSid));
    const found = admitted(named, bound);
    const known = found === undefined ? {} : about(found);
    const related = { ...known, messageSid, word };
    return { outcome: 'parked', code: 'twilio.unknown-word', ...whose(found), related };
  }

  private async apply(
    tx: Parameters<NotificationsStore['markDelivered']>[0],
    notification: Notification,
    reported: SmsStatus,
    code: string,
  ): Promise<void> {
    const next = statusAfter(notification.status, reported);
    if (next === 'delivered') await this.notifications.markDelivered(tx, notification.id);
    if (next === 'failed') await this.notifications.markFailed(tx, notification, code);
  }

  private unknown(messageSid: string, receivedAt: Date): WebhookVerdict {
    const age = this.clock.now().getTime() - receivedAt.getTime();
    if (age < overtakenMs) throw new TryLater('notification.unknown', overtakenWaitMs);
    return { outcome: 'parked', code: 'notification.unknown', related: { messageSid } };
  }

  private async onInbound(event: ReceivedWebhook): Promise<WebhookVerdict> {
    const parsed = inbound.safeParse(fieldsOf(event.raw));
    if (!parsed.success) return { outcome: 'parked', code: 'twilio.unreadable' };
    const { From: from, Body: body } = parsed.data;
    return this.texts.take({ from, body, event: { ...event, receivedAt: timeOf(parsed.data, event.receivedAt) } });
  }
}

/** What was asked for is older than our row of it, and words said since count for more. */
function timeOf({ [happenedAt]: at }: { [happenedAt]?: string | undefined }, receivedAt: Date): Date {
  return at !== undefined && new Date(at) < receivedAt ? new Date(at) : receivedAt;
}

function whose(notification: Notification | undefined): Pick<WebhookVerdict, 'organizationId'> {
  return notification === undefined ? {} : { organizationId: notification.organizationId };
}

function about({ prescriptionId, ticketId, id }: Notification): Readonly<Record<string, unknown>> {
  return { ...(prescriptionId === null ? { ticketId } : { prescriptionId }), notificationId: id };
}

function codeOf(status: SmsStatus, errorCode: number | undefined): string {
  return errorCode === undefined ? `twilio.${status}` : `twilio.${errorCode}`;
}

function fieldsOf(raw: Buffer): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(raw.toString('utf8')));
}
