import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsEmail, IsObject, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import { IsId, Optional } from '../../../platform/http/index.js';
import { exampleId } from './page.dto.js';
import { CompleteAddressDto } from './patient.dto.js';
import { Text } from './rules.js';

export class CorrectPatientDto {
  @ApiPropertyOptional({ example: 'mary@example.com' })
  @Optional()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional({ example: '+15125550100' })
  @Optional()
  @Text(40)
  phone?: string;

  @ApiPropertyOptional({ type: CompleteAddressDto })
  @Optional()
  @IsObject() // a list of nothing would pass ValidateNested
  @ValidateNested()
  @Type(() => CompleteAddressDto)
  address?: CompleteAddressDto;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Taken by itself when it may fill an order and the doctor names no other; null: none any more.',
    example: exampleId,
  })
  @ValidateIf((_, value: unknown) => value !== undefined && value !== null)
  @IsId()
  preferredPharmacyId?: string | null;
}
