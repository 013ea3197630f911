import { DirectoryModule } from '../../src/modules/directory/index.js';
import { PrescriptionsModule } from '../../src/modules/prescriptions/index.js';
import { TicketsModule } from '../../src/modules/tickets/index.js';
import { WebhookEndpointsModule } from '../../src/modules/webhook-endpoints/index.js';
import { FrozenClock } from './frozen-clock.js';
import { startModules, type ModuleApp } from './module-app.js';
import { surroundings } from './surroundings.js';
import { startReceiver, type Receiver } from './webhook-receiver.js';

export interface HooksApp {
  app: ModuleApp;
  clock: FrozenClock;
  receiver: Receiver;
  stop(): Promise<void>;
}

/** The test's own server may be called, and retries wait as long as they say. */
const towardsTheTest = { WEBHOOKS_ALLOW_PRIVATE: 'true', RETRY_SCALE: '1' };

/** Outgoing webhooks with workers in the process, an integrator's server to receive them, and a clock that stands. */
export async function startHooksApp(
  name: string,
  env: Readonly<Record<string, string>> = towardsTheTest,
): Promise<HooksApp> {
  const clock = new FrozenClock();
  const app = await startModules(await surroundings(name), {
    modules: [DirectoryModule, TicketsModule, PrescriptionsModule, WebhookEndpointsModule],
    clock,
    works: true,
    env: { ...env },
  });
  const receiver = await startReceiver();
  return {
    app,
    clock,
    receiver,
    stop: async () => {
      await app.stop();
      await receiver.stop();
    },
  };
}
