import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { exampleId } from './dto/order.dto.js';
import { ListSubscriptionsDto, SubscriptionDto, SubscriptionPageDto } from './dto/subscription.dto.js';
import { Subscriptions } from './subscriptions.service.js';

@ApiTags('orders')
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(private readonly subscriptions: Subscriptions) {}

  @Get()
  @Can('orders:read')
  @ApiOperation({ summary: 'Subscriptions that were cancelled or paused at CarePortals, newest first' })
  @ApiOkResponse({ type: SubscriptionPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListSubscriptionsDto): Promise<SubscriptionPageDto> {
    return new SubscriptionPageDto(await this.subscriptions.list(caller, query));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Can('orders:write')
  @ApiOperation({ summary: 'Let the customer be reminded again, until CarePortals stops the subscription anew' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: SubscriptionDto })
  @Example<SubscriptionDto>({
    differs: { remindersSuppressed: false, resumedAt: '2026-11-21T09:30:00.000Z', resumedBy: 'ops' },
  })
  @Fails('subscription.not-found', 'subscription.not-stopped')
  async resume(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<SubscriptionDto> {
    return new SubscriptionDto(await this.subscriptions.resume(caller, id));
  }
}
