import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from '../../src/platform/http/openapi-complete.js';

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
