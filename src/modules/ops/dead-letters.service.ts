import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database } from '../../platform/db/index.js';
import { pageOf, type Page } from '../../platform/http/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Waiting } from '../prescriptions/index.js';
import {
  findDeadLetters,
  lockDeadLetter,
  redriveRow,
  type DeadLetterFilter,
  type DeadLetterRow,
} from './dead-letters.store.js';
import { fail } from './ops.errors.js';

/** Work that failed for good, and the way back. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly waiting: Waiting,
  ) {}

  /** What to do before a redrive, where it is not the mending of a cause. */
  adviceOn({ reason, aggregateId }: DeadLetterRow): string | null {
    return aggregateId === null ? null : (this.waiting.adviceOn(reason, aggregateId)?.next ?? null);
  }

  async list(principal: Principal, filter: DeadLetterFilter): Promise<Page<DeadLetterRow>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const found = await findDeadLetters(tx, principal, { ...filter, limit: filter.limit + 1 });
      const page = pageOf(found, filter.limit);
      const entityIds = page.items.map(({ id }) => id);
      await this.audit.record(tx, { action: 'search', entity: 'dead_letter', entityIds });
      return page;
    });
  }

  /** @throws dead-letter.not-found, dead-letter.already-redriven */
  async redrive(principal: Principal, id: string): Promise<DeadLetterRow> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const row = await lockDeadLetter(tx, principal, id);
      if (row === undefined) throw fail('dead-letter.not-found');
      if (row.redrivenAt !== null) throw fail('dead-letter.already-redriven');
      const now = this.clock.now();
      await redriveRow(tx, row, principal.id, now);
      await this.audit.record(tx, { action: 'write', entity: 'dead_letter', entityIds: [id], reason: 'redrive' });
      this.outbox.announce(tx);
      return { ...row, redrivenAt: now, redrivenBy: principal.id };
    });
  }
}
