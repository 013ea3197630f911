import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  ReplayProgressDto,
  ReplayRangeAnswerDto,
  ReplayRangeDto,
  ReplayWebhookDto,
  WebhookReplayDto,
} from './dto/webhook-replay.dto.js';
import { WebhookEvents } from './webhook-events.service.js';
import { WebhookReplays, type ReplayRange } from './webhook-replays.service.js';

const eventsTriedOut = 20;

const rangeExample = {
  dryRun: true,
  source: 'lifefile',
  status: 'parked',
  from: '2026-11-01T00:00:00Z',
  to: '2026-12-01T00:00:00Z',
};

@ApiTags('ops')
@Controller('webhook-events')
export class WebhookReplaysController {
  constructor(
    private readonly events: WebhookEvents,
    private readonly replays: WebhookReplays,
  ) {}

  @Post(':id/replay')
  @HttpCode(200)
  @Can('webhooks:replay')
  @Idempotent()
  @ApiOperation({
    summary: 'Hand an event to its handler again; says row by row what that would change unless dryRun is false',
    description:
      'A dry run is the handler itself in a transaction that is taken back; effects outside are refused in it.',
  })
  @ApiParam({ name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @ApiOkResponse({ type: WebhookReplayDto })
  @Fails('webhook.not-found', 'webhook.no-handler', 'webhook.under-way')
  async replay(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ReplayWebhookDto,
  ): Promise<WebhookReplayDto> {
    return new WebhookReplayDto(await this.events.replay(caller, id, body.dryRun ?? true));
  }

  @Post('replay')
  @HttpCode(200)
  @Can('webhooks:replay')
  @Idempotent()
  @ApiOperation({
    summary: 'Hand the events of a source, time and status to their handlers again; a dry run unless dryRun is false',
    description:
      'At most 100,000; events that are being worked on are left out. A dry run tries out a page of them, each alone and as things stand now.',
  })
  @ApiOkResponse({ type: ReplayRangeAnswerDto })
  @Example<ReplayRangeAnswerDto>({ request: rangeExample, differs: { replay: undefined } })
  @Fails('webhook.no-handler', 'webhook.replay-too-large')
  async replayRange(@Caller() caller: Principal, @Body() body: ReplayRangeDto): Promise<ReplayRangeAnswerDto> {
    const page = { cursor: body.cursor, limit: body.limit ?? eventsTriedOut };
    return new ReplayRangeAnswerDto(
      body.dryRun === false
        ? await this.replays.begin(caller, rangeOf(body))
        : await this.replays.rehearse(caller, rangeOf(body), page),
    );
  }

  @Get('replays/:id')
  @Can('webhooks:replay')
  @ApiOperation({ summary: 'How far a replay of a range has come' })
  @ApiParam({ name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f90' })
  @ApiOkResponse({ type: ReplayProgressDto })
  @Fails('webhook.replay-not-found')
  async progress(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<ReplayProgressDto> {
    return new ReplayProgressDto(await this.replays.progress(caller, id));
  }
}

function rangeOf({ source, status, eventType, from, to }: ReplayRangeDto): ReplayRange {
  return { source, status, eventType, from, to };
}
