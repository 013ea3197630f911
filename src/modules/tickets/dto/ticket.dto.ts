import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { IdCursor, PageLimit, defaultPageLimit, type Page } from '../../../platform/http/index.js';
import type { Ticket } from '../ticket.entity.js';
import { ticketStatuses, type TicketStatus } from '../ticket.machine.js';

export const exampleTicketId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';
const exampleOtherId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58';
const exampleInstant = '2026-11-21T01:28:00.000Z';

export class ListTicketsDto {
  @ApiPropertyOptional({ enum: ticketStatuses, example: 'sent' })
  @IsOptional()
  @IsIn(ticketStatuses)
  status?: TicketStatus;

  @ApiPropertyOptional({ example: 'prescription' })
  @IsOptional()
  @Matches(/^[a-z_]{1,40}$/)
  type?: string;

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class TicketDto {
  @ApiProperty({ example: exampleTicketId })
  readonly id: string;
  @ApiProperty({ example: 'prescription' })
  readonly type: string;
  @ApiProperty({ enum: ticketStatuses, example: 'sent' })
  readonly status: TicketStatus;
  @ApiProperty({ description: 'the doctor', type: String, nullable: true, example: exampleOtherId })
  readonly primaryProviderId: string | null;
  @ApiProperty({ description: 'the pharmacy', type: String, nullable: true, example: exampleOtherId })
  readonly secondaryProviderId: string | null;
  @ApiProperty({ type: String, nullable: true, example: exampleOtherId })
  readonly patientId: string | null;
  @ApiProperty({ type: String, nullable: true, example: exampleOtherId })
  readonly prescriptionId: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly appointmentId: string | null;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;
  @ApiProperty({ example: exampleInstant })
  readonly updatedAt: string;

  constructor(ticket: Ticket) {
    this.id = ticket.id;
    this.type = ticket.type;
    this.status = ticket.status;
    this.primaryProviderId = ticket.primaryProviderId;
    this.secondaryProviderId = ticket.secondaryProviderId;
    this.patientId = ticket.patientId;
    this.prescriptionId = ticket.prescriptionId;
    this.appointmentId = ticket.appointmentId;
    this.createdAt = ticket.createdAt.toISOString();
    this.updatedAt = ticket.updatedAt.toISOString();
  }
}

export class TicketPageDto {
  @ApiProperty({ type: [TicketDto] })
  readonly items: TicketDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleTicketId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<Ticket>) {
    this.items = items.map((ticket) => new TicketDto(ticket));
    this.nextCursor = nextCursor;
  }
}
