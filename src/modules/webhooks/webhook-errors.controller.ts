import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Example } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { ReceivedThrough } from './dto/received-range.dto.js';
import { WebhookErrorsDto } from './dto/webhook-error.dto.js';
import { WebhookErrors, type ErrorRange } from './webhook-errors.service.js';

const csv = 'text/csv';
const csvExample =
  'id,source,event_type,status,code,received_at,processed_at,attempts,duration_ms,prescription_id\r\n' +
  '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57,lifefile,prescription.status.update shipping,parked,shipping.unknown-order,2026-11-20T15:42:33.000Z,2026-11-20T15:42:38.000Z,1,9,\r\n';

@ApiTags('ops')
@Controller('webhook-events')
export class WebhookErrorsController {
  constructor(private readonly errors: WebhookErrors) {}

  @Get('errors')
  @Can('webhooks:read')
  @ApiOperation({ summary: 'What went wrong with each source, by code, the latest first' })
  @ApiOkResponse({ type: WebhookErrorsDto })
  async groups(@Caller() caller: Principal, @Query() query: ReceivedThrough): Promise<WebhookErrorsDto> {
    return new WebhookErrorsDto(await this.errors.groups(caller, rangeOf(query)));
  }

  @Get('errors.csv')
  @Can('webhooks:read')
  @ApiOperation({ summary: 'The events behind the error log, one per line, newest first; ids and codes only' })
  @ApiProduces(csv)
  @ApiOkResponse({ description: 'CSV', content: { [csv]: { schema: { type: 'string' } } } })
  @Example({ responses: { [csv]: csvExample } })
  async csv(@Caller() caller: Principal, @Query() query: ReceivedThrough): Promise<StreamableFile> {
    return new StreamableFile(await this.errors.csv(caller, rangeOf(query)), {
      type: `${csv}; charset=utf-8`,
      disposition: 'attachment; filename="webhook-errors.csv"',
    });
  }
}

function rangeOf({ source, from, to }: ReceivedThrough): ErrorRange {
  return { source, from, to };
}
