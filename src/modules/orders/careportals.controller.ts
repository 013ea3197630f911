import { Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Accepts, Example, Fails, TakesBrokenText, WithoutContext } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { WebhookReceivedDto } from '../webhooks/index.js';
import { CarePortalsDoor } from './careportals-door.service.js';
import { eventNames } from './wire/event-name.policy.js';

const orderExample = {
  event: 'order.created',
  _id: '65a51b6e0c1f',
  id: '100234',
  source: 'web',
  totalAmount: 199.99,
  discountAmount: 50,
  baseAmount: 249.99,
  creditUsedAmount: 0,
  createdAt: '2026-11-20T10:30:00Z',
  coupon: 'WELCOME50',
  'customer._id': '65a51b6e0aaa',
  'customer.email': 'ada@example.com',
  'customer.firstName': 'Ada',
  'customer.lastName': 'Marsh',
  'shippingAddress.address1': '1 Elm St',
  'shippingAddress.city': 'Austin',
  'shippingAddress.provinceCode': 'TX',
  'shippingAddress.postalCode': '78701',
  'lineItems.0.productId': 'sema-1',
  'lineItems.0.name': 'Semaglutide, one month',
  'lineItems.0.drugName': 'semaglutide',
  'lineItems.0.listPrice': 249.99,
  'lineItems.0.price': 199.99,
  'lineItems.0.discount.reductionAmount': 50,
  'lineItems.0.discount.reductionType': 'dollar',
};

const summary = 'Where CarePortals tells of orders, subscriptions and prescriptions; a token, a signature, or both';
const signatureHeader = {
  name: 'x-careportals-signature',
  required: false,
  description: 'Hex HMAC-SHA256 of the raw body, with or without `sha256=`; when it is sent it must be right',
  example: 'sha256=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
};
const eventHeader = {
  name: 'x-careportals-event',
  required: false,
  description: 'The event, unless path or body names it',
  example: 'order.created',
};

/** CarePortals tells us here what its customers ordered. */
@ApiTags('webhooks')
@Controller('webhooks/careportals')
export class CarePortalsController {
  constructor(private readonly door: CarePortalsDoor) {}

  @Post()
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts('application/json')
  @ApiOperation({ summary })
  @ApiHeader(signatureHeader)
  @ApiHeader(eventHeader)
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({ request: orderExample })
  @Fails('webhook.signature-invalid', 'careportals.body-unreadable', 'careportals.event-disagrees')
  async receive(
    @Req() request: FastifyRequest,
    @Headers('x-careportals-signature') signature: string | undefined,
  ): Promise<WebhookReceivedDto> {
    return new WebhookReceivedDto(await this.door.receive(callOf(request, { signature, path: undefined })));
  }

  @Post(':event')
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts('application/json')
  @ApiOperation({ summary: `${summary}; the event in the path` })
  @ApiParam({ name: 'event', enum: eventNames, example: 'order.created' })
  @ApiHeader(signatureHeader)
  @ApiHeader(eventHeader)
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({ request: orderExample })
  @Fails('webhook.signature-invalid', 'careportals.body-unreadable', 'careportals.event-disagrees')
  async receiveNamed(
    @Req() request: FastifyRequest,
    @Param('event') path: string,
    @Headers('x-careportals-signature') signature: string | undefined,
  ): Promise<WebhookReceivedDto> {
    return new WebhookReceivedDto(await this.door.receive(callOf(request, { signature, path })));
  }
}

function callOf(
  { rawBody, headers, ip }: FastifyRequest,
  named: { signature: string | undefined; path: string | undefined },
) {
  return { raw: rawBody, headers, authorization: headers.authorization, address: ip, ...named };
}
