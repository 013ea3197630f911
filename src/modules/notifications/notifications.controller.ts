import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { ListNotificationsDto, NotificationDto, NotificationPageDto } from './dto/notifications.dto.js';
import { Notifications } from './notifications.service.js';

@ApiTags('notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly notifications: Notifications) {}

  @Get()
  @Can('notifications:read')
  @ApiOperation({
    summary:
      'Messages to patients, operations and pharmacies, newest first: what, by which channel, how far; never the words',
  })
  @ApiOkResponse({ type: NotificationPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListNotificationsDto): Promise<NotificationPageDto> {
    return new NotificationPageDto(await this.notifications.list(caller, query));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Can('notifications:write')
  @Idempotent()
  @ApiOperation({ summary: 'Send a message again that did not arrive' })
  @ApiParam({ name: 'id', example: '019a6f44-7c1a-7e55-9d4b-0b7c3f1e4f90' })
  @ApiAcceptedResponse({ type: NotificationDto })
  @Example<NotificationDto>({ differs: { status: 'pending', sentAt: null } })
  @Fails('notification.not-found', 'notification.not-retryable')
  async retry(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<NotificationDto> {
    return new NotificationDto(await this.notifications.retry(caller, id));
  }
}
