import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Accepts, Example, Fails, TakesBrokenText, WithoutContext } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { WebhookReceivedDto } from '../webhooks/index.js';
import { StripeWebhook } from './stripe-webhook.service.js';

/** Under /api as all, and at the root because that address is in dashboards already. */
@ApiTags('webhooks')
@Controller()
export class StripeWebhookController {
  constructor(private readonly webhook: StripeWebhook) {}

  @Post(['webhooks/stripe', 'webhook/stripe'])
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts('application/json')
  @ApiOperation({ summary: 'Where Stripe tells what happened to payments; signed over the raw body' })
  @ApiHeader({
    name: 'stripe-signature',
    required: true,
    description: 'Stripe makes it with the endpoint secret',
    example: 't=1763647522,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
  })
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({
    request: {
      id: 'evt_1SVq2kLkdIwHu7ixZ2n5pQ4v',
      object: 'event',
      type: 'checkout.session.completed',
      data: {
        object: {
          id: 'cs_test_a1B2c3D4',
          object: 'checkout.session',
          payment_status: 'paid',
          amount_total: 1500,
          currency: 'usd',
        },
      },
    },
  })
  @Fails('webhook.stripe-signature-invalid', 'request.malformed', 'request.too-large', 'request.unsupported-media-type')
  async receive(
    @Req() { rawBody, headers, ip }: FastifyRequest,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<WebhookReceivedDto> {
    return new WebhookReceivedDto(await this.webhook.receive({ raw: rawBody, signature, headers, address: ip }));
  }
}
