import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { completeOperations, operationsOf } from './openapi-complete.js';

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

/** What an operation lacks: a summary, a worked example, an error example. Empty when the documentation keeps its promise. */
export function openApiProblems(document: OpenAPIObject): string[] {
  return operationsOf(document).flatMap(({ name, operation }) => {
    const problems: string[] = [];
    if ((operation.summary ?? '') === '') problems.push(`${name}: no summary`);
    const body = operation.requestBody;
    if (body !== undefined && 'content' in body) problems.push(...withoutExample(body.content, `${name}: request`));
    for (const [status, response] of Object.entries(operation.responses)) {
      if (response === undefined || !('content' in response)) continue;
      problems.push(...withoutExample(response.content ?? {}, `${name}: answer ${status}`));
    }
    const answers = Object.keys(operation.responses);
    if (!answers.some((status) => /^[23]/.test(status))) problems.push(`${name}: no success answer`);
    if (!answers.some((status) => /^[45]/.test(status))) problems.push(`${name}: no error answer`);
    return problems;
  });
}

function withoutExample(content: Record<string, { example?: unknown; examples?: unknown }>, where: string): string[] {
  return Object.entries(content)
    .filter(
      ([type, media]) => media.example === undefined && media.examples === undefined && type !== 'text/event-stream',
    )
    .map(([type]) => `${where} ${type} has no example`);
}
