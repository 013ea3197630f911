import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/index.js';
import { fail } from '../../platform/errors/index.js';
import { cursorAt, positionOf, type Position } from '../../platform/http/index.js';
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
        actorId: query.actorId,
        action: query.action,
        entity: query.entity,
        entityId: query.entityId,
        from: dateOf(query.from),
        to: dateOf(query.to),
        after,
        limit: query.limit + 1,
      });
      await this.audit.record(tx, { action: 'search', entity: 'audit' });
      return found;
    });
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: shown.map(viewOf),
      nextCursor:
        rows.length > query.limit && last !== undefined ? cursorAt({ at: last.occurredAt, id: last.id }) : null,
    };
  }
}

/** @throws DomainError request.invalid when it is not a cursor of ours */
function knownPosition(cursor: string): Position {
  const position = positionOf(cursor);
  if (position === undefined) {
    throw fail('request.invalid', {
      meta: { errors: [{ pointer: '/cursor', code: 'is-cursor', message: 'cursor must be one this list gave' }] },
    });
  }
  return position;
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
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
