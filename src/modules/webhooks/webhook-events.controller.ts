import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  ListWebhookEventsDto,
  ShowWebhookEventDto,
  WebhookEventDetailDto,
  WebhookEventPageDto,
} from './dto/webhook-event.dto.js';
import { WebhookEvents, type WebhookListing } from './webhook-events.service.js';

const idParam = { name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' };
@ApiTags('ops')
@Controller('webhook-events')
export class WebhookEventsController {
  constructor(private readonly events: WebhookEvents) {}

  @Get()
  @Can('webhooks:read')
  @ApiOperation({ summary: 'What vendors told us, newest first; never the content' })
  @ApiOkResponse({ type: WebhookEventPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListWebhookEventsDto): Promise<WebhookEventPageDto> {
    return new WebhookEventPageDto(await this.events.list(caller, filterOf(query)));
  }

  @Get(':id')
  @Can('webhooks:read')
  @ApiOperation({
    summary: 'One event with what it was matched with, what it changed, and its structure with the values masked',
    description: '`reveal=true` shows what came instead. That needs `webhooks:reveal` and is recorded as such.',
  })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookEventDetailDto })
  @Fails('webhook.not-found', 'webhook.reveal-forbidden')
  async get(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: ShowWebhookEventDto,
  ): Promise<WebhookEventDetailDto> {
    return new WebhookEventDetailDto(await this.events.open(caller, id, query.reveal === 'true'));
  }
}

function filterOf(query: ListWebhookEventsDto): WebhookListing {
  const { id, related, source, status, from, to, cursor, limit } = query;
  return { id, related, source, status, from, to, cursor, limit };
}
