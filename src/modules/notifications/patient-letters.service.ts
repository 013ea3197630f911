import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { deliveryAddressOf, Organizations, Patients, type OpenPatient, type Organization } from '../directory/index.js';
import { Prescriptions, type PrescriptionPath } from '../prescriptions/index.js';
import { MailGateway } from './gateways/mail.port.js';
import { SmsGateway } from './gateways/sms.port.js';
import { Letters, type Composed } from './letters.service.js';
import type { MessageContent } from './message-contents.js';
import type { Channel, SuppressionReason } from './notification.words.js';
import type { About } from './notifications.store.js';
import { OptOutsStore } from './opt-outs.store.js';
import { nextDaytime, zonesOf } from './quiet-hours.policy.js';
import { reachOf, whereaboutsOf, type Reach, type Whereabouts } from './reach.policy.js';
import { cappedReaches } from './text-caps.policy.js';
import { TextCaps } from './text-caps.service.js';
import { renderMessage, templates, type PatientEvent, type RenderedMessage } from './templates.js';
import { freshForMsOf } from './ticket-notices.policy.js';

/** What a patient is to be told. */
export interface PatientNews {
  event: PatientEvent;
  organizationId: string;
  patientId: string;
  about: About;
  /** Of the prescription it is about. */
  path?: PrescriptionPath | undefined;
  channels: readonly Channel[];
  urgency: 'now' | 'daytime';
  /** What it carries; undefined when that was used or replaced meanwhile. */
  content: Promise<MessageContent | undefined> | undefined;
  /** Why it is not sent by any channel. */
  heldBack?: SuppressionReason | undefined;
  notBefore: Date;
  dedupeKeyOf: (channel: Channel) => string;
}

/** Whose daytime counts. */
export interface Recipient {
  organizationId: string;
  patientId: string;
  /** What it is about; null for what is about a ticket. */
  prescriptionId: string | null;
}

interface OpenRecipient extends Pick<Recipient, 'prescriptionId'> {
  patient: OpenPatient;
  organization: Organization;
}

interface Planned {
  reaches: readonly Reach[];
  smsDueAt: Date;
}

/** Writes to a patient by each channel that reaches, or says why it does not. */
@Injectable()
export class PatientLetters {
  constructor(
    private readonly patients: Patients,
    private readonly organizations: Organizations,
    private readonly prescriptions: Prescriptions,
    private readonly letters: Letters,
    private readonly optOuts: OptOutsStore,
    private readonly caps: TextCaps,
    private readonly mail: MailGateway,
    private readonly sms: SmsGateway,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SUPPORT_PHONE'>,
  ) {}

  /** @returns what became of each new row; nothing when all were written before */
  async write(tx: Tx, news: PatientNews): Promise<Composed[]> {
    const { event, organizationId, about, heldBack, notBefore, dedupeKeyOf } = news;
    // Asked together: they share a trip to the database.
    const [patient, organization, content] = await Promise.all([
      this.patients.profile(tx, news.patientId),
      this.organizations.get(tx, organizationId),
      news.content,
    ]);
    // Nobody waits for a link that came by itself.
    const urgency = content?.opened?.renewed === true ? 'daytime' : news.urgency;
    const recipient = { ...patient, ...(await this.optOuts.of(tx, patient.phone)) };
    const prescriptionId = 'ticketId' in about ? null : about.prescriptionId;
    const open = { patient, organization, prescriptionId };
    const until = content?.opened?.expiresAt;
    const planned: Planned = {
      reaches: reachOf(news.channels, recipient, { email: this.mail.isOn, sms: this.sms.isOn }),
      // A mail lies still until it is read; a phone rings.
      smsDueAt: urgency === 'now' ? notBefore : await this.daytimeOf(tx, open, notBefore),
    };
    const isSaid = content !== undefined && heldBack === undefined;
    const { reaches, smsDueAt } = isSaid ? await this.withinCaps(tx, news, open, planned, until) : planned;
    return this.letters.write(
      tx,
      reaches.map((reach) => ({
        event,
        organizationId,
        about,
        addressee: { kind: 'patient', patientId: patient.id },
        reach: heldBack === undefined ? reach : { ...reach, suppressed: heldBack },
        template: event,
        templateVersion: templates[event].version,
        message: content && this.render(event, reach.channel, { patient, organization, content }),
        dueAt: reach.channel === 'sms' ? smsDueAt : notBefore,
        until,
        dedupeKey: dedupeKeyOf(reach.channel),
      })),
    );
  }

  /** A text that is put off is not waited for any more, so it comes by day. */
  private async withinCaps(
    tx: Tx,
    { event, path, notBefore }: PatientNews,
    open: OpenRecipient,
    planned: Planned,
    until: Date | undefined,
  ): Promise<Planned> {
    const { reaches, smsDueAt } = planned;
    const phone = reaches.find(({ channel, suppressed }) => channel === 'sms' && suppressed === undefined)?.address;
    if (phone === undefined) return planned;
    const opensAt = await this.caps.opensAt(tx, { event, patientId: open.patient.id, phone, path }, smsDueAt);
    if (opensAt <= smsDueAt) return planned;
    const laterAt = await this.daytimeOf(tx, open, opensAt);
    const staleAt = Math.min(notBefore.getTime() + freshForMsOf(event), until?.getTime() ?? Infinity);
    return { reaches: cappedReaches(reaches, laterAt.getTime() < staleAt), smsDueAt: laterAt };
  }

  /** Where a letter goes now. */
  async whereabouts(tx: Tx, patientId: string, channel: Channel): Promise<Whereabouts> {
    return whereaboutsOf(channel, await this.patients.profile(tx, patientId));
  }

  /** `at` itself by day, else the next morning, where the patient is and where the order goes. */
  async daytime(tx: Tx, { patientId, organizationId, prescriptionId }: Recipient, at: Date): Promise<Date> {
    const [patient, organization] = await Promise.all([
      this.patients.profile(tx, patientId),
      this.organizations.get(tx, organizationId),
    ]);
    return this.daytimeOf(tx, { patient, organization, prescriptionId }, at);
  }

  private async daytimeOf(tx: Tx, { patient, organization, prescriptionId }: OpenRecipient, at: Date): Promise<Date> {
    const states = [
      prescriptionId === null ? undefined : await this.deliveryState(tx, patient, prescriptionId),
      patient.address?.state,
    ];
    return nextDaytime(at, zonesOf(states, organization.timeZone));
  }

  /** An order that goes elsewhere says that the patient may be there. */
  private async deliveryState(tx: Tx, patient: OpenPatient, prescriptionId: string): Promise<string | undefined> {
    const [{ receivedAt }, order] = await Promise.all([
      this.prescriptions.get(tx, prescriptionId),
      this.prescriptions.order(tx, prescriptionId),
    ]);
    return deliveryAddressOf(order.patient.address, patient, receivedAt)?.state;
  }

  private render(
    event: PatientEvent,
    channel: Channel,
    { patient, organization, content }: { patient: OpenPatient; organization: Organization; content: MessageContent },
  ): RenderedMessage {
    return renderMessage(event, channel, {
      firstName: patient.firstName,
      brand: organization.brand,
      supportPhone: organization.supportPhone ?? this.config.SUPPORT_PHONE,
      ...(content.link !== undefined && { link: content.link }),
      ...(content.code !== undefined && { code: content.code }),
    });
  }
}
