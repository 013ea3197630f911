import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig } from '../config/index.js';
import { AppModule } from './app.module.js';
import { areas } from './openapi-areas.js';
import { buildOpenApi, setApiPrefix } from './platform/http/index.js';

/** What `/docs-json` answers, without a server: nothing is started and nothing is connected to (Nest's preview mode). */
export async function openApiDocument(): Promise<ReturnType<typeof buildOpenApi>> {
  const module = AppModule.forRoot({
    config: loadConfig({}),
    databaseUrl: 'postgres://unused',
    queueUrl: undefined,
    keys: { dataKeys: '', blindIndexKey: Buffer.alloc(0) },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  setApiPrefix(app);
  return buildOpenApi(app, areas);
}
