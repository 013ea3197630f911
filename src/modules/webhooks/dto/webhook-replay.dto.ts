import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { IsId, Optional } from '../../../platform/http/index.js';
import type { TableChanges } from '../../../platform/db/index.js';
import type { ShownChange } from '../replay.policy.js';
import { webhookStatuses, type WebhookStatus } from '../webhook-event.entity.js';
import type { Replay } from '../webhook-events.service.js';
import type { RehearsedReplay } from '../webhook-rehearsal.service.js';
import type { RangeRehearsal, ReplayProgress } from '../webhook-replays.service.js';
import { ReceivedRange, sourceWords } from './received-range.dto.js';

const eventId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';

export class ReplayWebhookDto {
  @ApiPropertyOptional({ example: true, default: true, description: 'Only say what a replay would change' })
  @Optional()
  @IsBoolean()
  dryRun?: boolean;
}

export class ReplayRangeDto extends IntersectionType(ReplayWebhookDto, ReceivedRange) {
  @ApiProperty({ example: 'lifefile', description: sourceWords })
  @IsString()
  @MaxLength(40)
  source!: string;

  @ApiPropertyOptional({ enum: webhookStatuses, example: 'parked' })
  @Optional()
  @IsIn(webhookStatuses)
  status?: WebhookStatus;

  @ApiPropertyOptional({ example: 'prescription.status.update shipping' })
  @Optional()
  @IsString()
  @MaxLength(100)
  eventType?: string;

  @ApiPropertyOptional({ example: eventId, description: 'Of a dry run: `nextCursor` of the page before' })
  @Optional()
  @IsId()
  cursor?: string;

  @ApiPropertyOptional({ example: 20, default: 20, description: 'Events a dry run tries out at once' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;
}

export class ReplayChangeDto {
  @ApiProperty({ example: 'prescriptions' })
  readonly table: string;

  @ApiProperty({ example: eventId })
  readonly id: string;

  @ApiProperty({ example: 'state' })
  readonly column: string;

  @ApiProperty({ enum: ['inserted', 'updated'], example: 'updated' })
  readonly change: 'inserted' | 'updated';

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'processing',
    description: 'Codes, times, numbers and ids; the rest is hidden',
  })
  readonly from: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'shipped' })
  readonly to: string | null;

  constructor(change: ShownChange) {
    this.table = change.table;
    this.id = change.id;
    this.column = change.column;
    this.change = change.change;
    this.from = change.from;
    this.to = change.to;
  }
}

export class ReplayTableDto {
  @ApiProperty({ example: 'prescriptions' })
  readonly table: string;

  @ApiProperty({ example: 0 })
  readonly inserted: number;

  @ApiProperty({ example: 1 })
  readonly updated: number;

  @ApiProperty({ example: 0 })
  readonly deleted: number;

  @ApiProperty({
    example: true,
    description: 'False: the table is too large to be looked through, so its rows are only counted',
  })
  readonly listed: boolean;

  constructor(changes: TableChanges) {
    this.table = changes.table;
    this.inserted = changes.inserted;
    this.updated = changes.updated;
    this.deleted = changes.deleted;
    this.listed = changes.listed;
  }
}

export class RehearsedReplayDto {
  @ApiProperty({ example: eventId })
  readonly eventId: string;

  @ApiProperty({ example: 'lifefile' })
  readonly source: string;

  @ApiProperty({ example: 'prescription.status.update shipping' })
  readonly eventType: string;

  @ApiProperty({ example: true })
  readonly hasHandler: boolean;

  @ApiProperty({
    enum: ['processed', 'ignored', 'parked', 'failed', 'waiting'],
    example: 'processed',
    description: 'What would become of it as things stand now; `waiting`: too fresh to be parked',
  })
  readonly outcome: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly code: string | null;

  @ApiProperty({ type: Object, example: { prescriptionId: eventId } })
  readonly related: Readonly<Record<string, unknown>>;

  @ApiProperty({ type: [ReplayChangeDto], description: 'Row by row what would change' })
  readonly changes: ReplayChangeDto[];

  @ApiProperty({ type: [ReplayTableDto], description: 'Rows written per table, also those not listed above' })
  readonly tables: ReplayTableDto[];

  constructor(replay: RehearsedReplay) {
    this.eventId = replay.eventId;
    this.source = replay.source;
    this.eventType = replay.eventType;
    this.hasHandler = replay.hasHandler;
    this.outcome = replay.outcome;
    this.code = replay.code;
    this.related = replay.related;
    this.changes = replay.changes.map((change) => new ReplayChangeDto(change));
    this.tables = replay.tables.map((table) => new ReplayTableDto(table));
  }
}

export class WebhookReplayDto extends RehearsedReplayDto {
  @ApiProperty({ example: true })
  readonly dryRun: boolean;

  @ApiProperty({
    enum: webhookStatuses,
    example: 'parked',
    description: 'Where it stands; `received` once it is handed out again',
  })
  readonly status: WebhookStatus;

  constructor(replay: Replay) {
    super(replay);
    this.dryRun = replay.dryRun;
    this.status = replay.status;
  }
}

export class ReplayProgressDto {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f90' })
  readonly id: string;

  @ApiProperty({ example: 'lifefile' })
  readonly source: string;

  @ApiProperty({ example: 1200, description: 'Events that matched when it was asked for' })
  readonly matching: number;

  @ApiProperty({ example: 1200 })
  readonly handedOut: number;

  @ApiProperty({ example: 40, description: 'Handed out, not handled yet' })
  readonly waiting: number;

  @ApiProperty({ example: 1150 })
  readonly processed: number;

  @ApiProperty({ example: 9 })
  readonly parked: number;

  @ApiProperty({ example: 1 })
  readonly failed: number;

  @ApiProperty({ example: 0 })
  readonly ignored: number;

  @ApiProperty({ example: false })
  readonly finished: boolean;

  @ApiProperty({ example: '2026-11-20T15:42:33.000Z' })
  readonly requestedAt: string;

  constructor({ replay, standing }: ReplayProgress) {
    this.id = replay.id;
    this.source = replay.source;
    this.matching = replay.matching;
    this.handedOut = replay.handedOut;
    this.waiting = standing.received;
    this.processed = standing.processed;
    this.parked = standing.parked;
    this.failed = standing.failed;
    this.ignored = standing.ignored;
    this.finished = replay.handedOutAt !== null && standing.received === 0;
    this.requestedAt = replay.requestedAt.toISOString();
  }
}

export class ReplayRangeAnswerDto {
  @ApiProperty({ example: true })
  readonly dryRun: boolean;

  @ApiProperty({ example: 1 })
  readonly matching: number;

  @ApiProperty({ type: [RehearsedReplayDto], description: 'Of a dry run, oldest first, each tried out alone' })
  readonly items: RehearsedReplayDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly nextCursor: string | null;

  @ApiPropertyOptional({ type: ReplayProgressDto, description: 'Of an applied one' })
  readonly replay?: ReplayProgressDto;

  constructor(answer: RangeRehearsal | ReplayProgress) {
    this.dryRun = 'items' in answer;
    this.matching = 'items' in answer ? answer.matching : answer.replay.matching;
    this.items = 'items' in answer ? answer.items.map((item) => new RehearsedReplayDto(item)) : [];
    this.nextCursor = 'items' in answer ? answer.nextCursor : null;
    if (!('items' in answer)) this.replay = new ReplayProgressDto(answer);
  }
}
