import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import type { Prescription } from '../prescriptions/index.js';
import type { Composed } from './letters.service.js';
import { MessageContents } from './message-contents.js';
import { dedupeKeyOf, isStillTrue, messageRules } from './message-rules.policy.js';
import type { Channel, MessageEvent, SuppressionReason } from './notification.words.js';
import { PatientLetters } from './patient-letters.service.js';

export interface MessageOrder {
  event: MessageEvent;
  prescription: Prescription;
  /** Tells two messages of one event apart: two links, two codes. */
  occurrence: string;
  codeId?: string | undefined;
  /** A code goes only where the patient asked for it. */
  channel?: Channel | undefined;
  /** Why it is written down and not sent. */
  heldBack?: SuppressionReason | undefined;
}

/** Turns what happened to a prescription into messages to its patient. */
@Injectable()
export class Composer {
  constructor(
    private readonly clock: Clock,
    private readonly contents: MessageContents,
    private readonly letters: PatientLetters,
  ) {}

  /** @returns what became of each new row; nothing when the message was composed before or there is no patient yet */
  async compose(tx: Tx, order: MessageOrder): Promise<Composed[]> {
    const { event, prescription, occurrence, codeId, channel: only, heldBack } = order;
    const { id: prescriptionId, patientId, organizationId } = prescription;
    if (patientId === null) return [];
    const { channels, carries, urgency } = messageRules[event];
    return this.letters.write(tx, {
      event,
      organizationId,
      patientId,
      about: { prescriptionId },
      path: prescription.path,
      channels: channels.filter((channel) => only === undefined || only === channel),
      urgency,
      heldBack,
      content:
        heldBack === undefined && isStillTrue(event, prescription.state)
          ? this.contents.of(tx, carries, { prescription, codeId })
          : undefined,
      notBefore: this.clock.now(),
      dedupeKeyOf: (channel) => dedupeKeyOf(event, prescriptionId, channel, occurrence),
    });
  }
}
