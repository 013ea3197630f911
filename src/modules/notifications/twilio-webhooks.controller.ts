import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Accepts, Example, Fails, TakesBrokenText, WithoutContext } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { WebhookReceivedDto } from '../webhooks/index.js';
import { TwilioWebhook, type TwilioRequest } from './twilio-webhook.service.js';

const form = 'application/x-www-form-urlencoded';
const signatureHeader = {
  name: 'x-twilio-signature',
  required: true,
  description: 'Twilio makes it from the public address and the fields with the account token',
  example: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
};

@ApiTags('webhooks')
@Controller('webhooks/twilio')
export class TwilioWebhooksController {
  constructor(private readonly webhook: TwilioWebhook) {}

  @Post('status')
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts(form)
  @ApiOperation({ summary: 'Where Twilio tells what became of a text message' })
  @ApiHeader(signatureHeader)
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({ requests: { [form]: { MessageSid: 'SM2f1c0d9e8b7a6f5e4d3c2b1a09f8e7d6', MessageStatus: 'delivered' } } })
  @Fails('webhook.signature-invalid', 'request.malformed', 'request.too-large', 'request.unsupported-media-type')
  async status(
    @Req() request: FastifyRequest,
    @Headers('x-twilio-signature') signature: string | undefined,
  ): Promise<WebhookReceivedDto> {
    return new WebhookReceivedDto(await this.webhook.receiveStatus(requestOf(request, signature)));
  }

  @Post('inbound')
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts(form)
  @ApiOperation({
    summary: 'Where Twilio hands over what people answer; STOP and START take effect at once',
    description: 'The answer is that of every door and no TwiML: Twilio answers STOP and HELP by itself.',
  })
  @ApiHeader(signatureHeader)
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({
    requests: { [form]: { MessageSid: 'SM2f1c0d9e8b7a6f5e4d3c2b1a09f8e7d6', From: '+12025550143', Body: 'STOP' } },
  })
  @Fails('webhook.signature-invalid', 'request.malformed', 'request.too-large', 'request.unsupported-media-type')
  async inbound(
    @Req() request: FastifyRequest,
    @Headers('x-twilio-signature') signature: string | undefined,
  ): Promise<WebhookReceivedDto> {
    return new WebhookReceivedDto(await this.webhook.receiveInbound(requestOf(request, signature)));
  }
}

function requestOf(
  { rawBody, originalUrl, body, headers, ip }: FastifyRequest,
  signature: string | undefined,
): TwilioRequest {
  return { raw: rawBody, url: originalUrl, fields: body, signature, headers, address: ip };
}
