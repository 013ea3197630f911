import { loadConfig } from '../../../config/index.js';
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
