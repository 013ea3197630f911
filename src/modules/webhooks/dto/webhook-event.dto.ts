import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { defaultPageLimit, IdCursor, IsId, Optional, PageLimit } from '../../../platform/http/index.js';
import { webhookStatuses, type WebhookStatus } from '../webhook-event.entity.js';
import { linksOf } from '../replay.policy.js';
import type { OpenedWebhook } from '../webhook-events.service.js';
import type { ListedWebhook } from '../webhook-events.store.js';
import { vendorsNameOf } from '../webhook-inbox.js';
import { ReceivedThrough } from './received-range.dto.js';

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

export class ListWebhookEventsDto extends ReceivedThrough {
  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @Optional()
  @IsId()
  id?: string;

  @ApiPropertyOptional({
    example: '7771349652',
    description:
      'An id of ours or of the vendor that the event was matched with or names: prescription, order, parcel, payment',
  })
  @Optional()
  @IsString()
  @MaxLength(200)
  related?: string;

  @ApiPropertyOptional({ enum: webhookStatuses, example: 'parked' })
  @Optional()
  @IsIn(webhookStatuses)
  status?: WebhookStatus;

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

  @ApiProperty({ type: Number, nullable: true, example: 12, description: 'Milliseconds the last try took' })
  readonly durationMs: number | null;

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
    this.durationMs = event.durationMs;
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
    example: 'evt_1SVq2kLkdIwHu7ixZ2n5pQ4v',
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

  @ApiProperty({ type: [String], example: ['/api/prescriptions/019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57'] })
  readonly links: string[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The ticket that asks what to do with it' })
  readonly ticketId: string | null;

  @ApiProperty({ example: false, description: 'Whether `body` is what came, or its structure with the values masked' })
  readonly revealed: boolean;

  @ApiProperty({
    oneOf: [
      { type: 'object', additionalProperties: true },
      { type: 'array', items: {} },
      {
        type: 'string',
        description:
          'The bytes as they came, when revealed; of one prescription of a body of several, what of it speaks of that one',
      },
    ],
    nullable: true,
    example: {
      id: '<text of 28>',
      object: '<text of 5>',
      type: '<text of 26>',
      data: { object: { id: '<text of 16>', payment_status: '<text of 4>', amount_total: '<number>' } },
    },
  })
  readonly body: unknown;

  @ApiProperty({
    type: Object,
    example: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': '<text of 80>' },
  })
  readonly headers: Readonly<Record<string, string>>;

  constructor({ event, revealed, body, headers }: OpenedWebhook) {
    super(event);
    // Carriers' tracking numbers may stand in the key, so it is shown once it is known whose event it is.
    const { organizationId, dedupeKey } = event;
    this.dedupeKey = organizationId === null ? null : vendorsNameOf(dedupeKey, organizationId);
    this.contentType = event.contentType;
    this.related = event.related;
    this.links = linksOf(event.related);
    this.ticketId = event.ticketId;
    this.revealed = revealed;
    this.body = body;
    this.headers = headers;
  }
}

export class ShowWebhookEventDto {
  @ApiPropertyOptional({ enum: ['true', 'false'], example: 'false', description: 'Show what came; recorded' })
  @Optional()
  @IsIn(['true', 'false'])
  reveal?: 'true' | 'false';
}
