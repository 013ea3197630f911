import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Enrollments } from '../enrollment/index.js';
import { Payments } from '../payments/index.js';
import { TrackingLinks } from '../shipping/index.js';
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
  madeAt: Date;
  expiresAt: Date;
  /** It came by itself in place of one that ran out. */
  renewed: boolean;
}

interface About {
  prescriptionId: string;
  codeId?: string | undefined;
}

/** What messages carry, fetched from the steps that made it. Undefined: it was used or replaced meanwhile. */
@Injectable()
export class MessageContents {
  constructor(
    private readonly enrollments: Enrollments,
    private readonly payments: Payments,
    private readonly tracking: TrackingLinks,
  ) {}

  private readonly sources: Readonly<
    Record<MessageRule['carries'], (tx: Tx, about: About) => Promise<MessageContent | undefined>>
  > = {
    enrollment_link: async (tx, { prescriptionId }) => ending(await this.enrollments.openLink(tx, prescriptionId)),
    enrollment_code: async (tx, { codeId }) =>
      coded(codeId === undefined ? undefined : await this.enrollments.codeFor(tx, codeId)),
    payment_link: async (tx, { prescriptionId }) => ending(await this.payments.currentLink(tx, prescriptionId)),
    tracking_link: async (tx, { prescriptionId }) => linked(await this.tracking.urlFor(tx, prescriptionId)),
  };

  of(tx: Tx, carries: MessageRule['carries'], about: About): Promise<MessageContent | undefined> {
    return this.sources[carries](tx, about);
  }
}

interface EndingLink {
  id: string;
  url: string;
  createdAt: Date;
  expiresAt: Date;
  origin?: string;
}

function ending(link: EndingLink | undefined): MessageContent | undefined {
  if (link === undefined) return undefined;
  const { id, url, createdAt: madeAt, expiresAt, origin } = link;
  return { link: url, opened: { id, madeAt, expiresAt, renewed: origin === 'renewal' } };
}

function linked(link: string | undefined): MessageContent | undefined {
  return link === undefined ? undefined : { link };
}

function coded(code: string | undefined): MessageContent | undefined {
  return code === undefined ? undefined : { code };
}
