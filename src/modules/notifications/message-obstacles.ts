import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import { MessageContents } from './message-contents.js';
import { isAboutOrder, isStillTrue, messageRules } from './message-rules.policy.js';
import type { Notification } from './notification.entity.js';
import type { SuppressionReason } from './notification.words.js';
import { isReminder } from './reminders.policy.js';
import { Reminders } from './reminders.service.js';

/** What was written of an order may wait for a vendor, the morning or a person's retry, and be over by then. */
@Injectable()
export class MessageObstacles {
  constructor(
    private readonly prescriptions: Prescriptions,
    private readonly contents: MessageContents,
    private readonly reminders: Reminders,
  ) {}

  /** Why a message about a prescription is not sent any more. */
  async of(tx: Tx, { event, prescriptionId }: Notification, text: string): Promise<SuppressionReason | undefined> {
    if (prescriptionId === null || !isAboutOrder(event)) return undefined;
    const prescription = await this.prescriptions.get(tx, prescriptionId);
    const letter = { prescription, text };
    if (!isStillTrue(event, prescription.state)) return 'superseded';
    if (await this.contents.isOver(tx, messageRules[event].carries, letter)) return 'superseded';
    return isReminder(event) ? this.reminders.obstacle(tx, prescription) : undefined;
  }
}
