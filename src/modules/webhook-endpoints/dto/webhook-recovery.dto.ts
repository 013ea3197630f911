import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MinDate } from 'class-validator';
import { IsInstant, Optional } from '../../../platform/http/index.js';

export class RecoverWebhooksDto {
  @ApiPropertyOptional({
    example: '2026-11-20T00:00:00Z',
    description: 'Deliveries created from this instant on; without it all that is kept',
  })
  @Optional()
  @IsInstant()
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
