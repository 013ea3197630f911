import type { OpenAPIObject } from '@nestjs/swagger';

export type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

/** A schema may name itself; one ticket holds its thread, its messages and their authors. */
const deepest = 12;

/**
 * A worked example from the examples of a schema's properties. Undefined when a property has none: half an example would not
 * run, so it is better missed by the check.
 */
export function exampleOf(schema: Schema, schemas: Schemas, depth = 0): unknown {
  if (depth > deepest) return undefined;
  if ('$ref' in schema) {
    const target = schemas[schema.$ref.split('/').at(-1) ?? ''];
    return target === undefined ? undefined : exampleOf(target, schemas, depth + 1);
  }
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.oneOf?.[0] !== undefined) return exampleOf(schema.oneOf[0], schemas, depth + 1);
  if (schema.allOf !== undefined) return merged(schema.allOf, schemas, depth);
  if (schema.type === 'array' && schema.items !== undefined) return listOf(exampleOf(schema.items, schemas, depth + 1));
  if (schema.properties !== undefined) return objectOf(schema, schemas, depth);
  if (schema.type === 'boolean') return true;
  return undefined;
}

function listOf(item: unknown): unknown {
  return item === undefined ? undefined : [item];
}

function merged(parts: readonly Schema[], schemas: Schemas, depth: number): unknown {
  const examples = parts.map((part) => exampleOf(part, schemas, depth + 1));
  if (examples.some((example) => example === undefined)) return undefined;
  return Object.assign({}, ...examples) as unknown;
}

function objectOf(schema: Extract<Schema, { properties?: unknown }>, schemas: Schemas, depth: number): unknown {
  const required = new Set(schema.required ?? []);
  const members: [string, unknown][] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const example = exampleOf(property, schemas, depth + 1);
    if (example !== undefined) members.push([name, example]);
    else if (required.has(name)) return undefined;
  }
  return Object.fromEntries(members);
}
