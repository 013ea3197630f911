import { ApiProperty } from '@nestjs/swagger';
import type { ErrorGroup } from '../webhook-errors.store.js';

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
