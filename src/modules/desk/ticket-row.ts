import type { PharmacyFinding, Party, TicketPath, TicketPriority, TicketStatus, TicketType } from '../tickets/index.js';

/** A ticket with what stands around it, as `ticket-list.sql` reads it. */
export interface TicketRow {
  id: string;
  organizationId: string;
  type: TicketType;
  status: TicketStatus;
  statusSince: Date;
  sentAt: Date | null;
  doctorId: string | null;
  pharmacyId: string | null;
  patientId: string | null;
  appointmentId: string | null;
  prescriptionId: string | null;
  path: TicketPath | null;
  priority: TicketPriority;
  assigneeId: string | null;
  snoozedUntil: Date | null;
  breachAt: Date | null;
  escalatedAt: Date | null;
  pharmacyFinding: PharmacyFinding | null;
  createdAt: Date;
  updatedAt: Date;
  prescription: Readonly<Record<string, unknown>> | null;
  threadId: string | null;
  unread: number;
  lastId: string | null;
  lastSeq: number | null;
  lastAudience: string | null;
  lastParty: string | null;
  lastCode: string | null;
  lastSealed: Buffer | null;
  lastAt: Date | null;
  questionId: string | null;
  questionAwaits: Party | null;
  questionAt: Date | null;
}
