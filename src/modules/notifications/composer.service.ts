import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Organizations, Patients, type OpenPatient, type Organization } from '../directory/index.js';
import type { Prescription } from '../prescriptions/index.js';
import { MailGateway } from './gateways/mail.port.js';
import { SmsGateway } from './gateways/sms.port.js';
import { MessageContents, type MessageContent } from './message-contents.js';
import { dedupeKeyOf, isStillTrue, messageRules } from './message-rules.policy.js';
import type { Channel, MessageEvent } from './notification.words.js';
import { sendJobs } from './notifications.jobs.js';
import { NotificationsStore } from './notifications.store.js';
import { OptOutsStore } from './opt-outs.store.js';
import { nextDaytime, zonesOf } from './quiet-hours.policy.js';
import { reachOf, type Reach } from './reach.policy.js';
import { renderMessage, templates, type RenderedMessage } from './templates.js';

export interface MessageOrder {
  event: MessageEvent;
  prescription: Prescription;
  /** Tells two messages of one event apart: two links, two codes. */
  occurrence: string;
  codeId?: string | undefined;
  /** A code goes only where the patient asked for it. */
  channel?: Channel | undefined;
}

export type Composed = 'pending' | 'suppressed';

/** Everything a row needs beside the channel. */
interface Letter extends MessageOrder {
  patient: OpenPatient;
  organization: Organization;
  content: MessageContent | undefined;
  now: Date;
}

/** Turns an event into rows: one per channel, sent or with the reason why not. */
@Injectable()
export class Composer {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly patients: Patients,
    private readonly organizations: Organizations,
    private readonly contents: MessageContents,
    private readonly notifications: NotificationsStore,
    private readonly optOuts: OptOutsStore,
    private readonly mail: MailGateway,
    private readonly sms: SmsGateway,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns what became of each new row; nothing when the message was composed before or there is no patient yet */
  async compose(tx: Tx, order: MessageOrder): Promise<Composed[]> {
    const { event, prescription, codeId } = order;
    if (prescription.patientId === null) return [];
    const rule = messageRules[event];
    // Asked together: they share a trip to the database.
    const [patient, organization, content] = await Promise.all([
      this.patients.profile(tx, prescription.patientId),
      this.organizations.get(tx, prescription.organizationId),
      isStillTrue(event, prescription.state)
        ? this.contents.of(tx, rule.carries, { prescriptionId: prescription.id, codeId })
        : undefined,
    ]);
    const channels = rule.channels.filter((channel) => order.channel === undefined || order.channel === channel);
    const recipient = { ...patient, ...(await this.optOuts.of(tx, patient.phone)) };
    const letter = { ...order, patient, organization, content, now: this.clock.now() };
    const reaches = reachOf(channels, recipient, { email: this.mail.isOn, sms: this.sms.isOn });
    const written = await Promise.all(reaches.map((reach) => this.write(tx, letter, reach)));
    return written.filter((composed) => composed !== undefined);
  }

  private async write(tx: Tx, letter: Letter, { channel, address, suppressed }: Reach): Promise<Composed | undefined> {
    const { event, prescription, content, now } = letter;
    const id = newId();
    const { id: prescriptionId, organizationId } = prescription;
    const reason = suppressed ?? (content === undefined ? 'superseded' : undefined);
    const dueAt = this.dueAt(letter, channel);
    const added = await this.notifications.add(tx, {
      id,
      organizationId,
      prescriptionId,
      patientId: letter.patient.id,
      event,
      channel,
      template: event,
      templateVersion: templates[event].version,
      suppressed: reason,
      address,
      message: content === undefined ? undefined : this.render(letter, channel, content),
      messageId: channel === 'email' ? `${id}@${this.mailDomain()}` : undefined,
      dedupeKey: dedupeKeyOf(event, prescriptionId, channel, letter.occurrence),
      expiresAt: new Date(Math.max(now.getTime(), dueAt.getTime()) + messageRules[event].freshForMs),
    });
    if (!added) return undefined;
    if (reason !== undefined) return 'suppressed';
    const about = { dueAt, aggregateId: prescriptionId, organizationId };
    await this.outbox.enqueue(tx, sendJobs[channel], { notificationId: id }, about);
    return 'pending';
  }

  private render({ event, patient, organization }: Letter, channel: Channel, content: MessageContent): RenderedMessage {
    return renderMessage(event, channel, {
      firstName: patient.firstName,
      brand: organization.brand,
      supportPhone: organization.supportPhone ?? this.config.SUPPORT_PHONE,
      ...(content.link !== undefined && { link: content.link }),
      ...(content.code !== undefined && { code: content.code }),
    });
  }

  /** A mail lies still until it is read; a phone rings. */
  private dueAt({ event, patient, organization, now }: Letter, channel: Channel): Date {
    if (channel !== 'sms' || messageRules[event].urgency === 'now') return now;
    return nextDaytime(now, zonesOf(patient.address?.state, organization.timeZone));
  }

  private mailDomain(): string {
    return /@([\w.-]+)>?\s*$/.exec(this.config.MAIL_FROM)?.[1] ?? 'localhost';
  }
}
