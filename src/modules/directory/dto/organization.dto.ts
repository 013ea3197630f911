import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsBoolean, IsIn } from 'class-validator';
import { Optional, type Page } from '../../../platform/http/index.js';
import type { DefaultPath, Organization } from '../organization.entity.js';
import { exampleId, exampleInstant } from './page.dto.js';
import { IsTimeZone, Text, Texts } from './rules.js';

const paths = ['full', 'cash', 'direct'] as const;

export class CreateOrganizationDto {
  @ApiProperty({ example: 'Lakeside Clinics' })
  @Text(120)
  name!: string;

  @ApiPropertyOptional({ description: 'the name patients read; `name` by default', example: 'Lakeside' })
  @Optional()
  @Text(40)
  brand?: string;

  @ApiPropertyOptional({ enum: paths, example: 'full' })
  @Optional()
  @IsIn(paths)
  defaultPath?: DefaultPath;

  @ApiPropertyOptional({ description: 'enrollment starts by itself once validated', example: true })
  @Optional()
  @IsBoolean()
  autoEnrollment?: boolean;

  @ApiPropertyOptional({ description: 'display text of the help line', example: '1-800-SUPPORT' })
  @Optional()
  @Text(40)
  supportPhone?: string;

  @ApiPropertyOptional({ description: 'zone of business dates', example: 'America/Chicago' })
  @Optional()
  @IsTimeZone()
  timeZone?: string;

  @ApiPropertyOptional({
    type: [String],
    description:
      'the To of SCRIPT messages meant for it, such as NCPDP ids; with any, a NewRx to another receiver that is no pharmacy of ' +
      'the directory gets Error 900',
    example: ['7000001'],
  })
  @Optional()
  @Texts(50, 80)
  scriptMailboxes?: string[];
}

/** Any of the fields; what is absent stays, and none can be emptied. */
export class ChangeOrganizationDto extends PartialType(CreateOrganizationDto, { skipNullProperties: false }) {}

export class OrganizationDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ example: 'Lakeside Clinics' })
  readonly name: string;
  @ApiProperty({ example: 'Lakeside' })
  readonly brand: string;
  @ApiProperty({ enum: paths, example: 'full' })
  readonly defaultPath: DefaultPath;
  @ApiProperty({ example: true })
  readonly autoEnrollment: boolean;
  @ApiProperty({ type: String, nullable: true, example: '1-800-SUPPORT' })
  readonly supportPhone: string | null;
  @ApiProperty({ example: 'America/Chicago' })
  readonly timeZone: string;
  @ApiProperty({ type: [String], example: ['7000001'] })
  readonly scriptMailboxes: string[];
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;

  constructor(organization: Organization) {
    this.id = organization.id;
    this.name = organization.name;
    this.brand = organization.brand;
    this.defaultPath = organization.defaultPath;
    this.autoEnrollment = organization.autoEnrollment;
    this.supportPhone = organization.supportPhone;
    this.timeZone = organization.timeZone;
    this.scriptMailboxes = organization.scriptMailboxes;
    this.createdAt = organization.createdAt.toISOString();
  }
}

export class OrganizationPageDto {
  @ApiProperty({ type: [OrganizationDto] })
  readonly items: OrganizationDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<Organization>) {
    this.items = items.map((organization) => new OrganizationDto(organization));
    this.nextCursor = nextCursor;
  }
}
