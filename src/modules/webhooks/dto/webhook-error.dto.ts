import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsOptional, IsString, MaxLength } from 'class-validator';
import type { ErrorGroup } from '../webhook-errors.store.js';

export class WebhookErrorsQuery {
  @ApiPropertyOptional({ example: 'lifefile' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  source?: string;

  @ApiPropertyOptional({ example: '2026-11-01T00:00:00Z', description: 'Received at or after' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  from?: Date;

  @ApiPropertyOptional({ example: '2026-12-01T00:00:00Z', description: 'Received before' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  to?: Date;
}

export class WebhookErrorDto {
  @ApiProperty({ example: 'lifefile' })
  readonly source: string;

  @ApiProperty({
    enum: ['failed', 'parked', 'received'],
    example: 'parked',
    description: '`received`: it is tried again',
  })
  readonly status: string;

  @ApiProperty({ example: 'lifefile.unknown-word' })
  readonly code: string;

  @ApiProperty({ example: 4 })
  readonly events: number;

  @ApiProperty({ example: '2026-11-20T15:42:33.000Z' })
  readonly firstAt: string;

  @ApiProperty({ example: '2026-11-21T09:12:00.000Z' })
  readonly lastAt: string;

  constructor(group: ErrorGroup) {
    this.source = group.source;
    this.status = group.status;
    this.code = group.code;
    this.events = group.events;
    this.firstAt = group.firstAt.toISOString();
    this.lastAt = group.lastAt.toISOString();
  }
}

export class WebhookErrorsDto {
  @ApiProperty({ type: [WebhookErrorDto] })
  readonly items: WebhookErrorDto[];

  constructor(groups: readonly ErrorGroup[]) {
    this.items = groups.map((group) => new WebhookErrorDto(group));
  }
}
