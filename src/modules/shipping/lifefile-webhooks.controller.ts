import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Accepts, Example, Fails, TakesBrokenText, WithoutContext } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { SourceHealth, SourceHealthDto, WebhookReceivedDto } from '../webhooks/index.js';
import { LifefileDoor, type LifefilePush } from './lifefile-door.service.js';
import { lifefileSource } from './lifefile.policy.js';

const documentedExample = {
  eventType: 'prescription.status.update',
  timestamp: '2026-11-20T15:42:33Z',
  referenceId: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
  prescription: { rxNumber: '66692847', orderId: '7771349652', fillId: '1004821', quantity: 30 },
  status: { current: 'order_shipped', previous: 'order_processing', changedAt: '2026-11-20T15:42:33Z' },
  tracking: { trackingNumber: '1Z999AA1234567890', carrier: 'UPS', estimatedDelivery: '2026-11-23' },
};

const xmlExample = `<prescriptions>
  <prescription>
    <orderId>7771349652</orderId><fillId>100482</fillId><rxNumber>66692847</rxNumber>
    <referenceId>019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57</referenceId>
    <rxStatus>Shipping</rxStatus><rxStatusDateTime>2026-11-20T15:42:33</rxStatusDateTime>
    <shipCarrier>UPS</shipCarrier><trackingNumber>1Z999AA1234567890</trackingNumber>
  </prescription>
</prescriptions>`;

const arrayExample = JSON.stringify([
  {
    orderId: '7771349652',
    fillId: '100482',
    rxNumber: '66692847',
    referenceId: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
    rxStatus: 'Rx Scheduled',
    rxStatusDateTime: '2026-11-20T09:12:00',
  },
]);

const path = 'lifefile/prescription-status';

/** Where partner pharmacies tell what became of an order. */
@ApiTags('webhooks')
@Controller('webhooks')
export class LifefileWebhooksController {
  constructor(
    private readonly door: LifefileDoor,
    private readonly health: SourceHealth,
  ) {}

  @Get(path)
  @Public()
  @ApiOperation({
    summary: 'Tells a pharmacy that this address is right and how its pushes fare; numbers and times only',
  })
  @ApiOkResponse({ type: SourceHealthDto })
  async up(): Promise<SourceHealthDto> {
    return new SourceHealthDto(await this.health.of(lifefileSource));
  }

  @Post(path)
  @HttpCode(200)
  @Public()
  @WithoutContext()
  @TakesBrokenText()
  @Accepts('application/json', 'application/xml', 'text/xml', 'text/plain')
  @ApiOperation({
    summary: 'Where partner pharmacies tell what became of an order',
    description:
      'The documented object, or what pharmacies push: an array with one item per prescription, arrays in an array, a bare object; as JSON or XML. ' +
      'Authenticated as configured: a signature over the raw body, Basic, a bearer token, a token in the address, the address of the sender. ' +
      'What comes by a configured method must be right, also beside another that is; what comes by one that is not configured is left alone. ' +
      'Each prescription is one event; the answer names the first.',
  })
  @ApiHeader({
    name: 'x-lifefile-signature',
    required: false,
    description: 'Hex HMAC-SHA256 of the raw body, with or without `sha256=`; when it is sent it must be right',
    example: 'sha256=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
  })
  @ApiQuery({ name: 'token', required: false, example: 'the-secret-of-this-address' })
  @ApiOkResponse({ type: WebhookReceivedDto })
  @Example({
    requests: {
      'application/json': documentedExample,
      'application/xml': xmlExample,
      'text/xml': xmlExample,
      'text/plain': arrayExample,
    },
  })
  @Fails('webhook.signature-invalid', 'lifefile.body-unreadable', 'lifefile.too-many-parts')
  // Each decorated parameter walks through all pipes, of which none has anything to say here.
  async push(@Req() { rawBody, body, headers, query, ip }: FastifyRequest): Promise<WebhookReceivedDto> {
    const { token } = query as Record<string, unknown>;
    const push: LifefilePush = {
      raw: rawBody,
      // XML and text/plain come as bytes.
      json: Buffer.isBuffer(body) ? undefined : body,
      headers,
      signature: textOf(headers['x-lifefile-signature']),
      authorization: headers.authorization,
      token: textOf(token),
      address: ip,
    };
    return new WebhookReceivedDto(await this.door.receive(push));
  }
}

/** What is given twice is no credential. */
function textOf(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}
