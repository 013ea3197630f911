import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
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
  @Example({ response: readyExample })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    if (report.status === 'unavailable') reply.code(503).header('retry-after', retryAfterSeconds);
    return report;
  }
}
