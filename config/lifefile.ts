import type { SettingName } from './settings.js';

/** Without one of them Lifefile is off. How its pushes are proven is a choice of several (production.ts): a start without any is refused. */
export const lifefileSettings = [
  'LIFEFILE_API_URL',
  'LIFEFILE_API_USER',
  'LIFEFILE_API_PASSWORD',
  'LIFEFILE_API_NETWORK_ID',
  'LIFEFILE_VENDOR_ID',
  'LIFEFILE_LOCATION_ID',
] as const satisfies readonly SettingName[];
