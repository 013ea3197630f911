import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Organizations } from '../directory/index.js';
import { TrackingLinks } from '../shipping/index.js';
import { MailGateway } from './gateways/mail.port.js';
import { Letters, type Letter } from './letters.service.js';
import type { MessageContent } from './message-contents.js';
import { channels, type TicketEvent } from './notification.words.js';
import type { Addressee } from './notifications.store.js';
import { PatientLetters } from './patient-letters.service.js';
import { reachOf } from './reach.policy.js';
import { renderStaffMail } from './staff-templates.js';
import { needsNotice, noticeDueAt, urgencyOf } from './ticket-notices.policy.js';
import {
  TicketNoticesStore,
  type ConcernedReader,
  type PharmacyReader,
  type ThreadReaderKind,
} from './ticket-notices.store.js';

type Settings = Pick<Config, 'MESSAGE_PATIENCE_MS' | 'PUBLIC_URL' | 'PATIENT_PORTAL_URL' | 'PORT'>;

/** One mail to one person of operations or of a pharmacy. */
interface StaffNews {
  event: TicketEvent;
  organizationId: string;
  ticketId: string;
  threadSeq?: number;
  addressee: Exclude<Addressee, { kind: 'patient' }>;
  email: string;
  dueAt: Date;
  /** Tells two mails of one event to one person apart. */
  key: string;
}

