import { ApiProperty } from '@nestjs/swagger';
import type { HealthOfSource } from '../source-health.service.js';

export class LastHourDto {
  @ApiProperty({ example: 0, description: 'Taken in, not handled yet' })
  readonly received: number;

  @ApiProperty({ example: 118 })
  readonly processed: number;

  @ApiProperty({ example: 2, description: 'Kept until what they speak of appears' })
  readonly parked: number;

  @ApiProperty({ example: 0 })
  readonly failed: number;

  @ApiProperty({ example: 0 })
  readonly ignored: number;

  constructor({ received, processed, parked, failed, ignored }: HealthOfSource['lastHour']) {
    this.received = received;
    this.processed = processed;
    this.parked = parked;
    this.failed = failed;
    this.ignored = ignored;
  }
}

export class SourceHealthDto {
  @ApiProperty({ example: 'ok' })
  readonly status: string = 'ok';

  @ApiProperty({ example: true })
  readonly up: boolean = true;

  @ApiProperty({ example: 'lifefile' })
  readonly source: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-20T15:42:33.000Z' })
  readonly lastEventAt: string | null;

  @ApiProperty({ example: 0, description: 'Seconds the oldest event that is not handled yet has been waiting' })
  readonly lagSeconds: number;

  @ApiProperty({ type: LastHourDto, description: 'Events received in the last hour, by where they stand now' })
  readonly lastHour: LastHourDto;

  constructor(health: HealthOfSource) {
    this.source = health.source;
    this.lastEventAt = health.lastEventAt?.toISOString() ?? null;
    this.lagSeconds = health.lagSeconds;
    this.lastHour = new LastHourDto(health.lastHour);
  }
}
