import { Global, Module } from '@nestjs/common';
import { Backlog } from './backlog.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

@Global()
@Module({ providers: [Metrics, Backlog], controllers: [MetricsController], exports: [Metrics, Backlog] })
export class MetricsModule {}
