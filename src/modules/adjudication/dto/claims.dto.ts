import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { Equals, IsNumber, IsObject, IsString, Matches, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { states, type PrescriptionState } from '../../prescriptions/index.js';
import { claimStates, type ClaimRecord, type ClaimState, type PayerOrder } from '../claim.entity.js';
import type { ShownClaims } from '../claims.service.js';
import type { PriorAuthorization, PriorAuthorizationStatus } from '../prior-authorization.entity.js';
import { rejectClasses, verdictOf, type RejectClass, type RejectedOrder } from '../reject.policy.js';

const prescriptionExample = '0193d3c8-7c1f-7000-8000-00000000b001';
const claimExample = '0193d3c8-7c1f-7000-8000-00000000c001';
const twoCharacters = /^[A-Z0-9]{2}$/;
/** Null is given: it would approve an authorization that has no number. */
const isGiven = (_: object, value: unknown) => value !== undefined;

export class DurResponseRequest {
  @ApiProperty({ description: 'NCPDP 439-E4: why the alert came, DD is drug-drug interaction.', example: 'DD' })
  @IsString()
  @Matches(twoCharacters)
  readonly reason!: string;

  @ApiProperty({ description: 'NCPDP 440-E5: M0 prescriber consulted, R0 pharmacist reviewed.', example: 'M0' })
  @IsString()
  @Matches(twoCharacters)
  readonly service!: string;

  @ApiProperty({ description: "NCPDP 441-E6: 1G filled with the prescriber's approval.", example: '1G' })
  @IsString()
  @Matches(twoCharacters)
  readonly result!: string;
}

export class RetryClaimRequest {
  @ApiPropertyOptional({ description: 'NCPDP 462-EV, as the payer gave it.', example: '90000000001' })
  @ValidateIf(isGiven)
  @IsString()
  @Matches(/^[A-Za-z0-9-]{1,20}$/)
  readonly priorAuthNumber?: string;

  @ApiPropertyOptional({ type: DurResponseRequest })
  @ValidateIf(isGiven)
  @IsObject()
  @ValidateNested()
  @Type(() => DurResponseRequest)
  readonly durResponse?: DurResponseRequest;

  @ApiPropertyOptional({ description: 'A smaller quantity, for a plan limit; not for controlled drugs.', example: 9 })
  @ValidateIf(isGiven)
  @IsNumber({ maxDecimalPlaces: 3 })
  @Min(0.001)
  @Max(999_999)
  readonly quantity?: number;

  @ApiPropertyOptional({ description: 'Leaves the plan aside and takes the cash price.', enum: [true], example: true })
  @ValidateIf(isGiven)
  @Equals(true)
  readonly payCash?: true;
}

export class RetryClaimResponse {
  @ApiProperty({ format: 'uuid', example: prescriptionExample })
  readonly prescriptionId!: string;

  @ApiProperty({ enum: states, example: 'pharmacy_selected' })
  readonly state!: PrescriptionState;

  @ApiProperty({ description: 'Number of the attempt that begins.', example: 2 })
  readonly attempt!: number;
}

export class ReverseClaimResponse {
  @ApiProperty({ format: 'uuid', example: claimExample })
  readonly id!: string;

  @ApiProperty({ enum: claimStates, description: '`paid` until the payer has confirmed.', example: 'paid' })
  readonly state!: ClaimState;
}

export class RejectResponse {
  @ApiProperty({ description: 'NCPDP 511-FB, or our own code when the claim never left.', example: '75' })
  readonly code!: string;

  @ApiProperty({ enum: rejectClasses, example: 'prior_authorization' })
  readonly class!: RejectClass;

  @ApiProperty({ example: 'The plan wants a prior authorization.' })
  readonly sentence!: string;

  @ApiProperty({
    example:
      'The ticket asks the doctor to request the prior authorization; once the payer has decided, retry with its number.',
  })
  readonly nextStep!: string;
}

export class ClaimResponse {
  @ApiProperty({ format: 'uuid', example: claimExample })
  readonly id!: string;

  @ApiProperty({ example: 1 })
  readonly attempt!: number;

  @ApiProperty({ enum: ['primary', 'secondary', 'cash'], example: 'primary' })
  readonly payer!: PayerOrder;

  @ApiProperty({ enum: claimStates, example: 'rejected' })
  readonly state!: ClaimState;

  @ApiProperty({ type: String, nullable: true, example: '610011' })
  readonly bin!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'DEMO' })
  readonly pcn!: string | null;

  @ApiProperty({ format: 'date', example: '2026-11-21' })
  readonly dateOfService!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly authorizationNumber!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 93500 })
  readonly submittedCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly patientPayCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly planPayCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly deductibleCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly copayCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly coinsuranceCents!: number | null;

  @ApiProperty({ type: [RejectResponse], description: 'The most urgent first.' })
  readonly rejects!: RejectResponse[];

  @ApiProperty({ type: String, enum: rejectClasses, nullable: true, example: 'prior_authorization' })
  readonly rejectClass!: RejectClass | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example:
      'The ticket asks the doctor to request the prior authorization; once the payer has decided, retry with its number.',
  })
  readonly nextStep!: string | null;

  @ApiProperty({ description: 'The payer said paid and rejected at once.', example: false })
  readonly conflict!: boolean;

  @ApiProperty({ type: String, format: 'date', nullable: true, example: null })
  readonly nextFillDate!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'On a paid primary claim: `coupon.billed`, or why no coupon was billed.',
    example: null,
  })
  readonly couponDecision!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T10:00:02.000Z' })
  readonly answeredAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  readonly reversedAt!: string | null;
}

