import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { defaultPageLimit, IsId, Optional, PageLimit } from '../../../platform/http/index.js';
import { parties, type Party } from '../../tickets/index.js';
import { audiences, type Audience } from '../message.entity.js';
import type { Reader } from '../reads.service.js';
import {
  exampleAttachmentId,
  exampleInstant,
  exampleMessageId,
  exampleThreadId,
  exampleUserId,
} from './message.dto.js';

const longestText = 10_000;
const mostAttachments = 10;

export class ThreadParams {
  @ApiProperty({ format: 'uuid', example: exampleThreadId })
  @IsId()
  id!: string;
}

export class MessageParams extends ThreadParams {
  @ApiProperty({ format: 'uuid', example: exampleMessageId })
  @IsId()
  messageId!: string;
}

export class AttachmentParams extends ThreadParams {
  @ApiProperty({ format: 'uuid', example: exampleAttachmentId })
  @IsId()
  attachmentId!: string;
}

export class ListMessagesQuery {
  @ApiPropertyOptional({ description: 'messages with a smaller `seq`', example: 51 })
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  before?: number;

  @ApiPropertyOptional({ description: 'messages with a greater `seq`', example: 1 })
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after?: number;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class EditMessageRequest {
  @ApiProperty({ minLength: 1, maxLength: longestText, example: 'Is 20 mg once a day meant, or twice?' })
  @IsString()
  @Length(1, longestText)
  @Matches(/[\p{L}\p{N}\p{P}\p{S}]/u, { message: 'text must say something' })
  text!: string;
}

export class PostMessageRequest extends EditMessageRequest {
  @ApiPropertyOptional({
    enum: audiences,
    description:
      '`providers`: doctor, pharmacy and the organization (the default between them); `all`: the patient too (the default ' +
      'of patients and of questions to them); `internal`: only the own house.',
    example: 'providers',
  })
  @Optional()
  @IsIn(audiences)
  audience?: Audience;

  @ApiPropertyOptional({
    description: 'The sender’s own id: the same twice is one message.',
    example: '0b7c3f1e-4f57-4a3c-9d62-6a1a9f5d2c11',
  })
  @Optional()
  @IsString()
  @Matches(/^[\x21-\x7e]{1,100}$/)
  clientMessageId?: string;

  @ApiPropertyOptional({ description: 'The status the message is about.', example: 'processing' })
  @Optional()
  @IsString()
  @Matches(/^[a-z][a-z_.-]{0,39}$/)
  statusRef?: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'Own uploads to this thread that no message has yet.',
    maxItems: mostAttachments,
    example: [exampleAttachmentId],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(mostAttachments)
  @ArrayUnique()
  @IsId({ each: true })
  attachmentIds?: string[];

  @ApiPropertyOptional({ description: 'A question of doctor or pharmacy that stops the work.', example: true })
  @Optional()
  @IsBoolean()
  blocks?: boolean;

  @ApiPropertyOptional({ enum: parties, description: 'Who must answer such a question.', example: 'doctor' })
  @Optional()
  @IsIn(parties)
  awaits?: Party;

  @ApiPropertyOptional({ description: 'The question this message answers.', example: exampleMessageId })
  @Optional()
  @IsId()
  answers?: string;
}

export class ReadRequest {
  @ApiProperty({ description: '`seq` of the last message that was read', minimum: 1, example: 7 })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  upTo!: number;
}

export class ReceiptResponse {
  @ApiProperty({ description: 'receipts never go back', example: 7 })
  lastReadSeq!: number;

  @ApiProperty({ description: 'messages of others that are left', example: 0 })
  unread!: number;
}

export class ReaderResponse {
  @ApiProperty({ enum: parties, example: 'pharmacy' })
  party!: Party;

  @ApiProperty({ example: exampleUserId })
  userId!: string;

  @ApiProperty({ example: 7 })
  lastReadSeq!: number;

  @ApiProperty({ example: exampleInstant })
  readAt!: string;
}

export class ReadersResponse {
  @ApiProperty({ type: [ReaderResponse] })
  items!: ReaderResponse[];
}

export function readersView(readers: readonly Reader[]): ReadersResponse {
  return {
    items: readers.map(({ party, userId, lastReadSeq, readAt }) => ({
      party,
      userId,
      lastReadSeq,
      readAt: readAt.toISOString(),
    })),
  };
}
