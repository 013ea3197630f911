import type { DynamicModule, Type } from '@nestjs/common';
import { CancellationModule } from '../../src/modules/cancellation/index.js';
import { IntakeModule } from '../../src/modules/intake/index.js';
import { OpsModule } from '../../src/modules/ops/index.js';
import { PrescriptionsModule } from '../../src/modules/prescriptions/index.js';
import { FrozenClock } from './frozen-clock.js';
import { startModules, type ModuleApp } from './module-app.js';
import { surroundings } from './surroundings.js';

export interface DoorApp extends ModuleApp {
  clock: FrozenClock;
}

/** The doors and the read side alone, with a clock that stands still: nothing moves a prescription but the test. */
export async function startDoorApp(extra: readonly (Type | DynamicModule)[] = []): Promise<DoorApp> {
  const clock = new FrozenClock();
  const app = await startModules(await surroundings('doors'), {
    modules: [...extra, PrescriptionsModule, CancellationModule, IntakeModule, OpsModule],
    clock,
    env: { ROLES: 'api' },
  });
  return { ...app, clock };
}
