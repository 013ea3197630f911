import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Statement, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { PharmacyFinding, Ticket } from './ticket.entity.js';
import type { TicketPath, TicketPriority, TicketStatus, TicketType } from './ticket.machine.js';

export interface NewTicket {
  organizationId: string;
  type: TicketType;
  appointmentId: string | null;
  doctorId: string;
  pharmacyId: string | null;
  patientId: string;
  priority: TicketPriority;
  path: TicketPath | null;
}

/** What makes two open tickets the same one. A ticket without doctor or patient is like no other. */
export interface TicketPlace extends Omit<NewTicket, 'priority' | 'path' | 'doctorId' | 'patientId'> {
  doctorId: string | null;
  patientId: string | null;
}

/** Nothing stands against the pharmacy the doctor named for this prescription; undefined: none was. */
export interface HonouredWish {
  prescriptionId: string;
  pharmacyId: string | undefined;
}

export interface TicketActor {
  kind: string;
  id?: string | undefined;
}

/** Something that happened to a ticket, for its history. */
export interface TicketNews {
  ticketId: string;
  organizationId: string;
  code: string;
  actor: TicketActor;
  trigger: 'user' | 'worker' | 'webhook' | 'schedule' | 'reconciler';
  reason?: string | undefined;
  /** Ids and codes. */
  details?: Readonly<Record<string, unknown>>;
}

/**
 * The unique index of open tickets decides; who comes second finds the first one's. It is about the pharmacy a ticket was
 * opened for: routing may bring two to the same one.
 */
const openSql: Statement = {
  name: 'tickets_open',
  text: `INSERT INTO healthcare_tickets (id, organization_id, ticket_type, origin, status, status_since, appointment_id,
      primary_provider_id, secondary_provider_id, wished_pharmacy_id, patient_id, priority, path, created_at, updated_at)
    VALUES ($1, $2, $3, 'desk', 'created', $9, $4, $5, $6, $6, $7, $8, $10, $9, $9)
    ON CONFLICT DO NOTHING RETURNING id`,
};

/** Where the pharmacy is now comes before where it was wished. */
const standingSql: Statement = {
  name: 'tickets_standing',
  text: `SELECT id FROM healthcare_tickets
    WHERE organization_id = $1 AND ticket_type = $2 AND appointment_id IS NOT DISTINCT FROM $3 AND primary_provider_id = $4
      AND (secondary_provider_id IS NOT DISTINCT FROM $5 OR wished_pharmacy_id IS NOT DISTINCT FROM $5) AND patient_id = $6
      AND origin = 'desk' AND status NOT IN ('closed', 'cancelled')
    ORDER BY secondary_provider_id IS NOT DISTINCT FROM $5 DESC, created_at, id LIMIT 1`,
};

const noteFindingSql: Statement = {
  name: 'tickets_note_finding',
  text: `UPDATE healthcare_tickets SET pharmacy_finding = $2::jsonb, updated_at = $3
    WHERE id = $1 AND pharmacy_finding IS DISTINCT FROM $2::jsonb RETURNING id`,
};

/** Of several prescriptions the first one speaks for the ticket; another takes back only what is said of its own pharmacy. */
const dropFindingSql: Statement = {
  name: 'tickets_drop_finding',
  text: `UPDATE healthcare_tickets SET pharmacy_finding = NULL, updated_at = $4
    WHERE id = $1 AND pharmacy_finding IS NOT NULL AND (prescription_id = $2 OR pharmacy_finding ->> 'pharmacyId' = $3)`,
};

