import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Accepts, Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { ImportWebhooksQuery, WebhookImportDto } from './dto/webhook-import.dto.js';
import { WebhookImport } from './webhook-import.service.js';

const ndjson = 'application/x-ndjson';
const lineExample = JSON.stringify({
  source: 'lifefile',
  headers: { 'content-type': 'application/json' },
  body: '[{"orderId":"7771349652","rxNumber":"66692847","rxStatus":"Shipping","rxStatusDateTime":"2026-11-20T15:42:33"}]',
});

@ApiTags('ops')
@Controller('webhook-events')
export class WebhookImportController {
  constructor(private readonly imports: WebhookImport) {}

  @Post('import')
  @HttpCode(200)
  @Can('webhooks:import')
  @Accepts(ndjson)
  @ApiOperation({
    summary: 'Take bodies that were missed through the same inbox; a dry run unless dryRun=false',
    description:
      'One JSON object per line: `source` (of a vendor that has several, which one), `headers`, and `body` as text or `bodyBase64`; of CarePortals `event` as well where it stood ' +
      'in the address, since a body whose event nobody names is refused as `careportals.event-unnamed`. ' +
      'At most 10,000 lines of 1 MB and 20 MB in all, ' +
      'read as they come. Signatures are not asked for: whoever imports answers for the sender, and is recorded. It is taken for ' +
      'your organization: what it says of things of others is parked as unknown. ' +
      'One that is broken off keeps what was taken: `imported` of the problem says how many lines and events that is.',
  })
  @ApiOkResponse({ type: WebhookImportDto })
  @Example({ requests: { [ndjson]: `${lineExample}\n` } })
  @Fails('webhook.import-too-many-lines', 'request.too-large', 'request.unsupported-media-type')
  async import(
    @Caller() caller: Principal,
    @Req() { body }: FastifyRequest,
    @Query() query: ImportWebhooksQuery,
  ): Promise<WebhookImportDto> {
    const lines = body instanceof Readable ? body : Readable.from([]);
    return new WebhookImportDto(await this.imports.run(caller, lines, query.dryRun !== 'false'));
  }
}
