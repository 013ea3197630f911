import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig } from '../../config/index.js';
import { AppModule } from '../app.module.js';
import { buildOpenApi, setApiPrefix } from '../platform/http/index.js';

/** `npm run openapi`: the document on standard output. Nothing is started and nothing is connected to (Nest's preview mode). */
async function main(): Promise<void> {
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
  process.stdout.write(`${JSON.stringify(buildOpenApi(app), undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'cannot build the document'}\n`);
  process.exitCode = 1;
});
