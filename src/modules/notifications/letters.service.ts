import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import type { NotificationEvent, SuppressionReason } from './notification.words.js';
import { sendJobs } from './notifications.jobs.js';
import { aboutIdOf, NotificationsStore, type About, type Addressee } from './notifications.store.js';
import type { Reach } from './reach.policy.js';
import type { RenderedMessage } from './templates.js';
import { freshForMsOf } from './ticket-notices.policy.js';

export type Composed = 'pending' | 'suppressed';

/** One message to one person by one channel. */
export interface Letter {
  event: NotificationEvent;
  organizationId: string;
  about: About;
  addressee: Addressee;
  reach: Reach;
  template: string;
  templateVersion: number;
  /** Undefined: what it would carry was used or replaced meanwhile. */
  message: RenderedMessage | undefined;
  dueAt: Date;
  /** When what it carries ends. */
  until?: Date | undefined;
  dedupeKey: string;
}

/** Writes a message and the job that sends it, or the reason why it is not sent. */
@Injectable()
export class Letters {
  private readonly mailDomain: string;

  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly notifications: NotificationsStore,
    @Inject(CONFIG) { MAIL_FROM: from }: Pick<Config, 'MAIL_FROM'>,
  ) {
    this.mailDomain = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  }

  /** @returns undefined when it was written before */
  async write(tx: Tx, { reach, dueAt, until, ...letter }: Letter): Promise<Composed | undefined> {
    const { channel, address } = reach;
    const id = newId();
    const suppressed: SuppressionReason | undefined =
      reach.suppressed ?? (letter.message === undefined ? 'superseded' : undefined);
    const fresh = Math.max(this.clock.now().getTime(), dueAt.getTime()) + freshForMsOf(letter.event);
    const added = await this.notifications.add(tx, {
      ...letter,
      id,
      channel,
      suppressed,
      address,
      messageId: channel === 'email' ? `${id}@${this.mailDomain}` : undefined,
      expiresAt: new Date(Math.min(fresh, until?.getTime() ?? fresh)),
    });
    if (!added) return undefined;
    if (suppressed !== undefined) return 'suppressed';
    const { organizationId, about } = letter;
    const options = { dueAt, aggregateId: aboutIdOf(about), organizationId };
    await this.outbox.enqueue(tx, sendJobs[channel], { notificationId: id }, options);
    return 'pending';
  }
}
