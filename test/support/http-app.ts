import type { Type } from '@nestjs/common';
import { HealthModule } from '../../src/platform/health/index.js';
import { FrozenClock } from './frozen-clock.js';
import { startModules } from './module-app.js';
import { surroundings } from './surroundings.js';

/** HTTP, health, accounts and audit with the given controllers and a clock that stands still. */
export async function startHttpApp(parts: { controllers?: Type[]; env?: Record<string, string> } = {}) {
  const clock = new FrozenClock();
  const app = await startModules(await surroundings('http'), { modules: [HealthModule], clock, ...parts });
  return { ...app, clock };
}
