import { Injectable } from '@nestjs/common';
import { Database, systemContext } from '../../platform/db/index.js';
import { fail } from '../../platform/errors/index.js';
import { knownPosition, positionedPage, type Page } from '../../platform/http/index.js';
import { Audit, findAccess, type AccessRow } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { accessOf, type Access, type Accessors } from './access.policy.js';

/** Who looked at a patient's record, for the patient. Looking at it is itself an entry of it. */
@Injectable()
export class AccessLog {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
  ) {}

  /** Newest first. @throws auth.forbidden to an account that speaks for no patient */
  async page(principal: Principal, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Access>> {
    const { patientId, id: userId } = principal;
    if (patientId === undefined) throw fail('auth.forbidden');
    const after = cursor === undefined ? undefined : knownPosition(cursor);
    const rows = await this.db.tx(contextOf(principal), async (tx) => {
      const found = await findAccess(tx, { patientId, userId, after, limit: limit + 1 });
      await this.audit.record(tx, { action: 'read', entity: 'access_log', entityIds: [patientId] });
      return found;
    });
    const { items, nextCursor } = positionedPage(rows, limit);
    const accessors = await this.accessors(principal.organizationId, [userId, patientId], items);
    return { items: items.map((row) => accessOf(row, accessors)), nextCursor };
  }

  /** Accounts are not a patient's to read: the platform looks up the two kinds of names a patient knows anyway. */
  private async accessors(
    organizationId: string,
    self: readonly string[],
    rows: readonly AccessRow[],
  ): Promise<Accessors> {
    const looked = [...new Set(rows.flatMap(({ actorId }) => actorId ?? []))];
    const [organizations, parties] = await Promise.all([
      this.db.query<{ brand: string }>(systemContext, 'SELECT brand FROM organizations WHERE id = $1', [
        organizationId,
      ]),
      this.db.query<{ id: string; name: string }>(systemContext, partyNames, [organizationId, looked]),
    ]);
    return {
      self,
      organization: organizations[0]?.brand ?? '',
      names: new Map(parties.map(({ id, name }) => [id, name])),
    };
  }
}

const partyNames = `
  SELECT u.id, pr.first_name || ' ' || pr.last_name AS name
  FROM users u JOIN providers pr ON pr.id = u.provider_id AND pr.organization_id = u.organization_id
  WHERE u.organization_id = $1 AND u.id = ANY($2::uuid[])
  UNION ALL
  SELECT u.id, ph.name
  FROM users u JOIN pharmacies ph ON ph.id = u.pharmacy_id AND ph.organization_id = u.organization_id
  WHERE u.organization_id = $1 AND u.id = ANY($2::uuid[])`;
