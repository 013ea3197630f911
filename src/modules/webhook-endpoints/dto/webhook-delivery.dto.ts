import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IdCursor, PageLimit, defaultPageLimit, Optional } from '../../../platform/http/index.js';
import { bodyVersion, pingEvent, webhookEventNames } from '../event-catalog.js';
import { messageIdOf } from '../signature.policy.js';
import { deliveryStatuses, type DeliveryStatus } from '../webhook-delivery.entity.js';
import {
  attemptOutcomes,
  type AttemptOutcome,
  type WebhookDeliveryAttempt,
} from '../webhook-delivery-attempt.entity.js';
import type { ShownDelivery } from '../webhook-deliveries.service.js';

const idExample = '019a6f51-4c1a-7e55-9d4b-0b7c3f1e4f33';
const timeExample = '2026-11-20T14:15:22.000Z';
const deliverable = [...webhookEventNames, pingEvent];

export class ListWebhookDeliveriesDto {
  @ApiPropertyOptional({ enum: deliveryStatuses, example: 'failed' })
  @Optional()
  @IsIn(deliveryStatuses)
  status?: DeliveryStatus;

  @ApiPropertyOptional({ enum: deliverable, example: 'delivered' })
  @Optional()
  @IsIn(deliverable)
  event?: string;

  @IdCursor()
  cursor?: string;

  @PageLimit(100)
  limit: number = defaultPageLimit;
}

export class WebhookAttemptDto {
  @ApiProperty({ example: 1, description: 'A resend begins a new round' })
  readonly round: number;

  @ApiProperty({ example: timeExample })
  readonly startedAt: string;

  @ApiProperty({
    enum: attemptOutcomes,
    example: 'failed',
    description: '`interrupted`: our process ended before the answer came; the message was sent again',
  })
  readonly outcome: AttemptOutcome;

  @ApiProperty({ type: Number, nullable: true, example: 503 })
  readonly statusCode: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'refused',
    description: '`refused`: answered with another status than 2xx; `redirected`: redirects are not followed',
  })
  readonly failureCode: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 131 })
  readonly durationMs: number | null;

  constructor(attempt: WebhookDeliveryAttempt) {
    this.round = attempt.round;
    this.startedAt = attempt.startedAt.toISOString();
    this.outcome = attempt.outcome;
    this.statusCode = attempt.statusCode;
    this.failureCode = attempt.failureCode;
    this.durationMs = attempt.durationMs;
  }
}

export class WebhookDeliveryDto {
  @ApiProperty({ example: idExample })
  readonly id: string;

  @ApiProperty({ example: '019a6f50-2c1a-7e55-9d4b-0b7c3f1e4f21' })
  readonly endpointId: string;

  @ApiProperty({ example: 'msg_019a6f517c1a7e559d4b0b7c3f1e4f30', description: 'Header `webhook-id` on every try' })
  readonly webhookId: string;

  @ApiProperty({ example: 'delivered' })
  readonly event: string;

  @ApiProperty({
    type: Object,
    example: {
      type: 'delivered',
      version: 1,
      timestamp: timeExample,
      data: { prescriptionId: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57', state: 'delivered' },
    },
    description: 'The body as it is sent',
  })
  readonly body: Readonly<Record<string, unknown>>;

  @ApiProperty({
    enum: deliveryStatuses,
    example: 'pending',
    description: '`held`: it happened while the endpoint was disabled; `POST …/recover` or a resend sends it',
  })
  readonly status: DeliveryStatus;

  @ApiProperty({ type: String, nullable: true, example: 'refused', description: 'Of the last try' })
  readonly failureCode: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-20T14:15:27.000Z',
    description: 'Null of a pending one: it is recovered and waits for its turn',
  })
  readonly nextAttemptAt: string | null;

  @ApiProperty({ example: timeExample })
  readonly createdAt: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly endedAt: string | null;

  @ApiProperty({ type: [WebhookAttemptDto], description: 'Oldest first' })
  readonly attempts: WebhookAttemptDto[];

  constructor({ delivery, attempts }: ShownDelivery) {
    this.id = delivery.id;
    this.endpointId = delivery.endpointId;
    this.webhookId = messageIdOf(delivery.eventId);
    this.event = delivery.event;
    this.body = JSON.parse(delivery.body) as Readonly<Record<string, unknown>>;
    this.status = delivery.status;
    this.failureCode = delivery.failureCode;
    this.nextAttemptAt = delivery.nextAttemptAt?.toISOString() ?? null;
    this.createdAt = delivery.createdAt.toISOString();
    this.endedAt = delivery.endedAt?.toISOString() ?? null;
    this.attempts = attempts.map((attempt) => new WebhookAttemptDto(attempt));
  }
}

/** Of the answer to a test: nothing was sent yet. */
export const pingExample = {
  event: pingEvent,
  body: {
    type: pingEvent,
    version: bodyVersion,
    timestamp: timeExample,
    data: { endpointId: '019a6f50-2c1a-7e55-9d4b-0b7c3f1e4f21' },
  },
  failureCode: null,
  nextAttemptAt: timeExample,
  attempts: [],
};

export class WebhookDeliveryPageDto {
  @ApiProperty({ type: [WebhookDeliveryDto] })
  readonly items: WebhookDeliveryDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly nextCursor: string | null;

  constructor(page: { items: readonly ShownDelivery[]; nextCursor: string | null }) {
    this.items = page.items.map((item) => new WebhookDeliveryDto(item));
    this.nextCursor = page.nextCursor;
  }
}
