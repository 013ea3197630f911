import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  ListWebhookDeliveriesDto,
  pingExample,
  WebhookDeliveryDto,
  WebhookDeliveryPageDto,
} from './dto/webhook-delivery.dto.js';
import {
  ChangeWebhookEndpointDto,
  CreateWebhookEndpointDto,
  endpointIdExample,
  WebhookEndpointDto,
  WebhookEndpointListDto,
  WebhookEndpointSecretDto,
} from './dto/webhook-endpoint.dto.js';
import { RecoveredDto, RecoverWebhooksDto } from './dto/webhook-recovery.dto.js';
import { WebhookDeliveries } from './webhook-deliveries.service.js';
import { WebhookEndpoints } from './webhook-endpoints.service.js';

const idParam = { name: 'id', example: endpointIdExample };

@ApiTags('webhook-endpoints')
@Controller('webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly deliveries: WebhookDeliveries,
  ) {}

  @Post()
  @Can('webhook-endpoints:write')
  @Idempotent()
  @ApiOperation({ summary: 'Be told by webhook what happens; the secret that signs is shown this once' })
  @ApiCreatedResponse({ type: WebhookEndpointSecretDto })
  @Fails('webhook-endpoint.url-refused', 'webhook-endpoint.too-many')
  async create(
    @Caller() caller: Principal,
    @Body() { url, description, events }: CreateWebhookEndpointDto,
  ): Promise<WebhookEndpointSecretDto> {
    return new WebhookEndpointSecretDto(await this.endpoints.create(caller, { url, description, events }));
  }

  @Get()
  @Can('webhook-endpoints:read')
  @ApiOperation({ summary: 'Webhook endpoints of the organization, without their secrets' })
  @ApiOkResponse({ type: WebhookEndpointListDto })
  async list(@Caller() caller: Principal): Promise<WebhookEndpointListDto> {
    return new WebhookEndpointListDto(await this.endpoints.list(caller));
  }

  @Get(':id')
  @Can('webhook-endpoints:read')
  @ApiOperation({ summary: 'One webhook endpoint: what it hears, and whether it answers' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookEndpointDto })
  @Fails('webhook-endpoint.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WebhookEndpointDto> {
    return new WebhookEndpointDto(await this.endpoints.get(caller, id));
  }

  @Patch(':id')
  @Can('webhook-endpoints:write')
  @ApiOperation({ summary: 'Another address, description or choice of events; what is absent stays' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookEndpointDto })
  @Example<WebhookEndpointDto>({
    request: { events: ['delivered', 'cancelled'] },
    differs: { events: ['delivered', 'cancelled'], updatedAt: '2026-11-21T09:30:00.000Z' },
  })
  @Fails('webhook-endpoint.not-found', 'webhook-endpoint.url-refused')
  async change(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { url, description, events }: ChangeWebhookEndpointDto,
  ): Promise<WebhookEndpointDto> {
    return new WebhookEndpointDto(await this.endpoints.change(caller, id, { url, description, events }));
  }

  @Delete(':id')
  @Can('webhook-endpoints:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Tell it nothing more; what is still to be tried is given up' })
  @ApiParam(idParam)
  @ApiNoContentResponse()
  @Fails('webhook-endpoint.not-found')
  async remove(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.endpoints.remove(caller, id);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Can('webhook-endpoints:write')
  @Idempotent()
  @ApiOperation({ summary: 'A new secret, shown this once; for 24 hours messages are signed with both' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookEndpointSecretDto })
  @Example<WebhookEndpointSecretDto>({
    differs: {
      previousSecretUntil: '2026-11-22T09:30:00.000Z',
      updatedAt: '2026-11-21T09:30:00.000Z',
      secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
    },
  })
  @Fails('webhook-endpoint.not-found')
  async rotate(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WebhookEndpointSecretDto> {
    return new WebhookEndpointSecretDto(await this.endpoints.rotate(caller, id));
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Can('webhook-endpoints:write')
  @ApiOperation({
    summary: 'Tell an endpoint again that was disabled; what happened meanwhile is held until it is recovered',
  })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookEndpointDto })
  @Example<WebhookEndpointDto>({ differs: { updatedAt: '2026-11-21T09:30:00.000Z' } })
  @Fails('webhook-endpoint.not-found')
  async enable(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WebhookEndpointDto> {
    return new WebhookEndpointDto(await this.endpoints.enable(caller, id));
  }

  @Post(':id/recover')
  @HttpCode(202)
  @Can('webhook-endpoints:write')
  @Idempotent()
  @ApiOperation({ summary: 'Send what is held and what failed for good, in the order in which it happened' })
  @ApiParam(idParam)
  @ApiAcceptedResponse({ type: RecoveredDto })
  @Fails('webhook-endpoint.not-found', 'webhook-endpoint.disabled')
  async recover(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { since }: RecoverWebhooksDto,
  ): Promise<RecoveredDto> {
    return new RecoveredDto(await this.endpoints.recover(caller, id, since));
  }

  @Post(':id/test')
  @HttpCode(202)
  @Can('webhook-endpoints:write')
  @Idempotent()
  @ApiOperation({ summary: 'Send a ping, once; its deliveries say how it was answered' })
  @ApiParam(idParam)
  @ApiAcceptedResponse({ type: WebhookDeliveryDto })
  @Example<WebhookDeliveryDto>({ differs: pingExample })
  @Fails('webhook-endpoint.not-found')
  async test(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WebhookDeliveryDto> {
    return new WebhookDeliveryDto({ delivery: await this.endpoints.ping(caller, id), attempts: [] });
  }

  @Get(':id/deliveries')
  @Can('webhook-endpoints:read')
  @ApiOperation({
    summary: 'What the endpoint was told in the last 30 days, with every try, and what is held for it; newest first',
  })
  @ApiParam(idParam)
  @ApiOkResponse({ type: WebhookDeliveryPageDto })
  @Fails('webhook-endpoint.not-found')
  async listDeliveries(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) endpointId: string,
    @Query() { status, event, cursor, limit }: ListWebhookDeliveriesDto,
  ): Promise<WebhookDeliveryPageDto> {
    return new WebhookDeliveryPageDto(await this.deliveries.list(caller, { endpointId, status, event, cursor, limit }));
  }
}
