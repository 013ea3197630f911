import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsObject, ValidateNested } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import { drugSchedules, type Drug, type DrugSchedule } from '../drug.entity.js';
import { IsBillableUnit, Text, Whole } from './rules.js';

export class NewDrugDto {
  @ApiProperty({ description: '11 digits, or hyphenated', example: '70000-0901-30' })
  @Text(14)
  ndc!: string;

  @ApiProperty({ example: 'Zolpidem 10 mg tablet' })
  @Text(200)
  name!: string;

  @ApiProperty({ example: 'zolpidem' })
  @Text(200)
  genericName!: string;

  @ApiProperty({ example: '10 mg' })
  @Text(100)
  strength!: string;

  @ApiProperty({ example: 'tablet' })
  @Text(60)
  form!: string;

  @ApiProperty({
    description: 'NCI code of the unit that is priced; one payers count in, or C64933 for a vial or a syringe',
    example: 'C48542',
  })
  @IsBillableUnit()
  unit!: string;

  @ApiPropertyOptional({ enum: drugSchedules, description: 'federal schedule; absent: not controlled', example: 'IV' })
  @Optional()
  @IsIn(drugSchedules)
  schedule?: DrugSchedule;

  @ApiPropertyOptional({ example: false })
  @Optional()
  @IsBoolean()
  specialty?: boolean;

  @ApiProperty({ description: 'cash price of one unit', example: 90 })
  @Whole(0)
  unitPriceCents!: number;
}

export class UpsertDrugsDto {
  @ApiProperty({ type: [NewDrugDto], description: 'at most 1,000 lines' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsObject({ each: true }) // lists in the list would pass ValidateNested
  @ValidateNested({ each: true })
  @Type(() => NewDrugDto)
  drugs!: NewDrugDto[];
}

export class StoredDrugsDto {
  @ApiProperty({ description: 'lines created or replaced', example: 1 })
  readonly stored: number;

  constructor({ stored }: { stored: number }) {
    this.stored = stored;
  }
}

export class DrugDto {
  @ApiProperty({ example: '70000010130' })
  readonly ndc: string;
  @ApiProperty({ example: 'Lisinopril 10 mg tablet' })
  readonly name: string;
  @ApiProperty({ example: 'lisinopril' })
  readonly genericName: string;
  @ApiProperty({ example: '10 mg' })
  readonly strength: string;
  @ApiProperty({ example: 'tablet' })
  readonly form: string;
  @ApiProperty({ example: 'C48542' })
  readonly unit: string;
  @ApiProperty({ type: String, nullable: true, enum: drugSchedules, example: null })
  readonly schedule: DrugSchedule | null;
  @ApiProperty({ example: false })
  readonly specialty: boolean;
  @ApiProperty({ example: 90 })
  readonly unitPriceCents: number;

  constructor(drug: Drug) {
    this.ndc = drug.ndc;
    this.name = drug.name;
    this.genericName = drug.genericName;
    this.strength = drug.strength;
    this.form = drug.form;
    this.unit = drug.unit;
    this.schedule = drug.schedule;
    this.specialty = drug.specialty;
    this.unitPriceCents = drug.unitPriceCents;
  }
}
