import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Coupon } from './coupon.entity.js';

export interface NewCoupon {
  ndc: string;
  bin: string;
  pcn: string;
  groupId?: string | null | undefined;
  cardholderPrefix: string;
  active?: boolean | undefined;
}

/** The makers' cards an organization may bill. */
@Injectable()
export class Coupons {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /** By product. */
  async list(principal: Principal, { cursor, limit }: PageRequest): Promise<Page<Coupon>> {
    const rows = await this.db.query<Coupon>(
      contextOf(principal),
      `SELECT id, ndc, bin, pcn, group_id AS "groupId", cardholder_prefix AS "cardholderPrefix", active FROM coupons
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR ndc > (SELECT ndc FROM coupons WHERE id = $2))
       ORDER BY ndc LIMIT $3`,
      [principal.organizationId, cursor ?? null, limit + 1],
    );
    return pageOf(rows, limit);
  }

  /** Creates or replaces the card of a product. */
  async put(principal: Principal, coupon: NewCoupon): Promise<Coupon> {
    const { organizationId } = principal;
    return this.db.tx(contextOf(principal), async (tx) => {
      await tx.send(
        `INSERT INTO coupons (id, organization_id, ndc, bin, pcn, group_id, cardholder_prefix, active, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (organization_id, ndc) DO UPDATE SET bin = EXCLUDED.bin, pcn = EXCLUDED.pcn,
           group_id = EXCLUDED.group_id, cardholder_prefix = EXCLUDED.cardholder_prefix, active = EXCLUDED.active`,
        [
          newId(),
          organizationId,
          coupon.ndc,
          coupon.bin,
          coupon.pcn,
          coupon.groupId ?? null,
          coupon.cardholderPrefix,
          coupon.active ?? true,
          this.clock.now(),
        ],
      );
      const stored = await tx.manager.findOneByOrFail(Coupon, { organizationId, ndc: coupon.ndc });
      await this.audit.record(tx, { action: 'write', entity: 'coupon', entityIds: [stored.id] });
      return stored;
    });
  }
}
