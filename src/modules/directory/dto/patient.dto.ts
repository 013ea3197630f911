import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsEmail, IsIn, IsISO8601, IsObject, Matches, MaxLength, ValidateNested } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import type { MatchedBy } from '../patient-match.policy.js';
import type { PatientProfile } from '../patient-profile.js';
import type { OpenPatient, PatientMatch } from '../patients.service.js';
import { exampleId, exampleInstant } from './page.dto.js';
import { IsUsState, IsZip, Text } from './rules.js';

const genders = ['male', 'female', 'other', 'unknown'] as const;
const matchedBy = ['external_id', 'email', 'phone', 'name', 'created'] as const;

/** A parcel goes to it, so nothing of it may be missing. */
export class CompleteAddressDto {
  @ApiProperty({ example: '12 Oak St' })
  @Text(100)
  line1!: string;

  @ApiPropertyOptional({ example: 'Apt 4' })
  @Optional()
  @Text(100)
  line2?: string;

  @ApiProperty({ example: 'Austin' })
  @Text(60)
  city!: string;

  @ApiProperty({ example: 'TX' })
  @IsUsState()
  state!: string;

  @ApiProperty({ example: '78701' })
  @IsZip()
  zip!: string;
}

/** As much of it as is known. */
export class AddressDto extends PartialType(CompleteAddressDto, { skipNullProperties: false }) {}

export class CreatePatientDto {
  @ApiPropertyOptional({ description: 'your own id of the patient', example: 'patient-1001' })
  @Optional()
  @Text(120)
  externalId?: string;

  @ApiProperty({ example: 'Mary' })
  @Text(80)
  firstName!: string;

  @ApiPropertyOptional({ example: 'Ann' })
  @Optional()
  @Text(80)
  middleName?: string;

  @ApiProperty({ example: 'Example' })
  @Text(80)
  lastName!: string;

  @ApiProperty({ example: '1980-02-29' })
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'birthDate must be YYYY-MM-DD' })
  @IsISO8601({ strict: true })
  birthDate!: string;

  @ApiPropertyOptional({ enum: genders, example: 'female' })
  @Optional()
  @IsIn(genders)
  gender?: (typeof genders)[number];

  @ApiPropertyOptional({ example: 'mary@example.com' })
  @Optional()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional({ example: '+15125550100' })
  @Optional()
  @Text(40)
  phone?: string;

  @ApiPropertyOptional({ type: AddressDto })
  @Optional()
  @IsObject() // a list of nothing would pass ValidateNested
  @ValidateNested()
  @Type(() => AddressDto)
  address?: AddressDto;
}

export class PatientMatchDto {
  @ApiProperty({ example: exampleId })
  readonly patientId: string;
  @ApiProperty({ example: true })
  readonly created: boolean;
  @ApiProperty({ enum: matchedBy, example: 'created' })
  readonly matchedBy: MatchedBy;
  @ApiProperty({ description: 'doubts noted for review', example: 0 })
  readonly reviews: number;

  constructor(match: PatientMatch) {
    this.patientId = match.patientId;
    this.created = match.created;
    this.matchedBy = match.matchedBy;
    this.reviews = match.reviews;
  }
}

export class FindPatientsDto {
  @ApiProperty({ description: 'your own id of the patient', example: 'patient-1001' })
  @Text(120)
  externalId!: string;
}

export class PatientDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ type: String, nullable: true, example: 'patient-1001' })
  readonly externalId: string | null;
  @ApiProperty({ example: 'Mary' })
  readonly firstName: string;
  @ApiPropertyOptional({ example: 'Ann' })
  readonly middleName?: string;
  @ApiProperty({ example: 'Example' })
  readonly lastName: string;
  @ApiProperty({ example: '1980-02-29' })
  readonly birthDate: string;
  @ApiProperty({ type: String, nullable: true, enum: genders, example: 'female' })
  readonly gender: string | null;
  @ApiPropertyOptional({ example: 'mary@example.com' })
  readonly email?: string;
  @ApiPropertyOptional({ example: '+15125550100' })
  readonly phone?: string;
  @ApiPropertyOptional({ type: AddressDto })
  readonly address?: PatientAddress;
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly preferredPharmacyId: string | null;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;

  constructor(patient: OpenPatient) {
    this.id = patient.id;
    this.externalId = patient.externalId;
    this.firstName = patient.firstName;
    if (patient.middleName !== undefined) this.middleName = patient.middleName;
    this.lastName = patient.lastName;
    this.birthDate = patient.birthDate;
    this.gender = patient.gender;
    if (patient.email !== undefined) this.email = patient.email;
    if (patient.phone !== undefined) this.phone = patient.phone;
    if (patient.address !== undefined) this.address = patient.address;
    this.preferredPharmacyId = patient.preferredPharmacyId;
    this.createdAt = patient.createdAt.toISOString();
  }
}

type PatientAddress = NonNullable<PatientProfile['address']>;

export class PatientListDto {
  @ApiProperty({ type: [PatientDto] })
  readonly items: PatientDto[];

  constructor(patients: readonly OpenPatient[]) {
    this.items = patients.map((patient) => new PatientDto(patient));
  }
}
