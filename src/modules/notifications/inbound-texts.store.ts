import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { SqlValue, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { InboundText, type TextMeaning } from './inbound-text.entity.js';
import { messagesOfPatients } from './messages-of-patients.sql.js';

/** Whom a text is from, as far as our own messages tell. */
export interface TextSender {
  organizationId: string;
  patientId: string | null;
  notificationId: string | null;
  prescriptionId: string | null;
}

export interface NewText extends TextSender {
  webhookEventId: string;
  meaning: TextMeaning;
  body: string;
  receivedAt: Date;
  /** Somebody has to look at it. */
  isOpen: boolean;
}

export interface TextFilter {
  organizationId: string;
  open?: boolean | undefined;
  cursor?: string | undefined;
  limit: number;
}

const place = (id: string) => ({ table: 'inbound_texts', column: 'body_sealed', row: id });

@Injectable()
export class InboundTextsStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  /** @returns its id, or undefined when this text is known */
  async add(tx: Tx, text: NewText): Promise<string | undefined> {
    const id = newId();
    const row = await tx.one<{ id: string }>(
      `INSERT INTO inbound_texts (id, organization_id, patient_id, notification_id, prescription_id, webhook_event_id, meaning,
         body_sealed, received_at, handled_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (webhook_event_id) DO NOTHING RETURNING id`,
      [
        id,
        text.organizationId,
        text.patientId,
        text.notificationId,
        text.prescriptionId,
        text.webhookEventId,
        text.meaning,
        this.keyring.seal(place(id), text.body),
        text.receivedAt,
        text.isOpen ? null : this.clock.now(),
      ],
    );
    return row?.id;
  }

  /** The last text message one of these patients got. */
  lastSent(tx: Tx, patientIds: readonly string[]): Promise<TextSender | undefined> {
    return tx.one<TextSender>(
      `SELECT n.organization_id AS "organizationId", n.patient_id AS "patientId", n.id AS "notificationId",
         n.prescription_id AS "prescriptionId"
       FROM ${messagesOfPatients} n
       WHERE n.patient_id = ANY ($1::uuid[]) AND n.channel = 'sms' AND n.sent_at IS NOT NULL
       ORDER BY n.sent_at DESC LIMIT 1`,
      [patientIds],
    );
  }

  find(tx: Tx, id: string): Promise<InboundText | undefined> {
    return tx.row(InboundText, { id });
  }

  /** Newest first: ids are time-ordered. */
  async list(tx: Tx, { organizationId, open, cursor, limit }: TextFilter): Promise<InboundText[]> {
    const query = tx.manager
      .createQueryBuilder(InboundText, 't')
      .where('t.organizationId = :organizationId', { organizationId })
      .orderBy('t.id', 'DESC')
      .limit(limit);
    if (open !== undefined) query.andWhere(`t.handledAt IS ${open ? '' : 'NOT '}NULL`);
    if (cursor !== undefined) query.andWhere('t.id < :cursor', { cursor });
    return query.getMany();
  }

  /** Whoever was first has handled it. */
  async handle(tx: Tx, id: string, by: string): Promise<void> {
    const values: SqlValue[] = [id, this.clock.now(), by];
    await tx.send(
      'UPDATE inbound_texts SET handled_at = $2, handled_by = $3 WHERE id = $1 AND handled_at IS NULL',
      values,
    );
  }

  bodyOf({ id, bodySealed }: InboundText): string {
    return this.keyring.openText(place(id), bodySealed);
  }
}
