import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { IsInstant, Optional } from '../../../platform/http/index.js';

/** When an event came in. */
export class ReceivedRange {
  @ApiPropertyOptional({ example: '2026-11-01T00:00:00Z', description: 'Received at or after' })
  @Optional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({
    example: '2026-12-01T00:00:00Z',
    description: 'Received before; what arrives later is never part of it',
  })
  @Optional()
  @IsInstant()
  to?: Date;
}

export const sourceWords =
  'One of `careportals`, `lifefile`, `shippo`, `stripe`, `twilio`; or a single source of a vendor that has several: `careportals.<code>`, ' +
  '`twilio-inbound`, `twilio-status`. Another word is refused with the names there are.';

/** When, and through which door. */
export class ReceivedThrough extends ReceivedRange {
  @ApiPropertyOptional({ example: 'lifefile', description: sourceWords })
  @Optional()
  @IsString()
  @MaxLength(40)
  source?: string;
}
