import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsString, Matches } from 'class-validator';
import {
  defaultPageLimit,
  exampleCursor,
  IsId,
  IsInstant,
  Optional,
  PageLimit,
  PositionCursor,
} from '../../../platform/http/index.js';
import { states, type PrescriptionState } from '../prescription.machine.js';

interface Given {
  value: unknown;
}

const toList = ({ value }: Given): unknown => {
  const given: unknown[] = Array.isArray(value) ? value : [value];
  return given.flatMap((item) => (typeof item === 'string' ? item.split(',') : [item]));
};

export class ListPrescriptionsQuery {
  @ApiPropertyOptional({
    enum: states,
    isArray: true,
    example: ['validation_issue', 'routing_issue'],
    description: 'One or several.',
  })
  @Optional()
  @Transform(toList)
  @ArrayMaxSize(24)
  @IsIn(states, { each: true })
  state?: PrescriptionState[];

  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f51' })
  @Optional()
  @IsId()
  pharmacyId?: string;

  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f52' })
  @Optional()
  @IsId()
  patientId?: string;

  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f53' })
  @Optional()
  @IsId()
  providerId?: string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-11-01T00:00:00Z',
    description: 'Received at this instant or later.',
  })
  @Optional()
  @IsInstant()
  receivedFrom?: Date;

  @ApiPropertyOptional({ type: String, example: '2026-12-01', description: 'Received before this instant.' })
  @Optional()
  @IsInstant()
  receivedTo?: Date;

  @ApiPropertyOptional({ example: '1000001', description: 'NCPDP 402-D2, our number of the prescription.' })
  @Optional()
  @IsString()
  @Matches(/^\d{1,12}$/)
  rxNumber?: string;

  @PositionCursor()
  cursor?: string;

  @PageLimit(100)
  limit: number = defaultPageLimit;
}

export class PersonRef {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f52' })
  id!: string;

  @ApiProperty({ example: 'Alex' })
  firstName!: string;

  @ApiProperty({ example: 'Example' })
  lastName!: string;
}

export class PharmacyRef {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f51' })
  id!: string;

  @ApiProperty({ example: 'Harbor Pharmacy' })
  name!: string;
}

export class PrescriptionListItem {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ example: 1000001 })
  rxNumber!: number;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  ticketId!: string;

  @ApiProperty({ enum: states, example: 'awaiting_payment' })
  state!: PrescriptionState;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  stateSince!: string;

  @ApiProperty({ enum: ['full', 'cash', 'direct'], example: 'full' })
  path!: string;

  @ApiProperty({ enum: ['script', 'json', 'fhir', 'ticket', 'careportals'], example: 'script' })
  source!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Lisinopril 10 mg tablet' })
  drug!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '70000010130' })
  ndc!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 30 })
  quantity!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'DEA schedule II to V; null when not controlled.',
  })
  schedule!: string | null;

  @ApiProperty({ type: PersonRef, nullable: true, description: 'Null until validation has matched the patient.' })
  patient!: PersonRef | null;

  @ApiProperty({
    type: PersonRef,
    nullable: true,
    example: { id: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f53', firstName: 'Sam', lastName: 'Sample' },
  })
  provider!: PersonRef | null;

  @ApiProperty({ type: PharmacyRef, nullable: true })
  pharmacy!: PharmacyRef | null;

  @ApiProperty({ type: Number, nullable: true, example: 1500 })
  owedCents!: number | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: '2026-11-21T01:20:00.000Z' })
  receivedAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  completedAt!: string | null;
}

export class PrescriptionPage {
  @ApiProperty({ type: [PrescriptionListItem] })
  items!: PrescriptionListItem[];

  @ApiProperty({ type: String, nullable: true, example: exampleCursor })
  nextCursor!: string | null;
}
