import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  ListWebhookEventsDto,
  ReplayWebhookDto,
  WebhookEventDetailDto,
  WebhookEventPageDto,
  WebhookReplayDto,
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
  @ApiOperation({ summary: 'One event with what it was matched with' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookEventDetailDto })
  @Fails('webhook.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WebhookEventDetailDto> {
    return new WebhookEventDetailDto(await this.events.get(caller, id));
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Can('webhooks:replay')
  @ApiOperation({ summary: 'Hand an event to its handler again; says what it would do unless `dryRun` is false' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookReplayDto })
  @Fails('webhook.not-found', 'webhook.no-handler', 'webhook.under-way')
  async replay(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ReplayWebhookDto,
  ): Promise<WebhookReplayDto> {
    return new WebhookReplayDto(await this.events.replay(caller, id, body.dryRun ?? true));
  }
}

function filterOf({ source, status, from, to, cursor, limit }: ListWebhookEventsDto): WebhookListing {
  return { source, status, from, to, cursor, limit };
}
