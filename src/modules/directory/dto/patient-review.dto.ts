import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Page } from '../../../platform/http/index.js';
import { reviewReasons, type ReviewReason } from '../patient-match.policy.js';
import { reviewResolutions, type PatientReview, type ReviewResolution } from '../patient-review.entity.js';
import { exampleId, exampleInstant, PageQuery } from './page.dto.js';

const statuses = ['open', 'resolved'] as const;

export class ListPatientReviewsDto extends PageQuery {
  @ApiPropertyOptional({ enum: statuses, default: 'open', example: 'open' })
  @IsOptional()
  @IsIn(statuses)
  status: (typeof statuses)[number] = 'open';
}

export class ResolvePatientReviewDto {
  @ApiProperty({
    enum: reviewResolutions,
    description: 'what a person found out; the two records stay apart either way',
    example: 'different_people',
  })
  @IsIn(reviewResolutions)
  resolution!: ReviewResolution;
}

export class PatientReviewDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ description: 'the newer record', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  readonly patientId: string;
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59' })
  readonly otherPatientId: string;
  @ApiProperty({ enum: reviewReasons, example: 'email_other_birth_date' })
  readonly reason: ReviewReason;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resolvedAt: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resolvedBy: string | null;
  @ApiProperty({ type: String, nullable: true, enum: reviewResolutions, example: null })
  readonly resolution: ReviewResolution | null;

  constructor(review: PatientReview) {
    this.id = review.id;
    this.patientId = review.patientId;
    this.otherPatientId = review.otherPatientId;
    this.reason = review.reason;
    this.createdAt = review.createdAt.toISOString();
    this.resolvedAt = review.resolvedAt?.toISOString() ?? null;
    this.resolvedBy = review.resolvedBy;
    this.resolution = review.resolution;
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
