import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { completeOperations } from './openapi-complete.js';

const description = `Prescription fulfilment from intake to the patient's door.

Errors are \`application/problem+json\` with a stable \`code\`; every operation lists the codes it may answer. Sign in with
\`POST /api/auth/login\` and send the access token as \`Authorization: Bearer …\`, or send an API key (\`phk_…\`) the same way.
POSTs that create or cost accept an \`Idempotency-Key\`. Lists are read with a cursor.`;

/** Areas of the API (tags) in reading order, each with a sentence. */
export type Areas = Readonly<Record<string, string>>;

/** The documentation of everything, complete with examples: for /docs, /docs-json and `npm run openapi`. */
export function buildOpenApi(app: INestApplication, areas: Areas = {}): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Pharmonico')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token or an API key' });
  for (const [name, purpose] of Object.entries(areas)) builder.addTag(name, purpose);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return completeOperations(document);
}
