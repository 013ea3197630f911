import { emailOf, signIns } from '../../src/demo/accounts.js';
import { claimData, foreignAccounts, refuseForeignData } from '../../src/demo/data-claim.js';
import { hashPassword } from '../../src/modules/auth/passwords.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from '../support/looker.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';

describe('a demo on data that is there', () => {
  let around: Surroundings;
  let databaseUrl: string;
  beforeAll(async () => {
    around = await surroundings('data-claim');
    databaseUrl = around.database.databaseUrl;
  });
  afterAll(() => around.cleanup.run());

  const kept = { adminEmail: emailOf('admin'), adminPassword: 'a password of the demo', password: 'of the house' };
  const account = async (email: string, password: string) =>
    insertRow(around.sql, 'users', {
      id: newId(),
      organization_id: newId(),
      email,
      password_hash: await hashPassword(password),
      role: 'admin',
      created_at: new Date(),
      updated_at: new Date(),
    });

  it('works on it alone', async () => {
    const claim = await claimData(databaseUrl);
    await expect(claimData(databaseUrl)).rejects.toThrow('works on this data already');
    await claim.stop();
    await (await claimData(databaseUrl)).stop();
  });

  it('begins nothing where others have accounts and it has none', async () => {
    await refuseForeignData(databaseUrl, kept);
    await account('somebody@clinic.example', 'something long');
    await expect(refuseForeignData(databaseUrl, kept)).rejects.toThrow(foreignAccounts);
    await account(kept.adminEmail, 'another password');
    await expect(refuseForeignData(databaseUrl, kept)).rejects.toThrow(foreignAccounts);
    await refuseForeignData(databaseUrl, { ...kept, adminPassword: 'another password' });
    await refuseForeignData(databaseUrl, {
      ...kept,
      adminEmail: 'Somebody@clinic.example',
      adminPassword: 'something long',
    });
  });

  it('prints no password somebody chose', () => {
    expect(signIns(kept, {})[0]).toEqual({ email: kept.adminEmail, password: kept.adminPassword });
    expect(JSON.stringify(signIns(kept, { ADMIN_PASSWORD: kept.adminPassword }))).not.toContain(kept.adminPassword);
  });
});
