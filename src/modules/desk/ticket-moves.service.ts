import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, type Principal, type Role } from '../auth/index.js';
import {
  mayTake,
  pickedUp,
  Prescription,
  Prescriptions,
  states,
  type FulfilmentAction,
  type PrescriptionState,
} from '../prescriptions/index.js';
import {
  openQuestionOf,
  ticketFail,
  ticketMachine,
  Tickets,
  type Ticket,
  type TicketAction,
  type TicketStatus,
} from '../tickets/index.js';
import { acknowledgeJob, ticketSentEvent } from './desk.jobs.js';
import { TicketDesk, type TicketView } from './ticket-desk.service.js';

export const wantedStatuses = ['sent', 'received', 'processing', 'ready', 'closed', 'cancelled'] as const;
export type WantedStatus = (typeof wantedStatuses)[number];

interface Move {
  ticket: TicketAction;
  /** What it means for the prescription, once that was handed over. */
  prescription?: FulfilmentAction;
  /** The pharmacy may say so before the hand-over: it has seen the ticket, no more. */
  early?: boolean;
  /** An unanswered question holds it up. */
  waits?: boolean;
  by: readonly Role[];
  /** Of a ticket with prescriptions it means something else: only of those in this state, and others say it. */
  withPrescriptions?: { state: PrescriptionState; by: readonly Role[]; happened: string };
}

interface Wish {
  ticket: Ticket;
  wanted: WantedStatus;
  principal: Principal;
  reason: string | undefined;
  /** The ticket's own first, then those beside it, at its pharmacy. */
  prescriptions: readonly Prescription[];
}

const staff = ['ops', 'admin', 'integrator'] as const;

/** The ticket ↔ prescription table of statuses that people set. */
const moves: Readonly<Record<WantedStatus, Move>> = {
  sent: { ticket: 'send', by: ['doctor', ...staff] },
  received: { ticket: 'receive', prescription: 'acknowledge', early: true, by: ['pharmacy', ...staff] },
  processing: { ticket: 'start', prescription: 'start', waits: true, by: ['pharmacy', ...staff] },
  ready: { ticket: 'make_ready', prescription: 'make_ready', waits: true, by: ['pharmacy', ...staff] },
  closed: {
    ticket: 'close',
    prescription: 'deliver',
    by: ['doctor', ...staff],
    withPrescriptions: { state: 'ready_for_pickup', by: ['pharmacy', ...staff], happened: pickedUp },
  },
  cancelled: { ticket: 'cancel', by: ['doctor', ...staff] },
};

const handOver: PrescriptionState = 'sent_to_pharmacy';

/** Statuses set by people. A move that means something for the prescription is made there, and shows on the ticket. */
@Injectable()
export class TicketMoves {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly tickets: Tickets,
    private readonly prescriptions: Prescriptions,
    private readonly desk: TicketDesk,
  ) {}

  /**
   * The same status twice is one move. Of several prescriptions each that may take the step does, those too that came to the
   * pharmacy after the ticket had that status.
   * @returns the ticket as the move left it
   * @throws ticket.not-found, ticket.not-yours-to-move, ticket.not-sent, ticket.not-handed-over, ticket.illegal-move,
   *   ticket.question-open,
   *   ticket.moved-by-prescription
   */
  async set(principal: Principal, id: string, wanted: WantedStatus, reason?: string): Promise<TicketView> {
    const move = moves[wanted];
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.tickets.get(tx, id);
      if (!mayAsk(move, principal.role)) throw ticketFail('ticket.not-yours-to-move', { meta: { wanted } });
      // The prescriptions first, as every other writer does.
      const locked = await tx.rows(Prescription, { ticketId: id }, { lock: true, order: { id: 'ASC' } });
      const ticket = await this.tickets.lock(tx, id);
      const wish = { ticket, wanted, principal, reason, prescriptions: ofTicket(ticket, locked) };
      if (ticket.status === wanted && takersOf(wish).length === 0) {
        await this.audit.record(tx, { action: 'read', entity: 'ticket', entityIds: [id], reason: 'ticket' });
        return this.desk.view(tx, principal, id);
      }
      if (move.waits === true) await this.mustBeAnswered(tx, id);
      // A prescription's ticket is sent by its prescription.
      if (wanted === 'sent' && ticket.type === 'prescription') throw ticketFail('ticket.not-sent');
      if (ticket.prescriptionId === null) await this.alone(tx, wish);
      else await this.withPrescriptions(tx, wish);
      await this.audit.record(tx, { action: 'write', entity: 'ticket', entityIds: [id], reason: `status:${wanted}` });
      return this.desk.view(tx, principal, id);
    });
  }

  /** The pharmacy had seen the ticket, with the prescription on it, before it got that: now it has it too. */
  @Handles(acknowledgeJob)
  async acknowledgeSeen({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const ticket = await this.tickets.get(tx, prescription.ticketId);
      if (prescription.state === handOver && (await this.isSeen(tx, prescription, ticket))) {
        await this.prescriptions.report(tx, {
          id: prescriptionId,
          action: 'acknowledge',
          actor: { kind: 'pharmacy', ...(prescription.pharmacyId !== null && { id: prescription.pharmacyId }) },
          trigger: 'worker',
          occurredAt: this.clock.now(),
          sourceKey: `desk:${ticket.id}:acknowledge`,
          reason: 'seen before hand-over',
          jobId: run.outboxId,
        });
      }
      await this.outbox.close(tx, run);
    });
  }

  /** What somebody said; the status may also be that of another prescription, which the platform gave the ticket. */
  private async isSeen(tx: Tx, { receivedAt }: Prescription, { id, status }: Ticket): Promise<boolean> {
    if (status !== 'received') return false;
    const history = await this.tickets.history(tx, id);
    const said = history.findLast(({ code, trigger }) => code === 'ticket.received' && trigger === 'user');
    return said !== undefined && receivedAt <= said.occurredAt;
  }

  private async mustBeAnswered(tx: Tx, id: string): Promise<void> {
    const question = await openQuestionOf(tx, id);
    if (question === undefined) return;
    const { messageId, awaits } = question;
    throw ticketFail('ticket.question-open', { meta: { messageId, awaits } });
  }

  private async alone(tx: Tx, { ticket, wanted, principal, reason }: Wish): Promise<void> {
    const { id: ticketId, organizationId } = ticket;
    if (!moves[wanted].by.includes(principal.role)) throw ticketFail('ticket.not-yours-to-move', { meta: { wanted } });
    await this.tickets.move(tx, ticketId, moves[wanted].ticket, principal, reason);
    if (wanted !== 'sent') return;
    await this.outbox.publish(tx, {
      name: ticketSentEvent,
      aggregateId: ticketId,
      organizationId,
      payload: { ticketId },
    });
  }

  private async withPrescriptions(tx: Tx, wish: Wish): Promise<void> {
    const { ticket, wanted, principal, reason, prescriptions } = wish;
    const { ticket: action, prescription: fulfilment, withPrescriptions: only } = moves[wanted];
    if (fulfilment === undefined || only?.by.includes(principal.role) === false) throw endsWithPrescription(wish);
    if (ticket.sentAt === null) throw ticketFail('ticket.not-sent');
    const takers = takersOf(wish);
    const first = prescriptions.find(({ id }) => id === ticket.prescriptionId);
    const alone = movesAlone(wish, first);
    if (takers.length === 0 && !alone) throw refusalOf(wish, first);
    if (alone && ticket.status !== wanted) await this.tickets.move(tx, ticket.id, action, principal, reason);
    for (const { id, version } of takers) {
      await this.prescriptions.report(tx, {
        id,
        action: fulfilment,
        actor: actorOf(principal),
        trigger: 'user',
        occurredAt: this.clock.now(),
        sourceKey: `desk:${ticket.id}:${fulfilment}:${version}`,
        ...reasonOf(only?.happened, reason),
      });
    }
  }
}

