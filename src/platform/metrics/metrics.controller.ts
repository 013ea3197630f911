import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { rotatingSecrets, type Config } from '../../../config/index.js';
import { CONFIG } from '../config/index.js';
import { constantTimeEqual } from '../crypto/index.js';
import { fail } from '../errors/index.js';
import { Public } from '../http/access-rule.js';
import { Metrics } from './metrics.js';

/** For Prometheus: a token of its own, or loopback only when none is set. */
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Public()
  @ApiExcludeEndpoint()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async read(@Req() request: FastifyRequest): Promise<string> {
    if (!mayRead(request, this.config.METRICS_TOKEN)) throw fail('auth.required');
    return await this.metrics.render();
  }
}

/** Behind a proxy on the same machine that is not declared everything is loopback: production requires a token. */
function mayRead(
  request: { headers: { authorization?: string | undefined }; ip: string },
  tokens: string | undefined,
): boolean {
  if (tokens === undefined) return /^(127\.|::1$|::ffff:127\.)/.test(request.ip);
  const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return rotatingSecrets(tokens)
    .map((token) => constantTimeEqual(given, token))
    .includes(true);
}
