import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { ArrayMinSize, IsBoolean, IsIn, IsNumber, Max, Min } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import type { Page } from '../../../platform/http/index.js';
import { drugSchedules } from '../drug.entity.js';
import { pharmacyKinds, type Pharmacy, type PharmacyKind } from '../pharmacy.entity.js';
import { exampleId, exampleInstant } from './page.dto.js';
import type { OpeningHours } from '../opening-hours.policy.js';
import {
  IsCalendarDate,
  IsNcpdpId,
  IsNetworkTiers,
  IsNpi,
  IsOpeningHours,
  IsTimeZone,
  IsUsState,
  IsZip,
  Text,
  Texts,
  Whole,
} from './rules.js';

const networksExample = { '990011': 1, '990022': 2 };
const networksSchema = {
  type: 'object',
  additionalProperties: { type: 'integer' },
  description: 'BIN of a plan to the tier of this pharmacy in its network; 1 is preferred',
  example: networksExample,
} as const;

const openingHoursSchema = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string' } },
  description: 'opening hours by weekday on its own clock; a day left out is closed',
  example: { mon: ['09:00', '18:00'], sat: ['10:00', '14:00'] },
} as const;

export class CreatePharmacyDto {
  @ApiProperty({ example: 'Cedar Specialty Pharmacy' })
  @Text(120)
  name!: string;

  @ApiProperty({ example: '1993999998' })
  @IsNpi()
  npi!: string;

  @ApiProperty({ example: '4500017' })
  @IsNcpdpId()
  ncpdpId!: string;

  @ApiProperty({
    enum: pharmacyKinds,
    description: '`platform_label`: we buy the label; `partner`: the order goes to its own system',
    example: 'platform_label',
  })
  @IsIn(pharmacyKinds)
  kind!: PharmacyKind;

  @ApiPropertyOptional({
    description: '`platform_label`: USPS prints no label without a sender’s phone; without one the help line is named',
    example: '+15125550199',
  })
  @Optional()
  @Text(40)
  phone?: string;

  @ApiProperty({ example: '500 Congress Ave' })
  @Text(120)
  street!: string;

  @ApiProperty({ example: 'Austin' })
  @Text(80)
  city!: string;

  @ApiProperty({ example: 'TX' })
  @IsUsState()
  state!: string;

  @ApiProperty({ example: '78701' })
  @IsZip()
  zip!: string;

  @ApiProperty({ example: 'America/Chicago' })
  @IsTimeZone()
  timeZone!: string;

  @ApiPropertyOptional(openingHoursSchema)
  @Optional()
  @IsOpeningHours()
  openingHours?: OpeningHours;

  @ApiPropertyOptional({
    description: 'dates on which it is closed all the same, besides the federal holidays',
    example: ['2026-11-26'],
  })
  @Optional()
  @Texts(400, 10)
  @IsCalendarDate({ each: true })
  closedOn?: string[];

  @ApiProperty({ description: 'states whose patients it may serve', example: ['TX', 'OK'] })
  @Texts(70, 2)
  @ArrayMinSize(1)
  @IsUsState({ each: true })
  licensedStates!: string[];

  @ApiProperty({
    description: 'DEA schedules it dispenses',
    enum: drugSchedules,
    isArray: true,
    example: ['III', 'IV', 'V'],
  })
  @Texts(4, 3)
  @IsIn(drugSchedules, { each: true })
  schedules!: string[];

  @ApiProperty({ description: 'dose forms it stocks', example: ['tablet', 'capsule', 'cream'] })
  @Texts(100, 60)
  forms!: string[];

  @ApiPropertyOptional({ description: 'stocks specialty products', example: false })
  @Optional()
  @IsBoolean()
  specialty?: boolean;

  @ApiPropertyOptional(networksSchema)
  @Optional()
  @IsNetworkTiers()
  networks?: Record<string, number>;

  @ApiPropertyOptional({ example: true })
  @Optional()
  @IsBoolean()
  openForOrders?: boolean;

  @ApiProperty({ description: 'prescriptions a day', example: 200 })
  @Whole(0)
  dailyCapacity!: number;

  @ApiProperty({ example: 24 })
  @Whole(0, 24 * 60)
  turnaroundHours!: number;

  @ApiProperty({ example: 250 })
  @Whole(0, 100_000)
  dispensingFeeCents!: number;

