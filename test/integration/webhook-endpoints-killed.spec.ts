import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { DirectoryModule } from '../../src/modules/directory/index.js';
import { PrescriptionsModule } from '../../src/modules/prescriptions/index.js';
import { WebhookEndpointsModule } from '../../src/modules/webhook-endpoints/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { freePort } from '../support/ports.js';
import { startProgram, startsWithinMs } from '../support/process.js';
import { signedByStandard } from '../support/standard-webhooks.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';
import { eventually, until } from '../support/until.js';
import { startReceiver, type Receiver } from '../support/webhook-receiver.js';

describe('a worker that is killed between call and answer', () => {
  let around: Surroundings;
  let app: ModuleApp;
  let receiver: Receiver;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    around = await surroundings('killed-hooks');
    app = await startModules(around, {
      modules: [DirectoryModule, PrescriptionsModule, WebhookEndpointsModule],
      env: { ROLES: 'api', WEBHOOKS_ALLOW_PRIVATE: 'true' },
    });
    receiver = await startReceiver();
  });
  afterAll(async () => {
    for (const worker of workers) await killed(worker);
    await receiver.stop();
    await app.stop();
  });

  const killed = async (worker: ChildProcess): Promise<void> => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  };

  const startWorker = async (): Promise<ChildProcess> => {
    const { child } = startProgram('main.js', {
      NODE_ENV: 'test',
      ROLES: 'worker',
      PORT: String(await freePort()),
      DATA_DIR: around.folder,
      DATABASE_URL: around.database.databaseUrl,
      QUEUE_DATABASE_URL: around.database.queueUrl,
      OUTBOX_POLL_MS: '100',
      OUTBOX_LEASE_MS: '8000',
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      LOG_LEVEL: 'silent',
    });
    workers.push(child);
    return child;
  };

  it('leaves the message to another one, which sends it again under the same id; both are listed', async () => {
    const authorization = await app.user('ops');
    const made = await fetch(`${app.url}/api/webhook-endpoints`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ url: `${receiver.url}/hook` }),
    });
    const { id, secret } = (await made.json()) as { id: string; secret: string };
    receiver.answers(() => undefined);
    const prescriptionId = newId();
    const { organizationId } = app;
    await app.db.tx(systemContext, (tx) =>
      app
        .get(Outbox)
        .publish(tx, { name: 'delivered', aggregateId: prescriptionId, organizationId, payload: { prescriptionId } }),
    );
    const first = await startWorker();
    await until(() => receiver.received.length === 1, startsWithinMs);
    await killed(first);
    receiver.answers(200);
    await startWorker();
    const delivery = await eventually(async () => {
      const answer = await fetch(`${app.url}/api/webhook-endpoints/${id}/deliveries`, { headers: { authorization } });
      const { items } = (await answer.json()) as {
        items: { status: string; webhookId: string; attempts: { outcome: string }[] }[];
      };
      return items[0]?.status === 'delivered' ? items[0] : undefined;
    }, startsWithinMs);
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['interrupted', 'delivered']);
    expect(receiver.received).toHaveLength(2);
    for (const one of receiver.received) {
      expect(one.headers['webhook-id']).toBe(delivery.webhookId);
      expect(await signedByStandard(one, secret)).toBe(true);
    }
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  });
});