const tellSql: Statement = {
  name: 'tickets_tell',
  text: `INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, actor_id, trigger, reason, details,
      occurred_at, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
};

@Injectable()
export class TicketsStore {
  constructor(private readonly clock: Clock) {}

  /** @returns the id, when there was no open one like it */
  async open(tx: Tx, ticket: NewTicket): Promise<string | undefined> {
    const [row] = await tx.run<{ id: string }>(openSql, [
      newId(),
      ticket.organizationId,
      ticket.type,
      ticket.appointmentId,
      ticket.doctorId,
      ticket.pharmacyId,
      ticket.patientId,
      ticket.priority,
      this.clock.now(),
      ticket.path,
    ]);
    return row?.id;
  }

  /** One without parties, for operations alone. @returns its id */
  async openForStaff(tx: Tx, organizationId: string, type: TicketType): Promise<string> {
    const id = newId();
    await tx.send(
      `INSERT INTO healthcare_tickets (id, organization_id, ticket_type, origin, status, status_since, created_at, updated_at)
       VALUES ($1, $2, $3, 'inbox', 'created', $4, $4, $4)`,
      [id, organizationId, type, this.clock.now()],
    );
    return id;
  }

  async standing(tx: Tx, ticket: TicketPlace): Promise<string | undefined> {
    const { organizationId, type, appointmentId, doctorId, pharmacyId, patientId } = ticket;
    const values = [organizationId, type, appointmentId, doctorId, pharmacyId, patientId];
    return (await tx.run<{ id: string }>(standingSql, values))[0]?.id;
  }

  /** Which of the named parties the organization's directory does not know. */
  async unknownParties(tx: Tx, ticket: NewTicket): Promise<string[]> {
    const { organizationId, doctorId, pharmacyId, patientId } = ticket;
    const row = await tx.one<{ doctor: boolean; pharmacy: boolean; patient: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM providers WHERE id = $2 AND organization_id = $1) AS doctor,
         $3::uuid IS NULL OR EXISTS (SELECT 1 FROM pharmacies WHERE id = $3 AND organization_id = $1) AS pharmacy,
         EXISTS (SELECT 1 FROM patients WHERE id = $4 AND organization_id = $1) AS patient`,
      [organizationId, doctorId, pharmacyId, patientId],
    );
    return Object.entries(row ?? {}).flatMap(([party, known]) => (known ? [] : [party]));
  }

  /** @returns false when the ticket is in none of `from` */
  async setStatus(tx: Tx, id: string, from: readonly TicketStatus[], to: TicketStatus): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE healthcare_tickets SET status = $3, status_since = $4, updated_at = $4, breach_at = NULL, escalated_at = NULL,
         sent_at = coalesce(sent_at, CASE WHEN $3 = 'sent' THEN $4::timestamptz END)
       WHERE id = $1 AND status = ANY($2::text[]) RETURNING id`,
      [id, [...from], to, this.clock.now()],
    );
    return rows.length === 1;
  }

  async setPharmacy(tx: Tx, id: string, pharmacyId: string): Promise<void> {
    await tx.query(
      `UPDATE healthcare_tickets SET secondary_provider_id = $2, wished_pharmacy_id = $2, pharmacy_finding = NULL,
         updated_at = $3 WHERE id = $1`,
      [id, pharmacyId, this.clock.now()],
    );
  }

  /** @returns false when it says so already */
  async setPharmacyFinding(tx: Tx, id: string, finding: PharmacyFinding): Promise<boolean> {
    const rows = await tx.run(noteFindingSql, [id, JSON.stringify(finding), this.clock.now()]);
    return rows.length === 1;
  }

  async dropPharmacyFinding(tx: Tx, id: string, { prescriptionId, pharmacyId }: HonouredWish): Promise<void> {
    await tx.send(dropFindingSql, [id, prescriptionId, pharmacyId ?? null, this.clock.now()]);
  }

  async triage(
    tx: Tx,
    { id, priority, assigneeId, snoozedUntil }: Pick<Ticket, 'id' | 'priority' | 'assigneeId' | 'snoozedUntil'>,
  ): Promise<void> {
    await tx.query(
      'UPDATE healthcare_tickets SET priority = $2, assignee_id = $3, snoozed_until = $4, updated_at = $5 WHERE id = $1',
      [id, priority, assigneeId, snoozedUntil, this.clock.now()],
    );
  }

  async tell(tx: Tx, news: TicketNews): Promise<void> {
    await tx.send(tellSql, [
      newId(),
      news.ticketId,
      news.organizationId,
      news.code,
      news.actor.kind,
      news.actor.id ?? null,
      news.trigger,
      news.reason ?? null,
      JSON.stringify(news.details ?? {}),
      this.clock.now(),
    ]);
  }

  /** Whether somebody works for the organization today, and so may be given its tickets. */
  async isStaff(tx: Tx, organizationId: string, userId: string): Promise<boolean> {
    const found = await tx.one(
      `SELECT 1 FROM users WHERE id = $1 AND organization_id = $2 AND role IN ('ops', 'admin') AND disabled_at IS NULL`,
      [userId, organizationId],
    );
    return found !== undefined;
  }
}
