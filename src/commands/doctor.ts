import '../utc.js';
import 'reflect-metadata';
import { ConfigError, loadConfig, type Config } from '../../config/index.js';
import { locateDatabase, type DatabaseLocation } from '../platform/db/locate.js';
import { examine } from './doctor/examine.js';
import { exitCodeOf, problemCode, renderFindings, summaryOf, type Finding } from './doctor/finding.js';

/** `npm run doctor`: looks at everything the product needs and says what to do next. Ends with 1 when something is broken. */
async function main(): Promise<void> {
  const findings = await diagnose();
  process.stdout.write(`${renderFindings(findings)}\n${summaryOf(findings)}\n`);
  process.exitCode = exitCodeOf(findings);
}

async function diagnose(): Promise<Finding[]> {
  const config = readSettings();
  if (!isConfig(config)) return config;
  const settings: Finding = {
    area: 'settings',
    level: 'ok',
    found: `${config.NODE_ENV}, roles ${config.ROLES.join(', ')}`,
  };
  let database: DatabaseLocation;
  try {
    database = await locateDatabase(config, (line) => process.stderr.write(`${line}\n`));
  } catch (error) {
    const next = 'The embedded database does not start; look at DATA_DIR, or set DATABASE_URL.';
    return [settings, { area: 'database', level: 'broken', found: `failed: ${problemCode(error)}`, next }];
  }
  try {
    return [settings, ...(await examine(config, database))];
  } finally {
    await database.leave();
  }
}

/** All problems at once; nothing else can be looked at before they are mended. */
function readSettings(): Config | Finding[] {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((found) => ({
      area: 'settings',
      level: 'broken',
      found,
      next: 'See the configuration table of the README.',
    }));
  }
}

function isConfig(value: Config | Finding[]): value is Config {
  return !Array.isArray(value);
}

main().catch((error: unknown) => {
  process.stderr.write(`doctor: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
});
