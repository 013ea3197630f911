import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan, Not } from 'typeorm';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { isSeenBy } from '../auth/index.js';
import { fail } from './directory.errors.js';
import { PatientReview, type ReviewResolution } from './patient-review.entity.js';

/** The list of patients who may or may not be one person. */
@Injectable()
export class PatientReviews {
  constructor(private readonly clock: Clock) {}

  /** Oldest first: who waits longest is looked at first. */
  async list(
    tx: Tx,
    organizationId: string,
    { cursor, limit, status }: PageRequest & { status: 'open' | 'resolved' },
  ): Promise<Page<PatientReview>> {
    if (!isSeenBy(tx.context, { organizationId })) return pageOf([], limit);
    const rows = await tx.manager.find(PatientReview, {
      where: {
        organizationId,
        resolvedAt: status === 'open' ? IsNull() : Not(IsNull()),
        ...(cursor !== undefined && { id: MoreThan(cursor) }),
      },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows, limit);
  }

  /** @throws patient-review.not-found, patient-review.already-resolved */
  async resolve(tx: Tx, id: string, decision: { resolution: ReviewResolution; by: string }): Promise<PatientReview> {
    const resolved = await tx.one(
      `UPDATE patient_reviews SET resolved_at = $2, resolved_by = $3, resolution = $4
       WHERE id = $1 AND resolved_at IS NULL RETURNING id`,
      [id, this.clock.now(), decision.by, decision.resolution],
    );
    const review = await tx.row(PatientReview, { id });
    if (review === undefined || !isSeenBy(tx.context, review)) throw fail('patient-review.not-found');
    if (resolved === undefined) throw fail('patient-review.already-resolved');
    return review;
  }
}
