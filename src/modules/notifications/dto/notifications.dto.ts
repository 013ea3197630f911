import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { defaultPageLimit, IdCursor, IsId, Optional, PageLimit } from '../../../platform/http/index.js';
import {
  channels,
  notificationEvents,
  notificationStatuses,
  recipientKinds,
  suppressionReasons,
  type Channel,
  type NotificationEvent,
  type NotificationStatus,
  type RecipientKind,
  type SuppressionReason,
} from '../notification.words.js';
import type { NotificationPage, ShownNotification } from '../notifications.service.js';

const idExample = '019a6f44-7c1a-7e55-9d4b-0b7c3f1e4f90';
const timeExample = '2026-11-21T01:28:00.000Z';

export class ListNotificationsDto {
  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @Optional()
  @IsId()
  prescriptionId?: string;

  @ApiPropertyOptional({
    example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f12',
    description: 'Without those about its prescriptions',
  })
  @Optional()
  @IsId()
  ticketId?: string;

  @ApiPropertyOptional({ enum: notificationStatuses, example: 'failed' })
  @Optional()
  @IsIn(notificationStatuses)
  status?: NotificationStatus;

  @ApiPropertyOptional({ enum: channels, example: 'sms' })
  @Optional()
  @IsIn(channels)
  channel?: Channel;

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class NotificationDto {
  @ApiProperty({ example: idExample })
  readonly id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
    description: 'What it is about, or else `ticketId`',
  })
  readonly prescriptionId: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly ticketId: string | null;

  @ApiProperty({ enum: recipientKinds, example: 'patient', description: 'Whom it is written to' })
  readonly recipient: RecipientKind;

  @ApiProperty({ enum: notificationEvents, example: 'delivered' })
  readonly event: NotificationEvent;

  @ApiProperty({ enum: channels, example: 'sms' })
  readonly channel: Channel;

  @ApiProperty({ type: String, nullable: true, example: '•••0143', description: 'Masked' })
  readonly to: string | null;

  @ApiProperty({ example: 'delivered' })
  readonly template: string;

  @ApiProperty({ example: 1 })
  readonly templateVersion: number;

  @ApiProperty({ enum: notificationStatuses, example: 'sent' })
  readonly status: NotificationStatus;

  @ApiProperty({ enum: suppressionReasons, nullable: true, example: null, description: 'Why it was not sent' })
  readonly suppressedReason: SuppressionReason | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'A code: why it failed for good' })
  readonly failureCode: string | null;

  @ApiProperty({ example: 1 })
  readonly attempts: number;

  @ApiProperty({ example: timeExample })
  readonly createdAt: string;

  @ApiProperty({ type: String, nullable: true, example: timeExample })
  readonly sentAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly deliveredAt: string | null;

  constructor({ notification, to, attempts }: ShownNotification) {
    this.id = notification.id;
    this.prescriptionId = notification.prescriptionId;
    this.ticketId = notification.ticketId;
    this.recipient = notification.recipientKind;
    this.event = notification.event;
    this.channel = notification.channel;
    this.to = to;
    this.template = notification.template;
    this.templateVersion = notification.templateVersion;
    this.status = notification.status;
    this.suppressedReason = notification.suppressedReason;
    this.failureCode = notification.failureCode;
    this.attempts = attempts;
    this.createdAt = notification.createdAt.toISOString();
    this.sentAt = notification.sentAt?.toISOString() ?? null;
    this.deliveredAt = notification.deliveredAt?.toISOString() ?? null;
  }
}

export class NotificationPageDto {
  @ApiProperty({ type: [NotificationDto] })
  readonly items: NotificationDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: NotificationPage) {
    this.items = items.map((item) => new NotificationDto(item));
    this.nextCursor = nextCursor;
  }
}
