import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { IsId, Optional } from '../../../platform/http/index.js';
import { states, type PrescriptionState } from '../../prescriptions/index.js';
import { serviceLevels, type ServiceLevel } from '../../prescriptions/order/index.js';
import { exclusionCodes, type ExclusionCode, type ScorePart } from '../routing.policy.js';
import type { ShownRecommendation } from '../routing.service.js';

const pharmacyExample = '0193d3c8-7c1f-7000-8000-00000000a001';
const excludedExample = '0193d3c8-7c1f-7000-8000-00000000a002';
const prescriptionExample = '0193d3c8-7c1f-7000-8000-00000000b001';

export class ChoosePharmacyRequest {
  @ApiProperty({ format: 'uuid', example: pharmacyExample })
  @IsId()
  readonly pharmacyId!: string;

  @ApiPropertyOptional({ description: 'Kept in the history. Never patient data.', example: 'closest with stock' })
  @Optional()
  @IsString()
  @MinLength(3)
  @MaxLength(200)
  @Matches(/\S/)
  readonly reason?: string;

  @ApiPropertyOptional({
    description: 'Takes a pharmacy outside the list; operations only, with a reason. Licence and schedule stand.',
    example: false,
  })
  @Optional()
  @IsBoolean()
  readonly override?: boolean;

  @ApiPropertyOptional({ enum: serviceLevels, description: 'How fast the parcel travels; absent: as it stands.' })
  @Optional()
  @IsIn(serviceLevels)
  readonly serviceLevel?: ServiceLevel;
}

export class ChosenPharmacyResponse {
  @ApiProperty({ format: 'uuid', example: prescriptionExample })
  readonly prescriptionId!: string;

  @ApiProperty({ format: 'uuid', example: pharmacyExample })
  readonly pharmacyId!: string;

  @ApiProperty({ enum: states, example: 'pharmacy_selected' })
  readonly state!: PrescriptionState;
}

export class ScorePartsResponse implements Record<ScorePart, number> {
  @ApiProperty({ description: 'Of 20: nearness by ZIP centroid.', example: 14.28 })
  readonly distance!: number;

  @ApiProperty({ description: "Of 25: tier in the plan's network.", example: 25 })
  readonly networkTier!: number;

  @ApiProperty({ description: 'Of 20: hours until it is ready.', example: 13.33 })
  readonly turnaround!: number;

  @ApiProperty({ description: 'Of 10: free capacity today.', example: 9.4 })
  readonly load!: number;

  @ApiProperty({ description: 'Of 15: cash price against the cheapest.', example: 15 })
  readonly price!: number;

  @ApiProperty({ description: 'Of 10: named by the doctor or the patient.', example: 0 })
  readonly preference!: number;
}

export class RankedPharmacyResponse {
  @ApiProperty({ format: 'uuid', example: pharmacyExample })
  readonly pharmacyId!: string;

  @ApiProperty({ example: 'Riverside Pharmacy' })
  readonly name!: string;

  @ApiProperty({ example: 'Austin' })
  readonly city!: string;

  @ApiProperty({ example: 'TX' })
  readonly state!: string;

  @ApiProperty({ description: '0 to 100, the sum of the parts.', example: 77.01 })
  readonly score!: number;

  @ApiProperty({ type: ScorePartsResponse })
  readonly parts!: ScorePartsResponse;

  @ApiProperty({ type: Number, nullable: true, example: 100.1 })
  readonly distanceMiles!: number | null;
}

export class ExclusionReasonResponse {
  @ApiProperty({ enum: exclusionCodes, example: 'license' })
  readonly code!: ExclusionCode;

  @ApiProperty({ example: 'It is not licensed in TX.' })
  readonly sentence!: string;
}

export class ExcludedPharmacyResponse {
  @ApiProperty({ format: 'uuid', example: excludedExample })
  readonly pharmacyId!: string;

  @ApiProperty({ example: 'Harbor Pharmacy' })
  readonly name!: string;

  @ApiProperty({ type: [ExclusionReasonResponse] })
  readonly reasons!: ExclusionReasonResponse[];
}

export class NamedPharmaciesResponse {
  @ApiPropertyOptional({ format: 'uuid', description: 'Named by the doctor.', example: pharmacyExample })
  readonly doctor?: string;

  @ApiPropertyOptional({ format: 'uuid', description: "The patient's own.", example: pharmacyExample })
  readonly patient?: string;

  @ApiPropertyOptional({ description: 'The doctor named one that is not in the directory.', example: true })
  readonly doctorUnknown?: true;
}

export class RecommendationResponse {
  @ApiProperty({ format: 'uuid', example: prescriptionExample })
  readonly prescriptionId!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly requestedAt!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: pharmacyExample })
  readonly selectedPharmacyId!: string | null;

  @ApiProperty({ type: NamedPharmaciesResponse, example: { doctor: excludedExample } })
  readonly named!: NamedPharmaciesResponse;

  @ApiProperty({ type: [RankedPharmacyResponse] })
  readonly ranked!: RankedPharmacyResponse[];

  @ApiProperty({ type: [ExcludedPharmacyResponse] })
  readonly excluded!: ExcludedPharmacyResponse[];
}

export function recommendationResponse(shown: ShownRecommendation): RecommendationResponse {
  return {
    prescriptionId: shown.prescriptionId,
    requestedAt: shown.requestedAt.toISOString(),
    selectedPharmacyId: shown.selectedPharmacyId,
    named: shown.named,
    ranked: shown.ranked.map(({ pharmacyId, pharmacy, score, parts, distanceMiles }) => ({
      pharmacyId,
      name: pharmacy.name,
      city: pharmacy.city,
      state: pharmacy.state,
      score,
      parts,
      distanceMiles,
    })),
    excluded: shown.excluded.map(({ pharmacyId, pharmacy, reasons }) => ({
      pharmacyId,
      name: pharmacy.name,
      reasons: reasons.map(({ code, sentence }) => ({ code, sentence })),
    })),
  };
}
