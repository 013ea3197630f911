import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Equals,
  IsIn,
  IsNumber,
  IsObject,
  IsString,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { states, type PrescriptionState } from '../../prescriptions/index.js';
import { durReasons, durResults, durServices } from '../dur-codes.js';

const reasons = Object.keys(durReasons);
const services = Object.keys(durServices);
const results = Object.keys(durResults);
/** Null is given: it would approve an authorization that has no number. */
const isGiven = (_: object, value: unknown) => value !== undefined;

export class DurResponseRequest {
  @ApiProperty({
    enum: reasons,
    description: 'NCPDP 439-E4: why the alert came, DD is drug-drug interaction.',
    example: 'DD',
  })
  @IsIn(reasons)
  readonly reason!: string;

  @ApiProperty({
    enum: services,
    description: 'NCPDP 440-E5: M0 prescriber consulted, R0 pharmacist consulted another source.',
    example: 'M0',
  })
  @IsIn(services)
  readonly service!: string;

  @ApiProperty({
    enum: results,
    description:
      "NCPDP 441-E6: 1G filled with the prescriber's approval. What says that nothing is dispensed (2A, 2B, 3C) is a cancel.",
    example: '1G',
  })
  @IsIn(results)
  readonly result!: string;
}

export class RetryClaimRequest {
  @ApiPropertyOptional({ description: 'NCPDP 462-EV, as the payer gave it.', example: '90000000001' })
  @ValidateIf(isGiven)
  @IsString()
  @Matches(/^[A-Za-z0-9-]{1,20}$/)
  readonly priorAuthNumber?: string;

  @ApiPropertyOptional({
    type: DurResponseRequest,
    description: 'To one alert. What was answered to others of this fill goes out with it.',
  })
  @ValidateIf(isGiven)
  @IsObject()
  @ValidateNested()
  @Type(() => DurResponseRequest)
  readonly durResponse?: DurResponseRequest;

  @ApiPropertyOptional({
    description: 'A quantity up to the ordered one, for a plan limit; not for controlled drugs. Kept for later claims.',
    example: 9,
  })
  @ValidateIf(isGiven)
  @IsNumber({ maxDecimalPlaces: 3 })
  @Min(0.001)
  @Max(999_999)
  readonly quantity?: number;

  @ApiPropertyOptional({
    description: 'Leaves the plan aside and takes the cash price, of all that was ordered unless `quantity` says less.',
    enum: [true],
    example: true,
  })
  @ValidateIf(isGiven)
  @Equals(true)
  readonly payCash?: true;
}

export class RetryClaimResponse {
  @ApiProperty({ format: 'uuid', example: '0193d3c8-7c1f-7000-8000-00000000b001' })
  readonly prescriptionId!: string;

  @ApiProperty({ enum: states, example: 'pharmacy_selected' })
  readonly state!: PrescriptionState;

  @ApiProperty({ description: 'Number of the attempt that begins.', example: 2 })
  readonly attempt!: number;
}
