import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Equals,
  IsBoolean,
  IsDefined,
  IsIn,
  IsISO8601,
  IsObject,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import { secondProofs, type SecondProof } from '../identity.policy.js';
import { linkStates, needNames, type LinkState, type Need } from '../enrollment.policy.js';

const relationships = ['1', '2', '3', '4'] as const;
/** Printable ASCII without surrounding blanks: what a D.0 claim can carry. */
const claimText = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

export class SentLinkResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  prescriptionId!: string;

  @ApiProperty({
    example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58',
    description: 'of the link; the link itself goes to the patient only',
  })
  linkId!: string;

  @ApiProperty({ example: '2026-11-24T01:42:00.000Z' })
  expiresAt!: string;

  @ApiProperty({ example: false, description: 'an older link was revoked by this one' })
  resent!: boolean;
}

export class ConsentTextResponse {
  @ApiProperty({ example: '2026-11-01' })
  version!: string;

  @ApiProperty({ example: 'Your consent' })
  title!: string;

  @ApiProperty({ type: [String], example: ['I ask you to handle my order.'] })
  paragraphs!: string[];
}

export class EnrollmentResponse {
  @ApiProperty({ example: 'Sunrise Health' })
  brand!: string;

  @ApiProperty({ example: '1-800-SUPPORT' })
  supportPhone!: string;

  @ApiProperty({ enum: linkStates, example: 'open' })
  status!: LinkState;

  @ApiProperty({ example: '2026-11-24T01:42:00.000Z' })
  expiresAt!: string;

  @ApiProperty({ enum: needNames, isArray: true, example: ['identity', 'coverage', 'consent'] })
  needs!: Need[];

  @ApiProperty({ enum: ['birthDate', ...secondProofs], isArray: true, example: ['birthDate', 'zip'] })
  identity!: ('birthDate' | SecondProof)[];

  @ApiProperty({ type: ConsentTextResponse })
  consent!: ConsentTextResponse;
}

export class VerifyRequest {
  @ApiProperty({ example: '1980-04-02', description: 'YYYY-MM-DD' })
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'birthDate must be a date such as 1980-02-29' })
  @IsISO8601({ strict: true })
  birthDate!: string;

  @ApiPropertyOptional({ example: '10001', description: 'unless `identity` of the link asks for `lastName`' })
  @ValidateIf(({ zip, lastName }: VerifyRequest) => zip !== undefined || lastName === undefined)
  @Matches(/^\d{5}(-?\d{4})?$/, { message: 'zip must have five digits' })
  zip?: string;

  @ApiPropertyOptional({ description: 'where `identity` of the link asks for it', example: 'Marsh' })
  @ValidateIf((_, value: unknown) => value !== undefined)
  @IsString()
  @Length(1, 80)
  lastName?: string;
}

export class SessionResponse {
  @ApiProperty({
    example: 'pV4i0mUqGJm7l8Vb8m2bJgVwq0rWzqf3z0l1c2d3e4f',
    description: 'to be sent as X-Enrollment-Session with what follows',
  })
  sessionToken!: string;

  @ApiProperty({ example: '2026-11-21T02:12:00.000Z' })
  expiresAt!: string;
}

export class CodeRequest {
  @ApiProperty({ enum: ['sms', 'email'], example: 'sms' })
  @IsIn(['sms', 'email'])
  channel!: 'sms' | 'email';
}

export class CodeSentResponse {
  @ApiProperty({ example: '2026-11-21T01:52:00.000Z' })
  expiresAt!: string;
}

export class CodeAnswerRequest {
  @ApiProperty({ example: '493027' })
  @Matches(/^\d{6}$/, { message: 'code must have six digits' })
  code!: string;
}

export class CodeAnswerResponse {
  @ApiProperty({ example: true })
  verified!: boolean;
}

export class PicturesResponse {
  @ApiProperty({ enum: ['front', 'back'], isArray: true, example: ['front', 'back'] })
  received!: ('front' | 'back')[];
}

/** The details of a card, or one of the two other answers. */
export class CoverageRequest {
  @ApiPropertyOptional({ example: false, description: 'the patient pays without insurance' })
  @Optional()
  @IsBoolean()
  cash?: boolean;

