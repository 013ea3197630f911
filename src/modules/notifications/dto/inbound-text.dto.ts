import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IdCursor, PageLimit, defaultPageLimit, type Page, Optional } from '../../../platform/http/index.js';
import { textMeanings, type TextMeaning } from '../inbound-text.entity.js';
import type { ShownText } from '../inbound-texts.service.js';

const answers = ['true', 'false'] as const;

export class ListInboundTextsDto {
  @ApiPropertyOptional({ enum: answers, example: 'true', description: 'Only those somebody still has to look at' })
  @Optional()
  @IsIn(answers)
  open?: (typeof answers)[number];

  @IdCursor()
  cursor?: string;

  @PageLimit(100)
  limit: number = defaultPageLimit;
}

export class InboundTextDto {
  @ApiProperty({ example: '019a6f52-6c1a-7e55-9d4b-0b7c3f1e4f44' })
  readonly id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
    description: 'Null: several patients share the phone',
  })
  readonly patientId: string | null;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  readonly prescriptionId: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '019a6f44-7c1a-7e55-9d4b-0b7c3f1e4f90',
    description: 'The last message to this phone, which it answers as far as anybody can tell',
  })
  readonly notificationId: string | null;

  @ApiProperty({
    enum: textMeanings,
    example: 'words',
    description: '`revocation`: read as STOP although it is not one of its words; nothing more is sent to that number',
  })
  readonly meaning: TextMeaning;

  @ApiProperty({ example: 'Can you leave it at the back door?' })
  readonly text: string;

  @ApiProperty({ example: '2026-11-20T14:15:22.000Z' })
  readonly receivedAt: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Null: somebody has to look at it' })
  readonly handledAt: string | null;

  constructor({ text, body }: ShownText) {
    this.id = text.id;
    this.patientId = text.patientId;
    this.prescriptionId = text.prescriptionId;
    this.notificationId = text.notificationId;
    this.meaning = text.meaning;
    this.text = body;
    this.receivedAt = text.receivedAt.toISOString();
    this.handledAt = text.handledAt?.toISOString() ?? null;
  }
}

export class InboundTextPageDto {
  @ApiProperty({ type: [InboundTextDto] })
  readonly items: InboundTextDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly nextCursor: string | null;

  constructor(page: Page<ShownText>) {
    this.items = page.items.map((item) => new InboundTextDto(item));
    this.nextCursor = page.nextCursor;
  }
}
