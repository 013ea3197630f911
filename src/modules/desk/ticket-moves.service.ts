import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, type Principal, type Role } from '../auth/index.js';
import {
  Prescription,
  Prescriptions,
  states,
  type FulfilmentAction,
  type PrescriptionState,
} from '../prescriptions/index.js';
import { openQuestionOf, ticketFail, Tickets, type Ticket, type TicketAction } from '../tickets/index.js';
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
}

interface Wish {
  ticket: Ticket;
  wanted: WantedStatus;
  principal: Principal;
  reason: string | undefined;
}

const staff = ['ops', 'admin', 'integrator'] as const;

/** The ticket ↔ prescription table of statuses that people set. */
const moves: Readonly<Record<WantedStatus, Move>> = {
  sent: { ticket: 'send', by: ['doctor', ...staff] },
  received: { ticket: 'receive', prescription: 'acknowledge', early: true, by: ['pharmacy', ...staff] },
  processing: { ticket: 'start', prescription: 'start', waits: true, by: ['pharmacy', ...staff] },
  ready: { ticket: 'make_ready', prescription: 'make_ready', waits: true, by: ['pharmacy', ...staff] },
  closed: { ticket: 'close', by: ['doctor', ...staff] },
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
   * The same status twice is one move.
   * @returns the ticket as the move left it
   * @throws ticket.not-found, ticket.not-yours-to-move, ticket.not-sent, ticket.not-handed-over, ticket.illegal-move,
   *   ticket.question-open,
   *   ticket.moved-by-prescription
   */
  async set(principal: Principal, id: string, wanted: WantedStatus, reason?: string): Promise<TicketView> {
    const move = moves[wanted];
    return this.db.tx(contextOf(principal), async (tx) => {
      const { prescriptionId } = await this.tickets.get(tx, id);
      if (!move.by.includes(principal.role)) throw ticketFail('ticket.not-yours-to-move', { meta: { wanted } });
      // The prescription first, as every other writer does.
      const prescription =
        prescriptionId === null ? undefined : await tx.row(Prescription, { id: prescriptionId }, { lock: true });
      const ticket = await this.tickets.lock(tx, id);
      if (ticket.status === wanted) {
        await this.audit.record(tx, { action: 'read', entity: 'ticket', entityIds: [id], reason: 'ticket' });
        return this.desk.view(tx, principal, id);
      }
      if (move.waits === true) await this.mustBeAnswered(tx, id);
      // A prescription's ticket is sent by its prescription.
      if (wanted === 'sent' && ticket.type === 'prescription') throw ticketFail('ticket.not-sent');
      if (ticket.prescriptionId === null) await this.alone(tx, { ticket, wanted, principal, reason });
      else await this.withPrescription(tx, { ticket, prescription, wanted, principal, reason });
      await this.audit.record(tx, { action: 'write', entity: 'ticket', entityIds: [id], reason: `status:${wanted}` });
      return this.desk.view(tx, principal, id);
    });
  }

  /** The pharmacy had seen the ticket before it got the prescription: now it has that too. */
  @Handles(acknowledgeJob)
  async acknowledgeSeen({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const ticket = await this.tickets.get(tx, prescription.ticketId);
      if (prescription.state === handOver && ticket.status === 'received') {
        await this.prescriptions.report(tx, {
          id: prescriptionId,
          action: 'acknowledge',
          actor: { kind: 'pharmacy', ...(prescription.pharmacyId !== null && { id: prescription.pharmacyId }) },
          trigger: 'worker',
          occurredAt: this.clock.now(),
          sourceKey: `desk:${ticket.id}:acknowledge`,
          reason: 'seen before hand-over',
        });
      }
      await this.outbox.close(tx, run);
    });
  }

  private async mustBeAnswered(tx: Tx, id: string): Promise<void> {
    const question = await openQuestionOf(tx, id);
    if (question === undefined) return;
    const { messageId, awaits } = question;
    throw ticketFail('ticket.question-open', { meta: { messageId, awaits } });
  }

  private async alone(tx: Tx, { ticket, wanted, principal, reason }: Wish): Promise<void> {
    const { id: ticketId, organizationId } = ticket;
    await this.tickets.move(tx, ticketId, moves[wanted].ticket, principal, reason);
    if (wanted !== 'sent') return;
    await this.outbox.publish(tx, {
      name: ticketSentEvent,
      aggregateId: ticketId,
      organizationId,
      payload: { ticketId },
    });
  }

  private async withPrescription(tx: Tx, wish: Wish & { prescription: Prescription | undefined }): Promise<void> {
    const { ticket, prescription, wanted, principal, reason } = wish;
    const { ticket: action, prescription: fulfilment, early } = moves[wanted];
    if (fulfilment === undefined) throw ticketFail('ticket.moved-by-prescription');
    if (ticket.sentAt === null) throw ticketFail('ticket.not-sent');
    if (prescription === undefined || !isHandedOver(prescription.state)) {
      if (early !== true)
        throw ticketFail('ticket.not-handed-over', { meta: { state: prescription?.state ?? 'unassigned' } });
      await this.tickets.move(tx, ticket.id, action, principal, reason);
      return;
    }
    const outcome = await this.prescriptions.report(tx, {
      id: prescription.id,
      action: fulfilment,
      actor: actorOf(principal),
      trigger: 'user',
      occurredAt: this.clock.now(),
      sourceKey: `desk:${ticket.id}:${fulfilment}:${prescription.version}`,
      ...(reason !== undefined && { reason }),
    });
    if (outcome !== 'moved') {
      throw ticketFail('ticket.illegal-move', {
        meta: { ticketStatus: ticket.status, state: prescription.state, action },
      });
    }
  }
}

const order: readonly PrescriptionState[] = states;

function isHandedOver(state: PrescriptionState): boolean {
  return order.indexOf(state) >= order.indexOf(handOver);
}
