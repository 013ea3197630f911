import '../utc.js';
import 'reflect-metadata';
import { openApiDocument } from '../openapi-document.js';

/** `npm run openapi`: the document on standard output. */
async function main(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await openApiDocument(), undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'cannot build the document'}\n`);
  process.exitCode = 1;
});
