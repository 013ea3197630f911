import { Controller, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { WebhookDeliveryDto } from './dto/webhook-delivery.dto.js';
import { WebhookDeliveries } from './webhook-deliveries.service.js';

@ApiTags('webhook-endpoints')
@Controller('webhook-deliveries')
export class WebhookDeliveriesController {
  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Post(':id/resend')
  @HttpCode(202)
  @Can('webhook-endpoints:write')
  @Idempotent()
  @ApiOperation({ summary: 'Send a message again under its own webhook-id, with all its tries' })
  @ApiParam({ name: 'id', example: '019a6f51-4c1a-7e55-9d4b-0b7c3f1e4f33' })
  @ApiAcceptedResponse({ type: WebhookDeliveryDto })
  @Example<WebhookDeliveryDto>({ differs: { failureCode: null, nextAttemptAt: '2026-11-21T09:30:00.000Z' } })
  @Fails('webhook-delivery.not-found', 'webhook-delivery.under-way', 'webhook-endpoint.disabled')
  async resend(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WebhookDeliveryDto> {
    return new WebhookDeliveryDto(await this.deliveries.resend(caller, id));
  }
}