  @ApiPropertyOptional({ example: false, description: 'use the coverage on file, or what the prescriber sent' })
  @Optional()
  @IsBoolean()
  onFile?: boolean;

  @ApiPropertyOptional({ example: '610011', description: 'NCPDP 101-A1, six digits' })
  @ValidateIf(isCard)
  @Matches(/^\d{6}$/, { message: 'bin must have six digits' })
  bin?: string;

  @ApiPropertyOptional({ example: 'DEMO', description: 'NCPDP 104-A4' })
  @Optional()
  @Matches(claimText)
  @MaxLength(10)
  pcn?: string;

  @ApiPropertyOptional({ example: 'GRP100', description: 'NCPDP 301-C1' })
  @Optional()
  @Matches(claimText)
  @MaxLength(15)
  groupId?: string;

  @ApiPropertyOptional({ example: 'ABC123456', description: 'NCPDP 302-C2, the number on the card' })
  @ValidateIf(isCard)
  @Matches(claimText)
  @Length(2, 20)
  cardholderId?: string;

  @ApiPropertyOptional({ example: '01', description: 'NCPDP 303-C3' })
  @Optional()
  @Matches(/^[0-9A-Za-z]{1,3}$/)
  personCode?: string;

  @ApiPropertyOptional({
    enum: relationships,
    example: '1',
    description: 'NCPDP 306-C6: 1 cardholder (default), 2 spouse, 3 child, 4 other',
  })
  @Optional()
  @IsIn(relationships)
  relationship?: '1' | '2' | '3' | '4';

  @ApiPropertyOptional({ example: 'Example Health Plan' })
  @Optional()
  @IsString()
  @MaxLength(60)
  payerName?: string;

  @ApiPropertyOptional({
    example: false,
    description:
      'Medicare, Medicaid, TRICARE and the like, whether the card is given or on file. A `true` stands for its plan until somebody who has answered the one-time code says `false`',
  })
  @Optional()
  @IsBoolean()
  government?: boolean;
}

/** A form that mixes two answers is refused as ambiguous, not as an incomplete card. */
function isCard(coverage: CoverageRequest): boolean {
  return coverage.cash !== true && coverage.onFile !== true;
}

export class ConsentRequest {
  @ApiProperty({ example: '2026-11-01', description: 'the version that was read' })
  @IsString()
  @MaxLength(20)
  version!: string;

  @ApiProperty({ example: true })
  @Equals(true, { message: 'accepted must be true' })
  accepted!: true;
}

export class CompleteEnrollmentRequest {
  @ApiPropertyOptional({ type: CoverageRequest, description: 'not needed on the cash path' })
  @Optional()
  @IsObject() // a list of nothing would pass ValidateNested
  @ValidateNested()
  @Type(() => CoverageRequest)
  coverage?: CoverageRequest;

  @ApiProperty({ type: ConsentRequest })
  @IsDefined()
  @IsObject() // a list of nothing would pass ValidateNested
  @ValidateNested()
  @Type(() => ConsentRequest)
  consent!: ConsentRequest;
}

export class CompletedResponse {
  @ApiProperty({ example: 'complete' })
  status!: 'complete';
}

export class StoredCoverageResponse {
  @ApiProperty({ enum: ['insurance', 'cash'], example: 'insurance' })
  kind!: 'insurance' | 'cash';

  @ApiPropertyOptional({ example: '610011' })
  bin?: string;

  @ApiPropertyOptional({ example: 'DEMO' })
  pcn?: string;

  @ApiPropertyOptional({ example: 'GRP100' })
  groupId?: string;

  @ApiPropertyOptional({ example: 'ABC123456' })
  cardholderId?: string;

  @ApiPropertyOptional({ example: '01' })
  personCode?: string;

  @ApiPropertyOptional({ enum: relationships, example: '1' })
  relationship?: '1' | '2' | '3' | '4';

  @ApiPropertyOptional({ example: 'Example Health Plan' })
  payerName?: string;

  @ApiPropertyOptional({ example: false, description: 'missing while nobody has said; then ask the patient' })
  government?: boolean;
}
