import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/index.js';
import { ReviewDto } from '../../directory/index.js';
import type { ListedReview } from '../customer-reviews.service.js';
import { reviewReasons, type ReviewReason } from '../customers.policy.js';
import { exampleId } from './order.dto.js';

const otherCustomerId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58';

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

export class CustomerReviewDto extends ReviewDto {
  @ApiProperty({ type: ReviewedCustomerDto })
  readonly customer: ReviewedCustomerDto;
  @ApiProperty({
    type: ReviewedCustomerDto,
    example: { id: otherCustomerId, patientId: null, firstName: 'Ada', lastName: 'Marsh' },
    description: 'the same customer for `several_names`: one email, `_id` or phone by which several people order',
  })
  readonly otherCustomer: ReviewedCustomerDto;
  @ApiProperty({ enum: reviewReasons, example: 'same_id_other_email' })
  readonly reason: ReviewReason;

  constructor(review: ListedReview) {
    super(review);
    this.customer = review.customer;
    this.otherCustomer = review.otherCustomer;
    this.reason = review.reason;
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
