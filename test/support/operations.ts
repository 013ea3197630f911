/** The operations of /docs-json, as far as a caller who wants to break them needs to know them. */
export interface DocumentedOperation {
  /** `POST /api/users/{id}` */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** Undefined where no permission is asked for. */
  permission: string | undefined;
  /** Worked examples of the body by content type. */
  bodies: Readonly<Record<string, unknown>>;
  queries: readonly string[];
  /** `reason=call`, where the operation does not go without; empty elsewhere. */
  neededQuery: string;
  /** Error codes by status. */
  codes: ReadonlyMap<number, ReadonlySet<string>>;
}

interface OpenApiOperation {
  description?: string;
  parameters?: { in: string; name: string; required?: boolean; schema?: { example?: string | number } }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

export function readOperations(document: {
  paths: Record<string, Partial<Record<(typeof methods)[number], OpenApiOperation>>>;
}): DocumentedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [operationOf(path, method, operation)];
    }),
  );
}

function operationOf(path: string, method: (typeof methods)[number], operation: OpenApiOperation): DocumentedOperation {
  const verb = method.toUpperCase() as DocumentedOperation['method'];
  return {
    name: `${verb} ${path}`,
    method: verb,
    path,
    permission: /permission `([^`]+)`/.exec(operation.description ?? '')?.[1],
    bodies: Object.fromEntries(
      Object.entries(operation.requestBody?.content ?? {}).map(([type, { example }]) => [type, example]),
    ),
    queries: (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name),
    neededQuery: (operation.parameters ?? [])
      .filter((one) => one.in === 'query' && one.required === true)
      .map(({ name, schema }) => `${name}=${encodeURIComponent(String(schema?.example ?? 'x'))}`)
      .join('&'),
    codes: new Map(
      Object.entries(operation.responses).map(([status, answer]) => [
        Number(status),
        new Set(Object.keys(answer.content?.['application/problem+json']?.examples ?? {})),
      ]),
    ),
  };
}

/** The path with every parameter replaced. */
export function addressOf(path: string, parameter: string): string {
  return path.replaceAll(/\{[^}]+\}/g, parameter);
}

const mostFields = 60;

/** JSON bodies that differ from the example in one field, however deep, which holds `wrong` instead. */
export function spoiled(example: unknown, wrong: unknown): unknown[] {
  return spoiledEverywhere(example, wrong).slice(0, mostFields);
}

function spoiledEverywhere(value: unknown, wrong: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const members = Array.isArray(value) ? value.slice(0, 1).map((one, at) => [at, one] as const) : Object.entries(value);
  return members.flatMap(([name, member]) =>
    [wrong, ...spoiledEverywhere(member, wrong)].map((changed) =>
      Array.isArray(value) ? [changed, ...(value as unknown[]).slice(1)] : { ...value, [name]: changed },
    ),
  );
}

/** A multipart body as a browser writes it. */
export function multipart(
  boundary: string,
  parts: readonly { disposition: string; content: string | Buffer }[],
): Buffer {
  const pieces = parts.flatMap(({ disposition, content }) => [
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}
