import { Injectable } from '@nestjs/common';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Patients } from '../directory/index.js';
import { Enrollments } from '../enrollment/index.js';
import type { PrescriptionPath } from '../prescriptions/index.js';
import { messagesOfPatients } from './messages-of-patients.sql.js';
import type { NotificationEvent } from './notification.words.js';
import { sendSmsJob } from './notifications.jobs.js';
import { askedFor, isExempt, longestCapMs, nextTextAt } from './text-caps.policy.js';

export interface PlannedText {
  event: NotificationEvent;
  patientId: string;
  /** E.164 */
  phone: string;
  /** Of the prescription it is about. */
  path: PrescriptionPath | undefined;
}

/** Holds down the number of texts to people who have agreed to none. */
@Injectable()
export class TextCaps {
  constructor(
    private readonly keyring: Keyring,
    private readonly patients: Patients,
    private readonly enrollments: Enrollments,
  ) {}

  /** `at` itself, or when the number may get one more. Until the end of the transaction nobody else plans a text to it. */
  async opensAt(tx: Tx, { event, patientId, phone, path }: PlannedText, at: Date): Promise<Date> {
    if (isExempt(event, path) || (await this.enrollments.hasConsent(tx, patientId))) return at;
    const number = this.keyring.blindIndex('text_caps.phone', phone);
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`texts ${number}`]);
    const owners = await this.patients.withPhone(tx, phone);
    const patientIds = [...new Set([patientId, ...owners.map(({ id }) => id)])];
    return nextTextAt(at, await this.textsTo(tx, patientIds, new Date(at.getTime() - longestCapMs)));
  }

  /** When texts to these patients went, or are to go. */
  private async textsTo(tx: Tx, patientIds: readonly string[], since: Date): Promise<Date[]> {
    const rows = await tx.query<{ at: Date }>(
      `SELECT text.at FROM (
         SELECT coalesce(n.sent_at, o.due_at, n.created_at) AS at FROM ${messagesOfPatients} n
         LEFT JOIN outbox_events o ON o.aggregate_id = coalesce(n.prescription_id, n.ticket_id) AND o.done_at IS NULL
           AND o.subscriber = $4 AND o.payload ->> 'notificationId' = n.id::text
         WHERE n.patient_id = ANY ($1::uuid[]) AND n.channel = 'sms' AND n.status IN ('pending', 'sent', 'delivered')
           AND n.event <> $3
       ) text WHERE text.at > $2`,
      [patientIds, since, askedFor, sendSmsJob.name],
    );
    return rows.map(({ at }) => at);
  }
}
