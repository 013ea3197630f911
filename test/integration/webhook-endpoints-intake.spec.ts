import { generate } from '../../src/demo/generate/index.js';
import { WebhookEndpointsModule } from '../../src/modules/webhook-endpoints/index.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';

describe('webhooks for integrators, at the door', () => {
  let doors: DoorApp;

  beforeAll(async () => {
    doors = await startDoorApp([WebhookEndpointsModule]);
  });
  afterAll(async () => {
    await doors.stop();
  });

  it('tell of what was taken in, of those organizations that listen', async () => {
    const listening = await doors.key();
    const others = await doors.key({ organizationId: await doors.organization() });
    const post = async (authorization: string, url: string, payload: string) =>
      (
        await doors.app.inject({
          method: 'POST',
          url,
          headers: { authorization, 'content-type': 'application/json' },
          payload,
        })
      ).json<{ id: string }>();
    await post(listening, '/api/webhook-endpoints', JSON.stringify({ url: 'https://hooks.example.com/' }));
    const [order] = [...generate({ count: 1, seed: 5, defects: 0, date: '2026-11-20', formats: ['json'] })];
    const heard = async ({ id }: { id: string }) =>
      (
        await doors.sql<{ payload: object }>(
          `SELECT payload FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'webhook-endpoints.hear'`,
          [id],
        )
      ).map(({ payload }) => payload);
    const taken = await post(listening, '/api/intake', order?.body ?? '');
    expect(await heard(taken)).toEqual([{ prescriptionId: taken.id, state: 'received' }]);
    expect(await heard(await post(others, '/api/intake', order?.body ?? ''))).toEqual([]);
  });
});