export class PricesResponse {
  @ApiProperty({ type: Number, nullable: true, description: 'With plan and coupon.', example: 3500 })
  readonly planPriceCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 93500 })
  readonly cashPriceCents!: number | null;

  @ApiProperty({ example: 0 })
  readonly couponPayCents!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'The lower of the two.', example: 3500 })
  readonly owedCents!: number | null;

  @ApiProperty({ type: String, enum: ['plan', 'cash'], nullable: true, example: 'plan' })
  readonly pays!: 'plan' | 'cash' | null;

  @ApiProperty({ example: 'USD' })
  readonly currency!: string;
}

export class PriorAuthorizationResponse {
  @ApiProperty({ enum: ['opened', 'in_process', 'approved', 'denied'], example: 'opened' })
  readonly status!: PriorAuthorizationStatus;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly number!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:02.000Z' })
  readonly openedAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-24T10:00:02.000Z' })
  readonly dueAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  readonly closedAt!: string | null;
}

export class ClaimsResponse {
  @ApiProperty({ format: 'uuid', example: prescriptionExample })
  readonly prescriptionId!: string;

  @ApiProperty({ enum: states, example: 'adjudication_issue' })
  readonly state!: PrescriptionState;

  @ApiProperty({ type: PricesResponse })
  readonly prices!: PricesResponse;

  @ApiProperty({ type: PriorAuthorizationResponse, nullable: true })
  readonly priorAuthorization!: PriorAuthorizationResponse | null;

  @ApiProperty({ type: [ClaimResponse] })
  readonly claims!: ClaimResponse[];
}

export function claimsResponse({ prescription, prices, claims, priorAuthorization }: ShownClaims): ClaimsResponse {
  return {
    prescriptionId: prescription.id,
    state: prescription.state,
    prices: {
      planPriceCents: prices.planPriceCents,
      cashPriceCents: prices.cashPriceCents,
      couponPayCents: prices.couponPayCents,
      owedCents: prices.owedCents,
      pays: prices.pays,
      currency: prices.currency,
    },
    priorAuthorization: priorAuthorization === undefined ? null : priorAuthorizationResponse(priorAuthorization),
    claims: claims.map((claim) => claimResponse(claim, prescription)),
  };
}

function priorAuthorizationResponse(authorization: PriorAuthorization): PriorAuthorizationResponse {
  return {
    status: authorization.status,
    number: authorization.number,
    openedAt: authorization.openedAt.toISOString(),
    dueAt: authorization.dueAt.toISOString(),
    closedAt: authorization.closedAt?.toISOString() ?? null,
  };
}

function claimResponse(claim: ClaimRecord, order: RejectedOrder): ClaimResponse {
  return {
    id: claim.id,
    attempt: claim.attempt,
    payer: claim.payerOrder,
    state: claim.state,
    bin: claim.bin,
    pcn: claim.pcn,
    dateOfService: claim.dateOfService,
    authorizationNumber: claim.authorizationNumber,
    submittedCents: claim.submittedCents,
    patientPayCents: claim.patientPayCents,
    planPayCents: claim.planPayCents,
    deductibleCents: claim.deductibleCents,
    copayCents: claim.copayCents,
    coinsuranceCents: claim.coinsuranceCents,
    rejects: verdictOf(claim.rejectCodes, order).all.map((meaning) => ({
      code: meaning.code,
      class: meaning.class,
      sentence: meaning.sentence,
      nextStep: meaning.nextStep,
    })),
    rejectClass: claim.rejectClass,
    nextStep: claim.nextStep,
    conflict: claim.conflict,
    nextFillDate: claim.nextFillDate,
    couponDecision: claim.couponDecision,
    createdAt: claim.createdAt.toISOString(),
    answeredAt: claim.answeredAt?.toISOString() ?? null,
    reversedAt: claim.reversedAt?.toISOString() ?? null,
  };
}
