import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Ticket } from './ticket.entity.js';
import type { TicketStatus } from './ticket.machine.js';
import { fail } from './tickets.errors.js';

export interface TicketQuery extends PageRequest {
  status?: TicketStatus | undefined;
  type?: string | undefined;
}

/** Reads tickets; who sees which is decided by row-level security. */
@Injectable()
export class Tickets {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
  ) {}

  /** @throws ticket.not-found */
  open(principal: Principal, id: string): Promise<Ticket> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const ticket = await this.get(tx, id);
      await this.audit.record(tx, { action: 'read', entity: 'ticket', entityIds: [id] });
      return ticket;
    });
  }

  show(principal: Principal, query: TicketQuery): Promise<Page<Ticket>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const page = await this.list(tx, principal.organizationId, query);
      await this.audit.record(tx, { action: 'search', entity: 'ticket', entityIds: page.items.map(({ id }) => id) });
      return page;
    });
  }

  /** @throws ticket.not-found */
  async get(tx: Tx, id: string): Promise<Ticket> {
    const found = await tx.row(Ticket, { id });
    if (found === undefined) throw fail('ticket.not-found');
    return found;
  }

  /** The caller's tickets, newest first. A cursor of a ticket the caller cannot see ends the list. */
  async list(tx: Tx, organizationId: string, { status, type, cursor, limit }: TicketQuery): Promise<Page<Ticket>> {
    const query = tx.manager
      .createQueryBuilder(Ticket, 'ticket')
      .where('ticket.organizationId = :organizationId', { organizationId })
      .orderBy('ticket.createdAt', 'DESC')
      .addOrderBy('ticket.id', 'DESC')
      .limit(limit + 1);
    if (status !== undefined) query.andWhere('ticket.status = :status', { status });
    if (type !== undefined) query.andWhere('ticket.type = :type', { type });
    if (cursor !== undefined) {
      query.andWhere(
        `(ticket.createdAt, ticket.id) < (SELECT seen.created_at, seen.id FROM healthcare_tickets seen WHERE seen.id = :cursor)`,
        { cursor },
      );
    }
    return pageOf(await query.getMany(), limit);
  }
}