function mayAsk({ by, withPrescriptions }: Move, role: Role): boolean {
  return by.includes(role) || withPrescriptions?.by.includes(role) === true;
}

/** What happened is told first: pages and messages tell a pick-up from a delivery by it. */
function reasonOf(happened: string | undefined, said: string | undefined): { reason?: string } {
  const parts = [happened, said].filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { reason: parts.join(': ') };
}

/** Those the ticket's pharmacy fills; one that is to go elsewhere gets a ticket of its own with its next move. */
function ofTicket({ secondaryProviderId, prescriptionId }: Ticket, locked: readonly Prescription[]): Prescription[] {
  const theirs = locked.filter(({ id, pharmacyId }) => id === prescriptionId || pharmacyId === secondaryProviderId);
  return theirs.toSorted((left, right) => Number(right.id === prescriptionId) - Number(left.id === prescriptionId));
}

/** Those handed over already that the wanted status means a step forward for. */
function takersOf({ wanted, prescriptions }: Wish): Prescription[] {
  const { prescription: action, withPrescriptions: only } = moves[wanted];
  if (action === undefined) return [];
  return prescriptions.filter(
    ({ state }) => isHandedOver(state) && mayTake(state, action) && (only === undefined || state === only.state),
  );
}

/**
 * The first one's move shows on the ticket. Before that one is handed over the ticket moves by itself, and where it is past the
 * step: with a label of ours it is `shipped` before the pharmacy has filled it.
 */
function movesAlone({ ticket, wanted }: Wish, first: Prescription | undefined): boolean {
  const { ticket: action, prescription: step, early } = moves[wanted];
  if (first === undefined || !isHandedOver(first.state)) return early === true;
  const from: readonly TicketStatus[] = ticketMachine[action].from;
  const isPast = isUnderWay(first.state) && step !== undefined && !mayTake(first.state, step);
  return isPast && from.includes(ticket.status);
}

function endsWithPrescription({ ticket, prescriptions }: Wish): Error {
  const first = prescriptions.find(({ id }) => id === ticket.prescriptionId);
  return ticketFail('ticket.moved-by-prescription', { meta: { state: first?.state ?? 'unassigned' } });
}

function refusalOf(wish: Wish, first: Prescription | undefined): Error {
  const { ticket, wanted } = wish;
  if (moves[wanted].withPrescriptions !== undefined) return endsWithPrescription(wish);
  if (first === undefined || !isHandedOver(first.state)) {
    return ticketFail('ticket.not-handed-over', { meta: { state: first?.state ?? 'unassigned' } });
  }
  const { ticket: action } = moves[wanted];
  return ticketFail('ticket.illegal-move', { meta: { ticketStatus: ticket.status, state: first.state, action } });
}

const order: readonly PrescriptionState[] = states;

function isHandedOver(state: PrescriptionState): boolean {
  return order.indexOf(state) >= order.indexOf(handOver);
}

function isUnderWay(state: PrescriptionState): boolean {
  return isHandedOver(state) && order.indexOf(state) < order.indexOf('delivered');
}
