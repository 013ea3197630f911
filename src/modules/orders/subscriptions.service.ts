import { Injectable } from '@nestjs/common';
import { Database, type SqlValue, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { lockOrganization } from './organization-lock.js';
import { fail } from './orders.errors.js';
import type { Subscription, SubscriptionWord } from './subscription.entity.js';
import { SubscriptionsStore } from './subscriptions.store.js';

export interface SubscriptionFilter extends PageRequest {
  status?: SubscriptionWord | undefined;
  remindersSuppressed?: boolean | undefined;
}

export type ListedSubscription = Subscription & { customerId: string | null; patientId: string | null };

const listed = `s.id, s.organization_id AS "organizationId", s.external_id AS "externalId", s.contact_id AS "contactId", s.status,
  s.status_at AS "statusAt", s.product, s.source, s.coupon, s.reason, s.total_cents AS "totalCents",
  s.started_at AS "startedAt", s.reminders_suppressed AS "remindersSuppressed", s.ops_resumed_at AS "opsResumedAt",
  s.resumed_at AS "resumedAt", s.resumed_by AS "resumedBy", s.created_at AS "createdAt",
  c.customer_id AS "customerId", c.patient_id AS "patientId"`;
const from = 'subscriptions s LEFT JOIN customer_contacts c ON c.id = s.contact_id';

/** What people see of stopped subscriptions, how they resume the reminders, and whether a patient may be reminded. */
@Injectable()
export class Subscriptions {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly store: SubscriptionsStore,
  ) {}

  /** Newest first. */
  list(principal: Principal, filter: SubscriptionFilter): Promise<Page<ListedSubscription>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const conditions: [string, SqlValue | undefined][] = [
        ['s.organization_id = ?', principal.organizationId],
        ['s.status = ?', filter.status],
        ['s.reminders_suppressed = ?', filter.remindersSuppressed],
        ['s.id < ?', filter.cursor],
      ];
      const given = conditions.filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
      const where = given.map(([sql], index) => sql.replace('?', `$${index + 2}`)).join(' AND ');
      const rows = await tx.query<ListedSubscription>(
        `SELECT ${listed} FROM ${from} WHERE ${where} ORDER BY s.id DESC LIMIT $1`,
        [filter.limit + 1, ...given.map(([, value]) => value)],
      );
      const page = pageOf(rows, filter.limit);
      const entityIds = page.items.flatMap(({ id, patientId }) => [id, patientId ?? []].flat());
      await this.audit.record(tx, { action: 'search', entity: 'subscription', entityIds });
      return page;
    });
  }

  /** @throws subscription.not-found, subscription.not-stopped */
  resume(principal: Principal, id: string): Promise<ListedSubscription> {
    return this.db.tx(contextOf(principal), async (tx) => {
      // After what CarePortals says at this moment: of two orders of events both would be right, but not a mixture.
      await lockOrganization(tx, principal.organizationId);
      const { remindersSuppressed } = await this.get(tx, id);
      if (!remindersSuppressed) throw fail('subscription.not-stopped');
      await this.store.resumeByOps(tx, id);
      await this.audit.record(tx, { action: 'write', entity: 'subscription', entityIds: [id], reason: 'resumed' });
      return this.get(tx, id);
    });
  }

  suppressReminders(tx: Tx, patientId: string): Promise<boolean> {
    return this.store.suppressesReminders(tx, patientId);
  }

  private async get(tx: Tx, id: string): Promise<ListedSubscription> {
    const found = await tx.one<ListedSubscription>(`SELECT ${listed} FROM ${from} WHERE s.id = $1`, [id]);
    if (found === undefined || !isSeenBy(tx.context, found)) throw fail('subscription.not-found');
    return found;
  }
}
