import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { cursorAt, defaultPageLimit, positionOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import {
  PrescriptionsReader,
  TimelineSources,
  type PrescriptionDetail,
  type TimelineEntry,
} from '../prescriptions/index.js';
import { ticketFail, Tickets, type OpenTicket, type ThreadWithMembers, type Triage } from '../tickets/index.js';
import { messageEntries, Messages, MessageTexts, type MessageEntry, type MessagePage } from '../threads/index.js';
import { oneTicket, planning, ticketListQuery, type TicketFilter } from './ticket-list.sql.js';
import type { TicketRow } from './ticket-row.js';

export interface TicketView extends TicketRow {
  lastText: string | null;
}

/** Of one ticket: with it what was ordered and said, so that its work takes one call. */
export interface TicketDetail {
  view: TicketView;
  prescriptions: PrescriptionDetail[];
  /** The newest page; null without a thread. */
  messages: MessagePage | null;
}

export type TicketQuery = Omit<TicketFilter, 'after'> & PageRequest;

/** Which entries of a timeline are wanted. */
export interface TimelineFilter {
  kinds?: readonly string[] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** What people see of tickets. Each read is one audit entry, in the same transaction. */
@Injectable()
export class TicketDesk {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly tickets: Tickets,
    private readonly texts: MessageTexts,
    private readonly timelines: TimelineSources,
    private readonly prescriptions: PrescriptionsReader,
    private readonly messages: Messages,
  ) {}

  /** The caller's tickets, newest first. @throws ticket.cursor-invalid */
  async list(principal: Principal, { cursor, limit, ...filter }: TicketQuery): Promise<Page<TicketView>> {
    const after = cursor === undefined ? undefined : positionOf(cursor);
    if (cursor !== undefined && after === undefined) throw ticketFail('ticket.cursor-invalid');
    const query = ticketListQuery(principal, { ...filter, after }, limit);
    if (query === undefined) return { items: [], nextCursor: null };
    return this.db.tx(contextOf(principal), async (tx) => {
      await tx.send(planning);
      const rows = await tx.run<TicketRow>(query.statement, query.values);
      const items = rows.slice(0, limit).map((row) => this.opened(row));
      await this.audit.record(tx, { action: 'search', entity: 'ticket', entityIds: items.map(({ id }) => id) });
      const last = items.at(-1);
      const more = rows.length > limit && last !== undefined;
      return { items, nextCursor: more ? cursorAt({ at: last.createdAt, id: last.id }) : null };
    });
  }

  /** What a key was not given the right to read is left out. @throws ticket.not-found, as all of the following */
  detail(principal: Principal, id: string): Promise<TicketDetail> {
    return this.read(principal, id, 'ticket', async (tx) => {
      const view = await this.view(tx, principal, id);
      const reads = principal.permissions.has('prescriptions:read');
      const prescriptions = reads ? await this.prescriptions.ofTicket(tx, id) : [];
      const { threadId } = view;
      const messages = threadId === null ? null : await this.messages.pageIn(tx, threadId, { limit: defaultPageLimit });
      return { view, prescriptions, messages };
    });
  }

  show(principal: Principal, id: string): Promise<TicketView> {
    return this.read(principal, id, 'ticket', (tx) => this.view(tx, principal, id));
  }

  async open(principal: Principal, wish: OpenTicket): Promise<{ view: TicketView; created: boolean }> {
    const { ticket, created } = await this.tickets.openOne(principal, wish);
    return { view: await this.show(principal, ticket.id), created };
  }

  async triage(principal: Principal, id: string, wish: Triage): Promise<TicketView> {
    await this.tickets.triage(principal, id, wish);
    return this.show(principal, id);
  }

  async changePharmacy(principal: Principal, id: string, pharmacyId: string, reason?: string): Promise<TicketView> {
    await this.tickets.changePharmacy(principal, id, pharmacyId, reason);
    return this.show(principal, id);
  }

  thread(principal: Principal, id: string): Promise<ThreadWithMembers> {
    return this.read(principal, id, 'thread', (tx) => this.tickets.thread(tx, id));
  }

  /** The thread with a pharmacy about an order, for who knows no ticket: one or none. */
  threadsOfOrder(principal: Principal, orderId: string, pharmacyId: string): Promise<ThreadWithMembers[]> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const found = await this.tickets.threadOfOrder(tx, orderId, pharmacyId);
      const threads = found === undefined ? [] : [found];
      const entityIds = threads.map(({ thread }) => thread.id);
      await this.audit.record(tx, { action: 'search', entity: 'thread', entityIds, reason: 'by-order' });
      return threads;
    });
  }

  /** Everything that happened to the ticket, its prescriptions and its thread, oldest first. */
  timeline(principal: Principal, id: string, filter: TimelineFilter): Promise<TimelineEntry[]> {
    return this.read(principal, id, 'timeline', async (tx) => {
      await this.tickets.get(tx, id);
      const [own, said, prescriptions] = await Promise.all([
        this.tickets.history(tx, id),
        this.said(tx, id),
        tx.query<{ id: string }>('SELECT id FROM prescriptions WHERE ticket_id = $1', [id]),
      ]);
      const entries = [...own.map(entryOf), ...said.map(entryOfMessage), ...(await this.timelines.ofTicket(tx, id))];
      for (const prescription of prescriptions) {
        const told = await this.timelines.of(tx, prescription.id);
        entries.push(...told.map((entry) => about(entry, prescription.id)));
      }
      return entries.filter((entry) => isWanted(entry, filter)).toSorted(byTime);
    });
  }

  private async said(tx: Tx, ticketId: string): Promise<MessageEntry[]> {
    const thread = await this.tickets.findThread(tx, ticketId);
    return thread === undefined ? [] : messageEntries(tx, thread.id);
  }

  private read<T>(principal: Principal, id: string, reason: string, look: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const seen = await look(tx);
      await this.audit.record(tx, { action: 'read', entity: 'ticket', entityIds: [id], reason });
      return seen;
    });
  }

  /** In the transaction that changed it: afterwards it may be somebody else's. @throws ticket.not-found */
  async view(tx: Tx, principal: Principal, id: string): Promise<TicketView> {
    await this.tickets.get(tx, id);
    const [row] = await tx.run<TicketRow>(oneTicket, [principal.id, id]);
    if (row === undefined) throw ticketFail('ticket.not-found');
    return this.opened(row);
  }

  private opened(row: TicketRow): TicketView {
    // The row itself: fifty copies of thirty fields a page are not free.
    return Object.assign(row, { lastText: row.lastId === null ? null : this.texts.text(row.lastId, row.lastSealed) });
  }
}

function entryOf(event: Awaited<ReturnType<Tickets['history']>>[number]): TimelineEntry {
  return {
    at: event.occurredAt,
    recordedAt: event.recordedAt,
    kind: 'ticket',
    code: event.code,
    actor: { kind: event.actorKind, id: event.actorId },
    cause: { trigger: event.trigger, reason: event.reason },
    details: event.details,
  };
}

function entryOfMessage({ at, code, actor, details }: MessageEntry): TimelineEntry {
  const trigger = actor.kind === 'system' ? 'worker' : 'user';
  return { at, recordedAt: at, kind: 'message', code, actor, cause: { trigger }, details };
}

function about(entry: TimelineEntry, prescriptionId: string): TimelineEntry {
  return { ...entry, details: { ...entry.details, prescriptionId } };
}

function isWanted({ kind, at }: TimelineEntry, { kinds, from, to }: TimelineFilter): boolean {
  return (
    (kinds === undefined || kinds.includes(kind)) && (from === undefined || at >= from) && (to === undefined || at < to)
  );
}

function byTime(left: TimelineEntry, right: TimelineEntry): number {
  return Number(left.at) - Number(right.at) || Number(left.recordedAt) - Number(right.recordedAt);
}
