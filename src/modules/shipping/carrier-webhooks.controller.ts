import { Controller, Headers, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Accepts, Example, Fails, TakesBrokenText, WithoutContext } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { WebhookReceivedDto } from '../webhooks/index.js';
import { CarrierWebhooks, type IncomingPush } from './carrier-webhooks.service.js';

const shippoExample = {
  event: 'track_updated',
  test: true,
  data: {
    carrier: 'usps',
    tracking_number: '9205590164917312751089',
    eta: '2026-11-24T00:00:00Z',
    tracking_status: {
      status: 'TRANSIT',
      substatus: { code: 'out_for_delivery', text: 'Out for delivery.', action_required: false },
      status_date: '2026-11-24T13:03:00Z',
      status_details: 'Your shipment is on its way.',
      location: { city: 'Reno', state: 'NV', zip: '89501', country: 'US' },
    },
  },
};

/** Carriers tell us here what became of parcels. */
@ApiTags('webhooks')
@Controller('webhooks')
export class CarrierWebhooksController {
  constructor(private readonly webhooks: CarrierWebhooks) {}

  @Post('shippo')
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts('application/json')
  @ApiOperation({ summary: 'Where Shippo tells where parcels are; a token in the address, a signature, or both' })
  @ApiQuery({ name: 'token', required: false, example: 'the-secret-of-this-address' })
  @ApiHeader({
    name: 'shippo-auth-signature',
    required: false,
    description: 'HMAC-SHA256 over time and raw body; when it is sent it must be right',
    example: 't=1763647522,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
  })
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({ request: shippoExample })
  @Fails('webhook.signature-invalid')
  async shippo(
    @Req() request: FastifyRequest,
    @Headers('shippo-auth-signature') signature: string | undefined,
    @Query('token') token: string | string[] | undefined,
  ): Promise<WebhookReceivedDto> {
    return new WebhookReceivedDto(
      await this.webhooks.shippo(pushOf(request), { signature, token: typeof token === 'string' ? token : undefined }),
    );
  }
}

function pushOf({ rawBody, headers, ip }: FastifyRequest): IncomingPush {
  return { raw: rawBody, headers, address: ip };
}
