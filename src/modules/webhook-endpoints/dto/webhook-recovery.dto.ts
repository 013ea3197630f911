import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsOptional, MinDate } from 'class-validator';

export class RecoverWebhooksDto {
  @ApiPropertyOptional({
    example: '2026-11-20T00:00:00Z',
    description: 'Deliveries created from this instant on; without it all that is kept',
  })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  @MinDate(new Date(0))
  since?: Date;
}

export class RecoveredDto {
  @ApiProperty({ example: 12, description: 'How many go out now; what already does is not counted again' })
  readonly recovered: number;

  constructor(recovered: number) {
    this.recovered = recovered;
  }
}