/** Tells who does not sit before a ticket what happens on it. */
@Injectable()
export class TicketNotices {
  private readonly publicUrl: string;
  /** Where patients sign in; undefined: no page of ours shows them a message. */
  private readonly portalUrl: string | undefined;
  private readonly patienceMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly store: TicketNoticesStore,
    private readonly organizations: Organizations,
    private readonly tracking: TrackingLinks,
    private readonly patientLetters: PatientLetters,
    private readonly letters: Letters,
    private readonly mail: MailGateway,
    @Inject(CONFIG) config: Settings,
  ) {
    this.publicUrl = (config.PUBLIC_URL ?? `http://localhost:${config.PORT}`).replace(/\/+$/, '');
    this.portalUrl = config.PATIENT_PORTAL_URL?.replace(/\/*$/, '/');
    this.patienceMs = config.MESSAGE_PATIENCE_MS;
  }

  private readonly tell: Readonly<Record<ThreadReaderKind, (tx: Tx, reader: ConcernedReader) => Promise<void>>> = {
    patient: (tx, reader) => this.tellPatient(tx, reader),
    ops: (tx, reader) => this.tellOperations(tx, reader),
  };

  /** Of a message somebody wrote: once, until what it tells of is read. */
  async ofMessage(tx: Tx, messageId: string): Promise<void> {
    for (const reader of await this.store.concerned(tx, messageId)) {
      if (needsNotice(reader, this.clock.now())) await this.tell[reader.kind](tx, reader);
    }
  }

  /** @param occurrence one ticket may stand still several times */
  async ofEscalation(tx: Tx, ticketId: string, occurrence: string): Promise<void> {
    await this.toOperations(tx, ticketId, 'ticket_escalated', () => `${ticketId}:${occurrence}`);
  }

  /** Of the tickets the platform opens within an hour the first: there may be hundreds, and all are in the list. */
  async ofSupport(tx: Tx, ticketId: string): Promise<void> {
    const hour = this.clock.now().toISOString().slice(0, 13);
    await this.toOperations(tx, ticketId, 'support_requested', (organizationId) => `${organizationId}:${hour}`);
  }

  private async toOperations(
    tx: Tx,
    ticketId: string,
    event: TicketEvent,
    keyOf: (organizationId: string) => string,
  ): Promise<void> {
    const organizationId = await this.store.organizationOf(tx, ticketId);
    if (organizationId === undefined) return;
    for (const { userId, email } of await this.store.operations(tx, organizationId)) {
      const news = { event, organizationId, ticketId, addressee: { kind: 'ops', userId } as const, email };
      await this.write(tx, { ...news, dueAt: this.clock.now(), key: keyOf(organizationId) });
    }
  }

  /** A pharmacy hears of a ticket once each time it becomes theirs, from whichever of its prescription's moves comes first. */
  async toPharmacy(tx: Tx, readers: readonly PharmacyReader[]): Promise<void> {
    for (const { organizationId, ticketId, pharmacyId, userId, email, changeId } of readers) {
      const addressee = { kind: 'pharmacy', pharmacyId, userId } as const;
      const about = { event: 'ticket_sent', organizationId, ticketId } as const;
      const key = `${ticketId}:${pharmacyId}:${changeId ?? 'first'}`;
      await this.write(tx, { ...about, addressee, email, dueAt: this.clock.now(), key });
    }
  }

  private async tellPatient(tx: Tx, reader: ConcernedReader): Promise<void> {
    const { patientId, ticketId, organizationId, firstSeq } = reader;
    if (patientId === null) return;
    await this.patientLetters.write(tx, {
      event: 'message_posted',
      organizationId,
      patientId,
      about: { ticketId, threadSeq: firstSeq },
      channels,
      urgency: urgencyOf('message_posted'),
      content: this.wayToRead(tx, reader, patientId),
      notBefore: this.dueAt(reader),
      dedupeKeyOf: (channel) => `message_posted:${ticketId}:${patientId}:${channel}:${occurrenceOf(reader)}`,
    });
  }

  /**
   * The page, for who has an account there; others are asked to call. The number in the link makes the text one of its own: that
   * is how a lost answer of the vendor is told from an earlier notice.
   */
  private async wayToRead(tx: Tx, reader: ConcernedReader, patientId: string): Promise<MessageContent> {
    const { prescriptionId, organizationId, firstSeq } = reader;
    if (this.portalUrl === undefined || !(await this.store.hasAccount(tx, organizationId, patientId))) return {};
    const page = prescriptionId === null ? this.portalUrl : await this.tracking.urlFor(tx, prescriptionId);
    return { link: `${page}?message=${firstSeq}` };
  }

  private async tellOperations(tx: Tx, reader: ConcernedReader): Promise<void> {
    const { organizationId, ticketId, firstSeq: threadSeq } = reader;
    for (const { userId, email } of await this.store.operations(tx, organizationId)) {
      const addressee = { kind: 'ops', userId } as const;
      const about = { event: 'message_posted', organizationId, ticketId, threadSeq } as const;
      const key = `${ticketId}:${occurrenceOf(reader)}`;
      await this.write(tx, { ...about, addressee, email, dueAt: this.dueAt(reader), key });
    }
  }

  /** Without a mail server they see it on the ticket alone: nothing is kept for later, which would be stale. */
  private async write(tx: Tx, news: StaffNews): Promise<void> {
    const { event, organizationId, ticketId, threadSeq, addressee, email, dueAt } = news;
    const { brand } = await this.organizations.get(tx, organizationId);
    const link = `${this.publicUrl}/api/tickets/${ticketId}`;
    const { template, version, ...mail } = renderStaffMail(event, { brand, ticketId, link });
    const [reach] = reachOf(['email'], { email, optedOut: false, unreachable: false }, { email: true, sms: true });
    if (reach === undefined) return;
    const letter: Letter = {
      event,
      organizationId,
      about: { ticketId, ...(threadSeq !== undefined && { threadSeq }) },
      addressee,
      reach: this.mail.isOn ? reach : { ...reach, suppressed: reach.suppressed ?? 'vendor_off' },
      template,
      templateVersion: version,
      message: { template, version, ...mail },
      dueAt,
      dedupeKey: `${event}:${addressee.userId}:email:${news.key}`,
    };
    await this.letters.write(tx, [letter]);
  }

  private dueAt({ former }: ConcernedReader): Date {
    return noticeDueAt(this.clock.now(), former, this.patienceMs);
  }
}

/** Of two jobs that saw the same notice before them one writes the next. */
function occurrenceOf({ former }: ConcernedReader): string {
  return former === undefined ? 'first' : `after-${former.seq}-${former.at.getTime()}`;
}