  @ApiPropertyOptional({ description: "multiplies a drug's unit price", example: 1.05 })
  @Optional()
  @IsNumber({ maxDecimalPlaces: 3 })
  @Min(0.001)
  @Max(999)
  priceFactor?: number;

  @ApiPropertyOptional({ description: 'partner pharmacies: their practice id at Lifefile', example: '1021' })
  @Optional()
  @Text(60)
  lifefilePracticeId?: string;
}

/** Any of the fields; what is absent stays. An explicit null is refused: no column of a pharmacy is emptied. */
export class ChangePharmacyDto extends PartialType(CreatePharmacyDto, { skipNullProperties: false }) {}

export class PharmacyDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ example: 'Cedar Specialty Pharmacy' })
  readonly name: string;
  @ApiProperty({ example: '1993999998' })
  readonly npi: string;
  @ApiProperty({ example: '4500017' })
  readonly ncpdpId: string;
  @ApiProperty({ enum: pharmacyKinds, example: 'platform_label' })
  readonly kind: PharmacyKind;
  @ApiProperty({ type: String, nullable: true, example: '+15125550199' })
  readonly phone: string | null;
  @ApiProperty({ example: '500 Congress Ave' })
  readonly street: string;
  @ApiProperty({ example: 'Austin' })
  readonly city: string;
  @ApiProperty({ example: 'TX' })
  readonly state: string;
  @ApiProperty({ example: '78701' })
  readonly zip: string;
  @ApiProperty({ example: 'America/Chicago' })
  readonly timeZone: string;
  @ApiProperty(openingHoursSchema)
  readonly openingHours: OpeningHours;
  @ApiProperty({ example: ['2026-11-26'] })
  readonly closedOn: string[];
  @ApiProperty({ example: ['TX', 'OK'] })
  readonly licensedStates: string[];
  @ApiProperty({ example: ['III', 'IV', 'V'] })
  readonly schedules: string[];
  @ApiProperty({ example: ['tablet', 'capsule', 'cream'] })
  readonly forms: string[];
  @ApiProperty({ example: false })
  readonly specialty: boolean;
  @ApiProperty(networksSchema)
  readonly networks: Readonly<Record<string, number>>;
  @ApiProperty({ example: true })
  readonly openForOrders: boolean;
  @ApiProperty({ example: 200 })
  readonly dailyCapacity: number;
  @ApiProperty({ example: 24 })
  readonly turnaroundHours: number;
  @ApiProperty({ example: 250 })
  readonly dispensingFeeCents: number;
  @ApiProperty({ example: 1.05 })
  readonly priceFactor: number;
  @ApiProperty({ type: String, nullable: true, example: '1021' })
  readonly lifefilePracticeId: string | null;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;

  constructor(pharmacy: Pharmacy) {
    this.id = pharmacy.id;
    this.name = pharmacy.name;
    this.npi = pharmacy.npi;
    this.ncpdpId = pharmacy.ncpdpId;
    this.kind = pharmacy.kind;
    this.phone = pharmacy.phone;
    this.street = pharmacy.street;
    this.city = pharmacy.city;
    this.state = pharmacy.state;
    this.zip = pharmacy.zip;
    this.timeZone = pharmacy.timeZone;
    this.openingHours = pharmacy.openingHours;
    this.closedOn = pharmacy.closedOn;
    this.licensedStates = pharmacy.licensedStates;
    this.schedules = pharmacy.schedules;
    this.forms = pharmacy.forms;
    this.specialty = pharmacy.specialty;
    this.networks = pharmacy.networks;
    this.openForOrders = pharmacy.openForOrders;
    this.dailyCapacity = pharmacy.dailyCapacity;
    this.turnaroundHours = pharmacy.turnaroundHours;
    this.dispensingFeeCents = pharmacy.dispensingFeeCents;
    this.priceFactor = Number(pharmacy.priceFactor);
    this.lifefilePracticeId = pharmacy.lifefilePracticeId;
    this.createdAt = pharmacy.createdAt.toISOString();
  }
}

export class PharmacyPageDto {
  @ApiProperty({ type: [PharmacyDto] })
  readonly items: PharmacyDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<Pharmacy>) {
    this.items = items.map((pharmacy) => new PharmacyDto(pharmacy));
    this.nextCursor = nextCursor;
  }
}
