import { ApiPropertyOptional, ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsEmail, IsUUID, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import { exampleId } from './page.dto.js';
import { IsUsState, IsZip, Optional, Text } from './rules.js';

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
  @IsUUID()
  preferredPharmacyId?: string | null;
}
