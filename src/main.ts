import './utc.js';
import 'reflect-metadata';
import cluster from 'node:cluster';
import { loadConfig, type Config } from '../config/index.js';
import { ApiProcesses } from './api-processes.js';
import { locateDatabase, type DatabaseLocation } from './platform/db/locate.js';
import { startProblem } from './start-problem.js';

const log = (line: string) => process.stderr.write(`${line}\n`);

/** Starts the roles this process plays (ROLES) and stops them in order on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const database = await locateDatabase(config, log);
  const severalAnswer = config.API_PROCESSES > 1 && cluster.isPrimary;
  const running = await (severalAnswer ? startSeveral : startHere)(config, database).catch(async (error: unknown) => {
    await database.leave();
    throw error;
  });
  const stop = async () => {
    await running.stop();
    await database.stop();
  };
  let ending: Promise<never> | undefined;
  // May come more than once: a terminal and systemd tell every process of a group, and so does the one that keeps others. One
  // that nobody listened to would cut short what the first one ends.
  const end = () => {
    ending ??= stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
}

async function startHere(config: Config, { databaseUrl, queueUrl }: DatabaseLocation) {
  // Not for the process that only keeps others.
  const { start } = await import('./start.js');
  return start({ config, databaseUrl, queueUrl });
}

async function startSeveral(config: Config, { databaseUrl, queueUrl }: DatabaseLocation) {
  const env = { DATABASE_URL: databaseUrl, ...(queueUrl !== undefined && { QUEUE_DATABASE_URL: queueUrl }) };
  const processes = new ApiProcesses(env, log);
  await processes.start(config.API_PROCESSES);
  return processes;
}

main().catch((error: unknown) => {
  log(startProblem(error));
  process.exit(1);
});
