import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Matches } from 'class-validator';
import { defaultPageLimit, IdCursor, Optional, PageLimit } from '../../../platform/http/index.js';
import type { Coupon } from '../coupon.entity.js';

export class CouponRequest {
  @ApiProperty({ description: '11 digits.', example: '70000010660' })
  @IsString()
  @Matches(/^\d{11}$/)
  readonly ndc!: string;

  @ApiProperty({ example: '610020' })
  @IsString()
  @Matches(/^\d{6}$/)
  readonly bin!: string;

  @ApiProperty({ example: 'COUPON' })
  @IsString()
  @Matches(/^[\x21-\x7e]{1,10}$/)
  readonly pcn!: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'SAVE10' })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Z0-9]{1,15}$/)
  readonly groupId?: string | null;

  @ApiProperty({ description: 'The Rx number follows it in the cardholder id.', example: 'CPN' })
  @IsString()
  @Matches(/^[A-Z0-9]{1,8}$/)
  readonly cardholderPrefix!: string;

  @ApiPropertyOptional({ example: true })
  @Optional()
  @IsBoolean()
  readonly active?: boolean;
}

export class CouponResponse {
  @ApiProperty({ example: '70000010660' })
  readonly ndc!: string;

  @ApiProperty({ example: '610020' })
  readonly bin!: string;

  @ApiProperty({ example: 'COUPON' })
  readonly pcn!: string;

  @ApiProperty({ type: String, nullable: true, example: 'SAVE10' })
  readonly groupId!: string | null;

  @ApiProperty({ example: 'CPN' })
  readonly cardholderPrefix!: string;

  @ApiProperty({ example: true })
  readonly active!: boolean;
}

export class CouponsQuery {
  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class CouponPage {
  @ApiProperty({ type: [CouponResponse] })
  readonly items!: CouponResponse[];

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly nextCursor!: string | null;
}

export function couponResponse(coupon: Coupon): CouponResponse {
  return {
    ndc: coupon.ndc,
    bin: coupon.bin,
    pcn: coupon.pcn,
    groupId: coupon.groupId,
    cardholderPrefix: coupon.cardholderPrefix,
    active: coupon.active,
  };
}
