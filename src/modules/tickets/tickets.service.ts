import { Injectable } from '@nestjs/common';
import { Database, systemContext, violatedUnique, type Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, isSeenBy, type Owned, type Principal } from '../auth/index.js';
import { Thread, ThreadMember } from './thread.entity.js';
import { threadOfOrder } from './thread-of-order.js';
import { TicketEvent } from './ticket-event.entity.js';
import { Ticket, type PharmacyFinding } from './ticket.entity.js';
import {
  openTicketStatuses,
  ticketMachine,
  type TicketAction,
  type TicketPath,
  type TicketPriority,
  type TicketStatus,
  type TicketType,
} from './ticket.machine.js';
import { fail } from './tickets.errors.js';
import { TicketsStore, type HonouredWish, type NewTicket } from './tickets.store.js';

export interface OpenTicket {
  type: TicketType;
  appointmentId?: string | undefined;
  /** The caller, when a doctor opens it. */
  doctorId?: string | undefined;
  pharmacyId?: string | undefined;
  patientId: string;
  priority: TicketPriority;
  path?: TicketPath | undefined;
}

/** Absent: stays as it is. */
export interface Triage {
  priority?: TicketPriority | undefined;
  assigneeId?: string | null | undefined;
  snoozedUntil?: Date | null | undefined;
}

export interface ThreadWithMembers {
  thread: Thread;
  members: ThreadMember[];
}

const oneOpenIndex = 'healthcare_tickets_one_open';

