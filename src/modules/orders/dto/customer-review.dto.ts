import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { defaultPageLimit, IdCursor, PageLimit, type Page } from '../../../platform/http/index.js';
import { reviewResolutions, type ReviewResolution } from '../customer.entity.js';
import type { ListedReview } from '../customer-reviews.service.js';
import { reviewReasons, type ReviewReason } from '../customers.policy.js';
import { exampleId, exampleInstant } from './order.dto.js';

const statuses = ['open', 'resolved'] as const;

export class ListCustomerReviewsDto {
  @ApiPropertyOptional({ enum: statuses, default: 'open', example: 'open' })
  @IsOptional()
  @IsIn(statuses)
  status: (typeof statuses)[number] = 'open';

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class ResolveCustomerReviewDto {
  @ApiProperty({
    enum: reviewResolutions,
    description: 'what a person found out; the two records stay apart either way',
    example: 'different_people',
  })
  @IsIn(reviewResolutions)
  resolution!: ReviewResolution;
}

/** What each ordered is in `GET orders?customerId=`. */
export class ReviewedCustomerDto {
  @ApiProperty({ example: exampleId })
  readonly id!: string;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly patientId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Ada' })
  readonly firstName!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Marsh' })
  readonly lastName!: string | null;
}

export class CustomerReviewDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ type: ReviewedCustomerDto })
  readonly customer: ReviewedCustomerDto;
  @ApiProperty({ type: ReviewedCustomerDto })
  readonly otherCustomer: ReviewedCustomerDto;
  @ApiProperty({ enum: reviewReasons, example: 'same_id_other_email' })
  readonly reason: ReviewReason;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resolvedAt: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resolvedBy: string | null;
  @ApiProperty({ type: String, nullable: true, enum: reviewResolutions, example: null })
  readonly resolution: ReviewResolution | null;

  constructor(review: ListedReview) {
    this.id = review.id;
    this.customer = review.customer;
    this.otherCustomer = review.otherCustomer;
    this.reason = review.reason;
    this.createdAt = review.createdAt.toISOString();
    this.resolvedAt = review.resolvedAt?.toISOString() ?? null;
    this.resolvedBy = review.resolvedBy;
    this.resolution = review.resolution;
  }
}

export class CustomerReviewPageDto {
  @ApiProperty({ type: [CustomerReviewDto] })
  readonly items: CustomerReviewDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<ListedReview>) {
    this.items = items.map((review) => new CustomerReviewDto(review));
    this.nextCursor = nextCursor;
  }
}
