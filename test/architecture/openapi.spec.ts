import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig } from '../../config/index.js';
import { AppModule } from '../../src/app.module.js';
import { buildOpenApi, openApiProblems, setApiPrefix } from '../../src/platform/http/index.js';

describe('the OpenAPI document', () => {
  let document: ReturnType<typeof buildOpenApi>;

  beforeAll(async () => {
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
    document = buildOpenApi(app);
  });

  it('has a summary, worked examples and error examples on every operation', () => {
    expect(openApiProblems(document)).toEqual([]);
  });

  it('names each operation once', () => {
    const ids = Object.values(document.paths).flatMap((item) =>
      [item.get, item.post, item.put, item.patch, item.delete].flatMap((operation) => operation?.operationId ?? []),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
