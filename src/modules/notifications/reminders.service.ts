import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Subscriptions } from '../orders/index.js';
import { Prescriptions, type Prescription } from '../prescriptions/index.js';
import { Composer } from './composer.service.js';
import { MessageContents, type OpenedLink } from './message-contents.js';
import { isStillTrue, messageRules } from './message-rules.policy.js';
import type { MessageEvent, ReminderEvent, SuppressionReason } from './notification.words.js';
import { remindJob, type RemindPayload } from './notifications.jobs.js';
import { PatientLetters } from './patient-letters.service.js';
import { reminderDueAt, reminderOf, reminderRules } from './reminders.policy.js';

const suppressed: SuppressionReason = 'reminders_suppressed';

/** Reminds a patient once of a link that was sent and not followed. */
@Injectable()
export class Reminders {
  private readonly afterHours: number;

  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly subscriptions: Subscriptions,
    private readonly contents: MessageContents,
    private readonly composer: Composer,
    private readonly letters: PatientLetters,
    @Inject(CONFIG) { REMINDER_AFTER_HOURS: afterHours }: Pick<Config, 'REMINDER_AFTER_HOURS'>,
  ) {
    this.afterHours = afterHours;
  }

  /** In the transaction that writes the letter with the link. The letter of a renewed link reminds by itself. */
  async plan(tx: Tx, letter: MessageEvent, prescription: Prescription): Promise<void> {
    const event = reminderOf(letter);
    if (event === undefined || this.afterHours === 0) return;
    const link = await this.linkOf(tx, event, prescription);
    if (link === undefined || link.renewed) return;
    const dueAt = reminderDueAt(this.clock.now(), link.expiresAt, this.afterHours);
    await this.ask(tx, prescription, { prescriptionId: prescription.id, event, linkId: link.id, round: 0 }, dueAt);
  }

  /** Writes the reminder, or puts it off. Harmless when the link was followed, replaced or ended. */
  async remind(tx: Tx, asked: RemindPayload): Promise<void> {
    const { event, prescriptionId, linkId } = asked;
    // Locked, so that the reminder and the state it speaks of agree.
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    const link = await this.linkOf(tx, event, prescription);
    if (link?.id !== linkId || this.afterHours === 0) return;
    const now = this.clock.now();
    if (await this.isSuppressed(tx, prescription)) {
      await this.composer.compose(tx, { event, prescription, occurrence: `${linkId}:held`, heldBack: suppressed });
      const dueAt = new Date(now.getTime() + reminderRules[event].askAgainMs);
      if (dueAt < link.expiresAt) await this.askAgain(tx, prescription, asked, dueAt);
      return;
    }
    const opensAt = await this.daytime(tx, prescription, now);
    if (opensAt > now) await this.askAgain(tx, prescription, asked, opensAt);
    else await this.composer.compose(tx, { event, prescription, occurrence: linkId });
  }

  /** Who was let alone since a reminder was written is not reminded. */
  async obstacle(tx: Tx, prescription: Prescription): Promise<SuppressionReason | undefined> {
    return (await this.isSuppressed(tx, prescription)) ? suppressed : undefined;
  }

  /** The link the prescription waits for; undefined when it does not. */
  private async linkOf(tx: Tx, event: ReminderEvent, prescription: Prescription): Promise<OpenedLink | undefined> {
    if (!isStillTrue(event, prescription.state)) return undefined;
    return (await this.contents.of(tx, messageRules[event].carries, { prescription }))?.opened;
  }

  private async isSuppressed(tx: Tx, { patientId }: Prescription): Promise<boolean> {
    return patientId !== null && (await this.subscriptions.suppressReminders(tx, patientId));
  }

  private async daytime(tx: Tx, { id: prescriptionId, patientId, organizationId }: Prescription, at: Date) {
    return patientId === null ? at : this.letters.daytime(tx, { patientId, organizationId, prescriptionId }, at);
  }

  private askAgain(tx: Tx, prescription: Prescription, asked: RemindPayload, dueAt: Date): Promise<void> {
    return this.ask(tx, prescription, { ...asked, round: asked.round + 1 }, dueAt);
  }

  /** Of two letters with one link, and of two runs of one round, one asks. */
  private async ask(
    tx: Tx,
    { id: aggregateId, organizationId }: Prescription,
    asked: RemindPayload,
    dueAt: Date,
  ): Promise<void> {
    const dedupeKey = `notifications.remind ${asked.linkId} ${asked.round}`;
    await this.outbox.enqueue(tx, remindJob, asked, { dueAt, dedupeKey, aggregateId, organizationId });
  }
}
