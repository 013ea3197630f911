import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Matches } from 'class-validator';
import { defaultPageLimit, IdCursor, IsId, Optional, PageLimit } from '../../../platform/http/index.js';
import { jobOwners, ownerOf, type JobOwner } from '../../../platform/jobs/index.js';
import type { DeadLetterRow } from '../dead-letters.store.js';

export class DeadLettersQuery {
  @ApiPropertyOptional({ enum: ['open', 'redriven', 'all'], default: 'open', example: 'open' })
  @Optional()
  @IsIn(['open', 'redriven', 'all'])
  status: 'open' | 'redriven' | 'all' = 'open';

  @ApiPropertyOptional({ example: 'cancellation.compensate', description: 'The job that failed.' })
  @Optional()
  @IsString()
  @Matches(/^[\w.-]{1,80}$/)
  job?: string;

  @ApiPropertyOptional({ enum: jobOwners, example: 'operations', description: 'Who is to act.' })
  @Optional()
  @IsIn(jobOwners)
  owner?: JobOwner;

  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @Optional()
  @IsId()
  prescriptionId?: string;

  @IdCursor()
  cursor?: string;

  @PageLimit(100)
  limit: number = defaultPageLimit;
}

export class DeadLetterResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f70' })
  id!: string;

  @ApiProperty({ example: 'payments.request' })
  job!: string;

  @ApiProperty({ example: 'stripe' })
  queue!: string;

  @ApiProperty({
    enum: jobOwners,
    example: 'operations',
    description:
      'Who is to act: `operations` where a vendor, a pharmacy or a patient may have to be asked, `platform` where only the installation can be at fault.',
  })
  owner!: JobOwner;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  prescriptionId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The event of the inbox it is about.' })
  webhookEventId!: string | null;

  @ApiProperty({ example: 'vendor.off', description: 'A code: what failed.' })
  reason!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'What to do before it is redriven, where that is not to mend what the code names.',
  })
  next!: string | null;

  @ApiProperty({ example: 1 })
  attempts!: number;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  redrivenAt!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Null with a `redrivenAt`: it needed no redrive, and was settled by the end of its prescription.',
  })
  redrivenBy!: string | null;
}

export class DeadLetterPage {
  @ApiProperty({ type: [DeadLetterResponse] })
  items!: DeadLetterResponse[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function deadLetterView(row: DeadLetterRow, next: string | null): DeadLetterResponse {
  return {
    id: row.id,
    job: row.job,
    queue: row.queue,
    owner: ownerOf(row.job),
    prescriptionId: row.prescriptionId,
    webhookEventId: row.webhookEventId,
    reason: row.reason,
    next,
    attempts: row.attempts,
    createdAt: row.createdAt.toISOString(),
    redrivenAt: row.redrivenAt?.toISOString() ?? null,
    redrivenBy: row.redrivenBy,
  };
}
