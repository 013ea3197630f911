import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsId } from '../../../platform/http/index.js';
import type { PatientCoverage } from '../coverage.entity.js';

/** Insurance pictures need a reason (45 CFR 164.502(b), minimum necessary); the audit keeps it. */
const cardReasons = ['card-verification', 'claim-rejected', 'patient-request', 'compliance'] as const;
export type CardReason = (typeof cardReasons)[number];

export class CardQuery {
  @ApiProperty({ enum: cardReasons, example: 'claim-rejected' })
  @IsIn(cardReasons)
  reason!: CardReason;
}

export class CardParams {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59' })
  @IsId()
  id!: string;

  @ApiProperty({ enum: ['front', 'back'], example: 'front' })
  @IsIn(['front', 'back'])
  side!: 'front' | 'back';
}

export class CoverageResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59' })
  id!: string;

  @ApiProperty({ enum: ['insurance', 'cash'], example: 'insurance' })
  kind!: PatientCoverage['kind'];

  @ApiProperty({ type: String, nullable: true, example: '610011' })
  bin!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'DEMO' })
  pcn!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'GRP100' })
  groupId!: string | null;

  @ApiPropertyOptional({ example: '•••• 3456', description: 'the last four characters' })
  cardholderId?: string;

  @ApiProperty({ type: String, nullable: true, example: '01' })
  personCode!: string | null;

  @ApiProperty({ enum: ['1', '2', '3', '4'], nullable: true, example: '1' })
  relationship!: PatientCoverage['relationship'];

  @ApiProperty({ type: String, nullable: true, example: 'Example Health Plan' })
  payerName!: string | null;

  @ApiProperty({ example: false })
  government!: boolean;

  @ApiProperty({ enum: ['front', 'back'], isArray: true, example: ['front'] })
  pictures!: ('front' | 'back')[];

  @ApiProperty({ example: true })
  active!: boolean;

  @ApiProperty({ example: '2026-11-21T01:42:00.000Z' })
  activeFrom!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  endedAt!: string | null;
}

export class CoveragesResponse {
  @ApiProperty({ type: [CoverageResponse] })
  items!: CoverageResponse[];
}
