import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn } from 'class-validator';
import { defaultPageLimit, IdCursor, PageLimit, type Page, Optional } from '../../../platform/http/index.js';
import { resumers, subscriptionWords, type Resumer, type SubscriptionWord } from '../subscription.entity.js';
import type { ListedSubscription } from '../subscriptions.service.js';
import { exampleId, exampleInstant } from './order.dto.js';

const truths: Readonly<Record<string, boolean>> = { true: true, false: false };

export class ListSubscriptionsDto {
  @ApiPropertyOptional({ enum: subscriptionWords, example: 'paused' })
  @Optional()
  @IsIn(subscriptionWords)
  status?: SubscriptionWord;

  @ApiPropertyOptional({ example: true, description: 'Whose customers are reminded of nothing at the moment' })
  @Optional()
  @Transform(({ value }: { value: unknown }) => truths[String(value)] ?? value)
  @IsBoolean()
  remindersSuppressed?: boolean;

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class SubscriptionDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ description: "CarePortals' id", example: '65a51b6e0s01' })
  readonly externalId: string;
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly customerId: string | null;
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly patientId: string | null;
  @ApiProperty({ enum: subscriptionWords, example: 'paused' })
  readonly status: SubscriptionWord;
  @ApiProperty({ example: exampleInstant })
  readonly statusAt: string;
  @ApiProperty({ example: true })
  readonly remindersSuppressed: boolean;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resumedAt: string | null;
  @ApiProperty({ type: String, nullable: true, enum: resumers, example: null })
  readonly resumedBy: Resumer | null;
  @ApiProperty({ type: String, nullable: true, example: 'Semaglutide, monthly' })
  readonly product: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'web' })
  readonly source: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'WELCOME50' })
  readonly coupon: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'too expensive' })
  readonly reason: string | null;
  @ApiProperty({ type: Number, nullable: true, example: 19_999 })
  readonly totalCents: number | null;
  @ApiProperty({ type: String, nullable: true, example: exampleInstant })
  readonly startedAt: string | null;

  constructor(subscription: ListedSubscription) {
    this.id = subscription.id;
    this.externalId = subscription.externalId;
    this.customerId = subscription.customerId;
    this.patientId = subscription.patientId;
    this.status = subscription.status;
    this.statusAt = subscription.statusAt.toISOString();
    this.remindersSuppressed = subscription.remindersSuppressed;
    this.resumedAt = subscription.resumedAt?.toISOString() ?? null;
    this.resumedBy = subscription.resumedBy;
    this.product = subscription.product;
    this.source = subscription.source;
    this.coupon = subscription.coupon;
    this.reason = subscription.reason;
    this.totalCents = subscription.totalCents;
    this.startedAt = subscription.startedAt?.toISOString() ?? null;
  }
}

export class SubscriptionPageDto {
  @ApiProperty({ type: [SubscriptionDto] })
  readonly items: SubscriptionDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<ListedSubscription>) {
    this.items = items.map((subscription) => new SubscriptionDto(subscription));
    this.nextCursor = nextCursor;
  }
}
