import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, Length } from 'class-validator';

export class CancelRequest {
  @ApiProperty({ example: 'therapy-changed', minLength: 3, maxLength: 200, description: 'Why, without patient data.' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(3, 200)
  reason!: string;
}

export class CancelledPrescription {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ example: 'cancelled' })
  state!: string;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  cancelledAt!: string;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  ticketId!: string;
}
