import { DirectoryModule } from '../../src/modules/directory/index.js';
import { OpsModule } from '../../src/modules/ops/index.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { surroundings } from '../support/surroundings.js';

interface Seen {
  organization: { id: string; name: string };
  deployment: { name: string; value: string | null }[] | null;
}

describe('GET /api/settings', () => {
  let app: ModuleApp;
  beforeAll(async () => {
    const env = { ADMIN_PASSWORD: 'kept-from-everybody', SUPPORT_PHONE: '1-800-HELP' };
    app = await startModules(await surroundings('settings'), { modules: [DirectoryModule, OpsModule], env });
  });
  afterAll(() => app.stop());

  const ask = (authorization: string) => fetch(`${app.url}/api/settings`, { headers: { authorization } });

  it('shows operations and programs their own organization, and nothing of the installation', async () => {
    const organizationId = await app.organization({ name: 'Lakeside' });
    const organization = { id: organizationId, name: 'Lakeside' };
    for (const caller of [await app.user('ops', { organizationId }), await app.key({ organizationId })]) {
      expect(await (await ask(caller)).json()).toMatchObject({ organization, deployment: null });
    }
  });

  it('shows administrators what the installation runs with, and no secret', async () => {
    const text = await (await ask(await app.user('admin'))).text();
    expect(text).not.toContain('kept-from-everybody');
    const { organization, deployment } = JSON.parse(text) as Seen;
    expect(organization.id).toBe(app.organizationId);
    expect(deployment?.find(({ name }) => name === 'SUPPORT_PHONE')?.value).toBe('1-800-HELP');
  });

  it('is refused to whom it does not concern', async () => {
    for (const role of ['patient', 'doctor', 'pharmacy', 'auditor'] as const) {
      expect((await ask(await app.user(role))).status).toBe(403);
    }
  });
});
