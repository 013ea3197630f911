import { KillableApp } from '../support/killable-app.js';
import { freePort } from '../support/ports.js';
import { startReminders, type RemindersApp } from '../support/reminders-app.js';
import { surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

/** A job whose process died is handed out again after the lease, a vendor asked about its call after the hold. */
const compressed = { RETRY_SCALE: '0.02', OUTBOX_POLL_MS: '100', OUTBOX_LEASE_MS: '1000', EFFECT_HOLD_MS: '5000' };
const patienceMs = 60_000;
const patients = 15;
const kills = 3;

/** Where it is noon now. Its sign is the other way round than one says it. */
function zoneAtNoon(now: Date): string {
  const ahead = now.getUTCHours() - 12;
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '+' : ''}${ahead}`;
}

describe('reminders', () => {
  let near: RemindersApp;
  let app: KillableApp;

  beforeAll(async () => {
    const around = await surroundings('reminders-killed');
    const now = new Date();
    // Overseas military mail: where the patient is cannot be told, so the organization's time counts.
    near = await startReminders({ around, now, state: 'AE', works: false });
    await near.sql('UPDATE organizations SET time_zone = $1', [zoneAtNoon(now)]);
    app = new KillableApp(`http://127.0.0.1:${await freePort()}`, {
      ...near.letterSettings,
      ...compressed,
      DATA_DIR: around.folder,
      DATABASE_URL: around.database.databaseUrl,
      QUEUE_DATABASE_URL: around.database.queueUrl,
      LOG_LEVEL: 'silent',
    });
    await app.start();
  });
  afterAll(async () => {
    await app.kill();
    await near.stop();
  });

  it('reach each patient once by each channel, however often the process dies while it sends them', async () => {
    const all = await Promise.all(Array.from({ length: patients }, () => near.enrolling()));
    const arrived = async () => (await Promise.all(all.map(near.counts))).flat().reduce((sum, count) => sum + count, 0);
    expect(await arrived()).toBe(2 * patients);
    // As if the letters with the links were of yesterday: of two texts a day the second would be left to the email.
    await near.sql(`UPDATE notifications SET sent_at = sent_at - interval '1 day'`);
    await near.sql(`UPDATE outbox_events SET due_at = now() WHERE subscriber = 'notifications.remind'`);
    for (let kill = 0; kill < kills; kill += 1) {
      const before = await arrived();
      await until(async () => (await arrived()) > Math.min(before, 4 * patients - 1), patienceMs);
      await app.kill();
      await app.start();
    }
    for (const { id } of all) await near.sent(id, 'enrollment_reminder', patienceMs);
    expect(await Promise.all(all.map(near.counts))).toEqual(all.map(() => [2, 2]));
  }, 240_000);
});
