import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Sse,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
  type MessageEvent,
} from '@nestjs/common';
import { FileInterceptor, type UploadedMultipartFile } from '@nestjs/platform-fastify/multipart';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Observable } from 'rxjs';
import { Accepts, Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { Attachments, type UploadedAttachment } from './attachments.service.js';
import { AttachmentResponse, attachmentView } from './dto/message.dto.js';
import {
  AttachmentParams,
  ReadersResponse,
  readersView,
  ReadRequest,
  ReceiptResponse,
  ThreadParams,
} from './dto/threads.dto.js';
import { Reads } from './reads.service.js';
import { ThreadStreams } from './thread-streams.js';

const streamExample = `id: 7
event: message
data: {"id":"019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59","seq":7,"revision":7,"audience":"providers","kind":"system","code":"prescription.received"}
`;

@ApiTags('threads')
@Controller('threads/:id')
export class ThreadsController {
  constructor(
    private readonly reads: Reads,
    private readonly attachments: Attachments,
    private readonly streams: ThreadStreams,
  ) {}

  @Post('read')
  @HttpCode(200)
  @Can('tickets:write')
  @ApiOperation({ summary: 'Says how far you have read; never goes back' })
  @ApiOkResponse({ type: ReceiptResponse })
  @Fails('thread.not-found', 'thread.person-required')
  read(
    @Caller() caller: Principal,
    @Param() { id }: ThreadParams,
    @Body() { upTo }: ReadRequest,
  ): Promise<ReceiptResponse> {
    return this.reads.read(caller, id, upTo);
  }

  @Get('reads')
  @Can('tickets:read')
  @ApiOperation({ summary: 'Who has read how far, of the messages that are for you' })
  @ApiOkResponse({ type: ReadersResponse })
  @Fails('thread.not-found')
  async readers(@Caller() caller: Principal, @Param() { id }: ThreadParams): Promise<ReadersResponse> {
    return readersView(await this.reads.readers(caller, id));
  }

  @Post('attachments')
  @Can('tickets:write')
  @Accepts('multipart/form-data')
  @Idempotent()
  @UseInterceptors(FileInterceptor('file'))
  @ApiBody({ schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } } })
  @Example({ requests: { 'multipart/form-data': { file: '(a JPEG, PNG or WebP file)' } } })
  @ApiOperation({ summary: 'A picture for a message; name its id in attachmentIds of the message' })
  @ApiCreatedResponse({ type: AttachmentResponse })
  @Fails('thread.not-found', 'thread.unlinked', 'thread.closed', 'thread.person-required', 'thread.attachment-missing')
  @Fails('thread.attachment-type', 'thread.attachment-too-large', 'thread.attachment-unreadable')
  @Fails('thread.attachment-refused', 'thread.attachment-unscanned')
  async attach(
    @Caller() caller: Principal,
    @Param() { id }: ThreadParams,
    @UploadedFile() file: UploadedMultipartFile | undefined,
  ): Promise<AttachmentResponse> {
    return attachmentView(await this.attachments.add(caller, id, uploadOf(file)));
  }

  @Get('attachments/:attachmentId')
  @Can('tickets:read')
  @ApiOperation({ summary: 'The picture, as an attachment; for the readers of its message' })
  @ApiProduces('image/jpeg')
  @Example({ responses: { 'image/jpeg': '(a JPEG file)' } })
  @ApiOkResponse({ description: 'The picture.' })
  @Fails('thread.attachment-not-found')
  async attachment(
    @Caller() caller: Principal,
    @Param() { id, attachmentId }: AttachmentParams,
  ): Promise<StreamableFile> {
    const { bytes, mediaType } = await this.attachments.get(caller, id, attachmentId);
    return new StreamableFile(bytes, {
      type: mediaType,
      disposition: `attachment; filename="attachment-${attachmentId}.jpg"`,
    });
  }

  @Sse('stream')
  @Can('tickets:read')
  @ApiOperation({
    summary: 'Messages and their changes as server-sent events, from now on',
    description:
      '`open` says where the stream begins. Each `message` holds the message as it is now, its id is the revision; come back ' +
      'with Last-Event-ID and nothing is missed for 7 days. `reset`: it cannot be continued, read the list and go on from here. ' +
      'The stream ends with the token it was opened with, and when the server stops.',
  })
  @ApiProduces('text/event-stream')
  @ApiHeader({ name: 'Last-Event-ID', required: false, example: '6' })
  @Example({ responses: { 'text/event-stream': streamExample } })
  @Fails('thread.not-found')
  stream(
    @Caller() caller: Principal,
    @Param() { id }: ThreadParams,
    @Headers('authorization') authorization: string | undefined,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    return this.streams.follow(caller, id, authorization, lastEventId);
  }
}

/** A file field nobody filled in arrives as a file without bytes. */
function uploadOf(file: UploadedMultipartFile | undefined): UploadedAttachment | undefined {
  if (file?.buffer === undefined || file.buffer.length === 0) return undefined;
  return { name: file.originalname, bytes: file.buffer };
}
