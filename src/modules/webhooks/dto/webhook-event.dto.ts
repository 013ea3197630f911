import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsDate, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IdCursor, PageLimit, defaultPageLimit } from '../../../platform/http/index.js';
import { webhookStatuses, type WebhookStatus } from '../webhook-event.entity.js';
import type { Replay } from '../webhook-events.service.js';
import type { ListedWebhook, ShownWebhook } from '../webhook-events.store.js';

export class WebhookReceivedDto {
  @ApiProperty({ example: true })
  readonly received: boolean = true;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly eventId: string;

  @ApiProperty({ example: false, description: 'Known already; nothing was done again' })
  readonly duplicate: boolean;

  constructor(answer: { eventId: string; duplicate: boolean }) {
    this.eventId = answer.eventId;
    this.duplicate = answer.duplicate;
  }
}

export class ListWebhookEventsDto {
  @ApiPropertyOptional({ example: 'stripe' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  source?: string;

  @ApiPropertyOptional({ enum: webhookStatuses, example: 'parked' })
  @IsOptional()
  @IsIn(webhookStatuses)
  status?: WebhookStatus;

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

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class WebhookEventDto {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly id: string;

  @ApiProperty({ example: 'stripe' })
  readonly source: string;

  @ApiProperty({ example: 'checkout.session.completed' })
  readonly eventType: string;

  @ApiProperty({ enum: webhookStatuses, example: 'processed' })
  readonly status: WebhookStatus;

  @ApiProperty({ example: '2026-11-20T14:15:22.000Z' })
  readonly receivedAt: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-20T14:15:22.110Z' })
  readonly processedAt: string | null;

  @ApiProperty({ example: 1 })
  readonly attempts: number;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it was parked, ignored or failed' })
  readonly code: string | null;

  constructor(event: ListedWebhook) {
    this.id = event.id;
    this.source = event.source;
    this.eventType = event.eventType;
    this.status = event.status;
    this.receivedAt = event.receivedAt.toISOString();
    this.processedAt = event.processedAt?.toISOString() ?? null;
    this.attempts = event.attempts;
    this.code = event.errorCode;
  }
}

export class WebhookEventPageDto {
  @ApiProperty({ type: [WebhookEventDto] })
  readonly items: WebhookEventDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly nextCursor: string | null;

  constructor(page: { items: readonly ListedWebhook[]; nextCursor: string | null }) {
    this.items = page.items.map((item) => new WebhookEventDto(item));
    this.nextCursor = page.nextCursor;
  }
}

export class WebhookEventDetailDto extends WebhookEventDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'evt_1SVq2kLkdIwHu7ix',
    description: "The vendor's name for the event; null while the event belongs to nobody",
  })
  readonly dedupeKey: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'application/json; charset=utf-8' })
  readonly contentType: string | null;

  @ApiProperty({
    type: Object,
    example: { prescriptionId: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' },
    description: 'Ids it was matched with, and codes of what did not fit',
  })
  readonly related: Readonly<Record<string, unknown>>;

  constructor(event: ShownWebhook) {
    super(event);
    // Carriers' tracking numbers may stand in the key, so it is shown once it is known whose event it is.
    this.dedupeKey = event.organizationId === null ? null : event.dedupeKey;
    this.contentType = event.contentType;
    this.related = event.related;
  }
}

export class ReplayWebhookDto {
  @ApiPropertyOptional({ example: true, default: true, description: 'Only say what a replay would do' })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}

export class WebhookReplayDto {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly eventId: string;

  @ApiProperty({ example: true })
  readonly dryRun: boolean;

  @ApiProperty({ enum: webhookStatuses, example: 'parked' })
  readonly status: WebhookStatus;

  @ApiProperty({ example: 'stripe' })
  readonly source: string;

  @ApiProperty({ example: 'checkout.session.completed' })
  readonly eventType: string;

  @ApiProperty({ example: true })
  readonly hasHandler: boolean;

  @ApiProperty({ example: 'The event would be handed to its handler again.' })
  readonly effect: string;

  constructor(replay: Replay) {
    this.eventId = replay.eventId;
    this.dryRun = replay.dryRun;
    this.status = replay.status;
    this.source = replay.source;
    this.eventType = replay.eventType;
    this.hasHandler = replay.hasHandler;
    this.effect = replay.effect;
  }
}
