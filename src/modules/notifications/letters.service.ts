import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import type { NotificationEvent, SuppressionReason } from './notification.words.js';
import { sendJobs } from './notifications.jobs.js';
import {
  aboutIdOf,
  NotificationsStore,
  type About,
  type Addressee,
  type NewNotification,
} from './notifications.store.js';
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

/** Writes messages and the jobs that send them, or the reason why one is not sent. */
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

  /** @returns what became of each that was not written before */
  async write(tx: Tx, letters: readonly Letter[]): Promise<Composed[]> {
    if (letters.length === 0) return [];
    const written = letters.map((letter) => ({ letter, row: this.rowOf(letter) }));
    const added = await this.notifications.add(
      tx,
      written.map(({ row }) => row),
    );
    const fresh = written.filter(({ row }) => added.has(row.id));
    for (const { letter, row } of fresh) if (row.suppressed === undefined) await this.enqueue(tx, letter, row.id);
    return fresh.map(({ row }) => (row.suppressed === undefined ? 'pending' : 'suppressed'));
  }

  private async enqueue(tx: Tx, { dueAt, organizationId, about, reach }: Letter, id: string): Promise<void> {
    const options = { dueAt, aggregateId: aboutIdOf(about), organizationId };
    await this.outbox.enqueue(tx, sendJobs[reach.channel], { notificationId: id }, options);
  }

  private rowOf({ reach, dueAt, until, ...letter }: Letter): NewNotification {
    const { channel, address } = reach;
    const id = newId();
    const suppressed: SuppressionReason | undefined =
      reach.suppressed ?? (letter.message === undefined ? 'superseded' : undefined);
    const fresh = Math.max(this.clock.now().getTime(), dueAt.getTime()) + freshForMsOf(letter.event);
    return {
      ...letter,
      id,
      channel,
      suppressed,
      address,
      messageId: channel === 'email' ? `${id}@${this.mailDomain}` : undefined,
      expiresAt: new Date(Math.min(fresh, until?.getTime() ?? fresh)),
    };
  }
}
