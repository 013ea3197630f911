import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/index.js';
import { knownPosition, positionedPage } from '../../platform/http/index.js';
import type { CallerId } from '../../platform/http/request-context.js';
import type { AuditEntryView, AuditPage, AuditQuery } from './audit.dto.js';
import { Audit } from './audit.service.js';
import { findEntries, type AuditRow } from './audit.store.js';

/** Reading the trail is itself an entry of the trail. */
@Injectable()
export class AuditReader {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
  ) {}

  async page(caller: CallerId, query: AuditQuery): Promise<AuditPage> {
    const context = { role: caller.role, organization: caller.organizationId, user: caller.id };
    const after = query.cursor === undefined ? undefined : knownPosition(query.cursor);
    const rows = await this.db.tx(context, async (tx) => {
      const found = await findEntries(tx, {
        organizationId: caller.organizationId,
        actorId: query.actorId,
        action: query.action,
        entity: query.entity,
        entityId: query.entityId,
        from: query.from,
        to: query.to,
        after,
        limit: query.limit + 1,
      });
      await this.audit.record(tx, { action: 'search', entity: 'audit' });
      return found;
    });
    const { items, nextCursor } = positionedPage(rows, query.limit);
    return { items: items.map(viewOf), nextCursor };
  }
}

function viewOf(row: AuditRow): AuditEntryView {
  return {
    id: row.id,
    occurredAt: row.occurredAt.toISOString(),
    actorKind: row.actorKind,
    actorId: row.actorId,
    actorRole: row.actorRole,
    action: row.action,
    entity: row.entity,
    entityIds: row.entityIds,
    outcome: row.outcome,
    reason: row.reason,
    requestId: row.requestId,
    ip: row.ip,
    seq: row.seq,
  };
}
