import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/index.js';
import { reviewReasons, type ReviewReason } from '../patient-match.policy.js';
import type { PatientReview } from '../patient-review.entity.js';
import { exampleId } from './page.dto.js';
import { ReviewDto } from './review.dto.js';

export class PatientReviewDto extends ReviewDto {
  @ApiProperty({ description: 'the newer record', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  readonly patientId: string;
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59' })
  readonly otherPatientId: string;
  @ApiProperty({ enum: reviewReasons, example: 'email_other_birth_date' })
  readonly reason: ReviewReason;

  constructor(review: PatientReview) {
    super(review);
    this.patientId = review.patientId;
    this.otherPatientId = review.otherPatientId;
    this.reason = review.reason;
  }
}

export class PatientReviewPageDto {
  @ApiProperty({ type: [PatientReviewDto] })
  readonly items: PatientReviewDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<PatientReview>) {
    this.items = items.map((review) => new PatientReviewDto(review));
    this.nextCursor = nextCursor;
  }
}
