import { ApiProperty } from '@nestjs/swagger';
import { states, type PrescriptionState } from '../../prescriptions/index.js';
import { alertsOf, type PayerWords } from '../claim-answers.js';
import { claimStates, type ClaimRecord, type ClaimState, type PayerOrder } from '../claim.entity.js';
import type { ShownClaims } from '../claims.service.js';
import type { PriorAuthorization, PriorAuthorizationStatus } from '../prior-authorization.entity.js';
import { rejectClasses, verdictOf, type RejectClass, type RejectedOrder } from '../reject.policy.js';

const prescriptionExample = '0193d3c8-7c1f-7000-8000-00000000b001';
const claimExample = '0193d3c8-7c1f-7000-8000-00000000c001';

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

export class DurAlertResponse {
  @ApiProperty({ description: 'NCPDP 439-E4: what a DUR response to it names as its reason.', example: 'DD' })
  readonly reason!: string;

  @ApiProperty({ type: String, nullable: true, example: 'drug-drug interaction' })
  readonly meaning!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'NCPDP 528-FS: 1 major, 2 moderate, 3 minor, 9 undetermined.',
    example: '1',
  })
  readonly significance!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'NCPDP 544-FY, for callers who may send the claim again.',
    example: 'INCREASED BLEEDING RISK WITH CURRENT THERAPY',
  })
  readonly text!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'NCPDP 530-FU, for the same callers.', example: null })
  readonly previousFillDate!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'NCPDP 531-FV, for the same callers.', example: null })
  readonly previousQuantity!: string | null;
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

  @ApiProperty({ type: [DurAlertResponse], description: 'Why the payer alerts (reject 88).', example: [] })
  readonly durAlerts!: DurAlertResponse[];

  @ApiProperty({ type: String, nullable: true, description: 'NCPDP 550-8F.', example: '8005550199' })
  readonly helpDeskPhone!: string | null;

  @ApiProperty({
    type: [String],
    nullable: true,
    description:
      'NCPDP 526-FQ, what the payer wrote. Null for callers who may not send the claim again; opening it is recorded.',
    example: ['PRIOR AUTHORIZATION REQUIRED PRESCRIBER CALL HELP DESK'],
  })
  readonly messages!: string[] | null;

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
  @ApiProperty({ type: Number, nullable: true, description: 'With plan and coupon.', example: null })
  readonly planPriceCents!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 93500 })
  readonly cashPriceCents!: number | null;

  @ApiProperty({ example: 0 })
  readonly couponPayCents!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'The lower of the two.', example: null })
  readonly owedCents!: number | null;

  @ApiProperty({ type: String, enum: ['plan', 'cash'], nullable: true, example: null })
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

export function claimsResponse({
  prescription,
  prices,
  claims,
  words,
  priorAuthorization,
}: ShownClaims): ClaimsResponse {
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
    claims: claims.map((claim) => claimResponse(claim, prescription, words && (words.get(claim.id) ?? noWords))),
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

const noWords: PayerWords = { messages: [], alerts: [] };

/** @param words undefined for who may not read them */
function claimResponse(claim: ClaimRecord, order: RejectedOrder, words: PayerWords | undefined): ClaimResponse {
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
    durAlerts: alertsOf(claim).map((alert, at) => ({ ...alert, ...alertText(words?.alerts[at]) })),
    helpDeskPhone: claim.helpDeskPhone,
    messages: words?.messages ?? null,
    couponDecision: claim.couponDecision,
    createdAt: claim.createdAt.toISOString(),
    answeredAt: claim.answeredAt?.toISOString() ?? null,
    reversedAt: claim.reversedAt?.toISOString() ?? null,
  };
}

function alertText(alert: PayerWords['alerts'][number] | undefined) {
  return {
    text: alert?.text ?? null,
    previousFillDate: alert?.previousFillDate ?? null,
    previousQuantity: alert?.previousQuantity ?? null,
  };
}
