import { withClient } from '../../src/platform/db/roles.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';

/** What timelines are made of, and what they are about. */
const neverEdited = [
  'ticket_events',
  'prescription_status_events',
  'tracking_events',
  'notification_attempts',
  'chat_message_versions',
  'audit_entries',
];
const neverDeleted = [
  'healthcare_tickets',
  'prescriptions',
  'prescription_versions',
  'intake_messages',
  'chat_messages',
];

describe('what happened', () => {
  let around: Surroundings;

  beforeAll(async () => {
    around = await surroundings('history');
  });
  afterAll(() => around.cleanup.run());

  const asApplication = (sql: string) =>
    withClient(around.database.databaseUrl, async (client) => {
      await client.query(`BEGIN; SELECT set_config('app.role', 'system', true)`);
      await client.query(sql);
    });

  it.each(neverEdited)('is not edited in %s by the application, not even as the platform itself', async (table) => {
    await expect(asApplication(`UPDATE ${table} SET organization_id = organization_id`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it.each([...neverEdited, ...neverDeleted])('is not deleted from %s', async (table) => {
    await expect(asApplication(`DELETE FROM ${table}`)).rejects.toMatchObject({ code: '42501' });
  });
});
