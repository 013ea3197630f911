import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, fold, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, Refused, type EffectSpec } from '../../platform/effects/index.js';
import { codeOf, TryLater, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import { MailGateway } from './gateways/mail.port.js';
import { SmsGateway, type SentSms } from './gateways/sms.port.js';
import { MessageObstacles } from './message-obstacles.js';
import type { Notification } from './notification.entity.js';
import type { AttemptOutcome, Channel, OptOutCategory, SuppressionReason } from './notification.words.js';
import { aggregateOf, NotificationsStore, type OpenMessage, type SentMessage } from './notifications.store.js';
import { OptOutsStore } from './opt-outs.store.js';
import { PatientLetters } from './patient-letters.service.js';
import type { Whereabouts } from './reach.policy.js';
import { urgencyOf } from './ticket-notices.policy.js';
import { isReminder } from './reminders.policy.js';
import { TicketNoticesStore } from './ticket-notices.store.js';
import { statusSource } from './twilio-words.js';

/** Two clocks and the vendor's rounding to seconds. */
const clockSlackMs = 5 * 60_000;

/** What goes out this soon after it was written is as true as it was then; a restart or a short fault must not eat a message. */
const justWrittenMs = 15 * 60_000;

/** Refusals that are about the recipient end the message; others are about us, and a person mends them and redrives. */
const recipientFaults: Readonly<Record<string, OptOutCategory | undefined>> = {
  'sms.opted-out': 'all',
  'sms.unreachable': 'unreachable',
  'email.unreachable': undefined,
};

type Reply = { id: string };

/** Sends one message once, and notes every try. */
@Injectable()
export class Sender {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly inbox: WebhookInbox,
    private readonly notifications: NotificationsStore,
    private readonly optOuts: OptOutsStore,
    private readonly notices: TicketNoticesStore,
    private readonly obstacles: MessageObstacles,
    private readonly patientLetters: PatientLetters,
    private readonly mail: MailGateway,
    private readonly sms: SmsGateway,
  ) {}

  /**
   * @throws Unrecoverable vendor.off while the channel has no credentials; the message stays pending
   * @throws TryLater `notification.quiet-hours`: a text that is not urgent waits for the morning
   */
  async send(notificationId: string, run: JobRun): Promise<void> {
    const { notification, address, suppressed } = await this.read(notificationId);
    if (notification.status !== 'pending') return;
    const written = this.notifications.open(notification);
    if (written === undefined) throw new Unrecoverable('notification.empty', 'a pending message has no text');
    const to = address ?? written.to;
    if (to === undefined) return this.suppress(notification, suppressed ?? 'no_address', run);
    const message = { ...written, to };
    const isMoved = to !== written.to;
    const obstacle = suppressed ?? (await this.obstacle(notification, message));
    if (obstacle !== undefined || isMoved) {
      // Where no address was written nothing can have gone out.
      const taken =
        written.to === undefined ? undefined : await this.takenBefore(notification, { ...written, to: written.to });
      if (taken !== undefined) return this.noteReply(notification, taken, run);
    }
    if (obstacle !== undefined) return this.suppress(notification, obstacle, run);
    await this.waitForDaytime(notification);
    if (isMoved) await this.db.tx(systemContext, (tx) => this.notifications.readdress(tx, notificationId, to));
    const reply = await this.deliver(notification, message).catch((error: unknown) =>
      this.noteFailure(notification, message, error, run),
    );
    if (reply !== undefined) await this.noteReply(notification, reply, run);
  }

  /** With where it goes now: a person may have corrected the patient's contacts since it was written. */
  private read(id: string): Promise<Whereabouts & { notification: Notification }> {
    return this.db.tx(systemContext, async (tx) => {
      const notification = await this.notifications.find(tx, id);
      if (notification === undefined)
        throw new Unrecoverable('notification.not-found', 'the job names no notification');
      const { status, patientId, channel } = notification;
      if (status !== 'pending' || patientId === null)
        return { notification, address: undefined, suppressed: undefined };
      return { notification, ...(await this.patientLetters.whereabouts(tx, patientId, channel)) };
    });
  }

  /** A message may have waited for the morning, for a vendor or for a redrive; who said STOP meanwhile is not written to. */
  private async obstacle(
    notification: Notification,
    { to, text }: OpenMessage,
  ): Promise<SuppressionReason | undefined> {
    const { channel, ticketId, expiresAt } = notification;
    const now = this.clock.now();
    if (expiresAt <= now) return 'expired';
    const isLate = mayBeOver(notification, now);
    if (channel === 'email' && ticketId === null && !isLate) return undefined;
    return this.db.tx(systemContext, async (tx) => {
      if (channel === 'sms' && (await this.optOuts.of(tx, to)).optedOut) return 'opted_out';
      if (ticketId !== null) return this.notices.obstacle(tx, notification);
      return isLate ? this.obstacles.of(tx, notification, text) : undefined;
    });
  }

  /** It was written for the daytime; a vendor that was away, or a person's retry, may have brought it into the night. */
  private async waitForDaytime(notification: Notification): Promise<void> {
    const { event, channel, patientId, organizationId, prescriptionId } = notification;
    if (channel !== 'sms' || patientId === null || urgencyOf(event) === 'now') return;
    const now = this.clock.now();
    const opensAt = await this.db.tx(systemContext, (tx) =>
      this.patientLetters.daytime(tx, { patientId, organizationId, prescriptionId }, now),
    );
    if (opensAt > now) throw new TryLater('notification.quiet-hours', opensAt.getTime() - now.getTime());
  }

  private async deliver(notification: Notification, message: OpenMessage): Promise<Reply> {
    const { channel } = notification;
    const { isOn } = channel === 'email' ? this.mail : this.sms;
    if (!isOn) throw new Refused('vendor.off', `${channel} has no credentials`);
    const way = channel === 'email' ? this.asMail(notification, message) : this.asSms(notification, message);
    return this.once(notification, message, way);
  }

  /**
   * What the vendor took, its answer lost: it went out, whatever stands against it now. Of a mail only the ledger can tell. What
   * was not taken is given up there as well. A vendor that refuses to say leaves it unknown: nothing more is to be sent, and no
   * repetition would tell.
   */
  private async takenBefore(notification: Notification, message: OpenMessage): Promise<Reply | undefined> {
    const effect = await this.db.tx(systemContext, (tx) =>
      tx.one('SELECT 1 FROM effects WHERE key = $1', [effectKey(notification)]),
    );
    if (effect === undefined) return undefined;
    const { lookup } = this.asSms(notification, message);
    const call = () => Promise.reject(new Refused('notification.abandoned', 'no longer wanted'));
    try {
      return await this.once(notification, message, notification.channel === 'email' ? { call } : { call, lookup });
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  private once(
    notification: Notification,
    { to, text }: OpenMessage,
    way: Pick<EffectSpec<Reply>, 'call' | 'lookup'>,
  ): Promise<Reply> {
    const { channel, organizationId } = notification;
    return this.effects.once<Reply>({
      key: effectKey(notification),
      kind: kinds[channel],
      requestHash: sha256(JSON.stringify([to, text])),
      aggregateId: aggregateOf(notification),
      organizationId,
      ...way,
    });
  }

  /** A repeat carries the same Message-ID, so no look-up is needed. */
  private asMail({ messageId }: Notification, { to, subject = '', text, html = '' }: OpenMessage) {
    return { call: () => this.mail.send({ messageId: messageId ?? '', to, subject, text, html }) };
  }

  private asSms(notification: Notification, { to, text }: OpenMessage) {
    const sms = { to, body: text };
    return {
      call: async () => ({ ...(await this.sms.send(sms)) }),
      lookup: async () => {
        const found = await this.sms.find(sms, await this.roundBegan(notification));
        const earlier = await this.notOfAnother(found);
        return earlier && { ...earlier };
      },
    };
  }

  private async roundBegan(notification: Notification): Promise<Date> {
    const effect = await this.db.tx(systemContext, (tx) =>
      tx.one<{ at: Date }>('SELECT created_at AS at FROM effects WHERE key = $1', [effectKey(notification)]),
    );
    return new Date((effect?.at ?? notification.createdAt).getTime() - clockSlackMs);
  }

  /** Notices of messages all say the same: a text that is known belongs to another one, or to an earlier round. */
  private async notOfAnother(found: readonly SentSms[]): Promise<SentSms | undefined> {
    if (found.length === 0) return undefined;
    const ids = found.map(({ id }) => id);
    const known = await this.db.tx(systemContext, (tx) => this.notifications.knownProviderIds(tx, ids));
    return found.find(({ id }) => !known.has(id));
  }

  private noteReply(notification: Notification, { id }: Reply, run: JobRun): Promise<void> {
    const providerId = notification.channel === 'sms' ? id : null;
    return this.noteSent({ notification, providerId, attempt: run.attempt, run });
  }

  /** Vendors take messages faster than a transaction each would note them. */
  private readonly noteSent: (sent: SentMessage & { run: JobRun }) => Promise<void> = fold(
    async (sent) => {
      await this.db.tx(systemContext, async (tx) => {
        await this.notifications.markSent(tx, sent);
        await this.outbox.close(tx, ...sent.map(({ run }) => run));
        // The first status reports of a text may have come before we knew its id.
        const known = sent.flatMap(({ providerId }) => (providerId === null ? [] : [{ messageSid: providerId }]));
        if (known.length > 0) await this.inbox.release(tx, statusSource, ...known);
      });
      return sent.map(() => undefined);
    },
    { mostItems: 50, mostBatches: 1, apart: true },
  );

  /** @returns nothing when the recipient is the reason and the message has ended; else the error goes on */
  private async noteFailure(
    notification: Notification,
    { to }: OpenMessage,
    error: unknown,
    run: JobRun,
  ): Promise<undefined> {
    if (error instanceof TryLater) throw error;
    const code = codeOf(error);
    const tried = { attempt: run.attempt, outcome: outcomeOf(error, code), code };
    if (!(error instanceof Refused) || !Object.hasOwn(recipientFaults, code)) {
      await this.db.tx(systemContext, (tx) => this.notifications.noteAttempt(tx, notification, tried));
      throw error;
    }
    const category = recipientFaults[code];
    await this.finish(run, async (tx) => {
      await this.notifications.noteAttempt(tx, notification, tried);
      await this.notifications.markFailed(tx, notification, code);
      if (category !== undefined) await this.optOuts.add(tx, to, category, code);
    });
    return undefined;
  }

  private suppress({ id }: Notification, reason: SuppressionReason, run: JobRun): Promise<void> {
    return this.finish(run, (tx) => this.notifications.suppress(tx, id, reason));
  }

  private finish(run: JobRun, work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.db.tx(systemContext, async (tx) => {
      await work(tx);
      await this.outbox.close(tx, run);
    });
  }
}

/** A reminder, what was written long ago, and what a person wants sent again. */
function mayBeOver({ event, round, createdAt }: Notification, now: Date): boolean {
  return isReminder(event) || round > 1 || now.getTime() - createdAt.getTime() >= justWrittenMs;
}

const effectKey = ({ channel, id, round }: Notification) => `${channel}:${id}:${round}`;
const kinds: Readonly<Record<Channel, string>> = { email: 'smtp.mail', sms: 'twilio.message' };

function outcomeOf(error: unknown, code: string): Exclude<AttemptOutcome, 'sent'> {
  if (code === 'vendor.off') return 'off';
  return error instanceof Refused ? 'refused' : 'unanswered';
}
