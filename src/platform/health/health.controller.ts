import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/access-rule.js';
import { Example } from '../http/openapi.decorators.js';
import { Readiness, type ReadinessReport } from './readiness.js';

const retryAfterSeconds = 5;

const readyExample: ReadinessReport = {
  status: 'ready',
  parts: [
    { name: 'database', status: 'up', ms: 1 },
    { name: 'queue', status: 'up', ms: 2 },
    { name: 'storage', status: 'up', ms: 1 },
    { name: 'outbox', status: 'up', ms: 1, ageSeconds: 0 },
  ],
  vendors: [
    { name: 'stripe', mode: 'test' },
    { name: 'shippo', mode: 'off', missing: ['SHIPPO_API_TOKEN', 'SHIPPO_WEBHOOK_SECRET'] },
  ],
};

const unavailableExample: ReadinessReport = {
  ...readyExample,
  status: 'unavailable',
  parts: readyExample.parts.map((part) => (part.name === 'storage' ? { ...part, status: 'down', ms: 2_000 } : part)),
};

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'The process answers; it does not ask its neighbours' })
  @ApiOkResponse({ description: 'Alive.' })
  @Example({ response: { status: 'live' } })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({
    summary: 'Database, queue, storage, outbox age, and each vendor with its mode; 503 when a needed part is down',
  })
  @ApiOkResponse({ description: 'Ready.' })
  @ApiServiceUnavailableResponse({
    description: 'The same report: which needed part is down.',
    content: { 'application/json': { example: unavailableExample } },
  })
  @Example({ response: readyExample })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    if (report.status === 'unavailable') reply.code(503).header('retry-after', retryAfterSeconds);
    return report;
  }
}
