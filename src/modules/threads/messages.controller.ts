import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  historyView,
  HistoryResponse,
  MessagePageResponse,
  MessageResponse,
  messageView,
  pageView,
} from './dto/message.dto.js';
import {
  EditMessageRequest,
  ListMessagesQuery,
  MessageParams,
  PostMessageRequest,
  ThreadParams,
} from './dto/threads.dto.js';
import { Messages } from './messages.service.js';

/** Later than the message. */
const exampleChange = '2026-11-21T01:31:00.000Z';

const messageExample = {
  text: 'Is 20 mg once a day meant, or twice?',
  audience: 'providers',
  clientMessageId: '0b7c3f1e-4f57-4a3c-9d62-6a1a9f5d2c11',
};

@ApiTags('threads')
@Controller('threads/:id/messages')
export class MessagesController {
  constructor(private readonly messages: Messages) {}

  @Get()
  @Can('tickets:read')
  @ApiOperation({
    summary: 'What was said on a ticket, newest first, as far as it is for you',
    description: 'Keyset-paged by `seq`: pass `nextBefore` on as `before`.',
  })
  @ApiOkResponse({ type: MessagePageResponse })
  @Fails('thread.not-found')
  async list(
    @Caller() caller: Principal,
    @Param() { id }: ThreadParams,
    @Query() query: ListMessagesQuery,
  ): Promise<MessagePageResponse> {
    return pageView(await this.messages.page(caller, id, query));
  }

  @Post()
  @Can('tickets:write')
  @ApiOperation({
    summary: 'Says something, once: the same clientMessageId with the same content is the same message',
    description: 'A repeat is answered with 200, the message as it is now and `Idempotent-Replayed: true`.',
  })
  @ApiCreatedResponse({ type: MessageResponse })
  @Example<MessageResponse>({
    request: messageExample,
    differs: { statusRef: null, attachments: [], blocks: false, awaits: null },
  })
  @Fails('thread.not-found', 'thread.unlinked', 'thread.closed', 'thread.not-sent', 'thread.audience-forbidden')
  @Fails('thread.text-not-plain')
  @Fails('thread.client-id-reused', 'thread.attachment-unknown', 'thread.message-not-found')
  @Fails('thread.question-forbidden', 'thread.question-incomplete', 'thread.awaits-nobody', 'thread.awaits-cannot-read')
  @Fails('thread.not-a-question', 'thread.not-awaited', 'thread.already-answered', 'thread.answer-hidden')
  async post(
    @Caller() caller: Principal,
    @Param() { id }: ThreadParams,
    @Body() body: PostMessageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageResponse> {
    const [message, outcome] = await this.messages.post(caller, id, body);
    if (outcome === 'replayed') void reply.code(200).header('idempotent-replayed', 'true');
    return messageView(message);
  }

  @Patch(':messageId')
  @Can('tickets:write')
  @ApiOperation({ summary: 'Changes the text of an own message; what it said before is kept' })
  @ApiOkResponse({ type: MessageResponse })
  @Example<MessageResponse>({ differs: { revision: 8, editedAt: exampleChange } })
  @Fails('thread.message-not-found', 'thread.message-not-yours', 'thread.message-deleted')
  @Fails('thread.closed', 'thread.unlinked', 'thread.not-found', 'thread.text-not-plain')
  async edit(
    @Caller() caller: Principal,
    @Param() { id, messageId }: MessageParams,
    @Body() { text }: EditMessageRequest,
  ): Promise<MessageResponse> {
    return messageView(await this.messages.edit(caller, id, messageId, text));
  }

  @Delete(':messageId')
  @Can('tickets:write')
  @ApiOperation({ summary: 'Deletes an own message: it stays in its place, without text and attachments' })
  @ApiOkResponse({ type: MessageResponse })
  @Example<MessageResponse>({ differs: { revision: 8, text: null, attachments: [], deletedAt: exampleChange } })
  @Fails('thread.message-not-found', 'thread.message-not-yours', 'thread.message-deleted')
  @Fails('thread.closed', 'thread.unlinked', 'thread.not-found')
  async remove(@Caller() caller: Principal, @Param() { id, messageId }: MessageParams): Promise<MessageResponse> {
    return messageView(await this.messages.remove(caller, id, messageId));
  }

  @Get(':messageId/history')
  @Can('tickets:read')
  @ApiOperation({ summary: 'What a message said before, oldest first; for its author’s party and operations' })
  @ApiOkResponse({ type: HistoryResponse })
  @Fails('thread.message-not-found', 'thread.history-not-yours', 'thread.not-found')
  async history(@Caller() caller: Principal, @Param() { id, messageId }: MessageParams): Promise<HistoryResponse> {
    return historyView(await this.messages.history(caller, id, messageId));
  }
}
