import { ApiProperty } from '@nestjs/swagger';
import { exampleCursor, type Page } from '../../../platform/http/index.js';
import {
  parties,
  ticketPaths,
  ticketPriorities,
  ticketStatuses,
  ticketTypes,
  type PharmacyFinding,
  type ThreadWithMembers,
  type TicketPath,
  type TicketPriority,
  type TicketStatus,
  type TicketType,
} from '../../tickets/index.js';
import { PrescriptionResponse, prescriptionView } from '../../prescriptions/index.js';
import { MessagePageResponse, pageView } from '../../threads/index.js';
import type { TicketDetail, TicketView } from '../ticket-desk.service.js';
import {
  exampleInstant,
  exampleMessageId,
  exampleParties,
  examplePrescription,
  exampleThreadId,
  exampleTicketId,
} from './ticket.examples.js';

export class LastMessageDto {
  @ApiProperty({ example: exampleMessageId })
  id!: string;
  @ApiProperty({ example: 3, description: 'Its number in the thread.' })
  seq!: number;
  @ApiProperty({ enum: ['providers', 'all', 'internal'], example: 'providers' })
  audience!: string;
  @ApiProperty({ enum: [...parties, 'system'], example: 'pharmacy' })
  authorParty!: string;
  @ApiProperty({ type: String, nullable: true, example: 'Is the dose right?' })
  text!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Of a note of the platform.' })
  code!: string | null;
  @ApiProperty({ example: exampleInstant })
  at!: string;
}

export class OpenQuestionDto {
  @ApiProperty({ example: exampleMessageId })
  messageId!: string;
  @ApiProperty({ enum: parties, example: 'doctor', description: 'Who must answer.' })
  awaits!: string;
  @ApiProperty({ example: exampleInstant })
  since!: string;
}

export class TicketDto {
  @ApiProperty({ example: exampleTicketId })
  id!: string;
  @ApiProperty({ enum: ticketTypes, example: 'prescription' })
  type!: TicketType;
  @ApiProperty({ enum: ticketStatuses, example: 'sent' })
  status!: TicketStatus;
  @ApiProperty({ example: exampleInstant })
  statusSince!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: exampleInstant,
    description: 'Since when the pharmacy takes part.',
  })
  sentAt!: string | null;
  @ApiProperty({ description: 'the doctor', type: String, nullable: true, example: exampleParties.doctor })
  primaryProviderId!: string | null;
  @ApiProperty({ description: 'the pharmacy', type: String, nullable: true, example: exampleParties.pharmacy })
  secondaryProviderId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: exampleParties.patient })
  patientId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: examplePrescription.id })
  prescriptionId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  appointmentId!: string | null;
  @ApiProperty({ enum: ticketPaths, nullable: true, example: null, description: 'Null: that of the organization.' })
  path!: TicketPath | null;
  @ApiProperty({ enum: ticketPriorities, example: 'normal' })
  priority!: TicketPriority;
  @ApiProperty({ type: String, nullable: true, example: null })
  assigneeId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  snoozedUntil!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-21T15:00:00.000Z',
    description: 'Until when it may stand still, in opening hours of the pharmacy. Null: it is not its turn.',
  })
  breachAt!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Since when operations are told.' })
  escalatedAt!: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: null,
    description: 'Why the pharmacy that was asked for does not fill it.',
  })
  pharmacyFinding!: PharmacyFinding | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: examplePrescription,
  })
  prescription!: Readonly<Record<string, unknown>> | null;
  @ApiProperty({ type: String, nullable: true, example: exampleThreadId })
  threadId!: string | null;
  @ApiProperty({ example: 2, description: 'Messages the caller may read and has not.' })
  unread!: number;
  @ApiProperty({ type: LastMessageDto, nullable: true })
  lastMessage!: LastMessageDto | null;
  @ApiProperty({ type: OpenQuestionDto, nullable: true, example: null })
  openQuestion!: OpenQuestionDto | null;
  @ApiProperty({ example: '2026-11-21T01:20:00.000Z' })
  createdAt!: string;
  @ApiProperty({ example: exampleInstant })
  updatedAt!: string;
}

