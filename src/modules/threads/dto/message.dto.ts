import { ApiProperty } from '@nestjs/swagger';
import { parties, type Party } from '../../tickets/index.js';
import { audiences, type Audience } from '../message.entity.js';
import type { OpenAttachment, OpenMessage } from '../message-texts.js';
import type { FormerText, MessagePage } from '../messages.service.js';
import { clinicQuestions } from '../system-notes.policy.js';

export const exampleThreadId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5d';
export const exampleMessageId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59';
export const exampleAttachmentId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5a';
export const exampleUserId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5b';
export const exampleInstant = '2026-11-21T01:28:00.000Z';
const examplePartyId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5c';
/** Notes carry no text: these are the words a client shows for a question of the platform. */
const codeMeanings = [
  'of a note, such as `prescription.sent`. What the platform asks the clinic:',
  ...clinicQuestions.map(({ code, says }) => `- \`${code}\`: ${says}`),
].join('\n');
const authorParties = [...parties, 'system'] as const;

export class AuthorResponse {
  @ApiProperty({ enum: authorParties, example: 'pharmacy' })
  party!: Party | 'system';

  @ApiProperty({ type: String, nullable: true, example: examplePartyId })
  partyId!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'null for a program and the platform',
    example: exampleUserId,
  })
  userId!: string | null;
}

export class AttachmentResponse {
  @ApiProperty({ example: exampleAttachmentId })
  id!: string;

  @ApiProperty({ description: 'as it was called where it was uploaded', example: 'label.jpg' })
  name!: string;

  @ApiProperty({ example: 'image/jpeg' })
  mediaType!: string;

  @ApiProperty({ example: 48_213 })
  sizeBytes!: number;
}

export class MessageResponse {
  @ApiProperty({ example: exampleMessageId })
  id!: string;

  @ApiProperty({ example: exampleThreadId })
  threadId!: string;

  @ApiProperty({ description: 'numbers the messages of a thread in the order in which they were kept', example: 7 })
  seq!: number;

  @ApiProperty({ description: 'of its latest change; the id of its event in the stream', example: 7 })
  revision!: number;

  @ApiProperty({ enum: audiences, example: 'providers' })
  audience!: Audience;

  @ApiProperty({
    enum: ['text', 'system'],
    description: '`system`: a note of the platform, see `code`',
    example: 'text',
  })
  kind!: 'text' | 'system';

  @ApiProperty({ type: AuthorResponse })
  author!: AuthorResponse;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'plain text; null of notes and deleted messages',
    example: 'Is 20 mg once a day meant, or twice?',
  })
  text!: string | null;

  @ApiProperty({ type: String, nullable: true, description: codeMeanings, example: null })
  code!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'the status it is about', example: 'processing' })
  statusRef!: string | null;

  @ApiProperty({ type: [AttachmentResponse] })
  attachments!: AttachmentResponse[];

  @ApiProperty({ description: 'a question without whose answer the work stops', example: true })
  blocks!: boolean;

  @ApiProperty({ enum: parties, nullable: true, description: 'who must answer', example: 'doctor' })
  awaits!: Party | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'of a question: when it was answered, or of one of the platform: overtaken',
    example: null,
  })
  answeredAt!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'the question this answers', example: null })
  answers!: string | null;

  @ApiProperty({ example: exampleInstant })
  createdAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  editedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  deletedAt!: string | null;
}

export class MessagePageResponse {
  @ApiProperty({ type: [MessageResponse] })
  items!: MessageResponse[];

  @ApiProperty({ type: Number, nullable: true, description: '`before` of the next page; null on the last', example: 7 })
  nextBefore!: number | null;
}

export class FormerTextResponse {
  @ApiProperty({ example: 1 })
  version!: number;

  @ApiProperty({ type: String, nullable: true, description: 'what it said until then', example: 'Is 20 mg meant?' })
  text!: string | null;

  @ApiProperty({ enum: ['edited', 'deleted'], example: 'edited' })
  change!: 'edited' | 'deleted';

  @ApiProperty({ type: String, nullable: true, description: 'user or API key', example: exampleUserId })
  changedBy!: string | null;

  @ApiProperty({ example: exampleInstant })
  changedAt!: string;
}

export class HistoryResponse {
  @ApiProperty({ type: [FormerTextResponse] })
  items!: FormerTextResponse[];
}

export function messageView(message: OpenMessage): MessageResponse {
  return {
    id: message.id,
    threadId: message.threadId,
    seq: message.seq,
    revision: message.revision,
    audience: message.audience,
    kind: message.kind,
    author: { party: message.authorParty, partyId: message.authorPartyId, userId: message.authorUserId },
    text: message.text,
    code: message.code,
    statusRef: message.statusRef,
    attachments: message.attachments.map(attachmentView),
    blocks: message.blocks,
    awaits: message.awaits,
    answeredAt: instant(message.answeredAt),
    answers: message.answers,
    createdAt: message.createdAt.toISOString(),
    editedAt: instant(message.editedAt),
    deletedAt: instant(message.deletedAt),
  };
}

export function attachmentView({ id, name, mediaType, sizeBytes }: OpenAttachment): AttachmentResponse {
  return { id, name, mediaType, sizeBytes };
}

export function pageView({ items, nextBefore }: MessagePage): MessagePageResponse {
  return { items: items.map(messageView), nextBefore };
}

export function historyView(former: readonly FormerText[]): HistoryResponse {
  return {
    items: former.map(({ version, text, change, changedBy, changedAt }) => ({
      version,
      text,
      change,
      changedBy,
      changedAt: changedAt.toISOString(),
    })),
  };
}

function instant(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
