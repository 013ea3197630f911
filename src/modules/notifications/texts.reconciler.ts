import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { firstIdSince } from '../../platform/ids/index.js';
import { WebhookInbox, type IncomingWebhook } from '../webhooks/index.js';
import { SmsGateway } from './gateways/sms.port.js';
import { isSmsStatus, statusAfter } from './sms-status.policy.js';
import { askedReport, askedText } from './twilio-arrival.js';
import { unreportedSql } from './unreported.sql.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Each run looks back so far; the first of an hour also at what was written while nothing of ours ran. */
const usualMs = hourMs;
const furthestMs = 7 * dayMs;
/** A report comes within seconds, and of some carriers never. After so many runs, or an hour, it is asked for, for a day. */
const lateRuns = 20;
const latestMs = hourMs;
const reportedWithinMs = dayMs;
/** Per run: a few seconds of questions, one after the other. */
const mostAsked = 100;
/** Far below what the inbox lets wait. */
const mostAtOnce = 500;

/**
 * Twilio calls us twice within 15 seconds and never again, so what people write while the database is away, and what became of
 * texts, is asked for. Both are taken as the webhooks would be, under the same keys: what came by either way comes once.
 */
@Injectable()
export class TextsReconciler {
  private readonly everyMs: number;

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly sms: SmsGateway,
    private readonly inbox: WebhookInbox,
    @Inject(CONFIG) config: Pick<Config, 'RECONCILE_EVERY_MS'>,
  ) {
    this.everyMs = config.RECONCILE_EVERY_MS;
  }

  /** @throws what the first question ended with that had no answer: a vendor that is silent is not asked a hundred more */
  async run(slot: string): Promise<void> {
    if (!this.sms.isOn) return;
    await this.takeReceived(slot);
    for (const { providerId } of await this.unreported(slot)) await this.askFor(providerId);
  }

  private async takeReceived(slot: string): Promise<void> {
    const isFirstOfHour = new Date(slot).getTime() % hourMs < this.everyMs;
    const texts = await this.sms.received(this.before(isFirstOfHour ? furthestMs : usualMs));
    for (let at = 0; at < texts.length; at += mostAtOnce) {
      await this.take(texts.slice(at, at + mostAtOnce).map(askedText));
    }
  }

  private unreported(slot: string): Promise<{ providerId: string }[]> {
    const lateMs = Math.min(this.everyMs * lateRuns, latestMs);
    const sent = [this.before(reportedWithinMs), this.before(lateMs)].map(firstIdSince);
    return this.db.tx(systemContext, (tx) => tx.run(unreportedSql, [...sent, slot, mostAsked]));
  }

  private async askFor(id: string): Promise<void> {
    const report = await this.sms.report(id);
    if (report === undefined || !isSmsStatus(report.status)) return;
    if (statusAfter('sent', report.status) !== undefined) await this.take([askedReport(report)]);
  }

  private async take(webhooks: readonly IncomingWebhook[]): Promise<void> {
    const known = await this.inbox.find(webhooks);
    await Promise.all(webhooks.filter((_, at) => known[at] === undefined).map((one) => this.inbox.receive(one)));
  }

  private before(ms: number): Date {
    return new Date(this.clock.now().getTime() - ms);
  }
}
