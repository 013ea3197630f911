import 'reflect-metadata';
import { loadConfig } from '../config/index.js';
import { locateDatabase } from './platform/db/locate.js';
import { start } from './start.js';
import { startProblem } from './start-problem.js';

/** Starts the roles this process plays (ROLES) and stops them in order on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const database = await locateDatabase(config, (line) => process.stderr.write(`${line}\n`));
  const { databaseUrl, queueUrl } = database;
  const running = await start({ config, databaseUrl, queueUrl }).catch(async (error: unknown) => {
    await database.leave();
    throw error;
  });
  const stop = async () => {
    await running.stop();
    await database.stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${startProblem(error)}\n`);
  process.exit(1);
});
