import { loadConfig, settings, type SettingName } from '../../../config/index.js';
import { shownSettings } from './settings.policy.js';

const key = Buffer.alloc(32, 7).toString('base64');
const hidden = 'kept-from-everybody';
const given = {
  BLIND_INDEX_KEY: key,
  DATA_KEYS: `k1:${key}`,
  DATABASE_URL: `postgres://app:${hidden}@db/rx`,
  REDIS_URL: `redis://:${hidden}@queue`,
  ADMIN_PASSWORD: hidden,
  METRICS_TOKEN: hidden,
  STRIPE_SECRET_KEY: hidden,
  STRIPE_WEBHOOK_SECRET: hidden,
  CAREPORTALS_SOURCES: `glow:Glow Health=${hidden}`,
  S3_ENDPOINT: `https://user:${hidden}@files.example/base`,
  CLAIM_SWITCH_URL: `https://claims.example/v1?key=${hidden}`,
  ROLES: 'api,worker',
};

describe('the settings that are shown', () => {
  const shown = new Map(shownSettings(loadConfig(given)).map((setting) => [setting.name, setting]));

  it('are all there are, each with what it means', () => {
    expect([...shown.keys()]).toEqual(Object.keys(settings));
    expect(shown.get('PORT')).toEqual({
      name: 'PORT',
      meaning: settings.PORT.doc,
      isSet: true,
      isSecret: false,
      value: '3000',
    });
  });

  it('never say a secret, only whether it is there', () => {
    const said = JSON.stringify([...shown.values()]);
    expect(said).not.toContain(hidden);
    expect(said).not.toContain(key);
    expect(shown.get('STRIPE_SECRET_KEY')).toMatchObject({ isSecret: true, isSet: true, value: null });
    expect(shown.get('SHIPPO_API_TOKEN')).toMatchObject({ isSecret: true, isSet: false, value: null });
  });

  it.each<[SettingName, string | null]>([
    ['ROLES', 'api,worker'],
    ['TICKET_CLOCKS', 'sent=4,received=8,processing=16,ready=40'],
    ['S3_ENDPOINT', 'https://files.example/base'],
    ['CLAIM_SWITCH_URL', 'https://claims.example/v1'],
    ['MAIL_FROM', 'Pharmonico <no-reply@pharmonico.example>'],
    ['QUEUES', null],
  ])('say %s as it is written, without credentials', (name, value) => {
    expect(shown.get(name)?.value).toBe(value);
  });
});
