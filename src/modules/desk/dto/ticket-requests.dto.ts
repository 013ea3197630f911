import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length, Matches, ValidateIf } from 'class-validator';
import {
  defaultPageLimit,
  IsId,
  IsInstant,
  Optional,
  PageLimit,
  PositionCursor,
} from '../../../platform/http/index.js';
import {
  ticketPaths,
  ticketPriorities,
  ticketStatuses,
  ticketTypes,
  type TicketPath,
  type TicketPriority,
  type TicketStatus,
  type TicketType,
} from '../../tickets/index.js';
import { wantedStatuses, type WantedStatus } from '../ticket-moves.service.js';
import { exampleAppointmentId, exampleParties, examplePrescription } from './ticket.examples.js';

const exampleUserId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5b';

function OptionalId(example: string): PropertyDecorator {
  return applyDecorators(ApiPropertyOptional({ example }), Optional(), IsId());
}

export class ListTicketsDto {
  @ApiPropertyOptional({ enum: ticketStatuses, example: 'sent' })
  @Optional()
  @IsIn(ticketStatuses)
  status?: TicketStatus;

  @ApiPropertyOptional({ enum: ticketTypes, example: 'prescription' })
  @Optional()
  @IsIn(ticketTypes)
  type?: TicketType;

  @ApiPropertyOptional({ enum: ticketPriorities, example: 'urgent' })
  @Optional()
  @IsIn(ticketPriorities)
  priority?: TicketPriority;

  @OptionalId(exampleUserId)
  assigneeId?: string;

  @OptionalId(exampleParties.patient)
  patientId?: string;

  @OptionalId(exampleParties.doctor)
  doctorId?: string;

  @OptionalId(exampleParties.pharmacy)
  pharmacyId?: string;

  @OptionalId(examplePrescription.id)
  prescriptionId?: string;

  @PositionCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class FindThreadDto {
  @ApiProperty({
    example: examplePrescription.id,
    description: 'Of the prescription, or what the older system called the order.',
  })
  @IsString()
  @Length(1, 100)
  orderId!: string;

  @ApiProperty({ example: exampleParties.pharmacy })
  @IsId()
  pharmacyId!: string;
}

export class OpenTicketDto {
  @ApiPropertyOptional({ enum: ticketTypes, default: 'prescription', example: 'prescription' })
  @Optional()
  @IsIn(ticketTypes)
  type: TicketType = 'prescription';

  @ApiProperty({ example: exampleParties.patient })
  @IsId()
  patientId!: string;

  @ApiPropertyOptional({ example: exampleParties.doctor, description: 'The caller, when a doctor opens it.' })
  @Optional()
  @IsId()
  doctorId?: string;

  @ApiPropertyOptional({ example: exampleParties.pharmacy, description: 'The pharmacy the doctor wishes.' })
  @Optional()
  @IsId()
  pharmacyId?: string;

  @OptionalId(exampleAppointmentId)
  appointmentId?: string;

  @ApiPropertyOptional({ enum: ticketPriorities, default: 'normal', example: 'normal' })
  @Optional()
  @IsIn(ticketPriorities)
  priority: TicketPriority = 'normal';

  @ApiPropertyOptional({
    enum: ticketPaths,
    example: 'full',
    description:
      'The path of its prescriptions that name none: all steps, without a claim, or billed by the pharmacy. Absent: that of the organization.',
  })
  @Optional()
  @IsIn(ticketPaths)
  path?: TicketPath;
}

export class TriageDto {
  @ApiPropertyOptional({ enum: ticketPriorities, example: 'high' })
  @Optional()
  @IsIn(ticketPriorities)
  priority?: TicketPriority;

  @ApiPropertyOptional({ type: String, nullable: true, example: exampleUserId, description: 'Null: nobody.' })
  @ValidateIf(({ assigneeId }: TriageDto) => assigneeId !== undefined && assigneeId !== null)
  @IsId()
  assigneeId?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: '2026-11-23T14:00:00.000Z', description: 'Null: not.' })
  @ValidateIf(({ snoozedUntil }: TriageDto) => snoozedUntil !== undefined && snoozedUntil !== null)
  @IsInstant()
  snoozedUntil?: Date | null;
}

export class SetStatusDto {
  @ApiProperty({ enum: wantedStatuses, example: 'received' })
  @IsIn(wantedStatuses)
  status!: WantedStatus;

  @ApiPropertyOptional({ example: 'stock arrived', description: 'Without patient data.' })
  @Optional()
  @IsString()
  @Length(1, 200)
  reason?: string;
}

export class ChangeTicketPharmacyDto {
  @ApiProperty({ example: exampleParties.pharmacy })
  @IsId()
  pharmacyId!: string;

  @ApiPropertyOptional({ example: 'closer to the patient', description: 'Without patient data.' })
  @Optional()
  @IsString()
  @Length(1, 200)
  reason?: string;
}

export class TicketTimelineDto {
  @ApiPropertyOptional({
    type: [String],
    example: ['ticket', 'message'],
    description:
      'Kinds, comma-separated: ticket, message, status, claim, payment, shipping, tracking, notification, cancellation, and for staff effect, dead_letter, redrive.',
  })
  @Optional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @ArrayMaxSize(20)
  @Matches(/^[a-z_]{1,40}$/, { each: true })
  kind?: string[];

  @ApiPropertyOptional({ type: String, example: '2026-11-20T00:00:00.000Z' })
  @Optional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: String, example: '2026-11-22T00:00:00.000Z' })
  @Optional()
  @IsInstant()
  to?: Date;
}
