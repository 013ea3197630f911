import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import type { ImportedLine, ImportReport } from '../webhook-import.service.js';

export class ImportWebhooksQuery {
  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'true',
    example: 'true',
    description: 'Only say what would be new',
  })
  @Optional()
  @IsIn(['true', 'false'])
  dryRun?: 'true' | 'false';
}

export class ImportedEventDto {
  @ApiProperty({ example: 'prescription.status.update shipping' })
  readonly eventType: string;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly eventId: string | null;

  @ApiProperty({ example: false })
  readonly duplicate: boolean;

  constructor(event: ImportedLine['events'][number]) {
    this.eventType = event.eventType;
    this.eventId = event.eventId;
    this.duplicate = event.duplicate;
  }
}

export class ImportedLineDto {
  @ApiProperty({ example: 1 })
  readonly line: number;

  @ApiProperty({ type: String, nullable: true, example: 'lifefile' })
  readonly source: string | null;

  @ApiProperty({ enum: ['new', 'duplicate', 'refused'], example: 'new' })
  readonly result: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it was refused' })
  readonly code: string | null;

  @ApiProperty({ type: [ImportedEventDto] })
  readonly events: ImportedEventDto[];

  constructor({ line, source, result, code, events }: ImportedLine) {
    this.line = line;
    this.source = source;
    this.result = result;
    this.code = code;
    this.events = events.map((event) => new ImportedEventDto(event));
  }
}

export class WebhookImportDto {
  @ApiProperty({ example: true })
  readonly dryRun: boolean;

  @ApiProperty({ example: 1, description: 'Lines' })
  readonly new: number;

  @ApiProperty({ example: 0 })
  readonly duplicate: number;

  @ApiProperty({ example: 0 })
  readonly refused: number;

  @ApiProperty({ type: [ImportedLineDto] })
  readonly lines: ImportedLineDto[];

  constructor(report: ImportReport) {
    this.dryRun = report.dryRun;
    this.new = report.new;
    this.duplicate = report.duplicate;
    this.refused = report.refused;
    this.lines = report.lines.map((line) => new ImportedLineDto(line));
  }
}
