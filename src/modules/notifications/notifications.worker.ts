import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Compensations, Prescriptions, type Prescription } from '../prescriptions/index.js';
import { OrderSteps } from '../shipping/index.js';
import { Composer } from './composer.service.js';
import { messageOf } from './message-rules.policy.js';
import type { MessageEvent } from './notification.words.js';
import {
  composeJob,
  deliveryNotifiedEvent,
  remindJob,
  sendEmailJob,
  sendSmsJob,
  type ComposePayload,
  type RemindPayload,
} from './notifications.jobs.js';
import { Reminders } from './reminders.service.js';
import { Sender } from './sender.service.js';

@Injectable()
export class NotificationsWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly steps: OrderSteps,
    private readonly compensations: Compensations,
    private readonly composer: Composer,
    private readonly reminders: Reminders,
    private readonly sender: Sender,
  ) {}

  onModuleInit(): void {
    this.compensations.register({ step: 'parties', run: (prescriptionId) => this.tellOfEnd(prescriptionId) });
  }

  @Handles(composeJob)
  async compose({ prescriptionId, codeId, channel }: ComposePayload, run: JobRun): Promise<void> {
    const source = run.event;
    if (source === undefined) throw new Unrecoverable('notification.event-unknown', 'the job names no event');
    await this.db.tx(systemContext, async (tx) => {
      // Locked, so that the message and the state it speaks of agree.
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const event = await this.messageOf(tx, source, prescription);
      if (event !== undefined) {
        await Promise.all([
          this.composer.compose(tx, { event, prescription, occurrence: run.outboxId, codeId, channel }),
          this.reminders.plan(tx, event, prescription),
        ]);
      }
      if (source === 'delivered') await this.announceDelivery(tx, prescriptionId, prescription.organizationId);
      await this.outbox.close(tx, run);
    });
  }

  @Handles(remindJob)
  async remind(asked: RemindPayload, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.reminders.remind(tx, asked);
      await this.outbox.close(tx, run);
    });
  }

  @Handles(sendEmailJob)
  async sendEmail({ notificationId }: { notificationId: string }, run: JobRun): Promise<void> {
    await this.sender.send(notificationId, run);
  }

  @Handles(sendSmsJob)
  async sendSms({ notificationId }: { notificationId: string }, run: JobRun): Promise<void> {
    await this.sender.send(notificationId, run);
  }

  private async messageOf(tx: Tx, source: string, { id, state }: Prescription): Promise<MessageEvent | undefined> {
    const event = messageOf(source, state);
    if (event !== 'delivered') return event;
    return (await this.steps.of(tx, id)).pickedUp ? 'picked_up' : 'delivered';
  }

  /** The last message is stored, or the reason why there is none: the prescription may be completed. */
  private async announceDelivery(tx: Tx, prescriptionId: string, organizationId: string): Promise<void> {
    await this.outbox.publish(tx, {
      name: deliveryNotifiedEvent,
      aggregateId: prescriptionId,
      organizationId,
      payload: { prescriptionId },
    });
  }

  private async tellOfEnd(prescriptionId: string): Promise<string> {
    const composed = await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const event = prescription.state === 'cancelled' ? 'cancelled' : 'undelivered';
      return this.composer.compose(tx, { event, prescription, occurrence: event });
    });
    if (composed.length === 0) return 'nothing-to-do';
    return composed.includes('pending') ? 'patient-notified' : 'patient-not-reachable';
  }
}
