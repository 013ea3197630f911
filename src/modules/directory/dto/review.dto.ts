import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import { reviewResolutions, type ReviewResolution } from '../patient-review.entity.js';
import { exampleId, exampleInstant, PageQuery } from './page.dto.js';

const statuses = ['open', 'resolved'] as const;
const resolutionExample: ReviewResolution = 'different_people';

/** Of two records that may be one person, whichever table they stand in. */
export class ListReviewsDto extends PageQuery {
  @ApiPropertyOptional({ enum: statuses, default: 'open', example: 'open' })
  @Optional()
  @IsIn(statuses)
  status: (typeof statuses)[number] = 'open';
}

export class ResolveReviewDto {
  @ApiProperty({
    enum: reviewResolutions,
    description: 'what a person found out; the two records stay apart either way',
    example: resolutionExample,
  })
  @IsIn(reviewResolutions)
  resolution!: ReviewResolution;
}

/** Of the answer to a `ResolveReviewDto`. */
export const resolvedExample = {
  resolvedAt: '2026-11-21T09:30:00.000Z',
  resolvedBy: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5b',
  resolution: resolutionExample,
};

interface Review {
  id: string;
  createdAt: Date;
  resolvedAt: Date | null;
  resolvedBy: string | null;
  resolution: ReviewResolution | null;
}

export class ReviewDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resolvedAt: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly resolvedBy: string | null;
  @ApiProperty({ type: String, nullable: true, enum: reviewResolutions, example: null })
  readonly resolution: ReviewResolution | null;

  constructor(review: Review) {
    this.id = review.id;
    this.createdAt = review.createdAt.toISOString();
    this.resolvedAt = review.resolvedAt?.toISOString() ?? null;
    this.resolvedBy = review.resolvedBy;
    this.resolution = review.resolution;
  }
}