export class TicketDetailDto extends TicketDto {
  @ApiProperty({
    type: [PrescriptionResponse],
    description: 'Those of the ticket the caller may read, as `GET /api/prescriptions/{id}` answers; the oldest first.',
  })
  prescriptions!: PrescriptionResponse[];
  @ApiProperty({
    type: MessagePageResponse,
    nullable: true,
    description:
      'The newest page of what was said, as `GET /api/threads/{id}/messages` answers. Nothing is marked as read by it.',
  })
  messages!: MessagePageResponse | null;
}

export class TicketPageDto {
  @ApiProperty({ type: [TicketDto] })
  items!: TicketDto[];
  @ApiProperty({
    type: String,
    nullable: true,
    example: exampleCursor,
  })
  nextCursor!: string | null;
}

export class ThreadMemberDto {
  @ApiProperty({ enum: parties, example: 'pharmacy' })
  party!: string;
  @ApiProperty({ example: exampleParties.pharmacy })
  partyId!: string;
  @ApiProperty({ example: exampleInstant })
  joinedAt!: string;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'A party that was replaced left.' })
  leftAt!: string | null;
}

export class ThreadDto {
  @ApiProperty({ example: exampleThreadId })
  id!: string;
  @ApiProperty({ type: String, nullable: true, example: exampleTicketId })
  ticketId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: examplePrescription.id, description: 'For older callers.' })
  orderId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'prescription', description: 'For older callers.' })
  orderType!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Prescription' })
  title!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { prescription_id: examplePrescription.id } })
  metadata!: Readonly<Record<string, unknown>>;
  @ApiProperty({ example: 3, description: 'Number of the latest message.' })
  lastSeq!: number;
  @ApiProperty({ type: [ThreadMemberDto] })
  members!: ThreadMemberDto[];
}

export class ThreadListDto {
  @ApiProperty({ type: [ThreadDto] })
  items!: ThreadDto[];
}

export function ticketView(view: TicketView): TicketDto {
  return {
    id: view.id,
    type: view.type,
    status: view.status,
    statusSince: view.statusSince.toISOString(),
    sentAt: instant(view.sentAt),
    primaryProviderId: view.doctorId,
    secondaryProviderId: view.pharmacyId,
    patientId: view.patientId,
    prescriptionId: view.prescriptionId,
    appointmentId: view.appointmentId,
    path: view.path,
    priority: view.priority,
    assigneeId: view.assigneeId,
    snoozedUntil: instant(view.snoozedUntil),
    breachAt: instant(view.breachAt),
    escalatedAt: instant(view.escalatedAt),
    pharmacyFinding: view.pharmacyFinding,
    prescription: view.prescription,
    threadId: view.threadId,
    unread: view.unread,
    lastMessage: lastMessageOf(view),
    openQuestion: questionOf(view),
    createdAt: view.createdAt.toISOString(),
    updatedAt: view.updatedAt.toISOString(),
  };
}

export function ticketDetailView({ view, prescriptions, messages }: TicketDetail): TicketDetailDto {
  return Object.assign(ticketView(view), {
    prescriptions: prescriptions.map(prescriptionView),
    messages: messages && pageView(messages),
  });
}

export function ticketPageView({ items, nextCursor }: Page<TicketView>): TicketPageDto {
  return { items: items.map(ticketView), nextCursor };
}

export function threadView({ thread, members }: ThreadWithMembers): ThreadDto {
  const { id, ticketId, orderId, orderType, title, metadata, lastSeq } = thread;
  return {
    id,
    ticketId,
    orderId,
    orderType,
    title,
    metadata,
    lastSeq,
    members: members.map(({ party, partyId, joinedAt, leftAt }) => ({
      party,
      partyId,
      joinedAt: joinedAt.toISOString(),
      leftAt: instant(leftAt),
    })),
  };
}

function lastMessageOf(view: TicketView): LastMessageDto | null {
  const { lastId, lastSeq, lastAudience, lastParty, lastAt } = view;
  if (lastId === null || lastSeq === null || lastAudience === null || lastParty === null || lastAt === null)
    return null;
  return {
    id: lastId,
    seq: lastSeq,
    audience: lastAudience,
    authorParty: lastParty,
    text: view.lastText,
    code: view.lastCode,
    at: lastAt.toISOString(),
  };
}

function questionOf({ questionId, questionAwaits, questionAt }: TicketView): OpenQuestionDto | null {
  if (questionId === null || questionAwaits === null || questionAt === null) return null;
  return { messageId: questionId, awaits: questionAwaits, since: questionAt.toISOString() };
}

function instant(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
