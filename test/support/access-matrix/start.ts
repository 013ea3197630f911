import { openApiDocument } from '../../../src/openapi-document.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../app.js';
import { readOperations, type DocumentedOperation } from '../operations.js';
import type { Target } from './ask.js';
import { buildWorld } from './world.js';

export interface Matrix extends Target {
  test: TestApp;
  get<T>(token: abstract new (...args: never[]) => T): T;
  /** Those of /docs-json, by name. */
  operations: ReadonlyMap<string, DocumentedOperation>;
  /** @throws when the table names an operation that is not there */
  operation(name: string): DocumentedOperation;
}

/** The product over HTTP with nothing moving in it, and the world of the matrix. */
export async function startMatrix(options: TestAppOptions = {}): Promise<Matrix> {
  const document = (await openApiDocument()) as unknown as Parameters<typeof readOperations>[0];
  const operations = new Map(readOperations(document).map((operation) => [operation.name, operation]));
  const test = await startTestApp({ sandbox: false, ...options, env: { ROLES: 'api', ...options.env } });
  const get = <T>(token: abstract new (...args: never[]) => T): T => test.app.get(token, { strict: false });
  try {
    const world = await buildWorld({ sql: test.sql, get });
    const operation = (name: string): DocumentedOperation => {
      const found = operations.get(name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      return found;
    };
    return { app: test.app, url: test.url, world, test, get, operations, operation };
  } catch (error) {
    await test.stop();
    throw error;
  }
}