/** Opens tickets and changes them; who sees which is decided by row-level security. */
@Injectable()
export class Tickets {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly store: TicketsStore,
  ) {}

  /**
   * The open ticket of this appointment, doctor, pharmacy and patient, made when there is none: one, under any number of
   * calls at once. Its thread and members come into being in the same transaction.
   * @throws ticket.party-unknown, ticket.doctor-required, ticket.doctor-not-you
   */
  async openOne(principal: Principal, wish: OpenTicket): Promise<{ ticket: Ticket; created: boolean }> {
    const ticket = newTicketOf(principal, wish);
    const unknown = await this.db.tx(systemContext, (tx) => this.store.unknownParties(tx, ticket));
    if (unknown.length > 0) throw fail('ticket.party-unknown', { meta: { unknown } });
    // Who finds one that is closed at this moment makes a new one next time.
    const opened = (await this.openOrFind(principal, ticket)) ?? (await this.openOrFind(principal, ticket));
    if (opened === undefined) throw fail('ticket.not-found');
    return opened;
  }

  private openOrFind(
    principal: Principal,
    ticket: NewTicket,
  ): Promise<{ ticket: Ticket; created: boolean } | undefined> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const standing = await this.store.standing(tx, ticket);
      const made = standing === undefined ? await this.store.open(tx, ticket) : undefined;
      const id = made ?? standing ?? (await this.store.standing(tx, ticket));
      if (id === undefined) return undefined;
      if (made !== undefined) {
        const { type, doctorId, pharmacyId, patientId, appointmentId } = ticket;
        const details = { type, doctorId, pharmacyId, patientId, appointmentId };
        await this.tell(tx, { id, organizationId: ticket.organizationId }, 'ticket.created', principal, { details });
        await this.announce(tx, 'ticket_created', { id, organizationId: ticket.organizationId, status: 'created' });
        await this.audit.record(tx, { action: 'write', entity: 'ticket', entityIds: [id], reason: 'open' });
      }
      return { ticket: await this.get(tx, id), created: made !== undefined };
    });
  }

  /** A question to operations about something no person brought, in the caller's transaction. @returns the ticket's id */
  async openSupport(
    tx: Tx,
    about: { organizationId: string; reason: string; details: Readonly<Record<string, unknown>> },
  ): Promise<string> {
    const { organizationId, reason, details } = about;
    const ticketId = await this.store.openForStaff(tx, organizationId, 'support');
    const actor = { kind: 'system' };
    const news = { ticketId, organizationId, code: 'ticket.created', actor, trigger: 'schedule' as const };
    await this.store.tell(tx, { ...news, reason, details: { type: 'support', ...details } });
    await this.outbox.publish(tx, {
      name: 'support_requested',
      aggregateId: ticketId,
      organizationId,
      payload: { ticketId },
    });
    return ticketId;
  }

  /** @throws ticket.not-found */
  async get(tx: Tx, id: string): Promise<Ticket> {
    const found = await tx.row(Ticket, { id });
    if (found === undefined || !isSeenBy(tx.context, ownersOf(found))) throw fail('ticket.not-found');
    return found;
  }

  /** @throws ticket.not-found */
  async lock(tx: Tx, id: string): Promise<Ticket> {
    const found = await tx.row(Ticket, { id }, { lock: true });
    if (found === undefined || !isSeenBy(tx.context, ownersOf(found))) throw fail('ticket.not-found');
    return found;
  }

  /** @throws ticket.not-found also while nobody of the ticket is known, who could talk */
  async thread(tx: Tx, ticketId: string): Promise<ThreadWithMembers> {
    await this.get(tx, ticketId);
    const thread = await this.findThread(tx, ticketId);
    if (thread === undefined) throw fail('ticket.not-found');
    return withMembers(tx, thread);
  }

  /** See `threadOfOrder`. */
  async threadOfOrder(tx: Tx, orderId: string, pharmacyId: string): Promise<ThreadWithMembers | undefined> {
    const thread = await threadOfOrder(tx, orderId, pharmacyId);
    if (thread === undefined || !(await this.isPartyOf(tx, thread))) return undefined;
    return withMembers(tx, thread);
  }

  findThread(tx: Tx, ticketId: string): Promise<Thread | undefined> {
    return tx.row(Thread, { ticketId });
  }

  /** Oldest first. */
  history(tx: Tx, ticketId: string): Promise<TicketEvent[]> {
    return tx.rows(TicketEvent, { ticketId }, { order: { occurredAt: 'ASC', id: 'ASC' } });
  }

  /** A move of the ticket alone, in the caller's transaction. @throws ticket.illegal-move, ticket.not-found */
  async move(tx: Tx, id: string, action: TicketAction, by: Principal, reason?: string): Promise<Ticket> {
    const before = await this.lock(tx, id);
    const { from, to } = ticketMachine[action];
    if (!(await this.store.setStatus(tx, id, from, to))) {
      throw fail('ticket.illegal-move', { meta: { ticketStatus: before.status, action } });
    }
    const details = { from: before.status, to };
    await this.tell(tx, before, `ticket.${to}`, by, { reason, details });
    await this.announce(tx, 'ticket_status_changed', { id, organizationId: before.organizationId, status: to });
    return this.get(tx, id);
  }

  /**
   * Another pharmacy, while nothing was sent: the party moves, and what the former one wrote stays.
   * @throws ticket.pharmacy-chosen-by-routing, ticket.already-open, ticket.party-unknown, ticket.illegal-move
   */
  async changePharmacy(principal: Principal, id: string, pharmacyId: string, reason?: string): Promise<Ticket> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const ticket = await this.lock(tx, id);
      if (!openTicketStatuses.includes(ticket.status)) {
        throw fail('ticket.illegal-move', { meta: { ticketStatus: ticket.status, action: 'change_pharmacy' } });
      }
      if (ticket.sentAt !== null) throw fail('ticket.pharmacy-chosen-by-routing');
      const known = await tx.one('SELECT 1 FROM pharmacies WHERE id = $1 AND organization_id = $2', [
        pharmacyId,
        ticket.organizationId,
      ]);
      if (known === undefined) throw fail('ticket.party-unknown', { meta: { unknown: ['pharmacy'] } });
      if (ticket.secondaryProviderId === pharmacyId) return ticket;
      const { primaryProviderId: doctorId, organizationId, type, appointmentId, patientId } = ticket;
      const place = { organizationId, type, appointmentId, doctorId, patientId, pharmacyId };
      const other = await this.store.standing(tx, place);
      if (other !== undefined && other !== id) throw fail('ticket.already-open', { meta: { ticketId: other } });
      await this.store.setPharmacy(tx, id, pharmacyId).catch(refuseSecond);
      const details = { from: ticket.secondaryProviderId, to: pharmacyId };
      await this.tell(tx, ticket, 'ticket.pharmacy-changed', principal, { reason, details });
      await this.audit.record(tx, { action: 'write', entity: 'ticket', entityIds: [id], reason: 'change-pharmacy' });
      return this.get(tx, id);
    });
  }

  /** For operations: what is urgent, whose it is, and until when it may wait. @throws ticket.not-found */
  async triage(principal: Principal, id: string, wish: Triage): Promise<Ticket> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const before = await this.lock(tx, id);
      const priority = wish.priority ?? before.priority;
      const assigneeId = wish.assigneeId === undefined ? before.assigneeId : wish.assigneeId;
      const snoozedUntil = wish.snoozedUntil === undefined ? before.snoozedUntil : wish.snoozedUntil;
      await this.mustBeStaff(tx, before.organizationId, assigneeId);
      await this.store.triage(tx, { id, priority, assigneeId, snoozedUntil });
      const details = { priority, assigneeId, snoozedUntil: snoozedUntil?.toISOString() ?? null };
      await this.tell(tx, before, 'ticket.triaged', principal, { details });
      await this.audit.record(tx, { action: 'write', entity: 'ticket', entityIds: [id], reason: 'triage' });
      return this.get(tx, id);
    });
  }

  /** Why the pharmacy somebody asked for does not fill it; told once. */
  async notePharmacyFinding(tx: Tx, ticket: { id: string; organizationId: string }, finding: PharmacyFinding) {
    if (!(await this.store.setPharmacyFinding(tx, ticket.id, finding))) return;
    await this.store.tell(tx, {
      ticketId: ticket.id,
      organizationId: ticket.organizationId,
      code: 'ticket.pharmacy-not-eligible',
      actor: { kind: 'system' },
      trigger: 'worker',
      details: { ...finding },
    });
  }

  /** It may fill it after all, or another was asked for. */
  dropPharmacyFinding(tx: Tx, id: string, wish: HonouredWish): Promise<void> {
    return this.store.dropPharmacyFinding(tx, id, wish);
  }

  /** It stood in its status for longer than the rules allow. */
  async noteOverdue(
    tx: Tx,
    ticket: { id: string; organizationId: string; status: TicketStatus; breachAt: Date },
  ): Promise<void> {
    await this.store.tell(tx, {
      ticketId: ticket.id,
      organizationId: ticket.organizationId,
      code: 'ticket.overdue',
      actor: { kind: 'system' },
      trigger: 'schedule',
      details: { status: ticket.status, breachAt: ticket.breachAt.toISOString() },
    });
  }

  /** A thread without a ticket is the organization's and the pharmacy's it was opened with. */
  private async isPartyOf(tx: Tx, { ticketId, organizationId, metadata }: Thread): Promise<boolean> {
    const ticket = ticketId === null ? undefined : await tx.row(Ticket, { id: ticketId });
    const target = metadata['target_id'];
    const pharmacyId = typeof target === 'string' ? target.trim().toLowerCase() : null;
    return isSeenBy(tx.context, ticket === undefined ? { organizationId, pharmacyId } : ownersOf(ticket));
  }

  /** For whoever hears it; what the time line says is written by `tell`. */
  private async announce(
    tx: Tx,
    name: 'ticket_created' | 'ticket_status_changed',
    { id, organizationId, status }: Pick<Ticket, 'id' | 'organizationId' | 'status'>,
  ): Promise<void> {
    await this.outbox.publish(tx, { name, aggregateId: id, organizationId, payload: { ticketId: id, status } });
  }

  private async mustBeStaff(tx: Tx, organizationId: string, assigneeId: string | null): Promise<void> {
    if (assigneeId === null || (await this.store.isStaff(tx, organizationId, assigneeId))) return;
    throw fail('ticket.party-unknown', { meta: { unknown: ['assignee'] } });
  }

  private async tell(
    tx: Tx,
    ticket: { id: string; organizationId: string },
    code: string,
    by: Principal,
    about: { reason?: string | undefined; details?: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    const { id: ticketId, organizationId } = ticket;
    await this.store.tell(tx, { ticketId, organizationId, code, actor: actorOf(by), trigger: 'user', ...about });
  }
}

async function withMembers(tx: Tx, thread: Thread): Promise<ThreadWithMembers> {
  return { thread, members: await tx.rows(ThreadMember, { threadId: thread.id }, { order: { joinedAt: 'ASC' } }) };
}

function refuseSecond(error: unknown): never {
  throw violatedUnique(error) === oneOpenIndex ? fail('ticket.already-open') : error;
}

/** The pharmacy is party from the moment the prescription was sent. */
function ownersOf({ organizationId, primaryProviderId, secondaryProviderId, patientId, sentAt }: Ticket): Owned {
  return {
    organizationId,
    providerId: primaryProviderId,
    pharmacyId: sentAt === null ? null : secondaryProviderId,
    patientId,
  };
}

function newTicketOf({ role, providerId, organizationId }: Principal, wish: OpenTicket): NewTicket {
  const doctorId = wish.doctorId ?? providerId;
  if (doctorId === undefined) throw fail('ticket.doctor-required');
  if (role === 'doctor' && doctorId !== providerId) throw fail('ticket.doctor-not-you');
  const { type, patientId, priority, appointmentId = null, pharmacyId = null, path = null } = wish;
  return { organizationId, type, patientId, priority, path, appointmentId, pharmacyId, doctorId };
}
