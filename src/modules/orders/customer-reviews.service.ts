import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import type { ReviewResolution } from '../directory/index.js';
import type { CustomerReview } from './customer.entity.js';
import { fail } from './orders.errors.js';

export interface ReviewedCustomer {
  id: string;
  patientId: string | null;
  firstName: string | null;
  lastName: string | null;
}

export type ListedReview = Omit<CustomerReview, 'customerId' | 'otherCustomerId'> & {
  customer: ReviewedCustomer;
  otherCustomer: ReviewedCustomer;
};

const customer = (table: string) =>
  `json_build_object('id', ${table}.id, 'patientId', ${table}.patient_id, 'firstName', ${table}.first_name, 'lastName', ${table}.last_name)`;
const listed = `SELECT r.id, r.organization_id AS "organizationId", ${customer('one')} AS customer, ${customer('other')} AS "otherCustomer",
    r.reason, r.created_at AS "createdAt", r.resolved_at AS "resolvedAt", r.resolved_by AS "resolvedBy", r.resolution
  FROM customer_reviews r JOIN customers one ON one.id = r.customer_id JOIN customers other ON other.id = r.other_customer_id`;

/** Customers who may be one; whatever a person finds, the records stay apart. */
@Injectable()
export class CustomerReviews {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** Oldest first: who waits longest is looked at first. */
  list(
    principal: Principal,
    { cursor, limit, status }: PageRequest & { status: 'open' | 'resolved' },
  ): Promise<Page<ListedReview>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const rows = await tx.query<ListedReview>(
        `${listed} WHERE r.organization_id = $1 AND (r.resolved_at IS NULL) = $2 AND ($3::uuid IS NULL OR r.id > $3)
         ORDER BY r.id LIMIT $4`,
        [principal.organizationId, status === 'open', cursor ?? null, limit + 1],
      );
      const page = pageOf(rows, limit);
      const entityIds = page.items
        .flatMap((review) => [review.customer, review.otherCustomer])
        .flatMap(({ id, patientId }) => [id, patientId ?? []].flat());
      await this.audit.record(tx, { action: 'search', entity: 'customer', entityIds, reason: 'reviews' });
      return page;
    });
  }

  /** @throws customer-review.not-found, customer-review.already-resolved */
  resolve(principal: Principal, id: string, resolution: ReviewResolution): Promise<ListedReview> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const resolved = await tx.one(
        `UPDATE customer_reviews SET resolved_at = $2, resolved_by = $3, resolution = $4
         WHERE id = $1 AND resolved_at IS NULL RETURNING id`,
        [id, this.clock.now(), principal.id, resolution],
      );
      const review = await tx.one<ListedReview>(`${listed} WHERE r.id = $1`, [id]);
      if (review === undefined || !isSeenBy(tx.context, review)) throw fail('customer-review.not-found');
      if (resolved === undefined) throw fail('customer-review.already-resolved');
      await this.audit.record(tx, { action: 'write', entity: 'customer_review', entityIds: [id], reason: resolution });
      return review;
    });
  }
}
