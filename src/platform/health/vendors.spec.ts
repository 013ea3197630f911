import { loadConfig } from '../../../config/index.js';
import { newSandboxSecrets, sandboxSettings } from '../../demo/sandbox-settings.js';
import { probe } from './readiness.js';
import { vendorStatuses } from './vendors.js';

describe('vendorStatuses', () => {
  const stripe = { STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef' };
  const modeOf = (env: Record<string, string>, name: string) =>
    vendorStatuses(loadConfig(env)).find((vendor) => vendor.name === name)?.mode;

  it('tells test, live and sandbox apart, and names what is missing when off', () => {
    expect(modeOf({ ...stripe, STRIPE_SECRET_KEY: 'sk_test_1' }, 'stripe')).toBe('test');
    expect(modeOf({ ...stripe, STRIPE_SECRET_KEY: 'sk_live_1' }, 'stripe')).toBe('live');
    expect(modeOf({ ...stripe, STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_API_BASE: 'http://127.0.0.1:1' }, 'stripe')).toBe(
      'sandbox',
    );
    expect(vendorStatuses(loadConfig({}))[0]).toEqual({
      name: 'stripe',
      mode: 'off',
      missing: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
    });
  });

  it('calls on only what could be called, however its webhooks are proven', () => {
    const lifefile = { LIFEFILE_API_URL: 'https://lifefile.example', LIFEFILE_WEBHOOK_BEARER: 'token' };
    const account = { LIFEFILE_API_USER: 'us', LIFEFILE_API_PASSWORD: 'secret' };
    expect(modeOf(lifefile, 'lifefile')).toBe('off');
    expect(modeOf({ ...lifefile, ...account }, 'lifefile')).toBe('off');
    const ids = { LIFEFILE_API_NETWORK_ID: '1', LIFEFILE_VENDOR_ID: '2', LIFEFILE_LOCATION_ID: '3' };
    expect(modeOf({ ...lifefile, ...account, ...ids }, 'lifefile')).toBe('on');
    const claims = { CLAIM_SWITCH_URL: 'https://switch.example' };
    expect(modeOf(claims, 'claim-switch')).toBe('off');
    expect(modeOf({ ...claims, CLAIM_SWITCH_API_KEY: 'key' }, 'claim-switch')).toBe('on');
  });

  it('says sandbox of every vendor that is the sandbox, and takes a relay of a production machine for a mail server', () => {
    const sandbox = { url: 'http://127.0.0.1:4400', smtpUrl: 'smtp://127.0.0.1:4425' };
    const config = loadConfig(sandboxSettings(sandbox, newSandboxSecrets()));
    const modes = vendorStatuses(config).map(({ name, mode }) => `${name} ${mode}`);
    expect(modes.toSorted()).toEqual([
      'careportals off',
      ...['claim-switch', 'email', 'lifefile', 'shippo', 'stripe', 'twilio'].map((name) => `${name} sandbox`),
    ]);
    const inProduction = vendorStatuses({ ...config, NODE_ENV: 'production' });
    expect(inProduction.find(({ name }) => name === 'email')?.mode).toBe('on');
    expect(modeOf({ SMTP_URL: 'smtps://user:secret@localhost.example' }, 'email')).toBe('on');
    expect(modeOf({ SENDGRID_API_KEY: 'SG.key' }, 'email')).toBe('on');
  });

  it('shows no secret', () => {
    const text = JSON.stringify(vendorStatuses(loadConfig({ ...stripe, STRIPE_SECRET_KEY: 'sk_live_hidden' })));
    expect(text).not.toContain('hidden');
  });
});

describe('probe', () => {
  it('calls a part that does not answer in time down', async () => {
    expect(await probe('queue', () => new Promise(() => undefined), 20)).toMatchObject({
      name: 'queue',
      status: 'down',
    });
  });
});
