import { z } from 'zod';
import { settings, type Config, type SettingName } from './settings.js';
import { productionProblems } from './production.js';

export { isAddressOrNetwork } from './addresses.js';
export { rotatingSecrets } from './forms.js';
export { lifefileSettings } from './lifefile.js';
export {
  queueNames,
  roles,
  settings,
  type Config,
  type ProcessRole,
  type QueueName,
  type Setting,
  type SettingName,
} from './settings.js';
export { written } from './written.js';

export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`${problems.length} setting(s) cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads every setting from `env`, once, and freezes the result. Empty variables count as absent.
 * @throws ConfigError naming every problem by setting, never by value.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(settings) as SettingName[]) {
    const given = env[name] === '' ? undefined : env[name];
    const parsed = (settings[name].schema as z.ZodType).safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name}: ${[...new Set(parsed.error.issues.map((issue) => issue.message))].join('; ')}`);
  }
  const unreadable = new Set(problems.map(settingOf));
  problems.push(...productionProblems(values as Config).filter((problem) => !unreadable.has(settingOf(problem))));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values as Config);
}

/** A setting that could not be read is not missing as well. */
function settingOf(problem: string): string {
  return problem.split(':', 1)[0] ?? '';
}
