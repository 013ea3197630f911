import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { SqlValue, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { markSentSql } from './mark-sent.sql.js';
import { Notification } from './notification.entity.js';
import type {
  AttemptOutcome,
  Channel,
  NotificationEvent,
  NotificationStatus,
  SuppressionReason,
} from './notification.words.js';
import type { RenderedMessage } from './templates.js';

/** What a message is about; of a thread's messages the number of the first it tells of. */
export type About = { prescriptionId: string } | { ticketId: string; threadSeq?: number };

export type Addressee =
  | { kind: 'patient'; patientId: string }
  | { kind: 'ops'; userId: string }
  | { kind: 'pharmacy'; userId: string; pharmacyId: string };

export interface NewNotification {
  id: string;
  organizationId: string;
  about: About;
  addressee: Addressee;
  event: NotificationEvent;
  channel: Channel;
  template: string;
  templateVersion: number;
  suppressed: SuppressionReason | undefined;
  address: string | undefined;
  message: RenderedMessage | undefined;
  messageId: string | undefined;
  dedupeKey: string;
  expiresAt: Date;
}

/** A message opened; without an address when none was on file as it was written. */
export type WrittenMessage = Pick<RenderedMessage, 'subject' | 'text' | 'html'> & { to: string | undefined };

/** As it goes out. */
export type OpenMessage = WrittenMessage & { to: string };

export interface NotificationFilter {
  organizationId: string;
  prescriptionId?: string | undefined;
  ticketId?: string | undefined;
  status?: NotificationStatus | undefined;
  channel?: Channel | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** A message the vendor took. `providerId`: the vendor's name for it, where its reports use one. */
export interface SentMessage {
  notification: Notification;
  providerId: string | null;
  attempt: number;
}

const toPlace = (id: string) => ({ table: 'notifications', column: 'to_sealed', row: id });
const bodyPlace = (id: string) => ({ table: 'notifications', column: 'body_sealed', row: id });

@Injectable()
export class NotificationsStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly outbox: Outbox,
  ) {}

  /** @returns the ids of those that were not written before */
  async add(tx: Tx, messages: readonly NewNotification[]): Promise<ReadonlySet<string>> {
    const rows = messages.map((one) => this.rowOf(one));
    const columns = Object.keys(rows[0] ?? {});
    const values = rows.flatMap((row) => Object.values(row));
    const places = rows.map((_, row) => `(${columns.map((_, at) => `$${row * columns.length + at + 1}`).join(', ')})`);
    const added = await tx.query<{ id: string }>(
      `INSERT INTO notifications (${columns.join(', ')}) VALUES ${places.join(', ')}
       ON CONFLICT (dedupe_key) DO NOTHING RETURNING id`,
      values.map((value) => value ?? null),
    );
    return new Set(added.map(({ id }) => id));
  }

  private rowOf(one: NewNotification): Readonly<Record<string, SqlValue | undefined>> {
    const { id, address, message } = one;
    return {
      id,
      organization_id: one.organizationId,
      ...aboutColumns(one.about),
      ...addresseeColumns(one.addressee),
      event: one.event,
      channel: one.channel,
      template: one.template,
      template_version: one.templateVersion,
      status: one.suppressed === undefined ? 'pending' : 'suppressed',
      suppressed_reason: one.suppressed,
      to_sealed: address === undefined ? undefined : this.keyring.seal(toPlace(id), address),
      body_sealed:
        message === undefined ? undefined : this.keyring.seal(bodyPlace(id), JSON.stringify(contentOf(message))),
      message_id: one.messageId,
      dedupe_key: one.dedupeKey,
      expires_at: one.expiresAt,
      created_at: this.clock.now(),
    };
  }

  async find(tx: Tx, id: string): Promise<Notification | undefined> {
    return await tx.row(Notification, { id });
  }

  async lock(tx: Tx, id: string): Promise<Notification | undefined> {
    const found = await tx.row(Notification, { id }, { lock: true });
    return found ?? undefined;
  }

  async byProviderId(tx: Tx, providerId: string, options: { lock?: boolean } = {}): Promise<Notification | undefined> {
    return await tx.row(Notification, { providerId }, options);
  }

  /** Which of these names of the vendor's stand for a message of ours. */
  async knownProviderIds(tx: Tx, providerIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      'SELECT provider_id AS id FROM notifications WHERE provider_id = ANY($1::text[])',
      [providerIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async ofPrescription(tx: Tx, prescriptionId: string): Promise<Notification[]> {
    return tx.rows(Notification, { prescriptionId }, { order: { id: 'ASC' } });
  }

  /** Without those about its prescriptions. */
  async ofTicket(tx: Tx, ticketId: string): Promise<Notification[]> {
    return tx.rows(Notification, { ticketId }, { order: { id: 'ASC' } });
  }

  /** Newest first: ids are time-ordered. */
  async list(tx: Tx, { limit, ...filter }: NotificationFilter): Promise<Notification[]> {
    const query = tx.manager.createQueryBuilder(Notification, 'n').orderBy('n.id', 'DESC').limit(limit);
    const conditions: [string, string | undefined][] = [
      ['n.organizationId = :organizationId', filter.organizationId],
      ['n.prescriptionId = :prescriptionId', filter.prescriptionId],
      ['n.ticketId = :ticketId', filter.ticketId],
      ['n.status = :status', filter.status],
      ['n.channel = :channel', filter.channel],
      ['n.id < :cursor', filter.cursor],
    ];
    for (const [condition, value] of conditions) if (value !== undefined) query.andWhere(condition, filter);
    return query.getMany();
  }

  addressOf({ id, toSealed }: Notification): string | undefined {
    return toSealed === null ? undefined : this.keyring.openText(toPlace(id), toSealed);
  }

  /** @returns undefined for a message that has nothing to say */
  open(notification: Notification): WrittenMessage | undefined {
    const { id, bodySealed } = notification;
    if (bodySealed === null) return undefined;
    const body = JSON.parse(this.keyring.openText(bodyPlace(id), bodySealed)) as Omit<WrittenMessage, 'to'>;
    return { to: this.addressOf(notification), ...body };
  }

  /** With the try it was sent at. A report of the vendor's may have said more of a message meanwhile; that stands. */
  async markSent(tx: Tx, sent: readonly SentMessage[]): Promise<void> {
    await tx.send(markSentSql, [
      sent.map(({ notification }) => notification.id),
      sent.map(({ providerId }) => providerId),
      sent.map(({ attempt }) => attempt),
      sent.map(() => newId()),
      this.clock.now(),
    ]);
  }

  /** Told to whoever hears it, once per failure. */
  async markFailed(tx: Tx, notification: Notification, code: string): Promise<void> {
    const { id, prescriptionId, ticketId, organizationId } = notification;
    const failed = await tx.query(
      `UPDATE notifications SET status = 'failed', failure_code = $2 WHERE id = $1 AND status IN ('pending', 'sent')
       RETURNING id`,
      [id, code],
    );
    if (failed.length === 0) return;
    await this.outbox.publish(tx, {
      name: 'notification_failed',
      aggregateId: aggregateOf(notification),
      organizationId,
      payload: {
        notificationId: id,
        reason: code,
        ...(prescriptionId !== null && { prescriptionId }),
        ...(ticketId !== null && { ticketId }),
      },
    });
  }

  async markDelivered(tx: Tx, id: string): Promise<void> {
    await this.change(
      tx,
      `status = 'delivered', delivered_at = $2, sent_at = coalesce(sent_at, $2)`,
      `status = 'sent'`,
      [id, this.clock.now()],
    );
  }

  async suppress(tx: Tx, id: string, reason: SuppressionReason): Promise<void> {
    await this.change(tx, `status = 'suppressed', suppressed_reason = $2`, `status = 'pending'`, [id, reason]);
  }

  /** To be sent again. A message the vendor took but did not deliver is a new sending, under a key of its own. */
  async reopen(tx: Tx, { id, providerId }: Notification, expiresAt: Date): Promise<void> {
    await this.change(
      tx,
      `status = 'pending', suppressed_reason = NULL, failure_code = NULL, expires_at = $2, round = round + $3`,
      `status IN ('failed', 'suppressed')`,
      [id, expiresAt, providerId === null ? 0 : 1],
    );
  }

  /** What the vendor still reports of an earlier sending is of the other address. */
  async readdress(tx: Tx, id: string, to: string): Promise<void> {
    await this.change(tx, 'to_sealed = $2, provider_id = NULL', `status = 'pending'`, [
      id,
      this.keyring.seal(toPlace(id), to),
    ]);
  }

  async noteAttempt(
    tx: Tx,
    { id, prescriptionId, organizationId }: Notification,
    tried: { attempt: number; outcome: Exclude<AttemptOutcome, 'sent'>; code: string },
  ): Promise<void> {
    await tx.send(
      `INSERT INTO notification_attempts (id, notification_id, prescription_id, organization_id, attempt, outcome, code, at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [newId(), id, prescriptionId, organizationId, tried.attempt, tried.outcome, tried.code, this.clock.now()],
    );
  }

  async attemptsOf(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.query<{ id: string; attempts: number }>(
      `SELECT notification_id AS id, count(*)::int AS attempts FROM notification_attempts
       WHERE notification_id = ANY($1::uuid[]) GROUP BY notification_id`,
      [[...ids]],
    );
    return new Map(rows.map(({ id, attempts }) => [id, attempts]));
  }

  private async change(tx: Tx, set: string, where: string, values: readonly SqlValue[]): Promise<void> {
    await tx.send(`UPDATE notifications SET ${set} WHERE id = $1 AND ${where}`, values);
  }
}

/** What its jobs and effects are filed under. */
export function aggregateOf({ prescriptionId, ticketId, id }: Notification): string {
  return prescriptionId ?? ticketId ?? id;
}

export function aboutIdOf(about: About): string {
  return 'ticketId' in about ? about.ticketId : about.prescriptionId;
}

/** Every place is filled, so that all rows are one prepared statement. */
function aboutColumns(about: About) {
  const ofTicket = 'ticketId' in about;
  return {
    prescription_id: ofTicket ? undefined : about.prescriptionId,
    ticket_id: ofTicket ? about.ticketId : undefined,
    thread_seq: ofTicket ? about.threadSeq : undefined,
  };
}

function addresseeColumns(addressee: Addressee) {
  return {
    recipient_kind: addressee.kind,
    patient_id: addressee.kind === 'patient' ? addressee.patientId : undefined,
    user_id: addressee.kind === 'patient' ? undefined : addressee.userId,
    pharmacy_id: addressee.kind === 'pharmacy' ? addressee.pharmacyId : undefined,
  };
}

function contentOf({ subject, text, html }: RenderedMessage): object {
  return { text, ...(subject !== undefined && { subject }), ...(html !== undefined && { html }) };
}
