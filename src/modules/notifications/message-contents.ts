import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Enrollments } from '../enrollment/index.js';
import { Payments } from '../payments/index.js';
import type { Prescription } from '../prescriptions/index.js';
import { OrderSteps, TrackingLinks } from '../shipping/index.js';
import type { MessageRule } from './message-rules.policy.js';

export interface MessageContent {
  link?: string;
  code?: string;
  /** Of links that end. */
  opened?: OpenedLink;
}

/** One link of several a prescription may get in time. */
export interface OpenedLink {
  id: string;
  expiresAt: Date;
  /** It came by itself in place of one that ran out. */
  renewed: boolean;
}

/** A message that was written, and may go out later. */
export interface WrittenLetter {
  prescription: Prescription;
  text: string;
}

interface About {
  prescription: Prescription;
  codeId?: string | undefined;
}

/** What messages carry, fetched from the steps that made it. Undefined: it was used or replaced meanwhile. */
@Injectable()
export class MessageContents {
  constructor(
    private readonly enrollments: Enrollments,
    private readonly payments: Payments,
    private readonly tracking: TrackingLinks,
    private readonly steps: OrderSteps,
  ) {}

  private readonly sources: Readonly<
    Record<MessageRule['carries'], (tx: Tx, about: About) => Promise<MessageContent | undefined>>
  > = {
    enrollment_link: async (tx, { prescription }) => ending(await this.enrollments.openLink(tx, prescription)),
    enrollment_code: async (tx, { codeId }) =>
      coded(codeId === undefined ? undefined : await this.enrollments.codeFor(tx, codeId)),
    payment_link: async (tx, { prescription }) => ending(await this.payments.currentLink(tx, prescription)),
    tracking_link: async (tx, { prescription }) => linked(await this.tracking.urlFor(tx, prescription.id)),
    arrival: async (tx, { prescription: { id } }) =>
      (await this.steps.comesToday(tx, id)) ? linked(await this.tracking.urlFor(tx, id)) : undefined,
  };

  of(tx: Tx, carries: MessageRule['carries'], about: About): Promise<MessageContent | undefined> {
    return this.sources[carries](tx, about);
  }

  private readonly ends: Readonly<Record<MessageRule['carries'], (tx: Tx, letter: WrittenLetter) => Promise<boolean>>> =
    {
      enrollment_link: async (tx, letter) => isNotOf(letter, await this.enrollments.openLink(tx, letter.prescription)),
      // Two sessions may have a code each, so the newest one says nothing of the other.
      enrollment_code: async (tx, { prescription, text }) =>
        !(await this.enrollments.openCodes(tx, prescription.id)).some((code) => text.includes(code)),
      payment_link: async (tx, letter) => isNotOf(letter, await this.payments.currentLink(tx, letter.prescription)),
      tracking_link: () => Promise.resolve(false),
      arrival: async (tx, { prescription }) => !(await this.steps.comesToday(tx, prescription.id)),
    };

  /** Whether what a message carries was used, replaced or ended since it was written. */
  isOver(tx: Tx, carries: MessageRule['carries'], letter: WrittenLetter): Promise<boolean> {
    return this.ends[carries](tx, letter);
  }
}

interface EndingLink {
  id: string;
  url: string;
  expiresAt: Date;
  origin?: string;
}

function ending(link: EndingLink | undefined): MessageContent | undefined {
  if (link === undefined) return undefined;
  const { id, url, expiresAt, origin } = link;
  return { link: url, opened: { id, expiresAt, renewed: origin === 'renewal' } };
}

/** By what it says: the process that made the link and the one that wrote the letter may differ about the time. */
function isNotOf({ text }: WrittenLetter, open: EndingLink | undefined): boolean {
  return open === undefined || !text.includes(open.url);
}

function linked(link: string | undefined): MessageContent | undefined {
  return link === undefined ? undefined : { link };
}

function coded(code: string | undefined): MessageContent | undefined {
  return code === undefined ? undefined : { code };
}
