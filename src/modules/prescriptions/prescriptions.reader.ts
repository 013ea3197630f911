import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { cursorAt, positionOf, type Position } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import type { ListPrescriptionsQuery } from './dto/list.dto.js';
import { listQuery } from './list.sql.js';
import type { PrescriptionOrder } from './order/index.js';
import { Prescription } from './prescription.entity.js';
import { fail } from './prescriptions.errors.js';
import { Prescriptions } from './prescriptions.service.js';
import { TimelineSources, type TimelineEntry } from './timeline.js';
import type { WaitingReason } from './waiting.js';
import { versionsSeenBy } from './versions.policy.js';
import { Why } from './why.js';

export interface OrderVersion {
  version: number;
  createdAt: Date;
  createdBy: string | null;
  reason: string | null;
  validatedAt: Date | null;
  findings: unknown;
  order: PrescriptionOrder;
}

export interface PrescriptionDetail {
  prescription: Prescription;
  current: OrderVersion;
}

interface ListRow {
  items: string;
  ids: string[];
  lastReceivedAt: Date | null;
  fetched: number;
}

const emptyPage = '{"items":[],"nextCursor":null}';

/** Everything people read of prescriptions. Each read is one audit entry, in the same transaction. */
@Injectable()
export class PrescriptionsReader {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly prescriptions: Prescriptions,
    private readonly timelines: TimelineSources,
    private readonly why: Why,
  ) {}

  /** The page as JSON text: PostgreSQL wrote it. @throws prescription.cursor-invalid */
  async list(principal: Principal, filter: ListPrescriptionsQuery): Promise<string> {
    const { cursor, limit, state, rxNumber, ...rest } = filter;
    const narrowed = {
      ...rest,
      ...(state !== undefined && { states: state }),
      ...(rxNumber !== undefined && { rxNumber: Number(rxNumber) }),
      ...(cursor !== undefined && { after: knownPosition(cursor) }),
    };
    const query = listQuery(principal, narrowed, limit);
    if (query === undefined) return emptyPage;
    return this.db.tx(contextOf(principal), async (tx) => {
      const [row] = await tx.run<ListRow>(query.statement, query.values);
      await this.audit.record(tx, { action: 'search', entity: 'prescription', entityIds: row?.ids ?? [] });
      return row === undefined
        ? emptyPage
        : `{"items":${row.items},"nextCursor":${JSON.stringify(nextOf(row, limit))}}`;
    });
  }

  /** @throws prescription.not-found, as all of the following */
  get(principal: Principal, id: string): Promise<PrescriptionDetail> {
    return this.read(principal, id, (tx, prescription) => this.detailOf(tx, prescription));
  }

  /** As `get`, of those of a ticket the caller may read, in the transaction that reads the ticket; the oldest first. */
  async ofTicket(tx: Tx, ticketId: string): Promise<PrescriptionDetail[]> {
    const there = await tx.rows(Prescription, { ticketId }, { order: { receivedAt: 'ASC', id: 'ASC' } });
    const seen = there.filter((prescription) => this.prescriptions.isOpenTo(tx, prescription));
    if (seen.length === 0) return [];
    const details = await Promise.all(seen.map((prescription) => this.detailOf(tx, prescription)));
    const entityIds = seen.map(({ id }) => id);
    await this.audit.record(tx, { action: 'read', entity: 'prescription', entityIds, reason: 'ticket' });
    return details;
  }

  /** Oldest first; for patient and pharmacy the current one. */
  versions(principal: Principal, id: string): Promise<OrderVersion[]> {
    return this.read(principal, id, async (tx, { orderVersion }) =>
      versionsSeenBy(principal.role, await this.versionsOf(tx, id), orderVersion),
    );
  }

  timeline(principal: Principal, id: string): Promise<TimelineEntry[]> {
    return this.read(principal, id, (tx) => this.timelines.of(tx, id));
  }

  async explain(principal: Principal, id: string): Promise<{ prescription: Prescription; reason: WaitingReason }> {
    return this.read(principal, id, async (tx, prescription) => ({
      prescription,
      reason: await this.why.explain(tx, prescription),
    }));
  }

  private read<T>(
    principal: Principal,
    id: string,
    look: (tx: Tx, prescription: Prescription) => Promise<T>,
  ): Promise<T> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.get(tx, id);
      const seen = await look(tx, prescription);
      await this.audit.record(tx, { action: 'read', entity: 'prescription', entityIds: [id] });
      return seen;
    });
  }

  private async detailOf(tx: Tx, prescription: Prescription): Promise<PrescriptionDetail> {
    const { id, orderVersion } = prescription;
    const current = (await this.versionsOf(tx, id)).find(({ version }) => version === orderVersion);
    if (current === undefined) throw new Error('a prescription without its order version');
    return { prescription, current };
  }

  private async versionsOf(tx: Tx, id: string): Promise<OrderVersion[]> {
    const rows = await tx.query<Omit<OrderVersion, 'order'> & { sealed: Buffer }>(
      `SELECT version, created_at AS "createdAt", created_by AS "createdBy", reason, validated_at AS "validatedAt",
         findings, order_sealed AS sealed
       FROM prescription_versions WHERE prescription_id = $1 ORDER BY version`,
      [id],
    );
    return rows.map(({ sealed, ...row }) => ({ ...row, order: this.prescriptions.openOrder(id, sealed) }));
  }
}

function nextOf({ fetched, ids, lastReceivedAt }: ListRow, limit: number): string | null {
  const id = ids[limit - 1];
  if (fetched <= limit || id === undefined || lastReceivedAt === null) return null;
  return cursorAt({ at: lastReceivedAt, id });
}

/** @throws prescription.cursor-invalid */
function knownPosition(cursor: string): Position {
  const position = positionOf(cursor);
  if (position === undefined) throw fail('prescription.cursor-invalid');
  return position;
}
