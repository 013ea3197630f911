import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, MaxLength } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import type { Page } from '../../../platform/http/index.js';
import type { Provider } from '../provider.entity.js';
import { exampleId, exampleInstant, PageQuery } from './page.dto.js';
import { IsNpi, Text } from './rules.js';

export class CreateProviderDto {
  @ApiProperty({ example: '1234567893' })
  @IsNpi()
  npi!: string;

  @ApiProperty({ example: 'Aaron' })
  @Text(80)
  firstName!: string;

  @ApiProperty({ example: 'Allen' })
  @Text(80)
  lastName!: string;

  @ApiPropertyOptional({ description: 'DEA registration', example: 'AA1234563' })
  @Optional()
  @Text(20)
  dea?: string;

  @ApiPropertyOptional({ description: 'Surescripts mailbox id', example: '7701234567001' })
  @Optional()
  @Text(20)
  spi?: string;

  @ApiPropertyOptional({ example: 'allen@clinic.example' })
  @Optional()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional({ example: '+15125550110' })
  @Optional()
  @Text(40)
  phone?: string;
}

export class ListProvidersDto extends PageQuery {
  @ApiPropertyOptional({ example: '1234567893' })
  @Optional()
  @IsNpi()
  npi?: string;
}

export class ProviderDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ example: '1234567893' })
  readonly npi: string;
  @ApiProperty({ type: String, nullable: true, example: 'AA1234563' })
  readonly dea: string | null;
  @ApiProperty({ type: String, nullable: true, example: '7701234567001' })
  readonly spi: string | null;
  @ApiProperty({ example: 'Aaron' })
  readonly firstName: string;
  @ApiProperty({ example: 'Allen' })
  readonly lastName: string;
  @ApiProperty({ type: String, nullable: true, example: 'allen@clinic.example' })
  readonly email: string | null;
  @ApiProperty({ type: String, nullable: true, example: '+15125550110' })
  readonly phone: string | null;
  @ApiProperty({ example: exampleInstant })
  readonly createdAt: string;

  constructor(provider: Provider) {
    this.id = provider.id;
    this.npi = provider.npi;
    this.dea = provider.dea;
    this.spi = provider.spi;
    this.firstName = provider.firstName;
    this.lastName = provider.lastName;
    this.email = provider.email;
    this.phone = provider.phone;
    this.createdAt = provider.createdAt.toISOString();
  }
}

export class ProviderPageDto {
  @ApiProperty({ type: [ProviderDto] })
  readonly items: ProviderDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<Provider>) {
    this.items = items.map((provider) => new ProviderDto(provider));
    this.nextCursor = nextCursor;
  }
}
